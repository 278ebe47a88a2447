import { fromUtf8, type JsonValue, utf8 } from '@countersign/core'
import { pae, parseBundle, PAYLOAD_TYPE } from '@countersign/formats'
import { expect, test } from 'vitest'
import { BUNDLE, change } from './documents.ts'

const withType = (type: JsonValue) => JSON.stringify(change(BUNDLE, ['dsseEnvelope', 'payloadType'], () => type))

test.each([
  '',
  'application/json',
  'application/vnd.in-toto',
  'application/vnd.in-toto+json;charset=utf-8',
  'application/vnd.in-toto+json ',
  ' application/vnd.in-toto+json',
  'application/vnd.in-toto+JSON',
  'APPLICATION/VND.IN-TOTO+JSON',
  'application/vnd.in-t\u043eto+json',
  'application/vnd.in-toto+json\u0000',
  'http://example.com/HelloWorld',
])('T-38: the payload type %j is not ours', (type) => {
  expect(() => parseBundle(withType(type))).toThrow(expect.objectContaining({ code: 'payload-type' }))
  expect(parseBundle(withType(PAYLOAD_TYPE)).envelope.payloadType).toBe(PAYLOAD_TYPE)
})

test('T-38: the signature covers the type', () => {
  const payload = utf8('{}')
  expect(fromUtf8(pae('a', payload))).not.toBe(fromUtf8(pae('b', payload)))
})

/** PAE as reference code had it: lengths in characters, so not of what is signed. */
function paeInCharacters(type: string, payload: string): Uint8Array {
  return utf8(`DSSEv1 ${type.length} ${type} ${payload.length} ${payload}`)
}

test('T-38: with lengths in characters one signature covers two documents; with bytes it covers one', () => {
  const shown = { type: '\u00e9\u00e9\u00e9\u00e9 6 f', payload: '{}' }
  const meant = { type: '\u00e9\u00e9\u00e9\u00e9', payload: 'f 2 {}' }
  // Red control: the signer who counts characters signs, for what is shown, exactly the bytes of what is meant.
  expect(paeInCharacters(shown.type, shown.payload)).toEqual(pae(meant.type, utf8(meant.payload)))
  expect(pae(shown.type, utf8(shown.payload))).not.toEqual(pae(meant.type, utf8(meant.payload)))
})

test('T-38: a second type beside the first is no way around', () => {
  const text = withType(PAYLOAD_TYPE).replace('"payloadType"', '"payloadType":"text/plain","payloadType"')
  expect((JSON.parse(text) as typeof BUNDLE)['dsseEnvelope']).toEqual(BUNDLE['dsseEnvelope'])
  expect(() => parseBundle(text)).toThrow(expect.objectContaining({ code: 'json-duplicate-key' }))
})
