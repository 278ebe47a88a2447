import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodedError } from '@countersign/core'
import { isKmsUri, type KmsUri, parseKmsUri } from './kms-uri.ts'

const ID = '0a1b2c3d-1111-4222-8333-444455556666'
const ARN = `arn:aws:kms:eu-central-1:111122223333:key/${ID}`
const RING = 'projects/acme-1/locations/europe-west3/keyRings/builds/cryptoKeys/build'
const HEX = '0123456789abcdef0123456789abcdef'

describe('the address of a key', () => {
  test.each<[string, KmsUri]>([
    [`awskms:///${ID}`, { service: 'aws', key: ID, region: null, endpoint: null }],
    [`awskms:///mrk-${HEX}`, { service: 'aws', key: `mrk-${HEX}`, region: null, endpoint: null }],
    ['awskms:///alias/build/main', { service: 'aws', key: 'alias/build/main', region: null, endpoint: null }],
    [`awskms:///${ARN}`, { service: 'aws', key: ARN, region: 'eu-central-1', endpoint: null }],
    [
      `awskms://vpce-1.kms.eu-central-1.vpce.amazonaws.com/${ID}`,
      { service: 'aws', key: ID, region: null, endpoint: 'vpce-1.kms.eu-central-1.vpce.amazonaws.com' },
    ],
    [`awskms://127.0.0.1:4566/${ID}`, { service: 'aws', key: ID, region: null, endpoint: '127.0.0.1:4566' }],
    [`gcpkms://${RING}/cryptoKeyVersions/12`, { service: 'gcp', version: `${RING}/cryptoKeyVersions/12` }],
    [`gcpkms://${RING}/versions/12`, { service: 'gcp', version: `${RING}/cryptoKeyVersions/12` }],
    [
      'gcpkms://projects/acme.com:shop/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1',
      {
        service: 'gcp',
        version: 'projects/acme.com:shop/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1',
      },
    ],
    [
      `azurekms://acme.vault.azure.net/build/${HEX}`,
      { service: 'azure', vault: 'acme.vault.azure.net', key: 'build', version: HEX },
    ],
    [
      'azurekms://Acme.vault.azure.net/build',
      { service: 'azure', vault: 'acme.vault.azure.net', key: 'build', version: null },
    ],
    ['hashivault://build.main-1', { service: 'vault', key: 'build.main-1', version: null }],
    ['hashivault://build/versions/3', { service: 'vault', key: 'build', version: 3 }],
  ])('%s', (text, key) => {
    expect(isKmsUri(text)).toBe(true)
    expect(parseKmsUri(text)).toEqual(key)
  })

  test.each([
    ['gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k', '/cryptoKeyVersions/V'],
    ['gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/0', 'gcpkms://projects/P'],
    ['gcpkms://projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1/', 'gcpkms://projects/P'],
    ['gcpkms://projects/p/locations/l/keyRings/../cryptoKeys/k/cryptoKeyVersions/1', 'gcpkms://projects/P'],
    ['gcpkms:///projects/p/locations/l/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1', 'gcpkms://projects/P'],
    [`awskms://${ID}`, 'awskms:///'],
    ['awskms:///', 'awskms:///'],
    [`awskms://user@kms.example/${ID}`, 'awskms:///'],
    [`awskms://kms.example:443/${ID}`, 'awskms:///'],
    ['awskms:///alias/', 'awskms:///'],
    ['awskms:///arn:aws:s3:::bucket', 'awskms:///'],
    ['azurekms://acme.vault.azure.net', 'azurekms://VAULT'],
    ['azurekms://acme.vault.azure.net/build/1', 'azurekms://VAULT'],
    [`azurekms://acme.vault.azure.net/build/${HEX.toUpperCase()}`, 'azurekms://VAULT'],
    ['azurekms://acme.vault.azure.net/build?api-version=1', 'azurekms://VAULT'],
    ['azurekms://a@acme.vault.azure.net/build', 'azurekms://VAULT'],
    ['hashivault://', 'hashivault://KEY'],
    ['hashivault://-build', 'hashivault://KEY'],
    ['hashivault://../sys', 'hashivault://KEY'],
    ['hashivault://build/versions/0', 'hashivault://KEY'],
    ['hashivault://build/versions/1.5', 'hashivault://KEY'],
    ['AWSKMS:///alias/a', 'awskms://'],
    ['k8s://namespace/secret', 'awskms://'],
    ['constructor://x', 'awskms://'],
    ['https://kms.example/key', 'awskms://'],
  ])('%s is none, and says how it is written', (text, fix) => {
    expect(isKmsUri(text)).toBe(true)
    expect(() => parseKmsUri(text)).toThrow(
      expect.objectContaining({ code: 'signer-setup-invalid', fix: expect.stringContaining(fix) as string }) as Error,
    )
  })

  test.each(['build.key', './build.key', '/etc/keys/build', 'C:\\keys\\build.key', 'a:b', '', 'keys//build'])(
    'a file is a file: %s',
    (text) => {
      expect(isKmsUri(text)).toBe(false)
    },
  )

  test('leads nowhere but to its own host and path, whatever it holds', () => {
    const scheme = fc.constantFrom('awskms', 'gcpkms', 'azurekms', 'hashivault')
    const rest = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc
        .array(fc.constantFrom('a', '/', '..', '@', '?', '#', '%2f', ':', '\\', 'projects', 'alias', '1', '\n'))
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(scheme, rest, (name, text) => {
        try {
          const read = parseKmsUri(`${name}://${text}`)
          for (const part of Object.values(read)) {
            if (typeof part === 'string') expect(part).not.toMatch(/[\s@?#%\\]|(^|\/)\.\.?(\/|$)/)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(CodedError)
        }
      }),
    )
  })
})
