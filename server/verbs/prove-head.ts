import { CodedError } from '@countersign/core'
import { type HeadProof, parseHead, parseLogStatement, parseOpening } from '@countersign/formats'
import { proveStoredHead } from '@countersign/log'
import { verifyKey } from '@countersign/merkle'
import type { Deps } from './deps.ts'

/**
 * What a statement, the newest where none is named, says of a tenant's chain: its head at the time, or that it had
 * none. Throws `not-found` for a statement, or a chain, that there is not, and for a chain of which nothing can be
 * opened: no longer, or not before the next checkpoint. Throws `log-corrupt` where what is kept does not lead to what
 * was stated.
 */
export function proveHead(
  { store, log, statements, crypto }: Pick<Deps, 'store' | 'log' | 'statements' | 'crypto'>,
  tenant: string,
  chain: string,
  number: number | null,
): HeadProof {
  const held = number === null ? null : store.statements.note(number)
  const statement = held === null ? (number === null ? statements.newest : null) : parseLogStatement(held)
  if (statement === null) throw new CodedError('not-found', `there is no statement ${number ?? 'yet'}`)
  const { size, heads } = statement
  const key = store.statements.keyOf(tenant, chain)
  if (key === null) throw new CodedError('not-found', `there is no chain ${chain}`)
  const link = store.statements.entryOf(tenant, chain, size)
  const entry = link === null ? null : log.prove(tenant, link)
  if (entry === null) throw new CodedError('not-found', `no entry of chain ${chain} can be opened`)
  const hash = { size: 32, hash: (data: Uint8Array) => crypto.sha256(data) }
  const proof = proveStoredHead(key, store.statements.heads(statement.number, size, heads.count), hash)
  try {
    verifyKey(key, proof, heads.root, hash)
  } catch (cause) {
    throw new CodedError('log-corrupt', `the chains do not lead to the heads of statement ${statement.number}`, {
      cause,
    })
  }
  const members = proof.members.map(({ index, key, value, path }) => ({ index, key, head: parseHead(value), path }))
  return { chain, entry, opening: parseOpening(entry.extra!), members, statement }
}
