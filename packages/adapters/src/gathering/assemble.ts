import { type Client, gatherStatements } from '@countersign/client'
import { CodedError, type ConcurrentCrypto } from '@countersign/core'
import { type Contract, parseContract, signingKeys } from '@countersign/contract'
import { type Evidence, type EvidenceContract, linesAbout, type TrustRoots, type Wanted } from '@countersign/evidence'
import { type ChainLine, isBundle } from '@countersign/formats'
import type { AnchorRoots } from '@countersign/formats/anchor'
import { authorityRootsOf, distinctRoots, type KnownRoots, readChainConcurrently } from '@countersign/verify'
import type { Statements } from '@countersign/verify/anchors'
import type { Enrolled } from './enrolled.ts'
import { rootsFor } from './statements.ts'

const NOTHING: Statements = { statements: [], coverage: [], anchors: [] }

/** Whom to believe, and whether the caller chose them or the server did. */
export interface BelievedBy extends Enrolled {
  readonly chosenBy: 'caller' | 'server'
}

/** What evidence is made of. */
export interface Assembling {
  readonly wanted: Wanted
  /** Those that are about it are taken. */
  readonly lines: readonly ChainLine[]
  /** The contract to judge under, where that is the caller's own. */
  readonly own: HeldContract | null
  readonly believed: BelievedBy
  /** What the caller believes of anchors; null where nothing was named. */
  readonly anchorRoots: AnchorRoots | null
  /** Null where no server is asked. */
  readonly client: Client | null
  /** Roots that are known to whoever assembles, of what a contract pins. */
  readonly rootsOf: (contract: Contract) => KnownRoots
  /** ISO time. */
  readonly now: string
  /**
   * Whether who wrote notes is named, too, so that whoever has nothing but the file reads them. Left out: they are not, for
   * whom the file asks to be believed would be others with each note, and one pin is for many files.
   */
  readonly authors?: boolean
}

export interface Assembled {
  readonly evidence: Evidence
  /** Digests of contracts that the runs are bound to and that are not in the evidence. */
  readonly missing: readonly string[]
}

/** Evidence, unjudged: the lines with all that they hang on. Null where none is about what is wanted. */
export async function assemble(from: Assembling, crypto: ConcurrentCrypto): Promise<Assembled | null> {
  const { wanted, own, anchorRoots, client } = from
  const about = linesAbout(from.lines, wanted, crypto)
  if (about.lines.length === 0) return null
  const contracts = own === null ? await pinnedContracts(client, about.contracts) : [own]
  const missing = about.contracts.filter((digest) => !contracts.some((contract) => contract.digest === digest))
  const outside = client === null ? NOTHING : await gatherStatements(client, about.chains)
  const roots: TrustRoots = {
    ...(await rootsIn(from, about.lines, contracts, crypto)),
    anchors: await rootsFor(anchorRoots, outside.anchors, client !== null, crypto),
  }
  const evidence: Evidence = {
    subject: { artifact: 'chain' in wanted ? null : wanted.artifact, chains: about.chains },
    createdAt: from.now,
    lines: about.lines,
    contracts: contracts.map(({ digest, bytes }) => ({ digest, bytes })),
    trust: roots,
    ...outside,
  }
  return { evidence, missing }
}

export interface HeldContract extends EvidenceContract {
  readonly contract: Contract
}

/** The contracts that the runs are bound to, as far as the server has them. */
async function pinnedContracts(client: Client | null, digests: readonly string[]): Promise<HeldContract[]> {
  const held: HeldContract[] = []
  for (const digest of client === null ? [] : digests) {
    try {
      const bytes = await client!.contractByDigest(digest)
      held.push({ digest, bytes, contract: parseContract(bytes) })
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'not-found') throw error
    }
  }
  return held
}

/** Whom the exporter believes. Of all keys enrolled at a server only those that have to do with these runs. */
async function rootsIn(
  { believed, rootsOf, authors = false }: Assembling,
  lines: readonly ChainLine[],
  contracts: readonly HeldContract[],
  crypto: ConcurrentCrypto,
): Promise<Omit<TrustRoots, 'anchors'>> {
  const { signers, countersigners, witnesses = [] } = believed.trust
  if (believed.chosenBy === 'caller') {
    return { signers, logs: countersigners, witnesses, authorities: believed.authorities }
  }
  const named = new Set(
    contracts.flatMap(({ contract }) => [...signingKeys(contract).values()].map(({ keyId }) => keyId)),
  )
  for (const line of lines) {
    if (isBundle(line) && line.key.kind === 'publicKey' && line.key.hint !== null) named.add(line.key.hint)
  }
  // A hint may be wrong or absent: who signed is known by the signature alone, whatever has become of the key since.
  const anybody = { ...believed.trust, signers: signers.map((known) => ({ ...known, revokedAt: null })) }
  const { steps, remarks } = await readChainConcurrently(lines, anybody, crypto)
  if (authors) for (const { signer } of remarks) named.add(signer.keyId)
  for (const { signer, cosigners } of steps.values()) for (const { keyId } of [signer, ...cosigners]) named.add(keyId)
  const concerned = signers.filter(({ key }) => named.has(key.keyId))
  // Whom the contracts of the server believe, it believes.
  const authorities = [
    ...believed.authorities,
    ...contracts.flatMap(({ contract }) => authorityRootsOf(contract, rootsOf(contract))),
  ]
  return { signers: concerned, logs: countersigners, witnesses, authorities: distinctRoots(authorities) }
}
