import { CodedError, type ErrorReport, reportOf } from '@countersign/core'
import { type Contract, identityOf, maySign, signingKeys, type StepRule } from '@countersign/contract'
import { actCommitment, type Bundle, type Endorsed, type Endorsement, pae, writeLeaf } from '@countersign/formats'
import { factsOf } from './claims.ts'
import type { IdentityCrypto } from './identity/index.ts'
import { CertificatesRead, timestampsOf } from './keyless.ts'
import { checkRevoked, checkStep, gradeD } from './open.ts'
import { CheckpointsRead, verifyLeaf } from './receipt.ts'
import { identitiesOf } from './trust.ts'
import type { Signer, Trust } from './types.ts'

/** By whom an endorsed document is held to have been signed. */
export interface Endorsing {
  /** Its maintainers are who may sign. */
  readonly contract: Contract
  /** Whose certificates are believed, which logs, and which keys were revoked. */
  readonly trust: Trust
  /** ISO time at which the caller has the signatures; null: what the log, or a timestamp, says. */
  readonly at: string | null
}

/** Who has signed a document, of those who may. */
export interface Endorsers {
  /** By the name that the contract has for them: each party once, however often it signed (T-39). */
  readonly parties: ReadonlyMap<string, Signer>
  /** SHA-256 of the key or certificate of each of them, sorted. */
  readonly under: readonly string[]
  /** The log that has it, and since when; null where none that is believed does. */
  readonly logged: { readonly log: Signer; readonly at: string } | null
  /** Why the other signatures, and the proof, do not count. */
  readonly refused: readonly ErrorReport[]
}

/**
 * Verifies the signatures of a document under the keys and identities of a contract's maintainers. A signature that does
 * not verify, of somebody else or of a time that nobody vouches for, neither counts nor harms: how many are enough is for
 * `enough` to say. Throws nothing.
 */
export function endorsersOf(endorsed: Endorsed, endorsing: Endorsing, crypto: IdentityCrypto): Endorsers {
  const own = asSigners(endorsing.contract)
  const trust = maintainersTrust(own, endorsing.trust)
  const parties = new Map<string, Signer>()
  const under = new Set<string>()
  const refused: ErrorReport[] = []
  const guard = (verify: () => void) => {
    try {
      verify()
    } catch (error) {
      if (!(error instanceof CodedError)) throw error
      refused.push(reportOf(error))
    }
  }
  let logged: Endorsers['logged'] = null
  guard(() => (logged = loggedBy(endorsed, trust, crypto)))
  const since = (logged as Endorsers['logged'])?.at ?? null
  const then = new Set(since === null ? [] : endorsed.logged!.opening.signers)
  const certificates = new CertificatesRead(trust, crypto)
  const keys = new Set<string>()
  for (const endorsement of endorsed.endorsements) {
    guard(() => {
      const bundle = bundleOf(endorsed, endorsement)
      const checked = checkStep(bundle, trust, crypto)
      const proven = since !== null && then.has(checked.under.digest) ? [since] : []
      const times = endorsing.at === null ? [...proven, ...timestampsOf(bundle, trust, crypto)] : [endorsing.at]
      let signer: Signer
      if (checked.certified !== null) signer = certificates.signer(checked.certified, times)
      else {
        checkRevoked(checked.key, times.toSorted()[0] ?? null)
        signer = gradeD(checked.key.name, checked.key.key)
      }
      const name = partyOf(own, signer)
      const identity = identityOf(factsOf(signer))
      if (keys.has(signer.keyId) || keys.has(identity) || parties.has(name)) return
      keys.add(signer.keyId).add(identity)
      parties.set(name, signer)
      under.add(checked.under.digest)
    })
  }
  return { parties, under: [...under].toSorted(), logged, refused }
}

/** Whether as many maintainers have signed as the contract asks for. One without maintainers asks for nobody, and nobody is enough for nothing. */
export function enough(
  { maintainers }: Pick<Contract, 'maintainers'>,
  { parties }: Pick<Endorsers, 'parties'>,
): boolean {
  return maintainers !== null && parties.size >= maintainers.threshold
}

/** How many have signed, and who may yet: for messages. */
export function endorsedText(
  { maintainers }: Pick<Contract, 'maintainers'>,
  { parties }: Pick<Endorsers, 'parties'>,
): string {
  if (maintainers === null) return 'the contract names no maintainers'
  const left = [...maintainers.of.keys()].filter((name) => !parties.has(name))
  const by = parties.size === 0 ? 'nobody' : [...parties.keys()].join(', ')
  const who = left.length === 0 ? '' : `; may yet: ${left.join(', ')}`
  return `${parties.size} of ${maintainers.threshold} maintainers have signed (${by})${who}`
}

/** The contract with its maintainers in its signers' place. */
function asSigners(contract: Contract): Contract {
  return { ...contract, signers: contract.maintainers?.of ?? new Map() }
}

function maintainersTrust(own: Contract, trust: Trust): Trust {
  const revoked = new Map(trust.unmaintained)
  for (const { key, revokedAt } of trust.signers) {
    const known = revoked.get(key.keyId)
    if (revokedAt !== null && (known === undefined || revokedAt < known)) revoked.set(key.keyId, revokedAt)
  }
  const signers = [...signingKeys(own)].map(([name, key]) => ({ name, key, revokedAt: revoked.get(key.keyId) ?? null }))
  const { countersigners, timekeepers = [] } = trust
  return { ...trust, signers, identities: identitiesOf(own), countersigners: [...countersigners, ...timekeepers] }
}

/** The first name that means this signer. */
function partyOf(own: Contract, signer: Signer): string {
  for (const name of own.signers.keys()) {
    if (maySign(own, ruleOf(name), factsOf(signer))) return name
  }
  throw new CodedError(
    'signer-not-allowed',
    `${signer.name} is none of the maintainers, or is known less well than it must`,
  )
}

function ruleOf(name: string): StepRule {
  return {
    name: 'contract',
    after: [],
    signers: [name],
    minimumGrade: null,
    materials: [],
    outside: [],
    products: null,
    disallow: [],
    matrix: null,
    approvals: null,
    optional: null,
    evidence: null,
    fresh: null,
    runner: null,
    conditions: [],
  }
}

/** One signature of a document, as a bundle has it. */
export function bundleOf(
  { payload, payloadType }: Endorsed,
  { signature, keyid, certificate, timestamps }: Endorsement,
): Bundle {
  return {
    key: certificate === null ? { kind: 'publicKey', hint: keyid } : { kind: 'certificate', chain: [certificate] },
    tlogEntries: [],
    timestamps,
    envelope: { payloadType, payload, signature, keyid },
  }
}

/** The log that has the document as those signed it whom the proof names. */
export function loggedBy(
  { payload, payloadType, logged }: Pick<Endorsed, 'payload' | 'payloadType' | 'logged'>,
  trust: Trust,
  crypto: IdentityCrypto,
): Endorsers['logged'] {
  if (logged === null) return null
  const { leaf, signers, salt } = logged.opening
  const { sha256, sha3_256 } = actCommitment(salt, { signed: pae(payloadType, payload), signers }, crypto)
  if (sha256 !== leaf.commitment.sha256 || sha3_256 !== leaf.commitment.sha3_256) {
    throw new CodedError('receipt-invalid', 'the leaf commits to another document, or to others who signed it')
  }
  const checkpoints = new CheckpointsRead(trust, crypto)
  const log = verifyLeaf({ entry: writeLeaf(leaf), at: leaf.at, proof: logged.proof }, trust, crypto, checkpoints)
  return { log, at: leaf.at }
}
