import { canonicalJson, CodedError, fromUtf8 } from '@countersign/core'
import { type Endorsed, parseRemarkLine, REMARK_KINDS, type RemarkKind } from '@countersign/formats'
import { Reading } from './answers.ts'
import type { Page } from './client.ts'
import type { Transport } from './transport.ts'

/** A signed note as a server tells it. Nothing of it is verified. */
export interface ListedRemark {
  readonly id: string
  /** Of its leaf in the log. */
  readonly index: number
  /** When it was taken. */
  readonly at: string
  readonly kind: RemarkKind
  readonly supersedes: string | null
  readonly supersededBy: string | null
  /** As the server knows them; null where it was erased. */
  readonly signer: string | null
  readonly erased: { readonly at: string; readonly ground: string } | null
  /** It, with the proof that the log has it; null where it was erased. */
  readonly line: Endorsed | null
}

export interface RemarkCalls {
  /** Hands in the line of a signed note; `created` is false where the server had it. */
  addNote(line: Uint8Array): Promise<ListedRemark>
  /** Newest first. `about`: `step/…`, `artifact/…`, `refusal/…` or `chain/…`. `place`: where notes for this server belong. */
  notes(asked: {
    readonly about?: string
    readonly open?: boolean
    readonly cursor?: string
    readonly limit?: number
  }): Promise<Page<ListedRemark> & { readonly place: string }>
  note(id: string): Promise<ListedRemark>
  eraseNote(id: string, ground: string): Promise<ListedRemark>
}

export function remarkCalls(transport: Transport): RemarkCalls {
  const bodyOf = (bytes: Uint8Array) => ({ type: 'application/json', bytes })
  return {
    async addNote(line) {
      const reply = await transport.json({ method: 'POST', path: '/v1/notes', body: bodyOf(line) })
      return listedOf(new Reading(reply.body))
    },
    async notes({ about, open, cursor, limit }) {
      const query = new URLSearchParams({
        ...(about === undefined ? {} : { about }),
        ...(open === true ? { open: '1' } : {}),
        ...(cursor === undefined ? {} : { cursor }),
        ...(limit === undefined ? {} : { limit: String(limit) }),
      })
      const it = new Reading((await transport.json({ method: 'GET', path: `/v1/notes?${query.toString()}` })).body)
      return { items: it.list('items', listedOf), next: it.textOrNull('next'), place: it.text('place') }
    },
    async note(id) {
      const path = `/v1/notes/${encodeURIComponent(id)}`
      return listedOf(new Reading((await transport.json({ method: 'GET', path })).body))
    },
    async eraseNote(id, ground) {
      const path = `/v1/notes/${encodeURIComponent(id)}/erase`
      const body = bodyOf(new TextEncoder().encode(JSON.stringify({ ground })))
      return listedOf(new Reading((await transport.json({ method: 'POST', path, body })).body))
    },
  }
}

function listedOf(it: Reading): ListedRemark {
  const kind = REMARK_KINDS.find((one) => one === it.text('kind'))
  if (kind === undefined) throw new CodedError('server-answer', 'a note is of a kind that is none')
  const erased = it.objectOrNull('erased')
  const note = it.json('note')
  return {
    id: it.hex('id', 64),
    index: it.integer('index'),
    at: it.text('at'),
    kind,
    supersedes: it.textOrNull('supersedes'),
    supersededBy: it.textOrNull('supersededBy'),
    signer: it.textOrNull('signer'),
    erased: erased === null ? null : { at: erased.text('at'), ground: erased.text('ground') },
    line: note === null ? null : lineOf(fromUtf8(canonicalJson(note))),
  }
}

function lineOf(text: string): Endorsed {
  try {
    return parseRemarkLine(text)
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('server-answer', `the server answered with what is no note: ${cause.what}`, { cause })
  }
}
