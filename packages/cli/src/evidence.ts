import { resolve } from 'node:path'
import type { Client } from '@countersign/client'
import { PUBLIC_MIRROR, readKeptTrust } from '@countersign/adapters/sigstore-cache'
import { CodedError, type ConcurrentCrypto, hex, type PublicKey, readSigningKey, sha256 } from '@countersign/core'
import { type Baseline, type Contract, parseBaseline, tighten } from '@countersign/contract'
import {
  type ChainLine,
  MAX_CHAIN_BYTES,
  MAX_POLICY_BYTES,
  type NoteKey,
  parseChainFile,
  parsePolicy,
  parseVkey,
  type WitnessPolicy,
  writeVkey,
} from '@countersign/formats'
import type { AuthorityRoot } from '@countersign/formats/identity'
import { parseCertificates } from '@countersign/formats/x509'
import {
  ANY_IDENTITY,
  authorityRootsOf,
  believesPublicSigstore,
  type KnownRoots,
  logKeys,
  namedKeys,
  type Trust,
  trustOf,
  withAuthorities,
} from '@countersign/verify'
import type { Context } from './context.ts'
import { checkOwnMaintainers, readContractFile } from './contract-file.ts'
import { isNew, readBounded, readText } from './files.ts'
import { less, lessThoseOf, readRevocations } from './revoking.ts'
import { chainFilesBeside, isAboutOneOf } from './sidecars.ts'
import { isFresh } from './sigstore-trust.ts'

/**
 * Lines of chain files: of those that are named, and of those that lie beside the `artifacts`, whose paths are given. One
 * that is there says something: an empty one was cut short. Of files with equal bytes one is parsed.
 */
export function readChainFiles(
  context: Pick<Context, 'cwd'>,
  named: readonly string[],
  artifacts: readonly string[],
): ChainLine[] {
  const seen = new Set<string>()
  const read = (file: string): ChainLine[] => {
    const bytes = readBounded(resolve(context.cwd, file), MAX_CHAIN_BYTES)
    return isNew(bytes, seen) ? chainLines(bytes, file) : []
  }
  const { own, shared } = chainFilesBeside(context, artifacts)
  const files = new Map([...named, ...own].map((file) => [resolve(context.cwd, file), file]))
  const lines = [...files.values()].flatMap(read)
  const others = [...shared].flatMap(([file, paths]) => {
    const held = read(file)
    return isAboutOneOf(held, paths) ? held : []
  })
  return [...lines, ...others]
}

/** What a chain file holds, `name` in what is thrown of it. Throws `chain-file-invalid`, and `input-too-large`. */
export function chainLines(bytes: Uint8Array, name: string): ChainLine[] {
  let lines: ChainLine[]
  try {
    lines = parseChainFile(bytes)
  } catch (cause) {
    if (!(cause instanceof CodedError) || cause.code === 'input-too-large') throw cause
    const what = cause.code === 'chain-file-invalid' ? cause.what : `${cause.code}: ${cause.what}`
    throw new CodedError('chain-file-invalid', `${name}: ${what}`, { cause })
  }
  if (lines.length === 0) throw new CodedError('chain-file-invalid', `${name}: it is empty`)
  return lines
}

/** Most chains that one look-up fetches whole. */
export const MAX_CHAINS = 20

/**
 * Everything the server has about the chains of these ids, about the newest in which one of the digests was made or
 * vouched for, and, where that leaves room, about `more`; `notes`: signed notes, too.
 */
export async function fetchChains(
  client: Client,
  digests: readonly string[],
  ids: readonly string[],
  { notes = false, more = [] }: { readonly notes?: boolean; readonly more?: readonly string[] } = {},
): Promise<ChainLine[]> {
  const found = digests.length === 0 ? [] : (await client.lookup(digests)).map(({ chain }) => chain)
  const chains = [...new Set([...ids, ...found, ...more])].slice(0, MAX_CHAINS)
  const fetched = await Promise.all(chains.map((id) => fetchChain(client, id, notes)))
  return fetched.flat()
}

/** A chain whose steps all wait in a spool is not known to the server yet. */
async function fetchChain(client: Client, id: string, notes: boolean): Promise<readonly ChainLine[]> {
  try {
    return await client.chain(id, { notes })
  } catch (error) {
    if (error instanceof CodedError && error.code === 'not-found') return []
    throw error
  }
}

/**
 * The contract in a file, in YAML or signed, with all that the organisation's baseline asks for. Of a signed one as many
 * maintainers must have signed as it names itself.
 */
export function readContract(context: Context, file: string, baseline?: string): Contract {
  const { contract, endorsed } = readContractFile(context, file)
  if (endorsed !== null) checkOwnMaintainers(contract, endorsed)
  return underBaseline(context, contract, baseline)
}

/** A contract with all that the organisation's baseline asks for, where one is named. Throws `baseline-unmet`. */
export function underBaseline(context: Context, contract: Contract, named?: string): Contract {
  const file = named ?? context.settings.baseline
  return file === null ? contract : tighten(contract, readBaseline(context, file))
}

/** Throws what reading a file and `parseBaseline` throw. */
export function readBaseline(context: Context, file: string): Baseline {
  return parseBaseline(readBounded(resolve(context.cwd, file), 1 << 20))
}

/** Whom to believe, and where that belief comes from, for the reader. */
export interface Believed {
  readonly trust: Trust
  /** The authorities of the trust, in their wire form. */
  readonly authorities: readonly AuthorityRoot[]
  readonly from: string
  /** Who chose the keys: the caller, by a contract or by files, or the server. */
  readonly chosenBy: 'caller' | 'server'
  /** True where keys among them are revoked: what they signed is then asked for its time. */
  readonly lessened: boolean
}

/** What a caller names to be believed beside a contract. */
export interface TrustFiles {
  /** `--trust` */
  readonly trust?: readonly string[]
  /** `--sigstore-trust`: each must be pinned by the contract, or one be what the public Sigstore has. */
  readonly sigstoreTrust?: readonly string[]
  /** Contents of more of them, of which those that the contract pins count. */
  readonly trustedRoots?: readonly Uint8Array[]
  /** What the public Sigstore has, where nobody named a file for it. */
  readonly publicRoot?: Uint8Array | null
  /** `--revoked` */
  readonly revoked?: string
}

/**
 * Trust, from the first of: the contract's own keys and authorities; key files named with `--trust`; the keys enrolled at
 * the server. Throws `trust-missing` where there is none of them, or none of the public Sigstore's where the contract
 * believes that, and `trust-root-expired` where there is only an old one. Less what is revoked at the server, or by the list in a
 * file: that only takes trust away, so it is believed whoever chose the keys.
 */
export async function believe(
  context: Context,
  contract: Contract | null,
  files: TrustFiles,
  client: Client | null,
): Promise<Believed> {
  const listed = readRevocations(context, files.revoked)
  const chosen = await chosenBy(context, contract, files)
  if (chosen !== null) {
    const mine = less(chosen, listed)
    return client === null ? mine : lessThoseOf(mine, client)
  }
  if (client === null) throw new CodedError('trust-missing', 'neither a contract, nor --trust, nor a server is given')
  return less(await enrolledAt(context, client), listed)
}

/** Whom a contract or files name; null where there is neither. */
async function chosenBy(context: Context, contract: Contract | null, files: TrustFiles): Promise<Believed | null> {
  const caller = { chosenBy: 'caller', lessened: false } as const
  const trustFiles = files.trust ?? []
  const roots = knownRoots(context, contract, files)
  if (contract !== null) {
    const authorities = authorityRootsOf(contract, roots)
    const from =
      contract.authorities.size === 0 ? 'the keys of the contract' : 'the keys and authorities of the contract'
    return { trust: trustOf(contract, roots), authorities, from, ...caller }
  }
  if (trustFiles.length === 0) return null
  const crypto = await nativeCrypto()
  const named = trustFiles.map((file) => readTrusted(context, file, crypto))
  const signers = namedKeys(new Map(named.flatMap((one) => (one.kind === 'signer' ? [[one.name, one.key]] : []))))
  const noteKeys = named.flatMap((one) => (one.kind === 'log' ? [one.key] : []))
  const authorities = named.flatMap((one) => (one.kind === 'authority' ? [one.root] : []))
  const countersigners = logKeys(noteKeys.filter(({ type }) => type === 'ed25519'))
  const witnesses = noteKeys.filter(({ type }) => type === 'cosignature-v1')
  const keys = { signers, countersigners, witnesses }
  const trust = authorities.length === 0 ? keys : withAuthorities(keys, authorities, [ANY_IDENTITY])
  return { trust, authorities, from: 'the keys given with --trust', ...caller }
}

async function enrolledAt(context: Context, client: Client): Promise<Believed> {
  const { keysOf } = await import('@countersign/adapters/gathering')
  const { trust, authorities } = await keysOf(client)
  const lessened = trust.signers.some(({ revokedAt }) => revokedAt !== null)
  return { trust, authorities, from: `the keys enrolled at ${context.settings.url}`, chosenBy: 'server', lessened }
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

/** What a file of `--trust` names. */
type Named =
  | { readonly kind: 'signer'; readonly name: string; readonly key: PublicKey }
  | { readonly kind: 'log'; readonly key: NoteKey }
  | { readonly kind: 'authority'; readonly root: AuthorityRoot }

/**
 * Of `FILE` or `NAME=FILE`: who signs steps; the verifier key of a server's log or of a witness, which has its name in
 * it; or an authority, its certificates in PEM with the verifier key of its log on a line of its own.
 */
function readTrusted(context: Context, text: string, crypto: Pick<ConcurrentCrypto, 'sha256'>): Named {
  const at = text.indexOf('=')
  const file = at > 0 ? text.slice(at + 1) : text
  const name = at > 0 ? text.slice(0, at) : file.replace(/^.*\//, '').replace(/\.(?:pub|pem)$/, '')
  const content = readText(resolve(context.cwd, file), 65_536)
  if (content.includes(BEGIN_CERTIFICATE)) return { kind: 'authority', root: readAuthority(name, content, crypto) }
  if (VKEY.test(content)) return { kind: 'log', key: parseVkey(content.trim(), crypto) }
  return { kind: 'signer', name, key: readSigningKey(content) }
}

function readAuthority(name: string, content: string, crypto: Pick<ConcurrentCrypto, 'sha256'>): AuthorityRoot {
  const certificates = parseCertificates(content, 'certificate-invalid').map(({ der }) => der)
  const logs = content.split('\n').filter((line) => VKEY.test(line))
  if (logs.length === 0) {
    throw new CodedError('trust-missing', `nothing in ${name} says which log proves what it issues`, {
      fix: 'Put the vkey of its log, as the server shows it at /v1/server, on a line of the file.',
    })
  }
  return {
    kind: 'countersign',
    name,
    certificates,
    logs: logs.map((log) => parseVkey(log.trim(), crypto)),
    revokedAt: null,
  }
}

const BEGIN_CERTIFICATE = '-----BEGIN CERTIFICATE-----'
const MAX_TRUSTED_ROOT = 4_000_000

/**
 * The trusted roots of Sigstore that a contract may mean: those in files that are named, that were brought, and that
 * `countersign trust update` keeps. For the public one counts, the first of: a named file that the contract does not pin;
 * what was brought for it; what is kept, while it is fresh: whoever holds back newer ones could keep a stolen key believed
 * (T-70). A file that means nothing to the contract would be left out in silence, so it is a fault.
 */
export function knownRoots(context: Context, contract: Contract | null, files: TrustFiles): KnownRoots {
  const { sigstoreTrust, trustedRoots = [], publicRoot = null } = files
  const own = context.settings.sigstoreTrust
  const paths = sigstoreTrust ?? (own === null || contract === null ? [] : [own])
  const rules = [...(contract?.authorities.values() ?? [])]
  const pins = new Set(rules.map(({ id }) => id))
  const named = paths.map((file) => {
    const bytes = readBounded(resolve(context.cwd, file), MAX_TRUSTED_ROOT)
    const digest = hex(sha256(bytes))
    return { file, bytes, digest, pinned: pins.has(digest) }
  })
  const wantsPublic = contract !== null && believesPublicSigstore(contract)
  const [first, second] = named.filter(({ pinned }) => !pinned)
  const stray = wantsPublic ? second : first
  if (stray !== undefined && sigstoreTrust !== undefined) {
    throw new CodedError('usage', `no authority of the contract is the trusted root in ${stray.file}`, {
      fix: `Name it there: authorities: { NAME: { sigstore: ${stray.digest} } }`,
    })
  }
  const known = [...named.map(({ bytes }) => bytes), ...trustedRoots]
  if (wantsPublic) return { trustedRoots: known, publicRoot: first?.bytes ?? publicRoot ?? keptPublicRoot(context) }
  if (named.length > 0 || !rules.some(({ kind }) => kind === 'sigstore')) {
    return { trustedRoots: known, publicRoot: null }
  }
  // Of no matter unless the contract pins just that.
  const kept = readKeptTrust(context.settings.sigstoreCache, PUBLIC_MIRROR)?.trustedRoot
  return { trustedRoots: kept === undefined ? known : [...known, kept], publicRoot: null }
}

/** What `countersign trust update` keeps of the public Sigstore, where it is fresh. */
function keptPublicRoot(context: Context): Uint8Array {
  const kept = readKeptTrust(context.settings.sigstoreCache, PUBLIC_MIRROR)
  if (kept === null) {
    throw new CodedError(
      'trust-missing',
      'the contract believes the public Sigstore, of which nothing was fetched yet',
      {
        fix: 'Fetch its trust root: countersign trust update; or name a file of it: --sigstore-trust FILE',
      },
    )
  }
  if (isFresh(kept, context.now())) return kept.trustedRoot
  throw new CodedError(
    'trust-root-expired',
    `the contract believes the public Sigstore, whose trust root was fresh until ${kept.expires}`,
    { fix: 'Fetch it again: countersign trust update; or name a file of it: --sigstore-trust FILE' },
  )
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
