import { CONTRACT_SCHEMA } from './schema.ts'

const { revision, countersigners, anchored, clockToleranceSeconds, pipeline, steps } = CONTRACT_SCHEMA.properties
const step = steps.additionalProperties.properties
const vulnerabilities = {
  ...step.evidence.properties.vulnerabilities.properties,
  vex: { const: 'none', description: 'No VEX excuses, of whichever step. Left out: those that a contract names do.' },
}

/** JSON Schema (2020-12) of a baseline, for editors. `parseBaseline` is the judge. */
export const BASELINE_SCHEMA = {
  $schema: CONTRACT_SCHEMA.$schema,
  $id: 'https://countersign.dev/schema/baseline-v1.schema.json',
  title: 'Countersign baseline',
  description: 'What an organisation asks of all its contracts: a repository may ask for more, never for less.',
  type: 'object',
  additionalProperties: false,
  required: ['baseline', 'organisation', 'revision'],
  minProperties: 4,
  properties: {
    baseline: { const: 'v1', description: 'Version of baselines.' },
    organisation: { ...pipeline, description: 'Whose it is, like acme.' },
    revision,
    countersigners: { ...countersigners, description: 'Servers, one of whose receipts every step must carry.' },
    anchored,
    clockToleranceSeconds: { ...clockToleranceSeconds, description: 'At most.' },
    every: {
      type: 'object',
      additionalProperties: false,
      minProperties: 1,
      properties: {
        minimumGrade: step.minimumGrade,
        runner: step.runner,
        disallow: step.disallow,
        conditions: step.conditions,
      },
      description: 'Asked of every step; grade and runner not of approvals.',
    },
    evidence: {
      ...step.evidence,
      properties: {
        ...step.evidence.properties,
        vulnerabilities: { ...step.evidence.properties.vulnerabilities, properties: vulnerabilities },
      },
      description: 'Reports that some step must ask for which every artifact has on its way.',
    },
    approvals: {
      ...step.approvals,
      description: 'How many different people must approve on the way to every artifact.',
    },
    outside: { const: 'pinned', description: 'What comes in from outside is named by its digest.' },
  },
} as const
