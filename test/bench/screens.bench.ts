import { createHash } from 'node:crypto'
import type { Grade } from '@countersign/formats/identity'
import { LOCAL_TENANT } from '../../server/first-run.ts'
import type { Append, Store } from '../../server/store.ts'
import { startServer } from '../demo/world.ts'
import { keyText, party } from '../pipeline.ts'
import { Connection } from './connection.ts'
import { type FilledLog, filledLog } from './filled-log.ts'
import type { Bench } from './row.ts'

const ENTRIES = 1_000_000
/** Steps of a run, runs of which one in a thousand is long; pipelines, identities, decisions and refusals. */
const STEPS = 10
const LONG = 500
const PIPELINES = 500
const SIGNERS = 2_000
const DECISIONS = 100_000
const REFUSALS = 5_000
const ENVIRONMENTS = ['prod', 'staging', 'eu-prod', 'us-prod', 'canary']
const SYSTEMS = [
  'github-actions',
  'gitlab-ci',
  'aws-codebuild',
  'google-cloud-build',
  'azure-pipelines',
  'circleci',
  'jenkins',
  'buildkite',
]
const GRADES: readonly Grade[] = ['A', 'B', 'C', 'D']
/** The steps of a year. */
const EACH_MS = 31_000
const BEGAN = Date.parse('2025-12-01T00:00:00.000Z')
/** How often each is asked. */
const ASKED = 200
const CONNECTIONS = 2
const MOST_MS = 50

/** What is behind each screen, over HTTP, of a server that holds so much. The figure is the worst p99. */
export default {
  name: 'screens',
  async run() {
    const filled = await filledLog(ENTRIES, organisation)
    await decisionsAndRefusals(filled)
    const server = await startServer(filled.directory)
    try {
      await contracts(server)
      const begun = performance.now()
      await counted(server)
      const perSecond = ENTRIES / ((performance.now() - begun) / 1000)
      const worst = { path: '', p99: 0 }
      for (const [path, asked] of Object.entries(questions())) {
        const p99 = await measure(server, asked)
        if (p99 > worst.p99) Object.assign(worst, { path, p99 })
      }
      return {
        name: 'screens',
        value: worst.p99,
        unit: 'ms p99',
        limit: null,
        ratio: null,
        target: `< ${MOST_MS} ms at 10⁶, the worst of all (${worst.path}; counted behind the log at ${Math.round(perSecond)}/s)`,
        held: worst.p99 < MOST_MS,
      }
    } finally {
      await server.stop()
    }
  },
} satisfies Bench

interface Served {
  readonly url: string
  readonly token: string
}

/** Waits until all is counted. */
async function counted({ url, token }: Served): Promise<void> {
  for (;;) {
    const reply = await fetch(`${url}/v1/runs?limit=1`, { headers: { authorization: `Bearer ${token}` } })
    if (((await reply.json()) as { behind: number }).behind === 0) return
    await new Promise((done) => setTimeout(done, 250))
  }
}

/** Of every second pipeline; every fourth one asks for a step that its runs do not have. */
async function contracts({ url, token }: Served): Promise<void> {
  const signer = keyText(party('signer'))
  for (let i = 0; i < PIPELINES; i += 2) {
    const names = Array.from({ length: i % 4 === 0 ? STEPS + 1 : STEPS }, (_, k) => `step-${k}`)
    const body = [
      'contract: v1',
      `pipeline: team-${i}/app`,
      'revision: 1',
      'signers:',
      `  ci: ${signer}`,
      'steps:',
      ...names.map((name, k) => `  ${name}: { after: [${names.slice(Math.max(0, k - 1), k).join()}], signers: [ci] }`),
      `final: ${names.at(-1)}`,
    ].join('\n')
    const headers = { authorization: `Bearer ${token}` }
    const reply = await fetch(`${url}/v1/contracts/team-${i}/app`, { method: 'PUT', headers, body })
    if (!reply.ok) throw new Error(await reply.text())
  }
}

async function measure({ url, token }: Served, asked: (i: number) => string): Promise<number> {
  const latencies: number[] = []
  let next = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const connection = new Connection(url, token)
      for (let own = next++; own < ASKED; own = next++) {
        const begun = performance.now()
        const { status, text } = await connection.get(`/v1/${asked(own)}`)
        latencies.push(performance.now() - begun)
        if (status !== 200) throw new Error(`${asked(own)}: ${text}`)
      }
      connection.close()
    }),
  )
  return latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length * 0.99)]!
}

/** What is asked for each screen, each time of something else. */
function questions(): Readonly<Record<string, (i: number) => string>> {
  const run = (i: number) => chainOf(1 + ((i * 479_001) % (ENTRIES / STEPS - 1)) * STEPS)
  const day = (i: number) => new Date(BEGAN + ((i * 37) % 330) * 86_400_000).toISOString().slice(0, 10)
  const of = <T>(all: readonly T[], i: number) => all[i % all.length]!
  return {
    'artifact, search': (i) => `search?q=${linkOf((i * 479_001) % ENTRIES)}`,
    'search of a beginning': (i) => `search?q=${run(i).slice(0, 8)}`,
    'search of a name': (i) => `search?q=team-${i % PIPELINES}`,
    'search of a deploy': (i) => `search?q=${encodeURIComponent(`${of(ENVIRONMENTS, i)}@{${i} days ago}`)}`,
    runs: () => 'runs?limit=200',
    'runs of a pipeline': (i) => `runs?pipeline=team-${i % PIPELINES}/app&limit=200`,
    'runs of a system in a month': (i) => `runs?system=${of(SYSTEMS, i)}&since=${day(i)}&limit=200`,
    'runs of a signer and pipeline': (i) =>
      `runs?signer=${encodeURIComponent(signerOf(i))}&pipeline=team-${i % PIPELINES}/app`,
    run: (i) => `runs/${run(i)}`,
    'a long run': () => `runs/${chainOf(0)}`,
    deploys: (i) => `deploys?environment=${of(ENVIRONMENTS, i)}&until=${day(i)}&limit=200`,
    'deploys of a pipeline': (i) => `deploys?pipeline=team-${i % PIPELINES}/app&decision=deny`,
    'deploys at a time': (i) => `deploys/at?environment=${of(ENVIRONMENTS, i)}&time=${day(i)}&limit=200`,
    'strips by day': () => `deploys/strips?since=2025-12-01&until=2026-11-28`,
    'strips by hour': (i) => `deploys/strips?bucket=hour&since=${day(i)}&until=${day(i)}T23:00:00.000Z`,
    identities: () => 'identities?limit=200',
    'identities by a part': (i) => `identities?q=workflow-${i}`,
    'identity by week': (i) => `identities/weeks?from=${day(i)}&weeks=26&limit=200`,
    coverage: () => 'coverage?limit=200',
    'rule by pipeline': () => 'rules/heat?since=2025-12-01&until=2026-11-25',
    'rule by day': () => 'rules/heat?since=2025-12-01&until=2026-11-25&by=day',
  }
}

/** A step as an organisation has many: of other runs, pipelines, identities and systems. */
function organisation(append: Append, index: number): Append {
  const long = index < LONG
  const run = long ? 0 : Math.floor(index / STEPS)
  const pipeline = `team-${run % PIPELINES}/app`
  const { step } = append
  const { statement } = step
  const { predicate } = statement
  const number = long ? index : index % STEPS
  const previous = linkOf(index - 1)
  const edge = { from: previous, to: step.link, found: 'digest', strength: 'strong', artifacts: [] } as const
  return {
    ...append,
    edges: number === 0 ? [] : [edge],
    acceptedAt: new Date(BEGAN + index * EACH_MS).toISOString(),
    step: {
      ...step,
      signer: { ...step.signer, name: signerOf(run * 3 + (number % 3)), grade: GRADES[run % GRADES.length]! },
      statement: {
        ...statement,
        predicate: {
          ...predicate,
          chain: { id: chainOf(index), pipeline, contract: null },
          step: { ...predicate.step, name: `step-${number}` },
          runner: { ...predicate.runner, system: SYSTEMS[(run + (number % 3)) % SYSTEMS.length]! },
        },
      },
    },
  }
}

function signerOf(i: number): string {
  return `github.com/acme/shop-${i % SIGNERS}@main · workflow-${i % SIGNERS}.yml`
}

/** As `filledLog` has it. */
function linkOf(index: number): string {
  return index.toString(16).padStart(64, '0')
}

function chainOf(index: number): string {
  const run = index < LONG ? 0 : Math.floor(index / STEPS)
  return createHash('sha256').update(`run ${run}`).digest('hex').slice(0, 32)
}

async function decisionsAndRefusals({ open }: FilledLog): Promise<void> {
  const { store, close } = await open()
  const codes = ['final-missing', 'artifact-unproven', 'signer-not-allowed', 'receipt-missing', 'tests-failed'] as const
  const at = (i: number, of: number) => new Date(BEGAN + Math.floor((i / of) * ENTRIES) * EACH_MS).toISOString()
  const decision = (i: number): Parameters<Store['decisions']['record']>[1] => ({
    at: at(i, DECISIONS),
    decision: i % 7 === 0 ? 'deny' : 'allow',
    deviated: i % 50 === 1,
    artifact: linkOf((i * 13) % ENTRIES),
    pipeline: `team-${(i * 31) % PIPELINES}/app`,
    contract: null,
    environment: ENVIRONMENTS[i % ENVIRONMENTS.length]!,
    by: 'bench',
    requester: null,
    ms: 1,
    code: i % 7 === 0 ? codes[(i / 7) % codes.length]! : null,
    what: null,
  })
  for (let begin = 0; begin < DECISIONS; begin += 1_000) {
    const batch = Array.from({ length: 1_000 }, (_, i) => decision(begin + i))
    await Promise.all(batch.map((one) => store.decisions.record(LOCAL_TENANT, one, 1_000_000)))
  }
  const report = { code: 'signature-invalid', what: 'it does not fit', why: '', fix: '' } as const
  const refusals = Array.from({ length: REFUSALS }, (_, i) => ({
    at: at(i, REFUSALS),
    report,
    findings: [],
    body: linkOf(i),
    bytes: null,
    link: null,
    about: null,
    chain: chainOf(LONG + i * STEPS),
    step: 'step-1',
  }))
  await Promise.all(refusals.map((one) => store.refuse(LOCAL_TENANT, one, 10_000)))
  await close()
}
