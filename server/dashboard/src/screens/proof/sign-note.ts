import { parsePasskey } from '@countersign/core'
import { pae, PAYLOAD_TYPE, type Remark, sortedSubjects, writeRemark, writeRemarkLine } from '@countersign/formats'
import { Problem, send } from '../../api.ts'
import { type OwnPasskey, signWithPasskey } from '../../passkey.ts'

/** What somebody is about to say; when, and that it is fresh, is added here. */
export type NoteDraft = Omit<Remark, 'at' | 'nonce'>

/** Has the reader's passkey sign a note, and hands it to the server. Throws `Problem`. */
export async function signNote(draft: NoteDraft, keys: readonly OwnPasskey[]): Promise<void> {
  const nonce = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0'))
  const about = sortedSubjects(draft.about)
  const payload = written({ ...draft, about, at: new Date().toISOString(), nonce: nonce.join('') })
  const { by, signature } = await signWithPasskey(keys, pae(PAYLOAD_TYPE, payload))
  const { keyId: keyid } = parsePasskey(by.passkey)
  const endorsements = [{ signature, keyid, certificate: null, timestamps: [] }]
  const line = writeRemarkLine({ payloadType: PAYLOAD_TYPE, payload, endorsements, logged: null })
  await send('POST', '/v1/notes', JSON.parse(new TextDecoder().decode(line)))
}

function written(remark: Remark): Uint8Array {
  try {
    return writeRemark(remark)
  } catch (error) {
    if (!(error instanceof Error && 'what' in error)) throw error
    throw new Problem(0, {
      code: 'remark-invalid',
      what: String(error.what),
      why: 'A note is one line of plain text.',
      fix: 'Write it without what cannot be seen.',
    })
  }
}
