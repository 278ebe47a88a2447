import { join, resolve } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { isKmsUri } from '@countersign/adapters/kms-uri'
import { signerOfPem } from '@countersign/adapters/signer-file'
import { CodedError } from '@countersign/core'
import { certificatePem } from '@countersign/formats/x509'
import { addAuthority, type CaKeysInput, type OpenKey } from './ca-keys.ts'
import { PASSPHRASE_FIX } from './log-keys.ts'

/** What the server was told of its authority. */
export interface CaSettings {
  readonly directory: string
  /** Keys that are kept elsewhere; null for those in the directory. */
  readonly caKey: OpenKey | null
  readonly ctKey: OpenKey | null
  /** Where clients reach the server, without a slash at its end; null where it is where it listens. */
  readonly publicUrl: string | null
  readonly passphrase: string | null
  readonly origin: string
}

/** What arguments and environment say, the arguments first. */
export function readCaSettings(
  values: { readonly ca: string | undefined; readonly publicUrl: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
  server: { readonly dataDir: string; readonly origin: string; readonly passphrase: string | null },
): CaSettings {
  const { dataDir, origin, passphrase } = server
  const url = values.publicUrl ?? env['COUNTERSIGN_PUBLIC_URL'] ?? ''
  return {
    directory: resolve(values.ca ?? env['COUNTERSIGN_CA'] ?? join(dataDir, 'ca')),
    caKey: keyIn(env, 'COUNTERSIGN_CA_KEY', passphrase),
    ctKey: keyIn(env, 'COUNTERSIGN_CT_KEY', passphrase),
    publicUrl: url === '' ? null : urlOf(url),
    passphrase,
    origin,
  }
}

/** A key that a variable of the environment holds; null where it is not set. */
function keyIn(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  passphrase: string | null,
): OpenKey | null {
  const text = env[name]?.trim() ?? ''
  if (text === '') return null
  // What holds it may be out of reach for a while: asked when it is needed, and loaded only then.
  if (isKmsUri(text)) {
    return async () => (await import('@countersign/adapters/kms-signer')).openKmsSigner(text, { env, now: Date.now })
  }
  return async () => signerOfPem(`${text}\n`, passphrase, name, PASSPHRASE_FIX)
}

/** Without a slash at its end: paths are put behind it. */
function urlOf(text: string): string {
  const url = URL.parse(text)
  const plain =
    url !== null && /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}${url.hash}` === ''
  if (plain) return url.href.replace(/\/+$/, '')
  throw new CodedError('usage', 'the public URL is not one of a host and a path', {
    fix: 'For example: https://countersign.example.com',
  })
}

/** What opens the authority's keys; `now` in milliseconds since 1970. */
export function caKeysInput(settings: CaSettings, now: number, hasIssued: boolean): CaKeysInput {
  const { directory, origin, passphrase, caKey, ctKey } = settings
  return { directory, origin, passphrase, caKey, ctKey, crypto: nodeCrypto, now, hasIssued }
}

/** Makes the authority that is to follow; says what all who verify have to know. */
export async function changeAuthority(settings: CaSettings, now: number, json: boolean): Promise<string> {
  const { number, chain } = await addAuthority(caKeysInput(settings, now, false))
  const certificates = chain.map(({ der }) => certificatePem(der))
  if (json) return `${JSON.stringify({ number, certificates })}\n`
  return `${certificates.join('')}Restart the server: authority ${number} issues from then on.\n`
}
