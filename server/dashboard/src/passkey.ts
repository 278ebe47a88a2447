import {
  concat,
  fromBase64url,
  fromUtf8,
  parsePasskey,
  parsePublicKey,
  passkeyChallenge,
  utf8,
  writeAssertion,
  writePasskey,
} from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { Problem } from './api.ts'

/** A passkey of the reader, as `GET /v1/me/passkeys` says. */
export interface OwnPasskey {
  readonly keyId: string
  readonly name: string
  /** Its text, as a contract names it. */
  readonly passkey: string
  /** base64url of what its authenticator knows it by. */
  readonly credential: string
  readonly state: 'active' | 'ending' | 'revoked'
  readonly enrolledAt: string
  readonly revokedAt: string | null
  readonly lastUsedAt: string | null
}

/** Why this page can have none: by http from elsewhere, at a bare address, or in a browser without them. Null where it can. */
export function noPasskeys(): string | null {
  if (!isSecureContext) return 'Browsers have passkeys by https alone, or on localhost.'
  if (/^[0-9.]+$|:|^\[/.test(location.hostname))
    return 'A passkey is of a name, and this page was reached by an address.'
  if (!('PublicKeyCredential' in globalThis)) return 'This browser has no passkeys.'
  return null
}

const MINUTES = 5 * 60_000

/** Has an authenticator make one for this page and this person. Throws `Problem`. */
export async function makePasskey(
  person: { readonly id: string; readonly name: string },
  known: readonly OwnPasskey[],
): Promise<{ readonly passkey: string; readonly credential: Uint8Array }> {
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { id: location.hostname, name: 'Countersign' },
        user: { id: own(utf8(person.id)), name: person.name, displayName: person.name },
        // Nothing that is given at its making is believed: what it signs after is.
        challenge: own(crypto.getRandomValues(new Uint8Array(32))),
        pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        authenticatorSelection: { userVerification: 'required', residentKey: 'preferred' },
        excludeCredentials: known.map(({ credential }) => named(credential)),
        attestation: 'none',
        timeout: MINUTES,
      },
    }),
  )
  const response = made?.response as Partial<AuthenticatorAttestationResponse> | undefined
  const spki = response?.getPublicKey?.() ?? null
  if (made === null || spki === null) throw refused('the authenticator gave no key that can be verified here')
  const key = parsePublicKey(new Uint8Array(spki))
  const passkey = writePasskey({ rpId: location.hostname, origin: location.origin, key })
  return { passkey, credential: new Uint8Array(made.rawId) }
}

/**
 * Has one of some passkeys sign a message, whichever its holder takes, and verifies what came back before anybody else
 * sees it. Throws `Problem`.
 */
export async function signWithPasskey<K extends Pick<OwnPasskey, 'passkey' | 'credential'>>(
  keys: readonly K[],
  message: Uint8Array,
): Promise<{ readonly by: K; readonly signature: Uint8Array }> {
  const given = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: own(passkeyChallenge(message, portableCrypto)),
        rpId: location.hostname,
        allowCredentials: keys.map(({ credential }) => named(credential)),
        userVerification: 'required',
        timeout: MINUTES,
      },
    }),
  )
  if (given === null) throw refused('nothing was signed')
  const by = keys.find(({ credential }) => same(fromBase64url(credential), new Uint8Array(given.rawId)))
  if (by === undefined) throw refused('another passkey signed than was asked')
  const response = given.response as AuthenticatorAssertionResponse
  const [authenticatorData, clientDataJSON, own_] = [
    response.authenticatorData,
    response.clientDataJSON,
    response.signature,
  ].map((buffer) => new Uint8Array(buffer))
  const signature = writeAssertion({
    authenticatorData: authenticatorData!,
    clientDataJSON: clientDataJSON!,
    signature: own_!,
  })
  if (!portableCrypto.verify(parsePasskey(by.passkey), message, signature))
    throw refused('what the authenticator gave does not verify')
  return { by, signature }
}

/** What came of asking an authenticator; the reader's own no is a `Problem`, too. */
async function asked(work: () => Promise<Credential | null>): Promise<PublicKeyCredential | null> {
  try {
    return (await work()) as PublicKeyCredential | null
  } catch (error) {
    const name = error instanceof DOMException ? error.name : ''
    if (name === 'InvalidStateError') throw refused('this authenticator has a passkey of yours already')
    if (name === 'NotAllowedError') throw refused('it was called off, took too long, or no authenticator has it')
    throw refused(error instanceof Error ? error.message.slice(0, 200) : 'the browser refused')
  }
}

function refused(what: string): Problem {
  return new Problem(0, {
    code: 'sign-failed',
    what,
    why: 'Nothing was signed, and nothing sent.',
    fix: 'Try again, with the authenticator that has your passkey at hand.',
  })
}

function named(credential: string): PublicKeyCredentialDescriptor {
  return { type: 'public-key', id: own(fromBase64url(credential)) }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** Bytes of their own buffer, as the browser asks for them. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(concat(bytes))
}

/** A passkey's text in a few characters. */
export function shortPasskey(text: string): string {
  return fromUtf8(utf8(text)).replace(/^(passkey:[^:]*:).*:(https?:.*)$/, '$1…:$2')
}
