import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { serve } from '@hono/node-server'
import { type Logger, pino } from 'pino'
import { nodeCrypto, nodeCryptoFor } from '@countersign/adapters/crypto-node'
import { rememberingCrypto } from '@countersign/adapters/remembering-crypto'
import { oidcKeys } from '@countersign/adapters/oidc-keys'
import { nodeTokenCrypto } from '@countersign/adapters/token-crypto'
import type { Baseline } from '@countersign/contract'
import { CodedError, reportOf } from '@countersign/core'
import { isKeyName } from '@countersign/formats'
import type { AnchorSettings } from './anchor-settings.ts'
import type { Administration } from './audit.ts'
import { keepAnchoring } from './anchor-timer.ts'
import { createApp, type RequestLog } from './app.ts'
import { anchoringOf } from './anchoring.ts'
import { baselineNamed, tellBaseline } from './baseline.ts'
import { CONNECTION_LIMITS, Connections } from './connections.ts'
import { cosigners } from './cosigners.ts'
import { openConfirmations, providersNamed } from './confirming.ts'
import { type EventSettings, openEvents, readEventSettings } from './event-settings.ts'
import { checkHome, databaseFound, databaseIn, keysFound, openHome } from './first-run.ts'
import { openCaKeys } from './ca-keys.ts'
import { type CaSettings, caKeysInput, changeAuthority, readCaSettings } from './ca-settings.ts'
import { changeLogKey } from './change-log-key.ts'
import { allKeys, type LogKeysInput } from './log-keys.ts'
import { checkLog } from './fsck.ts'
import { addressOf, DEFAULT_PORT, listening, portOf, splitListen } from './listen.ts'
import { Metrics } from './metrics.ts'
import type { ProviderSettings } from './provider-settings.ts'
import { beginSigningIn, openSignIns } from './signing-in.ts'
import { signInNamed, type SignInSettings } from './sign-in-settings.ts'
import { keepStating, periodOf } from './statement-timer.ts'
import type { Store } from './store.ts'
import { serveAlone } from './stores/sqlite/alone.ts'
import { openThreadedLock } from './stores/sqlite/threaded-lock.ts'
import { keyringBeside } from './stores/sqlite/keyring.ts'
import { openSqlite } from './stores/sqlite/store.ts'
import { openTenants } from './stores/sqlite/tenants.ts'
import { tellTenants, tenantNamed } from './tenants.ts'
import { Anchors } from './verbs/anchors.ts'
import { ownAuthority } from './verbs/authorities.ts'
import { ChainAnchors } from './verbs/chain-anchors.ts'
import { gateParts } from './verbs/chain-reading.ts'
import { IssuerRules } from './verbs/issuer-rules.ts'
import { Log } from './verbs/log.ts'
import { Issuing } from './verbs/issue-certificate.ts'
import { makeStatement } from './verbs/make-statement.ts'
import { Packs } from './verbs/packs.ts'
import { Sequencer } from './verbs/sequencer.ts'
import { Statements } from './verbs/statements.ts'
import { VerifiedCache } from './verbs/verified-cache.ts'
import { vouchingOf } from './verbs/vouching.ts'
import { PublicSigstore, readSigstoreTrust, type SigstoreSettings } from './sigstore-trust.ts'
import { keepCounting } from './view-timer.ts'
import { welcome } from './welcome.ts'

const VERSION = '0.1.0'
/** How long a server that stops waits for requests that are not whole yet, and for answers; milliseconds. */
const UNFINISHED_MS = 1_000
const ANSWERS_MS = 10_000

const now = () => new Date().toISOString()
const clock = () => performance.now()

const HELP = `Usage: npm start [-- OPTIONS]

Starts the countersign server with its embedded SQLite store, on loopback.

  --port N      port; 0 takes a free one (default ${DEFAULT_PORT}, or COUNTERSIGN_LISTEN=HOST:PORT)
  --host HOST   address to listen on (default 127.0.0.1)
  --data DIR    data directory (default .countersign/server, or COUNTERSIGN_DATA)
  --lock FILE   checkpoint lock, never to be restored from a backup (default DIR/lock/lock.db, or COUNTERSIGN_LOCK)
  --keys FILE   keys of the attestations, never in one backup with the data (default DIR/keys/keys.db, or COUNTERSIGN_KEYS)
  --ca DIR      the authority that issues certificates: its keys and certificates (default DIR/ca, or COUNTERSIGN_CA)
  --origin NAME name of the log, in receipts and in the audience of identity tokens (default countersign.local,
                or COUNTERSIGN_ORIGIN)
  --statement-period SECONDS
                how often the log makes a signed statement (default 86400: each day, UTC;
                or COUNTERSIGN_STATEMENT_PERIOD)
  --witness-policy FILE
                who cosigns the log's checkpoints (C2SP tlog-policy; or COUNTERSIGN_WITNESS_POLICY). With a quorum
                nothing is acknowledged without; with "quorum none" cosignatures are gathered behind it
  --sigstore-trust FILE
                trusted_root.json of a Sigstore whose certificates are taken where a contract lets whom they name sign
                (may be repeated; or COUNTERSIGN_SIGSTORE_TRUST). "public": what countersign trust update keeps of the
                public instance (in COUNTERSIGN_SIGSTORE_CACHE), read again each minute
  --anchors FILE
                which anchors vouch for the statements from outside, one JSON file (or COUNTERSIGN_ANCHORS; README,
                "Anchors"). Without it nothing leaves the house
  --baseline FILE
                what every contract must ask for at least (packages/contract/CONTRACT.md; or COUNTERSIGN_BASELINE)
  --providers FILE
                which CI providers may be asked to confirm runs, and with which credentials, one JSON file (or
                COUNTERSIGN_PROVIDERS; README, "Confirmation"). Without it none is asked
  --sign-in FILE
                how people sign in by OpenID Connect, and who may, one JSON file (or COUNTERSIGN_SIGN_IN; README,
                "Signing in"). Without it an administrator makes links: countersign person add
  --webhook-allow HOST[:PORT]
                a host of your own network that webhooks may lead to, by http too; else they lead to the public
                internet only, by https (may be repeated; or COUNTERSIGN_WEBHOOK_ALLOW)
  --mail FILE   by which server events are sent as e-mail, one JSON file (or COUNTERSIGN_MAIL; README, "Events")
  --public-url URL
                where clients reach the server, for what it publishes about itself (default: where it listens, or
                COUNTERSIGN_PUBLIC_URL)
  --new-ca      make the authority that is to follow, and stop; it issues from the next start on, and what the one
                before has issued is trusted as long as it lives
  --new-log-key make the key that is to follow the log's, and stop; from the next start on the log signs with both
  --retire-log-key
                put it in the place of the log's key, which is deleted, and stop: when all who verify know it
  --new-tenant NAME
                make another tenant, print its first token, once, and stop. A server that runs on the same data goes on
                and takes the token at once. With --json: {"tenant","url","token"}
  --tenants     list the tenants, and stop
  --fsck        rebuild the log from its entries, compare it with what was signed, and stop; writes nothing
  --json        one line of JSON on stdout when ready: {"url","token","dataDir"}, on the first run {"signIn"} too
  --help        this

COUNTERSIGN_SERVER_KEY_PASSPHRASE encrypts the server's keys. COUNTERSIGN_CA_KEY and COUNTERSIGN_CT_KEY are keys of the
authority that are kept elsewhere: PEM, or the address of a key service (awskms://, gcpkms://, azurekms://,
hashivault://). COUNTERSIGN_LOG is the log level (default info).
Stops on SIGINT or SIGTERM when what was begun is done; a second signal stops at once.
`

interface Settings {
  readonly host: string
  readonly port: number
  readonly dataDir: string
  readonly lockFile: string
  readonly keysFile: string
  readonly ca: CaSettings
  readonly origin: string
  /** Null where nobody cosigns. */
  readonly witnessPolicy: string | null
  readonly sigstore: SigstoreSettings
  /** None: nothing leaves the house. */
  readonly anchors: readonly AnchorSettings[]
  /** None: no provider is asked. */
  readonly providers: readonly ProviderSettings[]
  readonly signIn: readonly SignInSettings[]
  readonly baseline: Baseline | null
  readonly events: EventSettings
  readonly passphrase: string | null
  readonly logLevel: string
  readonly statementPeriod: number
  readonly json: boolean
  readonly fsck: boolean
  readonly newLogKey: boolean
  readonly retireLogKey: boolean
  readonly newCa: boolean
  /** Null where none is to be made. */
  readonly newTenant: string | null
  readonly tenants: boolean
}

main().catch((error: unknown) => {
  const { code, what, why, fix } = reportOf(error)
  process.stderr.write(`✗ ${code}: ${what}\n  why  ${why}\n  fix  ${fix}\n`)
  if (process.env['COUNTERSIGN_DEBUG'] !== undefined) process.stderr.write(`${String((error as Error).stack)}\n`)
  // Timers that were begun would keep alive what does not serve.
  process.exit(2)
})

async function main(): Promise<void> {
  const settings = await readSettings()
  if (settings === null) process.stdout.write(HELP)
  else if (settings.newCa) process.stdout.write(await changeAuthority(settings.ca, Date.now(), settings.json))
  else if (settings.newLogKey || settings.retireLogKey) process.stdout.write(await changedLogKey(settings))
  else if (settings.newTenant !== null || settings.tenants) process.stdout.write(toldTenants(settings))
  else await start(settings)
}

/** The environment and the arguments, read here and nowhere else; null when help is asked for. */
async function readSettings(): Promise<Settings | null> {
  const { env } = process
  const options = {
    port: { type: 'string' },
    host: { type: 'string' },
    data: { type: 'string' },
    lock: { type: 'string' },
    keys: { type: 'string' },
    ca: { type: 'string' },
    'public-url': { type: 'string' },
    'new-ca': { type: 'boolean' },
    origin: { type: 'string' },
    'statement-period': { type: 'string' },
    'witness-policy': { type: 'string' },
    'sigstore-trust': { type: 'string', multiple: true },
    anchors: { type: 'string' },
    providers: { type: 'string' },
    baseline: { type: 'string' },
    'sign-in': { type: 'string' },
    'webhook-allow': { type: 'string', multiple: true },
    mail: { type: 'string' },
    json: { type: 'boolean' },
    fsck: { type: 'boolean' },
    'new-log-key': { type: 'boolean' },
    'retire-log-key': { type: 'boolean' },
    'new-tenant': { type: 'string' },
    tenants: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>['values']
  try {
    ;({ values } = parseArgs({ options }))
  } catch (cause) {
    throw new CodedError('usage', cause instanceof Error ? cause.message.split('\n', 1)[0]! : 'unknown option', {
      fix: 'See: npm start -- --help',
      cause,
    })
  }
  if (values.help === true) return null
  const [host, port] = splitListen(env['COUNTERSIGN_LISTEN'])
  const dataDir = resolve(values.data ?? env['COUNTERSIGN_DATA'] ?? join('.countersign', 'server'))
  const origin = values.origin ?? env['COUNTERSIGN_ORIGIN'] ?? 'countersign.local'
  if (!isKeyName(origin)) {
    throw new CodedError('usage', `the origin ${JSON.stringify(origin)} cannot name a log`, {
      fix: 'Choose one without spaces, plus signs and control characters, such as log.example.com/acme.',
    })
  }
  const anchors = values.anchors ?? env['COUNTERSIGN_ANCHORS'] ?? ''
  const sigstore = values['sigstore-trust'] ?? [env['COUNTERSIGN_SIGSTORE_TRUST'] ?? '']
  const passphrase = env['COUNTERSIGN_SERVER_KEY_PASSPHRASE'] ?? null
  const ca = readCaSettings({ ca: values.ca, publicUrl: values['public-url'] }, env, { dataDir, origin, passphrase })
  const policy = values['witness-policy'] ?? env['COUNTERSIGN_WITNESS_POLICY'] ?? ''
  return {
    host: values.host ?? host,
    port: values.port === undefined ? port : portOf(values.port),
    dataDir,
    keysFile: resolve(values.keys ?? env['COUNTERSIGN_KEYS'] ?? keyringBeside(databaseIn(dataDir))),
    lockFile: resolve(values.lock ?? env['COUNTERSIGN_LOCK'] ?? join(dataDir, 'lock', 'lock.db')),
    origin,
    witnessPolicy: policy === '' ? null : resolve(policy),
    sigstore: await readSigstoreTrust(sigstore, env),
    anchors: anchors === '' ? [] : await anchorsOf(resolve(anchors)),
    providers: await providersNamed(values.providers, env),
    baseline: await baselineNamed(values.baseline, env),
    events: await readEventSettings({ allow: values['webhook-allow'], mail: values.mail }, env),
    signIn: signInNamed(values['sign-in'], env, ca.publicUrl),
    ca,
    passphrase,
    logLevel: env['COUNTERSIGN_LOG'] ?? 'info',
    statementPeriod: periodOf(values['statement-period'] ?? env['COUNTERSIGN_STATEMENT_PERIOD'] ?? '86400'),
    json: values.json === true,
    fsck: values.fsck === true,
    newLogKey: values['new-log-key'] === true,
    retireLogKey: values['retire-log-key'] === true,
    newCa: values['new-ca'] === true,
    newTenant: tenantNamed(values['new-tenant']),
    tenants: values.tenants === true,
  }
}

/** What anchors need is loaded where there are some: it would be a third of what a server begins with. */
async function anchorsOf(file: string): Promise<readonly AnchorSettings[]> {
  const { readAnchorSettings } = await import('./anchor-settings.ts')
  return readAnchorSettings({ file, env: process.env })
}

type Lock = ReturnType<typeof openThreadedLock>

async function start(settings: Settings): Promise<void> {
  // People read the lines that start() prints; the log is for machines, so a terminal gets its warnings only.
  const level = process.stderr.isTTY && settings.logLevel === 'info' ? 'warn' : settings.logLevel
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: false }),
  )
  const databaseFile = settings.fsck ? databaseFound(settings.dataDir) : databaseIn(settings.dataDir)
  checkHome(settings.dataDir, databaseFile)
  const told = { dataDir: settings.dataDir }
  // Before the store is opened, which migrates it. Who only looks may do so beside a server.
  if (!settings.fsck)
    await serveAlone(settings.dataDir, () =>
      logger.warn(told, 'another server serves this data directory; waiting for it to stop'),
    )
  const store = await openSqlite(databaseFile, settings.keysFile)
  const lock = openThreadedLock(settings.lockFile)
  try {
    if (settings.fsck) await check(settings, store, lock)
    else await listen(settings, store, lock, logger)
  } catch (error) {
    // Their threads would keep the process alive.
    await Promise.allSettled([store.close(), lock.close()])
    throw error
  }
}

function keysInput({ dataDir, origin, passphrase }: Settings): LogKeysInput {
  return { directory: dataDir, origin, passphrase, crypto: nodeCrypto }
}

function toldTenants({ dataDir, host, port, ca, newTenant, json }: Settings): string {
  const file = databaseFound(dataDir)
  const url = ca.publicUrl ?? addressOf(host, port)
  return tellTenants(() => openTenants(file), { newTenant, url, json, now: now() })
}

function changedLogKey(settings: Settings): Promise<string> {
  const { newLogKey, json } = settings
  return changeLogKey(keysInput(settings), newLogKey ? null : { locked: () => lockedIn(settings), now: now() }, json)
}

/** What the log signed last. */
async function lockedIn({ lockFile, origin }: Settings): Promise<Uint8Array | null> {
  const lock = openThreadedLock(lockFile)
  try {
    return await lock.read(origin)
  } finally {
    await lock.close()
  }
}

/** Says on stdout what is wrong with the log, exit code 1, or that nothing is. */
async function check(settings: Settings, store: Store, lock: Lock): Promise<void> {
  const keys = await keysFound(keysInput(settings))
  const tty = process.stderr.isTTY
  const good = await checkLog({
    origin: settings.origin,
    keys: allKeys(keysInput(settings), keys),
    lock,
    data: store.log,
    crypto: nodeCrypto,
    say: (line) => process.stdout.write(`${line}\n`),
    progress: (done, size) => tty && process.stderr.write(`\r${done} of ${size} entries${done === size ? '\n' : ''}`),
  })
  await Promise.all([store.close(), lock.close()])
  process.exitCode = good ? 0 : 1
}

async function listen(settings: Settings, store: Store, lock: Lock, logger: Logger): Promise<void> {
  const home = await openHome(keysInput(settings), store, now())
  const { issuing, former } = await openCaKeys(caKeysInput(settings.ca, Date.now(), await store.issued.any()))
  const metrics = new Metrics()
  metrics.watchProcess()
  const { origin } = settings
  const witnesses =
    settings.witnessPolicy === null
      ? null
      : cosigners({
          file: settings.witnessPolicy,
          origin,
          keys: allKeys(keysInput(settings), home.keys),
          metrics,
          logger,
          events: store.events,
          now,
        })
  const log = await Log.open({
    origin,
    ...home.keys,
    lock,
    data: store.log,
    crypto: nodeCrypto,
    ...(witnesses === null ? {} : { witnesses }),
  })
  const statements = await Statements.open({
    log,
    ...home.keys,
    lock,
    data: store.statements,
    crypto: nodeCrypto,
  })
  const { setUp, belief } = await anchoringOf(settings.anchors, nodeCrypto)
  const anchors = new Anchors({
    anchors: setUp,
    store,
    statements,
    now,
    random: Math.random,
    observe(event) {
      const { outcome, ...facts } = event
      metrics.anchorMoved(event)
      if (outcome === 'dead') logger.error(facts, 'a statement cannot be anchored')
      else if (outcome === 'failed') logger.warn(facts, 'a move into an anchor failed')
      else logger[outcome === 'final' ? 'info' : 'debug'](facts, `statement ${outcome}`)
    },
  })
  const administer = (one: Administration) => sequencer.administer(one)
  const house = { store: store.events, log, origin, anchors, publicUrl: settings.ca.publicUrl, administer, now }
  const failed = (err: unknown) => logger.error({ err }, 'the store failed who looks for events')
  const events = await openEvents(settings.events, house, failed)
  const sequencer = new Sequencer(store, log, (size) => metrics.batch(size))
  const logs = () => log.keys.map((key) => ({ key, revokedAt: null }))
  const authorities = [issuing, ...former] as const
  const own = ownAuthority({ authorities, log, origin, store })
  const { trustedRoots, publicCache } = settings.sigstore
  const warn = (what: string) => logger.warn(what)
  const publicSigstore = publicCache === null ? null : PublicSigstore.open(publicCache, Date.now, warn)
  const vouching = vouchingOf(own, trustedRoots, logs, publicSigstore)
  const verified = new VerifiedCache(store, nodeCrypto, clock, vouching, settings.baseline)
  const crypto = rememberingCrypto(nodeCryptoFor(availableParallelism()))
  const deps = {
    store,
    sequencer,
    verified,
    log,
    statements,
    anchors,
    anchorBelief: belief,
    events,
    issuing: new Issuing(issuing),
    authorities,
    publicUrl: settings.ca.publicUrl,
    statementPeriod: settings.statementPeriod,
    crypto,
    gate: gateParts(
      { store, log, verified, crypto, now },
      new ChainAnchors({ store, log, statements, crypto, now }, belief),
      home.keys.signer,
    ),
    issuerRules: new IssuerRules(store.issuers, clock),
    issuerKeys: oidcKeys({ now: Date.now }),
    tokenCrypto: nodeTokenCrypto,
    packs: new Packs({ directory: join(settings.dataDir, 'packs'), clock: Date.now }),
    signIns: await openSignIns(settings.signIn, clock),
    confirmations: await openConfirmations(settings.providers, metrics),
    origin,
    version: VERSION,
    metrics,
    now,
  }
  let stopping = false
  const logRequest = ({ error, ...entry }: RequestLog) => {
    // What went well is in the metrics; a line for each would cost as much as a signature check.
    if (error === undefined) logger[entry.status < 400 ? 'debug' : 'info'](entry, 'request')
    else logger.error({ ...entry, err: error }, 'request')
  }
  const app = createApp({ deps, log: logRequest, clock, stopping: () => stopping })
  const server = serve({
    fetch: app.fetch,
    hostname: settings.host,
    port: settings.port,
    serverOptions: CONNECTION_LIMITS,
  })
  const connections = new Connections(server)
  let timer: ReturnType<typeof keepStating> | null = null
  let driver: ReturnType<typeof keepAnchoring> | null = null
  let counting: ReturnType<typeof keepCounting> | null = null
  const stop = async (signal: string) => {
    if (stopping) process.exit(1)
    stopping = true
    logger.info({ signal }, 'stopping')
    events.endStreams()
    const closed = new Promise<boolean>((done) => server.close(() => done(true)))
    connections.stop()
    if ('closeIdleConnections' in server) server.closeIdleConnections()
    setTimeout(() => connections.cutUnfinished(), UNFINISHED_MS).unref()
    const late = new Promise<boolean>((done) => setTimeout(() => done(false), ANSWERS_MS).unref())
    if (!(await Promise.race([closed, late]))) logger.warn('some answers were not given in time')
    await Promise.race([deps.packs.stop(), late])
    await sequencer.drain()
    // A statement that is cut off is finished at the next start.
    await Promise.race([timer?.stop(), late])
    // And a move made again.
    await Promise.race([driver?.stop(), late])
    await Promise.race([events.stop(), late])
    await witnesses?.stop()
    await Promise.race([counting?.stop(), late])
    // A store that failed has nothing left to lose; the process ends all the same.
    await store.close().catch((err: unknown) => logger.error({ err }, 'store did not close'))
    await lock.close().catch((err: unknown) => logger.error({ err }, 'checkpoint lock did not close'))
    logger.info('stopped')
    logger.flush()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(signal))

  // Announced last: whoever reads the line may stop us at once.
  const port = await listening(server, settings)
  // Not before: where it does not come to that, nothing may keep the process alive.
  timer = keepStating({
    make: () => makeStatement(deps, false),
    period: settings.statementPeriod,
    made: (facts) => {
      if (facts.covers === 1) logger.info(facts, 'statement made')
      else logger.warn(facts, 'periods were missed; one statement covers them')
      anchors.drive(false)
    },
    failed: (code, err) => logger.error({ code, err }, 'no statement could be made'),
  })
  driver = keepAnchoring(anchors.lanes, (anchor, code, err) => logger.error({ anchor, code, err }, 'the store failed'))
  anchors.drivenBy(driver)
  counting = keepCounting({
    views: store.views,
    failed: (code, err) => logger.error({ code, err }, 'nothing is counted'),
  })
  await events.start()
  const url = addressOf(settings.host, port)
  await tellBaseline(deps, settings.baseline)
  const signIn = await beginSigningIn(deps, settings.signIn, url)
  const { token } = home
  if (settings.json) process.stdout.write(`${JSON.stringify({ url, token, dataDir: settings.dataDir, ...signIn })}\n`)
  else process.stdout.write(welcome(url, home, settings.dataDir, VERSION, signIn))
  logger.info({ url, dataDir: settings.dataDir, version: VERSION }, 'listening')
}
