import { CodedError, type ErrorReport, fromUtf8, hex } from '@countersign/core'
import type { Contract } from '@countersign/contract'
import {
  type Bundle,
  DISCLOSURE_MEDIA_TYPE,
  linkDigest,
  parseBundle,
  writeBundle,
  writeReceipt,
} from '@countersign/formats'
import { Excusing, handshake, type Trust, type VerifiedStep, verifyStepLater } from '@countersign/verify'
import { deviationsOf } from './admit-deviation.ts'
import type { Deps } from './deps.ts'
import { holderOf } from './holder.ts'
import { supersededBy } from './superseded.ts'
import { endOfTurn } from './turn.ts'

export interface AppendInput {
  readonly tenant: string
  /** Digest of whose steps the caller may append; null for those of everybody. */
  readonly holder: string | null
  /** The request's body: one Sigstore bundle. Hostile. */
  readonly body: Uint8Array
  readonly late: boolean
  readonly idempotencyKey: string | null
}

export interface AppendReply {
  readonly created: boolean
  readonly link: string
  readonly chain: string
  readonly index: number
  readonly late: boolean
  /** JSON text. */
  readonly receipt: string
  /** JSON text of the bundle that is held, where another signature than that of the body is; null where that one is. */
  readonly bundle: string | null
}

/** A refusal with every reason, for the inbox and the problem document. */
export class Refused extends CodedError {
  readonly findings: readonly ErrorReport[]
  readonly step: VerifiedStep | null

  constructor(findings: readonly ErrorReport[], step: VerifiedStep | null) {
    const [first] = findings
    if (first === undefined) throw new CodedError('internal', 'a refusal without a reason')
    super(first.code, first.what, { fix: first.fix })
    this.findings = findings
    this.step = step
  }
}

/** Bodies above this are not kept in the inbox, only their digest. */
const MAX_KEPT_BODY = 64 * 1024
/** Most entries of a tenant's inbox. */
export const MAX_INBOX = 10_000

/**
 * The server's half of the handshake: verifies a signed step, holds it against its predecessors and its contract,
 * and makes it durable with a receipt. What is refused is kept in the inbox and thrown.
 */
export async function appendAttestation(deps: Deps, input: AppendInput): Promise<AppendReply> {
  try {
    const reply = await append(deps, input)
    deps.metrics.appended(reply.created)
    return reply
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    deps.metrics.refused(error.code)
    // What failed here is not a judgement of the step; it may be sent again.
    // An inbox that cannot be written must not hide why the step was refused.
    if (!OURS.has(error.code)) await keepRefusal(deps, input, error).catch(() => deps.metrics.refusalLost())
    throw error
  }
}

const OURS: ReadonlySet<string> = new Set([
  'store-failed',
  'storage-full',
  'sign-failed',
  'checkpoint-conflict',
  'witness-conflict',
  'witness-quorum',
  'server-busy',
  'server-stopping',
  'internal',
  'receipt-missing',
])

async function append(deps: Deps, { tenant, holder, body, late, idempotencyKey }: AppendInput): Promise<AppendReply> {
  const { crypto, verified, sequencer, log } = deps
  await log.ready()
  await endOfTurn()
  const now = deps.now()
  const bundle = parseBundle(body)
  const trust = await verified.trust(tenant)
  if (trust.signers.length === 0 && (trust.authorities ?? []).length === 0) {
    throw new CodedError('signer-unknown', 'no key is enrolled with this server yet')
  }
  let step: VerifiedStep
  try {
    step = await verifyStepLater(bundle, trust, crypto, now)
  } catch (error) {
    // What was accepted before the revocation, or while its certificate was valid, keeps its receipt.
    const past =
      error instanceof CodedError && (error.code === 'signer-revoked' || error.code === 'certificate-expired')
    const link = past ? linkDigest(bundle.envelope, crypto) : null
    const held = link === null ? null : await storedReply(deps, tenant, link, bundle)
    if (held === null) throw error
    return held
  }
  checkHolder(deps, holder, step)
  const { predicate } = step.statement
  const outside = await isOutside(deps, tenant, step)
  const held = await alreadyHeld(deps, tenant, step, idempotencyKey)
  if (held !== null) return held
  const links = predicate.previous.map(({ link }) => link)
  const previous = await verified.steps(tenant, links)
  const contract = await contractFor(deps, tenant, step)
  if (outside && contract === null) {
    const what = `${step.signer.name} is vouched for by ${step.signer.authority}, and no contract says that it may sign`
    throw new Refused([new CodedError('signer-not-allowed', what).report()], step)
  }
  // Whoever signed in enrols their own, and an administrator has said of nobody that they may sign (T-95).
  if (step.signer.algorithm === 'passkey' && contract === null) {
    const what = `${step.signer.name} signs with a passkey, and no contract says that it may sign`
    throw new Refused([new CodedError('signer-not-allowed', what).report()], step)
  }
  const { edges, findings: found } = handshake({ step, previous, contract, now })
  const findings = await notExcused(deps, tenant, step, contract, found)
  const revoked = await revokedBefore(deps, tenant, previous, trust)
  if (revoked.length + findings.length > 0)
    throw new Refused([...revoked, ...(await erasedBefore(deps, tenant, links, previous)), ...findings], step)
  const appended = await sequencer.submit({
    tenant,
    step,
    edges,
    bundle: oneLine(body) ? body : writeBundle(bundle),
    acceptedAt: now,
    late,
    idempotency: idempotencyKey === null ? null : { key: idempotencyKey, body: hex(crypto.sha256(body)) },
  })
  if (appended.kind === 'refused') throw new Refused([new CodedError(appended.code, appended.what).report()], step)
  if (appended.kind === 'accepted') verified.remember(tenant, step)
  const { kind, ...rest } = appended
  const created = kind === 'accepted'
  const other = created ? null : await heldInstead(deps, tenant, step.link, bundle)
  return { created, link: step.link, chain: predicate.chain.id, ...rest, bundle: other }
}

/** Of what speaks against a step, what no deviation lets through. */
async function notExcused(
  deps: Deps,
  tenant: string,
  { statement: { predicate } }: VerifiedStep,
  contract: Contract | null,
  findings: readonly ErrorReport[],
): Promise<readonly ErrorReport[]> {
  if (findings.length === 0 || contract === null) return findings
  const { id } = predicate.chain
  const deviations = await deviationsOf(deps, tenant, id, contract)
  const scope = { contract, chain: id, artifact: null, now: deps.now() }
  return new Excusing(deviations, scope).left(predicate.step.name, findings)
}

/** Of predecessors, those that count no more: their key was revoked as of a time before they were accepted (T-67). */
async function revokedBefore(
  { store }: Deps,
  tenant: string,
  previous: ReadonlyMap<string, VerifiedStep>,
  { signers }: Trust,
): Promise<ErrorReport[]> {
  const ends = new Map(signers.flatMap(({ key, revokedAt }) => (revokedAt === null ? [] : [[key.keyId, revokedAt]])))
  const doubted = [...previous.values()].filter(({ signer }) => ends.has(signer.keyId))
  // Seldom: nothing is read for the others.
  if (doubted.length === 0) return []
  const byLink = new Map(doubted.map((step) => [step.link, step.signer]))
  const held = await store.bundles(tenant, [...byLink.keys()])
  return held.flatMap(({ link, step, acceptedAt }) => {
    const { name, keyId } = byLink.get(link)!
    const revokedAt = ends.get(keyId)!
    if (acceptedAt < revokedAt) return []
    const what = `predecessor ${step} (${link.slice(0, 12)}) was accepted at ${acceptedAt}, and the key of ${name} was revoked as of ${revokedAt}`
    return [new CodedError('signer-revoked', what, { fix: 'Run it again, signed with a key that is good.' }).report()]
  })
}

/**
 * Whether somebody signed whom an authority vouches for that serves the whole world. Throws `signer-unknown` for whom our
 * own authority let in for another tenant.
 */
async function isOutside({ verified }: Deps, tenant: string, { signer }: VerifiedStep): Promise<boolean> {
  if (signer.certificate === null) return false
  const own = await verified.vouching.isFor(tenant, signer.certificate)
  if (own === false) {
    throw new CodedError('signer-unknown', `the certificate of ${signer.name} was not issued for this tenant`)
  }
  return own === null
}

/** Whoever has a session, and be it stolen, gets no further with it than with his own certificates (T-07). */
function checkHolder({ crypto }: Deps, holder: string | null, step: VerifiedStep): void {
  if (holder === null) return
  const { identity } = step.signer
  if (identity !== null && holderOf(identity, crypto) === holder) return
  const what = `the session may append steps of its own identity only, and this one is signed by ${step.signer.name}`
  throw new Refused([new CodedError('token-scope', what, { fix: OF_ITS_OWN }).report()], step)
}

const OF_ITS_OWN = 'Sign under a certificate for the same identity, or send the step with an API token.'

/** Of predecessors that are not there, those that were erased: what follows them cannot be checked any more. */
async function erasedBefore(
  { store }: Deps,
  tenant: string,
  links: readonly string[],
  known: ReadonlyMap<string, VerifiedStep>,
): Promise<ErrorReport[]> {
  const missing = links.filter((link) => !known.has(link))
  if (missing.length === 0) return []
  const erased = await store.erased(tenant, missing)
  return erased.map(({ link, step, erasedAt, ground }) =>
    new CodedError(
      'erased',
      `predecessor ${step} (${link.slice(0, 12)}) was erased at ${erasedAt}: ${ground}`,
    ).report(),
  )
}

/** True for bytes that can stand as a line of a chain file as they came: what our own clients send. */
function oneLine(body: Uint8Array): boolean {
  return !body.includes(0x0a) && !body.includes(0x0d)
}

/** A retry gets the receipt of what was accepted first, whatever has changed since (T-35). */
function alreadyHeld(
  deps: Deps,
  tenant: string,
  step: VerifiedStep,
  idempotencyKey: string | null,
): Promise<AppendReply | null> {
  // With an idempotency key the write decides, for only there the key and the link are seen together.
  const known = idempotencyKey === null && deps.verified.has(tenant, step.link)
  return known ? storedReply(deps, tenant, step.link, step.bundle) : Promise.resolve(null)
}

async function storedReply(deps: Deps, tenant: string, wanted: string, sent: Bundle): Promise<AppendReply | null> {
  const { store, log } = deps
  const [stored] = await store.bundles(tenant, [wanted])
  const proof = stored === undefined ? null : log.prove(tenant, wanted)
  // What no checkpoint covers yet is not acknowledged: its own request will be, in its order.
  if (stored === undefined || proof === null) return null
  const { link, chain, index, late } = stored
  const bundle = await heldInstead(deps, tenant, link, sent)
  return { created: false, link, chain, index, late, receipt: fromUtf8(writeReceipt({ proof })), bundle }
}

/**
 * What is held of a statement that was sent as somebody else signed it, or the same one under another certificate: the
 * receipt is about that. Whoever sent the statement has a signature of it, so nothing is told that it does not know.
 */
async function heldInstead({ store, log, crypto }: Deps, tenant: string, link: string, sent: Bundle) {
  const held = log.data.opened(tenant, link)
  const named = sent.key.kind === 'certificate' ? hex(crypto.sha256(sent.key.chain[0]!)) : sent.key.hint
  if (held === null || held.signer === named) return null
  const [stored] = await store.bundles(tenant, [link])
  return stored === undefined ? null : fromUtf8(stored.bundle)
}

/**
 * The contract a step is judged under: its chain's. A chain that begins is bound to the one in force; a pipeline
 * that has a contract accepts no chain without one.
 */
async function contractFor(deps: Deps, tenant: string, step: VerifiedStep): Promise<Contract | null> {
  const { chain, previous } = step.statement.predicate
  // A step with predecessors is bound as they are: the handshake compares, and the write compares again.
  const begins = previous.length === 0 && (await deps.store.binding(tenant, chain.id)) === null
  if (begins) {
    const current = await deps.store.contract(tenant, chain.pipeline)
    if (current !== null && chain.contract === null) {
      throw new Refused(
        [
          new CodedError(
            'contract-missing',
            `pipeline ${chain.pipeline} has a contract; the step is bound to none`,
          ).report(),
        ],
        step,
      )
    }
    const held = chain.contract === null ? null : await deps.verified.contract(tenant, chain.contract)
    if (held !== null && current !== null && current.digest !== held.digest) {
      const what = `a new run of ${chain.pipeline} is bound to revision ${current.revision}, not to revision ${held.revision}`
      throw new Refused([new CodedError('contract-mismatch', what).report()], step)
    }
  }
  if (chain.contract === null) return null
  const contract = await deps.verified.contract(tenant, chain.contract)
  if (contract === null) {
    throw new Refused(
      [new CodedError('contract-unknown', `contract ${chain.contract.slice(0, 12)} is not held`).report()],
      step,
    )
  }
  const superseded = begins ? null : await supersededBy(deps, tenant, contract)
  if (superseded !== null) throw new Refused([superseded], step)
  return contract
}

async function keepRefusal(deps: Deps, { tenant, body }: AppendInput, error: CodedError): Promise<void> {
  const refused = error instanceof Refused ? error : null
  const predicate = refused?.step?.statement.predicate
  const about = refused?.step?.link ?? linkIn(body, deps.crypto)
  // What was erased does not come back by being refused.
  const erased = about !== null && (await deps.store.erased(tenant, [about])).length > 0
  await deps.store.refuse(
    tenant,
    {
      at: deps.now(),
      report: error.report(),
      findings: refused?.findings ?? [error.report()],
      body: hex(deps.crypto.sha256(body)),
      bytes: body.length <= MAX_KEPT_BODY && !erased && !holdsDisclosure(body) ? body : null,
      link: refused?.step?.link ?? null,
      about,
      chain: predicate?.chain.id ?? null,
      step: predicate?.step.name ?? null,
    },
    MAX_INBOX,
  )
}

/** What opens a sealed field was sent by mistake: whoever sealed it did so for the server too. */
function holdsDisclosure(body: Uint8Array): boolean {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(DISCLOSURE_MEDIA_TYPE)
}

/** The attestation that a body says to be; null where it says none. */
function linkIn(body: Uint8Array, crypto: Pick<Deps['crypto'], 'sha256'>): string | null {
  try {
    return linkDigest(parseBundle(body).envelope, crypto)
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}
