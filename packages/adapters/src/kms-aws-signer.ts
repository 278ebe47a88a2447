import { awsCredentials, awsCredentialSource } from './aws-credentials.ts'
import { isLoopback } from './http.ts'
import { openAwsKmsKey, p256Of } from './kms-aws.ts'
import { type KmsDoor, KmsFaults, setting } from './kms-door.ts'
import type { HeldKey } from './kms-signer.ts'
import type { KmsUri } from './kms-uri.ts'
import { sha256 } from '@countersign/core'

/**
 * A P-256 key in AWS KMS, by its address. The region is that of the ARN, else `AWS_REGION` or `AWS_DEFAULT_REGION`;
 * credentials are found as {@link awsCredentialSource} says. An alias is resolved once.
 */
export async function openAwsKey(
  { key, region: named, endpoint: host }: Extract<KmsUri, { service: 'aws' }>,
  door: KmsDoor,
): Promise<HeldKey> {
  const faults = new KmsFaults(door)
  const region = named ?? setting(door, 'AWS_REGION', 'AWS_DEFAULT_REGION')
  if (region === null) throw faults.invalid('no region of AWS is named', 'Name the key by its ARN, or set AWS_REGION.')
  const more = {
    now: door.now,
    codes: faults.codes,
    ...(door.timeoutMs === undefined ? {} : { timeoutMs: door.timeoutMs }),
    ...(door.fetch === undefined ? {} : { fetch: door.fetch }),
  }
  const source = awsCredentialSource(door.env, faults.codes)
  const held = await openAwsKmsKey(
    { key, region, endpoint: endpointOf(host), credentials: awsCredentials({ source, ...more }), ...more },
    'ECC_NIST_P256',
  )
  return {
    name: held.id,
    publicKey: p256Of(held),
    // KMS takes 4 kB of message, and any digest.
    sign: (message) => held.sign(sha256(message)),
  }
}

/** What stands in the address is a host alone: plain http to this machine, https to any other. */
function endpointOf(host: string | null): string | null {
  if (host === null) return null
  const plain = new URL(`http://${host}`)
  return isLoopback(plain) ? plain.href : `https://${host}`
}
