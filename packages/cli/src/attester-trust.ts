import { createHash } from 'node:crypto'
import { resolve } from 'node:path'
import { PUBLIC_MIRROR, readKeptTrust } from '@countersign/adapters/sigstore-cache'
import { hex, type PublicKey, readPublicKey } from '@countersign/core'
import type { AttesterTrust } from '@countersign/verify/foreign'
import { parseSigstoreTrust, type SigstoreTrust } from '@countersign/verify/sigstore'
import type { Artifact } from './artifact.ts'
import type { AttestingOptions } from './attesting.ts'
import type { Context } from './context.ts'
import { nativeCrypto } from './evidence.ts'
import { readBounded } from './files.ts'
import { isFresh } from './sigstore-trust.ts'
import { readSigned } from './stated-policy.ts'

const MAX_FILE = 4_000_000

/**
 * Whom to believe of what others attested: what is named for it; else the Sigstore that the environment names; else the
 * public one's trust root as it was last fetched, while that is fresh. Throws what reading files throws.
 */
export async function readAttesterTrust(
  context: Context,
  { attesterTrust }: AttestingOptions,
  artifact: Artifact | null,
): Promise<AttesterTrust> {
  const crypto = await nativeCrypto()
  const named = attesterTrust?.map((file) => readNamed(context, file, crypto)) ?? kept(context, crypto)
  return {
    sigstore: named.flatMap((one) => (one.kind === 'sigstore' ? [one.trust] : [])),
    keys: named.flatMap((one) => (one.kind === 'key' ? [one.key] : [])),
    artifact: await atHand(context, artifact),
  }
}

type Crypto = Awaited<ReturnType<typeof nativeCrypto>>
type Named =
  | { readonly kind: 'sigstore'; readonly trust: SigstoreTrust }
  | { readonly kind: 'key'; readonly key: PublicKey }

function readNamed(context: Context, file: string, crypto: Crypto): Named {
  const bytes = readBounded(resolve(context.cwd, file), MAX_FILE)
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  if (text.includes('-----BEGIN PUBLIC KEY-----')) return { kind: 'key', key: readPublicKey(text) }
  return { kind: 'sigstore', trust: parseSigstoreTrust(bytes, crypto) }
}

function kept(context: Context, crypto: Crypto): Named[] {
  const { sigstoreTrust, sigstoreCache } = context.settings
  if (sigstoreTrust !== null) return [readNamed(context, sigstoreTrust, crypto)]
  const root = readKeptTrust(sigstoreCache, PUBLIC_MIRROR)
  // Whoever holds back a newer one could keep a stolen key believed (T-70).
  if (root === null || !isFresh(root, context.now())) return []
  return [{ kind: 'sigstore', trust: parseSigstoreTrust(root.trustedRoot, crypto) }]
}

async function atHand(context: Context, artifact: Artifact | null): Promise<AttesterTrust['artifact']> {
  if (artifact === null || artifact.path === null || artifact.tree === true) return null
  const { signed, sha256 } = await readSigned(context, artifact.path)
  const sha512 = signed instanceof Uint8Array ? createHash('sha512').update(signed).digest('hex') : hex(signed.sha512!)
  return { signed, digests: { sha256, sha512 } }
}
