import { type KmsMode, startLocalKms } from '../anchors/local-kms.ts'
import { parsePublicKey, spkiOf } from '@countersign/core'
import { p256 } from '@noble/curves/nist.js'
import type { LocalKeys, ServiceMode } from './local-service.ts'

/** The modes of the key service that anchors are tried against, by the names that all services here have. */
const MODES: Readonly<Record<ServiceMode, KmsMode>> = {
  honest: 'honest',
  denied: 'denied',
  absent: 'denied',
  disabled: 'disabled',
  throttled: 'throttled',
  broken: 'broken',
  expired: 'expired',
  redirect: 'redirect',
  proxy: 'proxy',
  stall: 'stall',
  endless: 'endless',
  'other-version': 'other-key',
  'said-other': 'other-key',
  malformed: 'malformed-der',
  short: 'raw-signature',
  'no-base64': 'no-base64',
  garbage: 'garbage',
  duplicate: 'garbage',
  empty: 'empty',
  repeats: 'repeats',
}

/** AWS KMS on loopback, its key named by an alias. */
export async function startLocalAws(): Promise<LocalKeys> {
  const kms = await startLocalKms()
  kms.create('ECC_NIST_P256', 'alias/build')
  const secrets = ['top/secret+key', 'tok/en==']
  kms.caller = { accessKeyId: 'AKIALOCAL', secretAccessKey: secrets[0]!, sessionToken: secrets[1]! }
  const { host } = new URL(kms.url)
  let mode: ServiceMode = 'honest'
  return {
    uri: `awskms://${host}/alias/build`,
    env: {
      AWS_REGION: kms.region,
      AWS_ACCESS_KEY_ID: kms.caller.accessKeyId,
      AWS_SECRET_ACCESS_KEY: secrets[0]!,
      AWS_SESSION_TOKEN: secrets[1]!,
    },
    secrets,
    get mode() {
      return mode
    },
    set mode(next) {
      mode = next
      kms.mode = MODES[next]
    },
    get asked() {
      return kms.asked.map(({ action, input }) => `${action} ${JSON.stringify(input)}`)
    },
    // The key that it lies with.
    otherVersion: parsePublicKey(spkiOf('ecdsa-p256', p256.getPublicKey(new Uint8Array(32).fill(7), false))),
    unfit: [kms.create('ECC_NIST_P384'), kms.create('ECC_SECG_P256K1'), kms.create('RSA_2048')].map(
      (arn) => `awskms://${host}/${arn}`,
    ),
    rotate: () => kms.move('alias/build', kms.create('ECC_NIST_P256')),
    close: () => kms.close(),
  }
}
