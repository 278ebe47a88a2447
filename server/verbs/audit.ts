import { CodedError } from '@countersign/core'
import { type AdministrativeAct, parseAdministrativeAct, writeLoggedAct } from '@countersign/formats'
import type { Page } from '../store.ts'
import { proveAct } from './act-proof.ts'
import type { Deps } from './deps.ts'

/** An act as the audit log lists it. */
export interface ListedAct extends Omit<AdministrativeAct, 'id'> {
  /** SHA-256 of its PAE: the name by which the one after it knows it. */
  readonly digest: string
  /** Of its leaf in the log. */
  readonly index: number
  /** Whether a checkpoint that was published covers it. */
  readonly signed: boolean
}

/** The acts of a tenant, newest first; those about something, or (null) all. */
export async function auditLog(
  { store, log }: Deps,
  tenant: string,
  about: string | null,
  limit: number,
  cursor: string | null,
): Promise<Page<ListedAct>> {
  const { items, next } = await store.acts.administrations(tenant, about, limit, cursor)
  const signed = sizeOf(log)
  return {
    items: items.map(({ document, digest, index }) => {
      const { id: _, ...act } = parseAdministrativeAct(document)
      return { ...act, digest, index, signed: index < signed }
    }),
    next,
  }
}

/** Nothing is published while too few witnesses cosign. */
function sizeOf(log: Deps['log']): number {
  try {
    return log.size
  } catch (error) {
    if (error instanceof CodedError) return 0
    throw error
  }
}

/** An act with the proof that the log has it. Throws `not-found`, and what `Log.proofOf` throws. */
export async function loggedAct({ store, log }: Deps, tenant: string, digest: string): Promise<Uint8Array> {
  const act = await store.acts.one(tenant, 'administration', digest)
  if (act === null) throw new CodedError('not-found', 'the audit log has no such act')
  return writeLoggedAct({ payload: act.document, logged: await proveAct(log, act) })
}
