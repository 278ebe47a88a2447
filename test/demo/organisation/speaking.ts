import { randomBytes } from 'node:crypto'
import { type RemarkKind, type RemarkSubject, writeRemarkLine } from '@countersign/formats'
import type { Party } from '../../pipeline.ts'
import { idOfRemark, signRemark } from '../../remarks.ts'
import type { Office } from './office.ts'

export interface Saying {
  readonly about: readonly RemarkSubject[]
  readonly kind: RemarkKind
  readonly text: string
  readonly supersedes?: string
}

/** What somebody says, signed with a key of their own and handed in as themselves; gives the id of the note. */
export async function say(
  office: Office,
  { name, key }: { readonly name: string; readonly key: Party },
  { about, kind, text, supersedes }: Saying,
): Promise<string> {
  const { place } = await office.ask<{ place: string }>('GET', '/v1/notes?limit=1')
  const signed = signRemark(key, {
    about,
    kind,
    text,
    at: office.clock.iso(),
    supersedes: supersedes ?? null,
    place,
    nonce: randomBytes(16).toString('hex'),
  })
  await office.does(name, 'POST', '/v1/notes', new TextDecoder().decode(writeRemarkLine(signed)))
  return idOfRemark(signed)
}
