import { canonicalJson, CodedError, type Crypto, type ErrorReport, parseJson, reportOf } from '@countersign/core'
import { parseRemark, parseRemarkLine, Shape } from '@countersign/formats'
import { type Signer, standingRemarks, trustBrought, type VerifiedRemark, verifyRemark } from '@countersign/verify'
import type { IdentityCrypto } from '@countersign/verify/identity'
import { trustOf } from './assemble.ts'
import type { NotesMaterial, SeenNote, SeenNotes } from './messages.ts'

const MAX_LISTED = 10_000

/**
 * Signed notes as a server told them, each verified under the keys that it names. What does not verify is told with why, and
 * says nothing. Throws `server-answer`.
 */
export function readNotes({ pages, signers, ...material }: NotesMaterial, crypto: Crypto & IdentityCrypto): SeenNotes {
  const trust = trustBrought(trustOf(material, [], crypto), [])
  const verified: VerifiedRemark[] = []
  const others: SeenNote[] = []
  let place = ''
  for (const page of pages) {
    const whole = shape(page)
    place = whole.object(['items', 'next', 'place']).text('place', 512)
    for (const item of new Shape('server-answer', whole.members()['items'], 'items').array(MAX_LISTED)) {
      const members = item.members()
      const id = new Shape('server-answer', members['id'], 'id').hex(64)
      const note = members['note'] ?? null
      if (note === null) {
        others.push(unread(id, 'erased', null))
        continue
      }
      try {
        const line = parseRemarkLine(canonicalJson(note))
        parseRemark(line.payload)
        verified.push(verifyRemark(line, { trust, at: null }, crypto))
      } catch (error) {
        if (!(error instanceof CodedError)) throw error
        others.push(unread(id, 'unverified', reportOf(error)))
      }
    }
  }
  // Who signed the steps of these runs, as far as this browser found out.
  const accusedOf = (link: string) =>
    signers.flatMap((one): Signer[] => (one.link === link ? [{ ...NOBODY, name: one.name, keyId: one.keyId }] : []))
  const seen = standingRemarks(verified, accusedOf).map(({ remark: one, supersededBy, fault }): SeenNote => {
    const { id, remark, signer, logged, unlogged } = one
    const { about, kind, text, at, supersedes } = remark
    return {
      id,
      state: 'verified',
      kind,
      about,
      text,
      at: logged?.at ?? at,
      logged: logged !== null,
      by: { name: signer.name, keyId: signer.keyId, grade: signer.grade },
      supersedes,
      supersededBy,
      fault,
      report: unlogged,
    }
  })
  return { notes: [...seen, ...others], place }
}

const NOBODY: Omit<Signer, 'name' | 'keyId'> = {
  algorithm: 'ecdsa-p256',
  grade: 'D',
  identity: null,
  authority: null,
  certificate: null,
}

function unread(id: string, state: 'erased' | 'unverified', report: ErrorReport | null): SeenNote {
  return {
    id,
    state,
    kind: null,
    about: [],
    text: '',
    at: null,
    logged: false,
    by: null,
    supersedes: null,
    supersededBy: null,
    fault: null,
    report,
  }
}

function shape(bytes: Uint8Array): Shape {
  return new Shape('server-answer', parseJson(bytes, { maxBytes: 1 << 26 }), 'the answer')
}
