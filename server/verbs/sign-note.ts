import { CodedError, type Crypto, utf8 } from '@countersign/core'
import { noteKey, writeNote } from '@countersign/formats'
import type { Signer } from '@countersign/sign'

/** Who signs for a log. */
export interface LogSigners {
  readonly origin: string
  /** Ed25519: it signs checkpoints and statements. */
  readonly signer: Signer
  /** The key that is to follow it: while the log changes its key, both sign. */
  readonly next?: Signer | null
}

/** Bytes of a text that a log signs as a note, under each of its keys. Throws `sign-failed`. */
export async function signNote(
  text: string,
  { origin, signer, next }: LogSigners,
  crypto: Crypto,
): Promise<Uint8Array> {
  const signed = utf8(text)
  const signatures = []
  for (const by of next == null ? [signer] : [signer, next]) {
    const { name, keyId } = noteKey(origin, 'ed25519', by.publicKey, crypto)
    const signature = await by.sign(signed)
    if (!crypto.verify(by.publicKey, signed, signature)) {
      throw new CodedError('sign-failed', `what ${name}+${keyId} has just signed does not verify under its key`)
    }
    signatures.push({ name, keyId, signature })
  }
  return writeNote({ text, signatures })
}
