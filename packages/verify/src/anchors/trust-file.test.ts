import { expect, test } from 'vitest'
import { type Code, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { MAX_ANCHOR_TRUST_BYTES } from '@countersign/formats/anchor'
import { parseAnchorTrust, timestampAuthoritiesIn } from './trust-file.ts'

const coded = (code: Code, what = '') =>
  expect.objectContaining({ name: 'CodedError', code, message: expect.stringContaining(what) }) as Error
const SIGSTORE = 'application/vnd.dev.sigstore.trustedroot.v0.2+json'
const parse = (value: unknown) => parseAnchorTrust(utf8(JSON.stringify(value)), portableCrypto)
const authorities = (value: unknown) => timestampAuthoritiesIn(utf8(JSON.stringify(value)))
const authority = (more: object) => ({ mediaType: SIGSTORE, timestampAuthorities: [more] })

test('a file has the size that it may have, and no byte more', () => {
  const long = utf8(`{"mediaType":"${'a'.repeat(MAX_ANCHOR_TRUST_BYTES)}"}`)
  expect(() => parseAnchorTrust(long, portableCrypto)).toThrow(coded('input-too-large'))
  expect(() => timestampAuthoritiesIn(long)).toThrow(coded('trust-root-invalid'))
})

test('a file that names no kind of its own is none of Sigstore, whatever stands in it', () => {
  for (const mediaType of [`our own ${SIGSTORE}`, 'application/vnd.dev.sigstore.trustedroots', 7, undefined]) {
    expect(() => parse({ mediaType, tlogs: [] })).toThrow(coded('anchor-setup-invalid', 'trust'))
  }
  expect(parse({ mediaType: SIGSTORE })).toMatchObject({ rekor: [], rfc3161: [] })
  expect(authorities({ mediaType: SIGSTORE })).toEqual([])
})

test.each<[string, object, string]>([
  ['no certificates', {}, 'certChain'],
  ['certificates that are no list', { certChain: {} }, 'certificates'],
  ['no certificate', { certChain: { certificates: [] } }, 'no certificate'],
  ['a certificate without bytes', { certChain: { certificates: [{}] } }, 'rawBytes'],
])('an authority with %s is not believed, and the fault says where', (_, more, where) => {
  expect(() => parse(authority(more))).toThrow(coded('anchor-setup-invalid', where))
  expect(() => authorities(authority(more))).toThrow(coded('trust-root-invalid', where))
})

test('a fault names the place in the file', () => {
  const list = { mediaType: SIGSTORE, timestampAuthorities: 7 }
  expect(() => parse(list)).toThrow(coded('anchor-setup-invalid', 'trustedRoot.timestampAuthorities'))
  expect(() => authorities(list)).toThrow(coded('trust-root-invalid', 'trustedRoot.timestampAuthorities'))
  expect(() => authorities([])).toThrow(coded('trust-root-invalid', 'trustedRoot'))
  expect(() => authorities({})).toThrow(coded('trust-root-invalid', 'mediaType'))
  expect(() => parse([])).toThrow(coded('anchor-setup-invalid', 'trust'))
})
