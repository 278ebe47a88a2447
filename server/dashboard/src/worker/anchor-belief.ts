import { CodedError, type Crypto, hex, parseJson } from '@countersign/core'
import { Shape, type StatementDigests } from '@countersign/formats'
import {
  type AnchorKind,
  type AnchorProof,
  type AnchorRoots,
  type AuthorityRoot,
  anchorRootsJson,
  NO_ANCHOR_ROOTS,
  readAnchorRoots,
  type RekorRoot,
} from '@countersign/formats/anchor'
import {
  anchorTrustOf,
  type AnchorProved,
  parseAnchorTrust,
  parseRekorVkey,
  rootsServed,
  SUGGESTED_MINIMUM_WORK,
  verifyAnchor,
} from '@countersign/verify/anchors'
import type { CertificateCrypto } from '@countersign/verify/x509'
import type { AnchorWord, KeptPin, NamedTrust, SeenParty } from './messages.ts'

/** Somebody outside, or a rule for blocks: what one name stands for. */
interface Party {
  readonly kind: AnchorKind
  readonly name: string
  /** By which a reader tells it from another: SHA-256 of its keys or certificates; contracts; a network. */
  readonly fingerprints: readonly string[]
  /** This party and nobody else. */
  readonly roots: AnchorRoots
}

/** Whom this browser believes about anchors, and by whose word. */
export interface AnchorBelief {
  readonly parties: readonly SeenParty[]
  /** Known to these pages whatever any server says. */
  readonly known: AnchorRoots
  /** Those, and what the reader pinned. */
  readonly believed: AnchorRoots
  /** What the server names, without what contradicts a pin. */
  readonly named: AnchorRoots
}

const MAX_PINS = 100

/**
 * Whom to believe, of what a server names, what a reader pinned before and what these pages know. A name that stands for
 * something else than was pinned, or than these pages know, is `changed`: it counts for nothing. A server that names
 * nobody, or what cannot be read, is one that names nobody.
 */
export function anchorBelief(
  { named: bytes, pins: kept }: NamedTrust,
  sigstore: Uint8Array,
  crypto: Pick<Crypto, 'sha256'>,
): AnchorBelief {
  const known = knownRoots(sigstore, crypto)
  const named = bytes === null ? NO_ANCHOR_ROOTS : namedIn(bytes, crypto)
  const pinned = kept.slice(0, MAX_PINS).flatMap((pin) => pinOf(pin, crypto) ?? [])
  const public_ = partiesOf(known, crypto)
  const served = partiesOf(named, crypto)
  const seen = served.map((party): { readonly party: SeenParty; readonly roots: AnchorRoots } => {
    const pin = pinned.find((one) => isSameName(one, party))
    const wordOf = (): Pick<SeenParty, 'word' | 'was' | 'pinnedAt'> => {
      if (pin !== undefined) {
        const same = party.fingerprints.every((one) => pin.fingerprints.includes(one))
        return same
          ? { word: 'pinned', was: null, pinnedAt: pin.pinnedAt }
          : { word: 'changed', was: pin.fingerprints, pinnedAt: pin.pinnedAt }
      }
      const all = public_.filter(({ kind }) => kind === party.kind).flatMap(({ fingerprints }) => fingerprints)
      if (isByWork(party) || (isByKey(party) && party.fingerprints.every((one) => all.includes(one)))) {
        return { word: 'public', was: null, pinnedAt: null }
      }
      // An authority may be named by its root and known by its own certificate; a log has one key.
      const other = public_.find((one) => isSameName(one, party) && one.kind === 'rekor')
      if (other !== undefined) return { word: 'changed', was: other.fingerprints, pinnedAt: null }
      return { word: 'named', was: null, pinnedAt: null }
    }
    const { kind, name, fingerprints, roots } = party
    const text = { pin: pinText(roots), kept: pin?.kept ?? null }
    return { party: { kind, name, fingerprints, ...text, isNamed: true, ...wordOf() }, roots }
  })
  const gone = pinned
    .filter((pin) => !served.some((party) => isSameName(pin, party)))
    .map(({ roots, ...pin }): SeenParty => {
      return { ...pin, pin: pinText(roots), isNamed: false, word: 'pinned', was: null }
    })
  const honest = seen.filter(({ party }) => party.word !== 'changed').map(({ roots }) => roots)
  return {
    parties: [...seen.map(({ party }) => party), ...gone],
    known,
    believed: together([known, ...pinned.map(({ roots }) => roots)], crypto),
    named: together(honest, crypto),
  }
}

/** What these pages know by themselves: the public Sigstore's logs and authority, and what it costs to forge Bitcoin. */
function knownRoots(sigstore: Uint8Array, crypto: Pick<Crypto, 'sha256'>): AnchorRoots {
  const { rekor, rfc3161 } = parseAnchorTrust(sigstore, crypto)
  const opentimestamps = { network: 'mainnet', blocks: [], minimumWork: SUGGESTED_MINIMUM_WORK.toString(16) }
  return { rekor, rfc3161, ethereum: [], opentimestamps }
}

function namedIn(bytes: Uint8Array, crypto: Pick<Crypto, 'sha256'>): AnchorRoots {
  try {
    const roots = parseAnchorTrust(bytes, crypto)
    // As a whole it must be something that can be believed: certificates that are some, keys that are some.
    anchorTrustOf(roots, crypto)
    return roots
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return NO_ANCHOR_ROOTS
  }
}

interface Pin extends Party {
  readonly pinnedAt: string
  readonly kept: string
}

/** Null for what no page of ours has kept: nothing counts by it. */
function pinOf({ roots: kept, pinnedAt }: KeptPin, crypto: Pick<Crypto, 'sha256'>): Pin | null {
  try {
    const roots = readAnchorRoots(new Shape('anchor-setup-invalid', parseJson(kept), 'pin'))
    anchorTrustOf(roots, crypto)
    const [party, ...rest] = partiesOf(roots, crypto)
    return party === undefined || rest.length > 0 ? null : { ...party, pinnedAt, kept }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return null
  }
}

function pinText(roots: AnchorRoots): string {
  return JSON.stringify(anchorRootsJson(roots))
}

function isSameName(one: Party, other: Party): boolean {
  return one.kind === other.kind && one.name === other.name
}

function isByKey({ kind }: Party): boolean {
  return kind === 'rekor' || kind === 'rfc3161'
}

function isByWork({ kind, roots }: Party): boolean {
  return kind === 'opentimestamps' && roots.opentimestamps?.network === 'mainnet'
}

function partiesOf({ rekor, rfc3161, ethereum, opentimestamps }: AnchorRoots, crypto: Pick<Crypto, 'sha256'>): Party[] {
  const logs = [...Map.groupBy(rekor, (root) => parseRekorVkey(root.vkey, crypto).name)].map(
    ([name, all]): Party => ({
      kind: 'rekor',
      name,
      fingerprints: distinct(all.map((root) => printOfLog(root, crypto))),
      roots: { ...NO_ANCHOR_ROOTS, rekor: all },
    }),
  )
  const authorities = [...Map.groupBy(rfc3161, ({ name }) => name)].map(
    ([name, all]): Party => ({
      kind: 'rfc3161',
      name,
      fingerprints: distinct(all.flatMap((root) => printsOfAuthority(root, crypto))),
      roots: { ...NO_ANCHOR_ROOTS, rfc3161: all },
    }),
  )
  const chains = ethereum.map(
    (root): Party => ({
      kind: 'ethereum',
      name: `eip155:${root.chainId}`,
      fingerprints: root.contracts.length === 0 ? ['transactions, no contract'] : root.contracts.toSorted(),
      roots: { ...NO_ANCHOR_ROOTS, ethereum: [{ ...root, blocks: [] }] },
    }),
  )
  if (opentimestamps === null) return [...logs, ...authorities, ...chains]
  const { network } = opentimestamps
  const bitcoin: Party = {
    kind: 'opentimestamps',
    name: 'bitcoin',
    fingerprints: [network],
    roots: { ...NO_ANCHOR_ROOTS, opentimestamps: { network, blocks: [], minimumWork: null } },
  }
  return [...logs, ...authorities, ...chains, bitcoin]
}

function printOfLog({ vkey }: RekorRoot, crypto: Pick<Crypto, 'sha256'>): string {
  return `sha256:${hex(crypto.sha256(parseRekorVkey(vkey, crypto).key.spki))}`
}

function printsOfAuthority({ certificates }: AuthorityRoot, crypto: Pick<Crypto, 'sha256'>): string[] {
  return certificates.map((der) => `sha256:${hex(crypto.sha256(der))}`)
}

/** All of them, a key or certificate once, whoever named it first: under two names it would count twice (T-64). */
function together(all: readonly AnchorRoots[], crypto: Pick<Crypto, 'sha256'>): AnchorRoots {
  const logs = new Map<string, RekorRoot>()
  for (const root of all.flatMap(({ rekor }) => rekor).toReversed()) logs.set(printOfLog(root, crypto), root)
  const seen = new Set<string>()
  const rfc3161 = all
    .flatMap((roots) => roots.rfc3161)
    .flatMap((root): AuthorityRoot[] => {
      const certificates = root.certificates.filter((der) => {
        const print = hex(crypto.sha256(der))
        return !seen.has(print) && seen.add(print)
      })
      return certificates.length === 0 ? [] : [{ ...root, certificates }]
    })
  return {
    rekor: [...logs.values()],
    rfc3161,
    ethereum: all.flatMap(({ ethereum }) => ethereum),
    opentimestamps: all.find(({ opentimestamps }) => opentimestamps !== null)?.opentimestamps ?? null,
  }
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].toSorted()
}

/** What counts for some anchors: keys that are believed, and blocks by the word of the server, as far as it contradicts no pin. */
export function rootsIn(
  { parties, believed, named }: AnchorBelief,
  anchors: readonly AnchorProof[],
  crypto: Pick<Crypto, 'sha256'>,
): AnchorRoots {
  const roots = rootsServed({ ...named, rekor: believed.rekor, rfc3161: believed.rfc3161 }, anchors, crypto)
  const isBad = (kind: AnchorKind, name: string) =>
    parties.some((one) => one.word === 'changed' && one.kind === kind && one.name === name)
  return {
    ...roots,
    ethereum: roots.ethereum.filter(({ chainId }) => !isBad('ethereum', `eip155:${chainId}`)),
    opentimestamps: isBad('opentimestamps', 'bitcoin') ? null : roots.opentimestamps,
  }
}

/** An anchor, by whose word it counts; null with what it lacks where it does not. */
export interface Worded {
  readonly word: Exclude<AnchorWord, 'changed'> | null
  readonly proved: AnchorProved | null
  readonly error: CodedError | null
}

/**
 * By whose word an anchor of a statement counts. `public`: by nobody's here. `pinned`: by a key that the reader pinned.
 * `server`: by blocks that the server calls final. `named`: it would by keys that the server names, and so it does not.
 */
export function wordOf(
  proof: AnchorProof,
  statement: Stated,
  belief: AnchorBelief,
  crypto: Crypto & CertificateCrypto,
): Worded {
  const { known, believed, named } = belief
  const strict = { ...believed, ethereum: [], opentimestamps: isOfMainnet(belief) ? known.opentimestamps : null }
  const tries: readonly (readonly [NonNullable<Worded['word']>, () => AnchorRoots])[] = [
    ['public', () => ({ ...strict, rekor: known.rekor, rfc3161: known.rfc3161 })],
    ['pinned', () => strict],
    ['server', () => rootsIn(belief, [proof], crypto)],
    ['named', () => rootsIn({ ...belief, believed: named }, [proof], crypto)],
  ]
  let error: CodedError | null = null
  for (const [word, roots] of tries) {
    try {
      return { word, proved: verifyAnchor(proof, statement, anchorTrustOf(roots(), crypto), crypto), error: null }
    } catch (caught) {
      if (!(caught instanceof CodedError)) throw caught
      error ??= caught
    }
  }
  return { word: null, proved: null, error }
}

export type Stated = { readonly text: Uint8Array; readonly digests: StatementDigests }

/** Blocks of a trial are nobody's proof, also where they pretend to be more. */
function isOfMainnet({ parties }: AnchorBelief): boolean {
  const named = parties.find(({ kind }) => kind === 'opentimestamps')
  return named === undefined || (named.word !== 'changed' && named.fingerprints.includes('mainnet'))
}
