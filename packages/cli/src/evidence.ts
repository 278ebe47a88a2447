import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Client, ServerFacts } from '@countersign/client'
import { CodedError, type ConcurrentCrypto, type PublicKey, readPublicKey } from '@countersign/core'
import { type Contract, parseContract } from '@countersign/contract'
import {
  type ChainLine,
  MAX_CHAIN_BYTES,
  MAX_POLICY_BYTES,
  MAX_REVOCATIONS_BYTES,
  type NoteKey,
  parseChainFile,
  parsePolicy,
  parseRevocations,
  parseVkey,
  type Revocation,
  type WitnessPolicy,
  writeVkey,
} from '@countersign/formats'
import { logKeys, namedKeys, type Trust, type TrustedLogKey, trustOf, withRevocations } from '@countersign/verify'
import type { Context } from './context.ts'
import { readBounded, readText } from './files.ts'

/** The file beside an artifact that carries its chain. */
export function sidecarOf(path: string): string {
  return `${path.replace(/\/+$/, '')}.chain.jsonl`
}

/** Lines of chain files; those of `optional` may be missing. */
export function readChainFiles(context: Context, named: readonly string[], optional: readonly string[]): ChainLine[] {
  const present = optional.filter((file) => existsSync(resolve(context.cwd, file)))
  const files = new Set([...named, ...present].map((file) => resolve(context.cwd, file)))
  return [...files].flatMap((file) => parseChainFile(readBounded(file, MAX_CHAIN_BYTES)))
}

/** Most chains that one look-up fetches whole. */
export const MAX_CHAINS = 20

/** Everything the server has about the newest chains in which one of these digests was made or vouched for. */
export async function fetchChains(
  client: Client,
  digests: readonly string[],
  ids: readonly string[],
): Promise<ChainLine[]> {
  const found = digests.length === 0 ? [] : (await client.lookup(digests)).map(({ chain }) => chain)
  const chains = [...new Set([...ids, ...found])].slice(0, MAX_CHAINS)
  const fetched = await Promise.all(chains.map((id) => fetchChain(client, id)))
  return fetched.flat()
}

/** A chain whose steps all wait in a spool is not known to the server yet. */
async function fetchChain(client: Client, id: string): Promise<readonly ChainLine[]> {
  try {
    return await client.chain(id)
  } catch (error) {
    if (error instanceof CodedError && error.code === 'not-found') return []
    throw error
  }
}

/** The contract in a file. */
export function readContract(context: Context, file: string): Contract {
  return parseContract(readBounded(resolve(context.cwd, file), 1 << 20))
}

/** Whom to believe, and where that belief comes from, for the reader. */
export interface Believed {
  readonly trust: Trust
  readonly from: string
  /** Who chose the keys: the caller, by a contract or by files, or the server. */
  readonly chosenBy: 'caller' | 'server'
  /** True where keys among them are revoked: what they signed is then asked for its time. */
  readonly lessened: boolean
}

/**
 * Trust, from the first of: the contract's own keys; key files named with `--trust`; the keys enrolled at the
 * server. Throws `trust-missing` where there is none of them. Less what is revoked at the server, or by the list in a
 * file: that only takes trust away, so it is believed whoever chose the keys.
 */
export async function believe(
  context: Context,
  contract: Contract | null,
  trustFiles: readonly string[],
  client: Client | null,
  revokedFile?: string,
): Promise<Believed> {
  const listed = readRevocations(context, revokedFile)
  if (contract === null && trustFiles.length === 0) {
    if (client === null) throw new CodedError('trust-missing', 'neither a contract, nor --trust, nor a server is given')
    return less(await enrolledAt(context, client), listed)
  }
  const chosen =
    contract === null
      ? { trust: await trustIn(context, trustFiles), from: 'the keys given with --trust' }
      : { trust: trustOf(contract), from: 'the keys of the contract' }
  const mine = less({ ...chosen, chosenBy: 'caller', lessened: false }, listed)
  return client === null ? mine : lessThoseOf(mine, client)
}

/** Less what a server says is revoked. Whoever names no log takes the times from that of the server, whose word it is anyway. */
async function lessThoseOf(believed: Believed, client: Client): Promise<Believed> {
  const enrolled = await client.keys()
  const revoked = enrolled.flatMap(({ keyId, revokedAt }) => (revokedAt === null ? [] : [{ keyId, since: revokedAt }]))
  const left = less(believed, revoked)
  if (left === believed || left.trust.countersigners.length > 0) return left
  return { ...left, trust: { ...left.trust, timekeepers: logsOf(await client.server()) } }
}

function logsOf({ key, next, retired }: ServerFacts): TrustedLogKey[] {
  const current = logKeys(next === null ? [key] : [key, next])
  return [...current, ...retired.map((one) => ({ key: one.key, revokedAt: one.retiredAt }))]
}

/** Keys that are revoked, from the list in a file; none where none is named. */
export function readRevocations(context: Context, file: string | undefined): readonly Revocation[] {
  return file === undefined ? [] : parseRevocations(readBounded(resolve(context.cwd, file), MAX_REVOCATIONS_BYTES))
}

function less(believed: Believed, revoked: readonly Pick<Revocation, 'keyId' | 'since'>[]): Believed {
  const trust = withRevocations(believed.trust, revoked)
  const changed = trust.signers.some(({ revokedAt }, i) => revokedAt !== believed.trust.signers[i]!.revokedAt)
  return changed ? { ...believed, trust, from: `${believed.from}, less what is revoked`, lessened: true } : believed
}

async function trustIn(context: Context, trustFiles: readonly string[]): Promise<Trust> {
  const crypto = await nativeCrypto()
  const keys = trustFiles.map((file) => readTrusted(context, file, crypto))
  const signers = namedKeys(new Map(keys.flatMap((key) => ('name' in key ? [] : [key.signer]))))
  const noteKeys = keys.flatMap((key) => ('name' in key ? [key] : []))
  const countersigners = logKeys(noteKeys.filter(({ type }) => type === 'ed25519'))
  return { signers, countersigners, witnesses: noteKeys.filter(({ type }) => type === 'cosignature-v1') }
}

async function enrolledAt(context: Context, client: Client): Promise<Believed> {
  const [enrolled, server] = await Promise.all([client.keys(), client.server()])
  const signers = enrolled.map(({ name, publicKey, revokedAt }) => ({ name, key: publicKey, revokedAt }))
  return {
    trust: { signers, countersigners: logsOf(server) },
    from: `the keys enrolled at ${context.settings.url}`,
    chosenBy: 'server',
    lessened: signers.some(({ revokedAt }) => revokedAt !== null),
  }
}

/** The policy in a file (C2SP tlog-policy); null where none is named. */
export function readWitnessPolicy(
  context: Context,
  file: string | undefined,
  crypto: Pick<ConcurrentCrypto, 'sha256'>,
): WitnessPolicy | null {
  if (file === undefined) return null
  return parsePolicy(readBounded(resolve(context.cwd, file), MAX_POLICY_BYTES), crypto)
}

/** Who writes a policy believes its logs and witnesses. */
export function withPolicy(trust: Trust, policy: WitnessPolicy | null): Trust {
  if (policy === null) return trust
  const known = new Set(trust.countersigners.map(({ key }) => writeVkey(key)))
  const logs = policy.logs.map(({ key }) => key).filter((key) => !known.has(writeVkey(key)))
  return {
    ...trust,
    countersigners: [...trust.countersigners, ...logs.map((key) => ({ key, revokedAt: null }))],
    witnesses: policy.witnesses.map(({ key }) => key),
  }
}

/** Of `FILE` or `NAME=FILE`: who signs steps, or the verifier key of a server's log or of a witness, which has its name in it. */
function readTrusted(
  context: Context,
  text: string,
  crypto: Pick<ConcurrentCrypto, 'sha256'>,
): NoteKey | { readonly signer: [string, PublicKey] } {
  const at = text.indexOf('=')
  const file = at > 0 ? text.slice(at + 1) : text
  const name = at > 0 ? text.slice(0, at) : file.replace(/^.*\//, '').replace(/\.pub$/, '')
  const content = readText(resolve(context.cwd, file), 65_536)
  return VKEY.test(content) ? parseVkey(content.trim(), crypto) : { signer: [name, readPublicKey(content)] }
}

/** No PEM and no base64 begins so. */
const VKEY = /^\s*[^\s+]+\+[0-9a-f]{8}\+/

/** Codes of a server that did not answer, or not in a way that tells anything of what it holds. */
export const UNREACHABLE: ReadonlySet<string> = new Set([
  'server-unreachable',
  'server-answer',
  'server-busy',
  'server-stopping',
  'store-failed',
  'internal',
])

export async function nativeCrypto(): Promise<ConcurrentCrypto> {
  return (await import('@countersign/adapters/crypto-node')).nodeCrypto
}
