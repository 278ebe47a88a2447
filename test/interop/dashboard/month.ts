import type { EventName } from '@countersign/client/events'
import type {
  Coverage,
  Deploy,
  DeployBucket,
  Deploys,
  DeployStrips,
  IdentityWeeks,
  RuleHeat,
} from '@countersign/client/views'
import { sha256 } from '../../pipeline.ts'
import { anchored } from './month-anchors.ts'

/** What an API answers of a month in which much happened: the shapes are those of the routes, the numbers are made up. */

const DAY = 86_400_000
const now = Date.now()
const today = Math.floor(now / DAY) * DAY
const iso = (time: number) => new Date(time).toISOString()
const date = (time: number) => iso(time).slice(0, 10)
/** The same each time, and without a pattern that an eye would see. */
const chance = (of: string, most: number) => Number.parseInt(sha256(of).slice(0, 8), 16) % most

function deploy(id: number, more: Partial<Deploy> = {}): Deploy {
  return {
    id,
    at: iso(now - id * 3_000_000),
    decision: 'allow',
    deviated: false,
    code: null,
    what: null,
    artifact: sha256(`artifact ${id}`),
    pipeline: 'shop/web',
    contract: sha256('contract'),
    environment: 'prod',
    by: 'a1b2c3d4',
    requester: 'argo@cluster-1',
    ms: 4,
    ...more,
  }
}

function buckets(environment: string): readonly DeployBucket[] {
  return Array.from({ length: 30 }, (_, i) => i).flatMap((i) => {
    const of = (what: string, most: number) => chance(`${environment} ${i} ${what}`, most)
    const weekend = new Date(today - (29 - i) * DAY).getUTCDay() % 6 === 0
    const allow = weekend ? of('allow', 2) : of('allow', environment === 'staging' ? 60 : 9)
    const deny = i === 21 && environment === 'prod' ? 14 : of('deny', 5) === 0 ? of('more', 4) : 0
    const unknown = of('unknown', 11) === 0 ? 2 : 0
    const deviated = of('deviated', 8) === 0 ? Math.min(allow, 1) : 0
    if (allow + deny + unknown === 0) return []
    return [{ start: iso(today - (29 - i) * DAY), allow, deny, unknown, deviated }]
  })
}

const strips: DeployStrips = {
  since: iso(today - 29 * DAY),
  until: iso(today + DAY),
  bucket: 'day',
  environments: ['prod', 'prod-eu', 'staging', 'preview'].map((name, i) => ({
    name,
    buckets: name === 'preview' ? [] : buckets(name),
    current: name === 'preview' ? null : deploy(40 + i, { environment: name, deviated: name === 'prod-eu' }),
  })),
  next: null,
  countedUntil: iso(now),
}

const denied = (code: string, what: string | null) => ({ decision: 'deny', code, what }) as const
const deploys: Deploys = {
  items: [
    deploy(9),
    deploy(8, denied('step-skipped', 'the contract demands step test, and it is not there')),
    deploy(7, denied('material-swapped', 'dist/app.tgz is not what build made')),
    deploy(6, { deviated: true, environment: 'prod-eu' }),
    deploy(5, denied('anchor-late', 'step build was proven 40 h after it was accepted')),
    deploy(4, denied('grade-too-low', 'step deploy is signed with grade D, and B is asked for')),
    deploy(3, { decision: 'unknown', code: 'evidence-unavailable', what: 'the store did not answer in time' }),
    deploy(2, { ...denied('artifact-unproven', null), artifact: null, pipeline: null }),
    deploy(1, { requester: null }),
  ],
  next: 'older',
}

const SIGNERS = [
  ['ci-release', 'github-actions', 'A'],
  ['repository 74123456 on github', 'github-actions', 'A'],
  ['codebuild-web', 'aws-codebuild', 'B'],
  ['arn:aws:iam::111122223333:role/build-of-the-billing-service', 'aws-codebuild', 'C'],
  ['cloudbuild', 'google-cloud-build', 'B'],
  ['jenkins-legacy', 'jenkins', 'D'],
  ['ops-laptop', 'local', 'D'],
] as const
const monday = today - ((new Date(today).getUTCDay() + 6) % 7) * DAY
const starts = Array.from({ length: 12 }, (_, i) => monday - (11 - i) * 7 * DAY)

const weeks: IdentityWeeks = {
  weeks: starts.map(date),
  identities: SIGNERS.map(([signer, system, grade], row) => ({
    signer,
    system,
    grade,
    counts: starts.map((_, i) => {
      if (row === 6) return i === 10 ? 2 : 0
      if (row === 5 && i > 8) return i === 9 ? 3 : 0
      if (row === 1 && i < 4) return 0
      return chance(`${signer} ${i}`, row === 0 ? 1800 : 240)
    }),
    firstAt: iso(row === 6 ? starts[10]! + DAY : row === 1 ? starts[4]! + DAY : starts[0]! - 40 * DAY),
    lastAt: iso(now - row * DAY),
    revokedAt: row === 5 ? iso(starts[8]! + 2 * DAY) : null,
  })),
  next: null,
  upTo: 4711,
  behind: 0,
}

const key = (name: string, enrolled: number, more: object = {}) => ({
  keyId: sha256(`${name} ${enrolled}`),
  name,
  state: 'active',
  enrolledAt: iso(enrolled),
  revokedAt: null,
  reason: null,
  steps: 1204,
  lastUsedAt: iso(now),
  ...more,
})
const revoked = { state: 'revoked', revokedAt: iso(starts[8]! + 2 * DAY), reason: 'compromised' }
const keys = {
  items: [
    key('jenkins-legacy', starts[2]!, revoked),
    key('ci-release', starts[0]! - 90 * DAY, { state: 'revoked', revokedAt: iso(starts[6]!), reason: 'superseded' }),
    key('ci-release', starts[6]! + DAY),
  ],
}

const affected = {
  since: iso(starts[8]! + 2 * DAY),
  items: ['package', 'publish', 'deploy'].map((step, i) => ({
    link: sha256(step),
    chain: sha256('a run').slice(0, 32),
    pipeline: 'billing/api',
    step,
    attempt: 1,
    matrix: null,
    signer: 'jenkins-legacy',
    acceptedAt: iso(starts[9]! + i * 60_000),
    index: 900 + i,
    subjects: 1 + i,
    artifacts: [{ name: 'dist/billing.jar', sha256: sha256(`jar ${i}`) }],
    after: i === 0 ? null : sha256('package'),
  })),
  next: null,
}

const RULES = [
  'signer-unknown',
  'material-unexplained',
  'step-skipped',
  'place-taken',
  'material-swapped',
  'contract-missing',
  'time-order',
]
const PIPELINES = [
  'shop/web',
  'shop/api',
  'billing/api',
  'billing/reports-nightly-aggregation',
  'infra/terraform',
  'mobile/ios',
  '',
]

function heat(by: 'pipeline' | 'day'): RuleHeat {
  const columns = by === 'pipeline' ? PIPELINES : Array.from({ length: 30 }, (_, i) => date(today - (29 - i) * DAY))
  const often = (rule: string, column: string) => chance(`${column} ${rule}`, rule === 'signer-unknown' ? 90 : 12)
  const cells = RULES.map((rule) =>
    columns.map((column) => (chance(`${rule} ${column}`, 3) === 0 ? often(rule, column) : 0)),
  )
  return {
    since: date(today - 29 * DAY),
    until: date(today),
    by,
    rows: RULES,
    columns,
    cells,
    denied: cells.map((row, i) => row.map((count) => (i === 2 || i === 4 ? Math.ceil(count / 2) : 0))),
    left: 0,
    countedUntil: iso(now),
  }
}

const system = (name: string, weakestGrade: 'A' | 'B' | 'C' | 'D' | null, more: object = {}) => ({
  system: name,
  steps: 4200,
  lastAt: iso(now - 3_600_000),
  late: 0,
  failed: 3,
  weakestGrade,
  ...more,
})
type Covered = Coverage['pipelines'][number]
const covered = (pipeline: string, more: Partial<Covered> = {}): Covered => ({
  pipeline,
  contract: { digest: sha256(pipeline), revision: 7 },
  systems: [system('github-actions', 'A'), system('aws-codebuild', 'B')],
  runs: 812,
  incomplete: 0,
  lastAt: iso(now - 3_600_000),
  findings: [],
  ...more,
})

const coverage: Coverage = {
  pipelines: [
    covered('billing/api', {
      findings: ['weak-identity', 'incomplete'],
      incomplete: 4,
      systems: [system('jenkins', 'D'), system('aws-codebuild', 'C')],
    }),
    covered('billing/reports-nightly-aggregation', { findings: ['quiet'], lastAt: iso(now - 60 * DAY) }),
    covered('infra/terraform', {
      contract: null,
      incomplete: null,
      findings: ['no-contract', 'late'],
      systems: [system('gitlab-ci', 'A', { late: 17 })],
    }),
    covered('mobile/ios', { runs: 0, systems: [], lastAt: null, findings: ['no-run'] }),
    covered('shop/api'),
    covered('shop/web', {
      systems: [system('github-actions', 'A'), system('google-cloud-build', 'B'), system('azure-pipelines', 'A')],
    }),
  ],
  next: null,
  upTo: 4711,
  behind: 0,
}

const refusal = (id: number, code: string, what: string, more: object = {}) => ({
  id,
  at: iso(now - id * 7_000_000),
  lastAt: iso(now - id * 3_000_000),
  count: 1,
  code,
  what,
  why: 'A material has the name of a predecessor’s product and other bytes: it was swapped on the way.',
  fix: 'Find out who changed the file between the two steps; do not deploy it.',
  findings: [],
  body: sha256(what),
  size: 4711,
  kept: true,
  link: sha256(`${id}`),
  chain: sha256('a run').slice(0, 32),
  step: 'test',
  claimed: null,
  ...more,
})
const inbox = {
  items: [
    refusal(1, 'material-swapped', 'dist/app.tgz is not what build made', {
      findings: [{ code: 'edge-empty', what: 'test receives nothing of build', why: '', fix: '' }],
    }),
    refusal(2, 'signer-unknown', 'the signature names no key that is enrolled', {
      count: 31,
      link: null,
      chain: null,
      step: null,
      claimed: { link: sha256('x'), chain: sha256('another run').slice(0, 32), step: 'build' },
    }),
    refusal(3, 'place-taken', 'another attestation holds deploy, attempt 1'),
  ],
  next: 'older',
}

const event = (name: EventName, severity: string, subject: string, data: object) => ({
  specversion: '1.0',
  id: sha256(name).slice(0, 16),
  source: '//log.example.com/acme',
  type: `dev.countersign.${name}`,
  subject,
  time: iso(now - chance(name, 400_000_000)),
  datacontenttype: 'application/json',
  severity,
  data,
})
const told = { pipeline: 'shop/web', chain: sha256('a run').slice(0, 32), step: 'test' }
const swapped = { id: 1, code: 'material-swapped', what: 'dist/app.tgz is not what build made', fix: '', link: null }
const excused = {
  id: sha256('d'),
  artifact: null,
  contract: sha256('c'),
  excuses: [],
  reason: 'the scanner is down',
  index: 7,
}
const events = {
  items: [
    event('identity.first-seen', 'warning', 'ops-laptop', {
      ...told,
      signer: 'ops-laptop',
      system: 'local',
      newPipeline: false,
    }),
    event('deviation.admitted', 'warning', 'd', { ...told, ...excused, expiresAt: iso(now + DAY) }),
    event('deviation.expiring', 'warning', 'd', { id: sha256('d'), chain: told.chain, expiresAt: iso(now + DAY) }),
    event('mismatch', 'alert', 'shop/web', { ...told, ...swapped }),
    event('anchor.dead', 'alert', '84', {
      anchor: 'tsa:digicert',
      statement: 84,
      code: 'anchor-refused',
      what: 'badAlg',
      seconds: null,
    }),
    event('key.revoked', 'warning', 'jenkins-legacy', { name: 'jenkins-legacy', reason: 'compromised' }),
  ],
  next: null,
  cursor: 'here',
}

const audit = {
  items: ['person.role', 'token.made', 'key.revoked'].map((act, i) => ({
    digest: sha256(act),
    index: 500 - i,
    signed: i > 0,
    number: 12 - i,
    previous: sha256(`before ${act}`),
    at: iso(now - i * DAY),
    by: { kind: i === 1 ? 'token' : 'person', id: sha256('who').slice(0, 16), name: i === 1 ? null : 'Ada Lovelace' },
    act,
    about: sha256(`about ${act}`).slice(0, 16),
    detail: i === 0 ? { role: 'approver', was: 'viewer' } : { scopes: ['read'] },
  })),
  next: null,
}

/** The answer to a request, where the month has one. */
export function month(request: Request): Response | undefined {
  const { pathname, searchParams } = new URL(request.url)
  const answers: Readonly<Record<string, () => unknown>> = {
    '/v1/deploys/strips': () => strips,
    '/v1/deploys': () => deploys,
    '/v1/identities/weeks': () => weeks,
    '/v1/keys': () => keys,
    '/v1/rules/heat': () => heat(searchParams.get('by') === 'day' ? 'day' : 'pipeline'),
    '/v1/coverage': () => coverage,
    '/v1/anchors': () => anchored(today).anchors,
    '/statements': () => anchored(today).statements,
    '/v1/inbox': () => inbox,
    '/v1/audit': () => audit,
    '/v1/events': () => events,
  }
  const answer = Object.hasOwn(answers, pathname) ? answers[pathname] : undefined
  if (answer !== undefined) return Response.json(answer())
  return /^\/v1\/keys\/[0-9a-f]{64}\/affected$/.test(pathname) ? Response.json(affected) : undefined
}
