import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { CodedError, type ConcurrentCrypto, hex, reportOf, utf8 } from '@countersign/core'
import { isKeyName, type NoteKey, noteKey, parseVkey, writeVkey } from '@countersign/formats'
import { addCheckpoint, type Fork, type WitnessDeps, type WitnessedLog } from '@countersign/log'
import type { Signer } from '@countersign/sign'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { writeWhole } from '../files.ts'
import { openKey } from '../keys.ts'
import { addressOf } from '../listen.ts'
import { errorText, paintFor, plain, table } from '../output.ts'

export interface WitnessOptions {
  readonly key: string
  readonly log: readonly string[]
  readonly state: string
  readonly name?: string
  readonly listen: string
  readonly mirror?: string
  readonly from?: string
  readonly format: string
}

/** Most proofs of misbehaviour that are kept. */
const MAX_FORKS = 100
const STOP = ['SIGINT', 'SIGTERM'] as const

/** Runs a witness (C2SP tlog-witness) until it is told to stop. */
export async function witness(context: Context, options: WitnessOptions): Promise<ExitCode> {
  const crypto = await nativeCrypto()
  const [{ openFileLock }, { serveWitness }] = await Promise.all([
    import('@countersign/adapters/lock-file'),
    import('@countersign/adapters/witness-server'),
  ])
  const { host, port } = addressOf(options.listen)
  const signer = await openKey(context, options.key)
  const key = cosigningKey(signer, options.name, crypto)
  const logs = witnessed(
    options.log.map((vkey) => parseVkey(vkey, crypto)),
    key,
  )
  const state = resolve(context.cwd, options.state)
  const first = !existsSync(state)
  const memory = openFileLock(state)
  const paint = paintFor(context)
  const fault = (error: unknown) => context.stderr(errorText(reportOf(error), paint))
  const deps = {
    key,
    sign: (message: Uint8Array) => signer.sign(message),
    logs,
    memory,
    now: () => Math.floor(Date.parse(context.now()) / 1000),
    hash: { size: 32, hash: (bytes: Uint8Array) => crypto.sha256(bytes) },
    crypto,
    ...(await mirroring(context, options, logs, crypto, fault)),
    caught: (fork: Fork) => void keepFork(context, state, fork, hex(crypto.sha256(fork.refused))).catch(fault),
  }
  // Before it listens: whoever reads that it does may stop it at once.
  const stopped = new Promise<void>((done) => {
    for (const signal of STOP) context.signals.on(signal, done)
  })
  const server = await serveWitness({ host, port, answer: (body) => addCheckpoint(deps, body), failed: fault })
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${server.port}`
  if (options.format === 'json') context.stdout(`${JSON.stringify({ vkey: writeVkey(key), url })}\n`)
  else {
    context.stdout(`${paint.green('✓')} witness ${plain(key.name)} listens on ${url}\n`)
    context.stdout(
      table([
        ['vkey', writeVkey(key)],
        ['logs', logs.map(({ origin }) => plain(origin)).join(', ')],
        ['state', `${plain(state)}${first ? ', new' : ''}: never restore it from a backup`],
      ]),
    )
  }
  await stopped
  await server.stop()
  return 0
}

/** With a mirror nothing is cosigned that is not in it. */
async function mirroring(
  context: Context,
  { mirror, from }: WitnessOptions,
  logs: readonly WitnessedLog[],
  crypto: ConcurrentCrypto,
  behind: (error: unknown) => void,
): Promise<Pick<WitnessDeps, 'admit'>> {
  if (mirror === undefined && from === undefined) return {}
  const [log, ...more] = logs
  if (mirror === undefined || from === undefined || log === undefined || more.length > 0) {
    throw new CodedError('usage', 'a mirror is of one log: --mirror DIR --from URL, and one --log', {
      fix: 'Run one witness for each log that you mirror.',
    })
  }
  const { openMirror } = await import('@countersign/adapters/log-mirror')
  const directory = resolve(context.cwd, mirror)
  const { pull } = await openMirror({ directory, url: from, origin: log.origin, crypto, behind })
  return { admit: pull }
}

function cosigningKey(signer: Signer, name: string | undefined, crypto: Parameters<typeof noteKey>[3]): NoteKey {
  const { publicKey } = signer
  if (publicKey.algorithm !== 'ed25519') {
    throw new CodedError('key-invalid', 'a witness signs with an Ed25519 key', {
      fix: 'Make one: countersign key new witness.key --type ed25519',
    })
  }
  const given = name ?? `countersign-witness-${publicKey.keyId.slice(0, 8)}`
  if (!isKeyName(given)) {
    throw new CodedError('usage', `${JSON.stringify(given)} cannot name a witness`, {
      fix: 'Choose a name without spaces, plus signs and control characters, such as witness.example.com/acme.',
    })
  }
  return noteKey(given, 'cosignature-v1', publicKey, crypto)
}

/** The logs by their origins, which are the names of their keys. */
function witnessed(keys: readonly NoteKey[], own: NoteKey): readonly WitnessedLog[] {
  const logs = new Map<string, NoteKey[]>()
  for (const key of keys) {
    if (key.type !== 'ed25519') throw new CodedError('key-invalid', `the key of ${plain(key.name)} is no log's key`)
    if (key.publicKey.keyId === own.publicKey.keyId) {
      throw new CodedError('key-invalid', `the witness has the key of the log ${plain(key.name)}`)
    }
    logs.set(key.name, [...(logs.get(key.name) ?? []), key])
  }
  return [...logs].map(([origin, of]) => ({ origin, keys: of }))
}

/** Both checkpoints go into a file: with them alone everybody can be shown what the log has done. */
async function keepFork(context: Context, state: string, fork: Fork, id: string): Promise<void> {
  const path = join(state, 'forks', `${id}.txt`)
  const kept = existsSync(join(state, 'forks')) ? readdirSync(join(state, 'forks')) : []
  // Whoever has the key of a log makes as many as he likes; one is proof enough.
  if (kept.length >= MAX_FORKS || existsSync(path)) return
  const rule = utf8('\n')
  await writeWhole(path, new Uint8Array(Buffer.concat([fork.cosigned, rule, fork.refused])))
  const what = `${fork.origin} has signed two histories of ${fork.size} entries; both checkpoints are in ${path}`
  context.stderr(errorText(new CodedError('witness-conflict', what).report(), paintFor(context)))
}
