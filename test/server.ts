import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Baseline, Contract } from '@countersign/contract'

import { oidcKeys } from '@countersign/adapters/oidc-keys'
import { createKeyFile, openKeyFile } from '@countersign/adapters/signer-file'
import { nodeTokenCrypto } from '@countersign/adapters/token-crypto'
import { type Bundle, type NoteKey, noteKey, writeBundle } from '@countersign/formats'
import { NO_ANCHOR_ROOTS } from '@countersign/formats/anchor'
import { hashSecret } from '../server/access.ts'
import { createApp } from '../server/app.ts'
import { outboundTo } from '../server/event-settings.ts'
import { Events, type EventsDeps, publishedSize } from '../server/events/events.ts'
import { openCaKeys } from '../server/ca-keys.ts'
import { Metrics } from '../server/metrics.ts'
import type { ChainStep, Scope, Store } from '../server/store.ts'
import { openSqlite } from '../server/stores/sqlite/store.ts'
import { openSqliteLock } from '../server/stores/sqlite/lock.ts'
import { askedSteps } from '../server/verbs/asked-steps.ts'
import type { IssuerKeySource } from '../server/verbs/admit-token.ts'
import type { Deps } from '../server/verbs/deps.ts'
import { Anchors, type SetUpAnchor } from '../server/verbs/anchors.ts'
import { ownAuthority } from '../server/verbs/authorities.ts'
import { type AnchorBelief, ChainAnchors } from '../server/verbs/chain-anchors.ts'
import { gateParts } from '../server/verbs/chain-reading.ts'
import { type AskedProvider, Confirmations } from '../server/verbs/confirm-token.ts'
import { IssuerRules } from '../server/verbs/issuer-rules.ts'
import { Issuing } from '../server/verbs/issue-certificate.ts'
import { Log, type LogDeps } from '../server/verbs/log.ts'
import { Packs } from '../server/verbs/packs.ts'
import { Sequencer } from '../server/verbs/sequencer.ts'
import { Statements } from '../server/verbs/statements.ts'
import { VerifiedCache } from '../server/verbs/verified-cache.ts'
import { type Vouching, vouchingOf } from '../server/verbs/vouching.ts'
import { type SignInProvider, SignIns } from '../server/sign-in.ts'
import type { Witnesses } from '../server/verbs/witnesses.ts'
import { migrated } from './migrated.ts'
import { at, type Party } from './pipeline.ts'

export const SECRET = 's'.repeat(32)

/** The server's app without a socket, on a database of its own. */
export interface TestServer {
  readonly deps: Deps
  readonly store: Store
  readonly file: string
  /** What its log was opened with. */
  readonly logDeps: LogDeps
  /** A request as a tenant's token would make it. */
  request(
    method: string,
    path: string,
    options?: { token?: string | null; body?: string | Uint8Array; headers?: Record<string, string> },
  ): Promise<Response>
  append(
    bundle: Bundle,
    options?: { tenant?: string; headers?: Record<string, string>; query?: string },
  ): Promise<Response>
  /** Puts a contract in force beside the log, which begins with what the test appends. */
  publish(contract: Contract, bytes: Uint8Array): Promise<void>
  /** What is stored of a chain. */
  chain(id: string, tenant?: string): Promise<readonly ChainStep[]>
  /** Lets the parties sign for a tenant. */
  enrol(parties: readonly Party[], tenant?: string): Promise<void>
  close(): Promise<void>
}

export const token = (tenant: string, scope = 'all') => `cst_${tenant}${scope}_${SECRET}`

const SCOPES: Readonly<Record<string, readonly Scope[]>> = {
  all: ['append', 'read', 'admin'],
  append: ['append'],
  read: ['read'],
}

/**
 * `wrap` may put something between the server and its store, such as faults. In a directory that is given it finds what
 * an earlier one has left, and leaves it there.
 */
export async function openTestServer(
  options: {
    wrap?: (store: Store) => Store
    tenants?: readonly string[]
    directory?: string
    now?: () => string
    /** Of the log with this key, which is made by then. */
    witnesses?: (key: NoteKey) => Witnesses
    /** Where the keys of issuers come from; from themselves unless it is given. */
    issuerKeys?: IssuerKeySource
    /** Who is asked about runs; by default nobody. */
    providers?: readonly AskedProvider[]
    /** Name of its log; `test` unless it is given. */
    origin?: string
    /** When its authority was made. */
    begun?: string
    /** Where the server says that it is reached; by default it does not. */
    publicUrl?: string
    /** How events are told; driven where a test says so: `deps.events`. */
    events?: Partial<EventsDeps>
    /** Hosts of this machine that webhooks may lead to. */
    allowed?: readonly string[]
    baseline?: Baseline
    /** Who says who people are. */
    signIn?: readonly SignInProvider[]
    /** Driven where a test says so: `deps.anchors.lanes`. */
    anchors?: readonly SetUpAnchor[]
    /** Whom its gate believes about them; by default only blocks. */
    belief?: AnchorBelief
    /** Whose certificates are taken; by default nobody's. */
    vouching?: (log: Log) => Vouching
  } = {},
): Promise<TestServer> {
  const root = options.directory ?? mkdtempSync(join(tmpdir(), 'countersign-server-'))
  const own = await openSqlite(migrated(join(root, 'countersign.db')))
  try {
    return await openOn(own, root, options)
  } catch (error) {
    await own.close()
    throw error
  }
}

async function openOn(
  own: Store,
  root: string,
  options: NonNullable<Parameters<typeof openTestServer>[0]>,
): Promise<TestServer> {
  const file = join(root, 'countersign.db')
  const store = options.wrap === undefined ? own : options.wrap(own)
  const key = join(root, 'server.key')
  const first = !existsSync(key)
  if (first) await createKeyFile(key, { algorithm: 'ed25519', passphrase: null })
  const signer = await openKeyFile(key, null)
  for (const tenant of first ? (options.tenants ?? ['acme']) : []) {
    await own.createTenant(tenant, at(0))
    for (const [scope, scopes] of Object.entries(SCOPES)) {
      await own.createToken({ id: `${tenant}${scope}`, tenant, hash: hashSecret(SECRET), scopes }, at(0))
    }
  }
  const lock = openSqliteLock(join(root, 'lock', 'lock.db'))
  const witnesses = options.witnesses?.(noteKey(options.origin ?? 'test', 'ed25519', signer.publicKey, nodeCrypto))
  const more = witnesses === undefined ? {} : { witnesses }
  const origin = options.origin ?? 'test'
  const logDeps: LogDeps = { origin, signer, lock, data: own.log, crypto: nodeCrypto, ...more }
  let log: Log
  let statements: Statements
  try {
    log = await Log.open(logDeps)
    statements = await Statements.open({ log, signer, lock, data: own.statements, crypto: nodeCrypto })
  } catch (error) {
    lock.close()
    throw error
  }
  const ca = { directory: join(root, 'ca'), origin, passphrase: null, caKey: null, ctKey: null }
  const hasIssued = await store.issued.any()
  const { issuing, former } = await openCaKeys({
    ...ca,
    crypto: nodeCrypto,
    now: Date.parse(options.begun ?? at(0)),
    hasIssued,
  })
  const metrics = new Metrics()
  const clock = () => performance.now()
  const authorities = [issuing, ...former] as const
  const authority = ownAuthority({ authorities, log, origin, store })
  const vouching =
    options.vouching?.(log) ?? vouchingOf(authority, [], () => log.keys.map((key) => ({ key, revokedAt: null })))
  const verified = new VerifiedCache(store, nodeCrypto, clock, vouching, options.baseline ?? null)
  const deps: Deps = {
    store,
    sequencer: new Sequencer(store, log, (size) => metrics.batch(size)),
    log,
    statements,
    issuing: new Issuing(issuing),
    authorities,
    publicUrl: options.publicUrl ?? null,
    anchors: new Anchors({
      anchors: options.anchors ?? [],
      store,
      statements,
      now: () => deps.now(),
      random: () => 0.5,
      observe: (event) => metrics.anchorMoved(event),
    }),
    anchorBelief: options.belief ?? NO_ANCHOR_ROOTS,
    events: new Events({
      store: store.events,
      size: publishedSize(log),
      origin,
      gaps: () => deps.anchors.gaps(),
      now: () => deps.now(),
      failed: () => undefined,
      administer: async (who, doing) => (await deps.sequencer.administer({ ...who, at: deps.now(), doing })).done,
      outbound: outboundTo(options.allowed ?? []),
      mailer: null,
      publicUrl: null,
      ...options.events,
    }),
    statementPeriod: 86_400_000,
    verified,
    gate: gateParts(
      { store, log, verified, crypto: nodeCrypto, now: () => deps.now() },
      new ChainAnchors(
        { store, log, statements, crypto: nodeCrypto, now: () => deps.now() },
        options.belief ?? NO_ANCHOR_ROOTS,
      ),
      signer,
    ),
    crypto: nodeCrypto,
    issuerRules: new IssuerRules(store.issuers, clock),
    issuerKeys: options.issuerKeys ?? oidcKeys({ now: Date.now }),
    tokenCrypto: nodeTokenCrypto,
    packs: new Packs({ directory: join(root, 'packs'), clock: () => Date.parse(deps.now()) }),
    signIns: new SignIns(options.signIn ?? [], clock),
    confirmations: new Confirmations(options.providers ?? [], metrics),
    origin,
    version: '0.0.0',
    metrics,
    now: options.now ?? (() => at(60)),
  }
  const app = createApp({ deps, log: () => undefined, clock, stopping: () => false })
  const request: TestServer['request'] = async (method, path, more = {}) => {
    const given = more.token === undefined ? token('acme') : more.token
    const headers = { ...(given === null ? {} : { authorization: `Bearer ${given}` }), ...more.headers }
    const body =
      more.body === undefined ? {} : { body: typeof more.body === 'string' ? more.body : Buffer.from(more.body) }
    return app.request(path, { method, headers, ...body })
  }
  return {
    deps,
    store,
    file,
    logDeps,
    request,
    append: (bundle, more = {}) =>
      request('POST', `/v1/attestations${more.query ?? ''}`, {
        token: token(more.tenant ?? 'acme'),
        body: writeBundle(bundle),
        ...(more.headers === undefined ? {} : { headers: more.headers }),
      }),
    async publish(contract, bytes) {
      const { pipeline, revision, digest } = contract
      const publication = { pipeline, revision, digest, bytes, follows: null, asked: askedSteps(contract) }
      const alone = { document: null, signed: bytes, signers: [], contract: publication }
      await own.act({ tenant: 'acme', kind: 'contract', digest, about: pipeline, at: at(0), ...alone })
    },
    chain: (id, tenant = 'acme') => all(own.chain(tenant, id)),
    async enrol(parties, tenant = 'acme') {
      for (const { name, publicKey } of parties) {
        await own.enrolKey(tenant, { name, key: publicKey, enrolledAt: at(0), by: 'test', proven: false })
      }
    },
    async close() {
      await deps.packs.stop()
      await deps.sequencer.drain()
      await deps.events.stop()
      await witnesses?.stop()
      await own.close()
      lock.close()
      if (options.directory === undefined) rmSync(root, { recursive: true, force: true })
    },
  }
}

export async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = []
  for await (const item of items) found.push(item)
  return found
}

/** The problem's code of a refused request; fails on an accepted one. */
export async function codeOf(response: Response | Promise<Response>): Promise<string> {
  const reply = await response
  if (reply.ok) throw new Error(`accepted with ${reply.status}`)
  const { code } = (await reply.json()) as { code: string }
  return code
}
