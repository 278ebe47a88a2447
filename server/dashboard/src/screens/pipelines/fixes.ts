import type { CoveredPipeline, CoverageFinding } from '@countersign/client/views'
import { shellWord } from '../../parts/shell-word.ts'
import type { Glyph } from '../../pictures/shapes.tsx'

/** What is missing of a pipeline, and what to copy to mend it. */
export interface Fix {
  readonly says: string
  /** Null: it takes more than a command. */
  readonly command: string | null
  readonly about: string
}

/** What a finding means for this pipeline, and the way out. */
export function fixOf(finding: CoverageFinding, { pipeline, incomplete }: CoveredPipeline): Fix {
  const name = shellWord(pipeline, 'PIPELINE')
  switch (finding) {
    case 'no-contract':
      return {
        says: 'No contract says what must run, and who may sign',
        command: `countersign contract learn --pipeline ${name} --out contract.yaml\ncountersign contract publish contract.yaml`,
        about: 'It is written from the runs there were: read it before it is published, or try it in the contract lab.',
      }
    case 'no-run':
      return {
        says: 'It has a contract, and nothing was ever recorded',
        command: `countersign run --pipeline ${name} --step build -- make`,
        about: 'Wrap each step of the pipeline like this, or add the Action to its workflow.',
      }
    case 'quiet':
      return {
        says: 'Nothing was recorded for 30 days',
        command: `countersign run --pipeline ${name} --step build -- make`,
        about: 'Either it does not run any more, or it runs unrecorded: look whether the step is still wrapped.',
      }
    case 'incomplete':
      return {
        says: `${incomplete ?? 'Some'} of the newest 20 runs lack a step that the contract demands`,
        command: `countersign contract show ${name}`,
        about:
          'Wrap the step that is missing, or say in the contract that it is optional. Each run shows which one it lacks.',
      }
    case 'late':
      return {
        says: 'Steps arrived late, from a spool: nobody could check them in time',
        command: 'countersign upload',
        about: 'Have the jobs reach the server (COUNTERSIGN_URL) while they run; the spool is for when it is down.',
      }
    case 'weak-identity':
      return {
        says: 'A system signs with a key or a workload alone: nothing proves which repository and run it was',
        command: 'countersign issuer add github --repository-id 74123456',
        about: 'Let the CI system vouch for its runs. Other systems: countersign issuer --help.',
      }
  }
}

/** How a pipeline stands, from what was found of it. */
export function standingOf(findings: readonly CoverageFinding[]): Glyph & { readonly says: string } {
  const has = (...some: CoverageFinding[]) => some.some((one) => findings.includes(one))
  if (has('no-run')) return { tone: 'bad', shape: 'dashed', says: 'never recorded' }
  if (has('quiet')) return { tone: 'warn', shape: 'dashed', says: 'quiet' }
  if (has('no-contract')) return { tone: 'warn', shape: 'ring', says: 'recorded, held to nothing' }
  if (has('incomplete')) return { tone: 'bad', shape: 'half', says: 'some runs lack steps' }
  if (findings.length > 0) return { tone: 'warn', shape: 'half', says: 'recorded, with gaps' }
  return { tone: 'good', shape: 'check', says: 'recorded whole' }
}
