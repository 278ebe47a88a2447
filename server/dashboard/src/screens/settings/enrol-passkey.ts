import { base64, base64url, parsePasskey } from '@countersign/core'
import { passkeyEnrolmentMessage } from '@countersign/formats'
import { send } from '../../api.ts'
import { makePasskey, type OwnPasskey, signWithPasskey } from '../../passkey.ts'

/** Makes a passkey, has it show that it signs, and enrols it; its text. Throws `Problem`. */
export async function enrol(
  person: { readonly id: string; readonly name: string },
  known: readonly OwnPasskey[],
): Promise<string> {
  const made = await makePasskey(person, known)
  const { keyId } = parsePasskey(made.passkey)
  const credential = base64url(made.credential)
  const own = { passkey: made.passkey, credential }
  const { signature } = await signWithPasskey([own], passkeyEnrolmentMessage(person.id, keyId))
  await send('POST', '/v1/me/passkeys', { ...own, proof: base64(signature) })
  return made.passkey
}
