import { CodedError, type PublicKey } from '@countersign/core'
import type { Signer } from '@countersign/sign'
import { nodeCrypto } from './crypto-node.ts'
import { AS_SIGNER, type KmsCodes, type KmsDoor, KmsFaults } from './kms-door.ts'
import { type KmsUri, parseKmsUri } from './kms-uri.ts'

export { AS_ANCHOR, AS_SIGNER, type KmsCodes, type KmsDoor } from './kms-door.ts'
export { isKmsUri, type KmsUri, parseKmsUri } from './kms-uri.ts'

/** One version of one key in a service, and what it makes of bytes: not verified yet. */
export interface HeldKey {
  /** What is signed with from now on, version and all; for people. */
  readonly name: string
  readonly publicKey: PublicKey
  sign(message: Uint8Array): Promise<Uint8Array>
}

export interface KmsSigner extends Signer {
  /** The key and its version, as its service has them. */
  readonly name: string
}

export interface KmsSignerOptions extends KmsDoor {
  /** Waits so many milliseconds before a service is asked once more. */
  readonly wait?: (ms: number) => Promise<void>
}

/** Milliseconds before another try, while a step waits to be signed. */
const PAUSES = [250, 1_000]

/**
 * A signer whose key a key service holds (`awskms://`, `gcpkms://`, `azurekms://`, `hashivault://`). Its public half is
 * fetched now, and its version is fixed for as long as the signer lives: what it returns verified under that key (T-68).
 * Throws `signer-setup-invalid`, `signer-unreachable` and `sign-failed`, or what `codes` names in their place; no error
 * holds a credential.
 */
export async function openKmsSigner(uri: string, options: KmsSignerOptions): Promise<KmsSigner> {
  const { codes = AS_SIGNER } = options
  const key = parsed(uri, codes)
  const held = await patiently(() => OPEN[key.service](key as never, options), options)
  return kmsSigner(held, options)
}

/** A held key as a signer that lets nothing out which does not verify. */
export function kmsSigner(held: HeldKey, options: Pick<KmsSignerOptions, 'codes' | 'wait'>): KmsSigner {
  const faults = new KmsFaults(options)
  const { name, publicKey } = held
  return {
    name,
    key: { kind: 'publicKey', hint: publicKey.keyId },
    publicKey,
    async sign(message) {
      const signature = await patiently(() => held.sign(message), options)
      if (!nodeCrypto.verify(publicKey, message, signature)) {
        throw faults.refused(
          `what came back is no signature of ${name}`,
          'Find out what answers for the key service; nothing was published.',
        )
      }
      return signature
    },
  }
}

type Open<S extends KmsUri['service']> = (key: Extract<KmsUri, { service: S }>, door: KmsDoor) => Promise<HeldKey>

/** Loaded where one is used: the others cost nothing. */
const OPEN: { readonly [S in KmsUri['service']]: Open<S> } = {
  aws: async (key, door) => (await import('./kms-aws-signer.ts')).openAwsKey(key, door),
  gcp: async ({ version }, door) => (await import('./kms-gcp.ts')).openGcpKey(version, door),
  azure: async (key, door) => (await import('./kms-azure.ts')).openAzureKey(key, door),
  vault: async (key, door) => (await import('./kms-vault.ts')).openVaultKey(key, door),
}

function parsed(uri: string, codes: KmsCodes): KmsUri {
  try {
    return parseKmsUri(uri)
  } catch (error) {
    if (codes.invalid === AS_SIGNER.invalid || !(error instanceof CodedError)) throw error
    throw new CodedError(codes.invalid, error.what, { fix: error.fix })
  }
}

/** A step has run by now, and is lost where it cannot be signed; an anchor waits and is tried again by itself. */
async function patiently<T>(
  work: () => Promise<T>,
  { codes = AS_SIGNER, wait = pause }: Pick<KmsSignerOptions, 'codes' | 'wait'>,
): Promise<T> {
  for (const ms of PAUSES) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof CodedError && error.code === AS_SIGNER.unreachable && codes === AS_SIGNER)) throw error
      await wait(ms)
    }
  }
  return work()
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
