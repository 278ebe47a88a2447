import { CodedError } from '@countersign/core'
import {
  pae,
  parseRemark,
  parseRemarkLine,
  PAYLOAD_TYPE,
  type Remark,
  type RemarkSubject,
  writeRemarkLine,
} from '@countersign/formats'
import { type Remarked, type Signer, supersedingFault, type VerifiedRemark, verifyRemark } from '@countersign/verify'
import { sourceUri } from '../events/cloud-event.ts'
import { MAX_REMARKS_ABOUT, type StoredRemark } from '../remark-store.ts'
import type { Page } from '../store.ts'
import { proveAct } from './act-proof.ts'
import { type Administrator, telling } from './administer.ts'
import type { Deps } from './deps.ts'
import { holderOf } from './holder.ts'

/** How far ahead of ours the clock of whoever writes a note may be; milliseconds. */
const AHEAD = 300_000

export interface RemarkInput {
  readonly tenant: string
  /** Digest of whose notes the caller may hand in; null for those of everybody. */
  readonly holder: string | null
  /** Throws unless the caller may resolve disputes. */
  readonly mayResolve: () => void
  /** One note with its signature. Hostile. */
  readonly body: Uint8Array
}

/** A note as it is told. */
export interface ToldRemark
  extends Pick<StoredRemark, 'id' | 'index' | 'at' | 'kind' | 'supersedes' | 'supersededBy' | 'erased'> {
  /** Name of who signed it, as this server knows them; null where it was erased. */
  readonly signer: string | null
  /** Its line with the proof that the log has it; null where it was erased. */
  readonly line: Uint8Array | null
}

/** Where notes of a tenant belong: they name it under signature, so that nobody brings them to another. */
export function placeOf({ origin }: Pick<Deps, 'origin'>, tenant: string): string {
  return sourceUri(origin, tenant)
}

/**
 * Takes a signed note: somebody enrolled has signed it for this tenant, it is about what the tenant has, and where it
 * supersedes another its author may say so. It is a leaf of the log; no chain goes on from it, and nothing is decided by it.
 * The same again gets the same. Throws `signature-invalid`, `signer-unknown`, `signer-not-allowed`, `remark-elsewhere`,
 * `remark-supersedes`, `not-found`, `time-future` and what the line's reader throws.
 */
export async function admitRemark(deps: Deps, { tenant, holder, mayResolve, body }: RemarkInput) {
  const { store, sequencer, log, crypto } = deps
  const now = deps.now()
  const verified = await verifyNow(deps, tenant, body, now)
  checkHolder(deps, holder, verified.signer)
  const { remark, id, signer, under, endorsed } = verified
  if (remark.place !== placeOf(deps, tenant)) {
    throw new CodedError('remark-elsewhere', 'the note was not written for this server and tenant')
  }
  if (Date.parse(remark.at) > Date.parse(now) + AHEAD) {
    throw new CodedError('time-future', `the note is of ${remark.at}, which is to come`)
  }
  if (remark.kind === 'resolution') mayResolve()
  const created = (await store.remarks.one(tenant, id)) === null
  const names = remark.about.map(nameOf)
  const chains = new Set<string>()
  for (const name of names) {
    const known = await store.remarks.known(tenant, name)
    if (known === null) throw new CodedError('not-found', `there is no ${name.slice(0, name.indexOf('/') + 13)}`)
    for (const chain of known.chains) chains.add(`chain/${chain}`)
  }
  if (created && remark.supersedes !== null) await checkSupersedes(deps, tenant, verified)
  await log.ready()
  await sequencer.logged(() =>
    store.remarks.add({
      tenant,
      id,
      at: now,
      kind: remark.kind,
      supersedes: remark.supersedes,
      about: [...names, ...chains],
      document: writeRemarkLine({ ...endorsed, logged: null }),
      signed: pae(PAYLOAD_TYPE, endorsed.payload),
      signer: signer.name,
      under: under.digest,
    }),
  )
  const stored = await store.remarks.one(tenant, id)
  if (stored?.held == null) throw new CodedError('erased', `note ${id.slice(0, 12)} was erased`)
  return { created, told: await toldRemark({ log, crypto }, stored) }
}

async function verifyNow(deps: Deps, tenant: string, body: Uint8Array, now: string): Promise<VerifiedRemark> {
  const trust = await deps.verified.trust(tenant)
  const endorsed = { ...parseRemarkLine(body), logged: null }
  const verified = verifyRemark(endorsed, { trust, at: now }, deps.crypto)
  const { certificate, name } = verified.signer
  const own = certificate === null ? true : await deps.verified.vouching.isFor(tenant, certificate)
  if (own === false) throw new CodedError('signer-unknown', `the certificate of ${name} was not issued for this tenant`)
  // An authority for the whole world vouches for strangers too, and no contract is asked about a note.
  if (own === null) {
    throw new CodedError(
      'signer-not-allowed',
      `${name} is vouched for by ${verified.signer.authority}, and not enrolled`,
    )
  }
  return verified
}

function checkHolder({ crypto }: Pick<Deps, 'crypto'>, holder: string | null, { identity, name }: Signer): void {
  if (holder === null || (identity !== null && holderOf(identity, crypto) === holder)) return
  throw new CodedError('token-scope', `the session may hand in notes of its own identity only, and ${name} signed this`)
}

/** Throws `remark-supersedes`. Who signed the earlier one is verified anew, as of when it was taken. */
async function checkSupersedes(deps: Deps, tenant: string, later: VerifiedRemark): Promise<void> {
  const earlier = await deps.store.remarks.one(tenant, later.remark.supersedes!)
  if (earlier === null) throw new CodedError('remark-supersedes', 'what it supersedes is not here')
  if (earlier.held === null) throw new CodedError('remark-supersedes', 'what it supersedes was erased')
  const trust = await deps.verified.trust(tenant)
  const read = parseRemarkLine(earlier.held.document)
  const before: Remarked = verifyRemark({ ...read, logged: null }, { trust, at: earlier.at }, deps.crypto)
  const fault = supersedingFault(later, before, await accused(deps, tenant, later.remark))
  if (fault !== null) throw new CodedError('remark-supersedes', fault)
}

async function accused({ verified }: Deps, tenant: string, { about }: Remark): Promise<readonly Signer[]> {
  const links = about.flatMap(({ kind, digest }) => (kind === 'step' ? [digest] : []))
  const steps = await verified.steps(tenant, links)
  return [...steps.values()].flatMap(({ signer, cosigners }) => [signer, ...cosigners])
}

/** Notes about one thing or all of a tenant, newest first. */
export async function remarksPage(
  { store, log, crypto }: Deps,
  tenant: string,
  asked: { readonly about: string | null; readonly open: boolean },
  limit: number,
  cursor: string | null,
): Promise<Page<ToldRemark>> {
  const { items, next } = await store.remarks.page(tenant, asked, limit, cursor)
  const told: ToldRemark[] = []
  for (const one of items) told.push(await toldRemark({ log, crypto }, one))
  return { items: told, next }
}

/** Throws `not-found`. */
export async function oneRemark({ store, log, crypto }: Deps, tenant: string, id: string): Promise<ToldRemark> {
  const stored = await store.remarks.one(tenant, id)
  if (stored === null) throw new CodedError('not-found', `there is no note ${id.slice(0, 12)}`)
  return toldRemark({ log, crypto }, stored)
}

async function toldRemark({ log }: Pick<Deps, 'log' | 'crypto'>, stored: StoredRemark): Promise<ToldRemark> {
  const { held, ...facts } = stored
  if (held === null) return { ...facts, signer: null, line: null }
  const read = parseRemarkLine(held.document)
  const logged = await proveAct(log, { index: stored.index, salt: held.salt, signers: [held.under] })
  return { ...facts, signer: held.signer, line: writeRemarkLine({ ...read, logged }) }
}

/** The lines of what is said about a run, oldest first; nothing of what is about a step that is not shown. */
export async function remarkLines(
  deps: Deps,
  tenant: string,
  chain: string,
  hidden: ReadonlySet<string>,
): Promise<Uint8Array[]> {
  const asked = { about: `chain/${chain}`, open: false }
  const { items } = await remarksPage(deps, tenant, asked, MAX_REMARKS_ABOUT, null)
  const lines = items.flatMap(({ line }) => line ?? []).toReversed()
  return lines.filter((line) => {
    const { about } = parseRemark(parseRemarkLine(line).payload)
    return !about.some(({ digest }) => hidden.has(digest))
  })
}

/**
 * Erases what a note says, and who said it; that there was one, and what it superseded, stays. Throws `not-found`, and
 * `store-failed`: then it may be erased all the same, and the same call finds out.
 */
export async function eraseRemark(deps: Deps, who: Administrator, id: string, ground: string): Promise<ToldRemark> {
  const { tenant } = who
  const { store, sequencer, log, crypto } = deps
  log.assertWorking()
  const at = deps.now()
  const told = telling(who, at, { act: 'note.erased', about: id, detail: { ground } })
  const buried = await sequencer.logged(() => store.remarks.erase({ tenant, id, at, ground, telling: told }))
  if (buried === null) throw new CodedError('not-found', `there is no note ${id.slice(0, 12)}`)
  if (buried.left !== null) {
    throw new CodedError('store-failed', `it is erased, and copies may still be in the files: ${buried.left}`, {
      fix: 'Send the same request again, until it succeeds.',
    })
  }
  return toldRemark({ log, crypto }, (await store.remarks.one(tenant, id))!)
}

/** What a note says, of those that were not erased; for whoever only tells of it. */
export function remarkIn({ held }: Pick<StoredRemark, 'held'>): Remark | null {
  return held === null ? null : parseRemark(parseRemarkLine(held.document).payload)
}

function nameOf({ kind, digest }: RemarkSubject): string {
  return `${kind}/${digest}`
}
