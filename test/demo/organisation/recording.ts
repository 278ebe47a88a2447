import { createHash, type KeyObject, randomBytes, sign } from 'node:crypto'
import {
  pae,
  PAYLOAD_TYPE,
  type Bundle,
  linkDigest,
  type Resource,
  type StepStatement,
  writeBundle,
  writeStep,
} from '@countersign/formats'
import type { ClaimedIdentity, ReportRef } from '@countersign/formats'
import { type Identity } from '@countersign/formats/identity'
import { parseReport } from '@countersign/formats/report'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { asking } from '../../identity/asking.ts'
import { received, type Party, seal } from '../../pipeline.ts'
import { type Clouds, type Job, runIdOf, shaOf } from './clouds.ts'
import type { Office } from './office.ts'

/** Who signs, and where they run: a job whose cloud vouches for it, or somebody with a key of their own. */
export type Signing = { readonly job: Job } | { readonly key: Party; readonly system: string }

/** A report of a step, as a file. */
export interface ReportFile {
  readonly name: string
  readonly text: string
}

export interface Doing {
  readonly name: string
  readonly matrix?: string
  readonly attempt?: number
  readonly by: Signing
  readonly after?: readonly Done[]
  /** What it receives, and of whom. */
  readonly takes?: readonly (readonly [Done, readonly Resource[]])[]
  /** Left out: it vouches for what it received. */
  readonly makes?: readonly Resource[]
  readonly argv: readonly string[]
  readonly tools?: Readonly<Record<string, string>>
  readonly actions?: Readonly<Record<string, string>>
  readonly exitCode?: number
  readonly reports?: readonly ReportFile[]
  readonly minutes: number
  /** It comes out of a spool. */
  readonly late?: boolean
}

/** A step that was sent. */
export interface Done {
  readonly name: string
  readonly link: string
  readonly made: readonly Resource[]
  /** Null where it was accepted; else why not. */
  readonly refused: string | null
  /** Its command did not succeed. */
  readonly failed: boolean
}

/** A run that is being recorded. */
export class Recorder {
  readonly #office: Office
  readonly #clouds: Clouds
  readonly #append: string

  /** `append` is the token of those who sign with a key. */
  constructor(office: Office, clouds: Clouds, append: string) {
    this.#office = office
    this.#clouds = clouds
    this.#append = append
  }

  /** Does a step of a run: takes its time, signs what it received and made, and sends that. */
  async step(chain: StepStatement['predicate']['chain'], doing: Doing): Promise<Done> {
    const { clock } = this.#office
    const started = clock.now() + 2_000
    await clock.until(started + doing.minutes * 60_000)
    const held = 'job' in doing.by ? await this.#session(doing.by.job) : null
    const failed = (doing.exitCode ?? 0) !== 0
    if (typeof held === 'string') return { name: doing.name, link: '', made: [], refused: held, failed }
    const statement = statementOf(chain, doing, {
      started,
      finished: Math.max(started + 1_000, clock.now() - 1_500),
      identity: held?.identity ?? null,
    })
    const payload = writeStep(statement)
    const bundle = held === null ? seal((doing.by as { key: Party }).key, payload) : sealed(held, payload)
    const refused = await this.send(bundle, held?.token, doing.late === true)
    return { name: doing.name, link: linkDigest(bundle.envelope, nodeCrypto), made: statement.subject, refused, failed }
  }

  /** Null where it was accepted; else the code. */
  async send(bundle: Bundle, token = this.#append, late = false): Promise<string | null> {
    const reply = await this.#office.try('POST', `/v1/attestations${late ? '?late=1' : ''}`, writeBundle(bundle), token)
    const { code } = (await reply.json()) as { code?: string }
    return reply.ok ? null : code!
  }

  /** A session with a certificate for a fresh key; the code where the token is refused. */
  async #session(job: Job): Promise<Held | string> {
    const asked = asking(this.#clouds.token(job, this.#office.clock.now()))
    const { token, publicKey, proof, privateKey } = asked
    const body = { token, publicKey, proof, run: runIdOf(job) }
    const reply = await this.#office.server.request('POST', '/v1/sessions', { token: null, body: JSON.stringify(body) })
    const given = (await reply.json()) as {
      code?: string
      accessToken: string
      certificates: string[]
      identity: Identity
    }
    if (!reply.ok) return given.code!
    const [pem] = given.certificates
    const der = new Uint8Array(Buffer.from(pem!.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64'))
    return { token: given.accessToken, identity: given.identity, privateKey, der }
  }
}

interface Held {
  readonly token: string
  readonly identity: Identity
  readonly privateKey: KeyObject
  readonly der: Uint8Array
}

function sealed({ der, privateKey }: Held, payload: Uint8Array): Bundle {
  const signature = new Uint8Array(sign('sha256', pae(PAYLOAD_TYPE, payload), privateKey))
  return {
    key: { kind: 'certificate', chain: [der] },
    tlogEntries: [],
    timestamps: [],
    envelope: { payloadType: PAYLOAD_TYPE, payload, signature, keyid: null },
  }
}

function statementOf(
  chain: StepStatement['predicate']['chain'],
  doing: Doing,
  { started, finished, identity }: { started: number; finished: number; identity: Identity | null },
): StepStatement {
  const { by, after = [], takes = [], reports = [] } = doing
  const materials = takes.flatMap(([from, what]) => what.map((one) => received(one, from.link)))
  const system = 'job' in by ? by.job.cloud : by.system
  const subject =
    doing.makes ??
    materials.map(({ annotations, ...one }) =>
      annotations?.mode === undefined ? one : { ...one, annotations: { mode: annotations.mode } },
    )
  return {
    subject,
    predicate: {
      chain,
      step: {
        name: doing.name,
        attempt: doing.attempt ?? 1,
        matrix: doing.matrix ?? null,
        nonce: randomBytes(16).toString('hex'),
      },
      previous: after.map(({ link, name }) => ({ link, step: name })),
      materials,
      invocation: {
        argv: doing.argv,
        exitCode: doing.exitCode ?? 0,
        signal: null,
        error: null,
        startedAt: new Date(started).toISOString(),
        finishedAt: new Date(finished).toISOString(),
        workingDirectory: null,
        environment: {},
      },
      runner: {
        system,
        identity: identity === null ? null : claimedOf(identity),
        os: 'linux',
        arch: 'x64',
        tools: doing.tools ?? {},
        actions: doing.actions ?? {},
      },
      evidence: reports.map((report) => reportOf(report, [...subject, ...materials])),
    },
  }
}

function claimedOf(it: Identity): ClaimedIdentity {
  const { issuer, sourceRepositoryURI, sourceRepositoryDigest, sourceRepositoryRef, sourceRepositoryIdentifier } = it
  const { buildConfigURI, buildTrigger, runInvocationURI, runnerEnvironment } = it
  return {
    issuer,
    sourceRepositoryURI,
    sourceRepositoryDigest,
    sourceRepositoryRef,
    sourceRepositoryIdentifier,
    buildConfigURI,
    buildTrigger,
    runInvocationURI,
    runnerEnvironment,
  }
}

/** Read as the recorder reads it. */
function reportOf({ name, text }: ReportFile, resources: readonly Resource[]): ReportRef {
  const bytes = new TextEncoder().encode(text)
  const { type, mediaType, facts, about } = parseReport(bytes)
  const known = new Set(resources.map(({ digest }) => digest.sha256))
  const named = about.flatMap(({ sha256 }) => (sha256 !== undefined && known.has(sha256) ? [sha256] : []))
  const notes = { about: [...new Set(named)].toSorted(), facts, signer: null, size: bytes.length, type }
  return { name, digest: { sha256: createHash('sha256').update(bytes).digest('hex') }, mediaType, annotations: notes }
}

/** JUnit, with so many tests that failed among them. */
export function junit(suite: string, tests: number, failures: number): ReportFile {
  const cases = Array.from({ length: tests }, (_, i) => {
    const body = i < failures ? '<failure message="expected 0 to be 1"/>' : ''
    return `<testcase classname="${suite}" name="case ${i + 1}" time="0.01">${body}</testcase>`
  })
  const counts = `tests="${tests}" failures="${failures}" errors="0" skipped="0"`
  return {
    name: 'reports/junit.xml',
    text: `<testsuites ${counts}><testsuite name="${suite}" ${counts}>${cases.join('')}</testsuite></testsuites>`,
  }
}

/** CycloneDX of what was made. */
export function sbom(name: string, product: Resource, components: readonly string[]): ReportFile {
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', name, hashes: [{ alg: 'SHA-256', content: product.digest.sha256 }] },
    },
    components: components.map((one) => ({ type: 'library', name: one.split('@')[0]!, version: one.split('@')[1]! })),
  }
  return { name: 'reports/sbom.cdx.json', text: JSON.stringify(document) }
}

/** SARIF of a scanner that came to its end; what it found, by level. */
export function scan(levels: readonly ('error' | 'warning' | 'note')[]): ReportFile {
  const rules = levels.map((level, i) => ({
    id: `CVE-2026-${1000 + i}`,
    properties: { 'security-severity': { error: '8.1', warning: '5.0', note: '2.0' }[level] },
  }))
  const results = levels.map((level, i) => ({
    ruleId: rules[i]!.id,
    ruleIndex: i,
    level,
    message: { text: 'known to be vulnerable' },
  }))
  const run = {
    tool: { driver: { name: 'Trivy', version: '0.69.1', rules } },
    invocations: [{ executionSuccessful: true }],
    results,
  }
  return { name: 'reports/trivy.sarif', text: JSON.stringify({ version: '2.1.0', runs: [run] }) }
}

/** A file that was built of something. */
export function built(name: string, of: string): Resource {
  return { name, digest: { sha256: shaOf(of) }, annotations: { mode: '100644' } }
}
