import { base64, type JsonValue } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseBundle, writeBundle } from '@countersign/formats'
import { verifyStep } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { party, seal } from '../pipeline.ts'
import { change, STEP } from './documents.ts'

const signer = party('builder', 'ed25519')
const trust = { signers: [{ name: 'builder', key: signer.publicKey, revokedAt: null }], countersigners: [] }
// One byte more than a multiple of three, so that there is padding to leave out and there are bits to hide in.
const payload = (() => {
  for (let spaces = 0; ; spaces++) {
    const bytes = new TextEncoder().encode(JSON.stringify(STEP) + ' '.repeat(spaces))
    if (bytes.length % 3 === 1) return bytes
  }
})()
const bundle = JSON.parse(Buffer.from(writeBundle(seal(signer, payload))).toString()) as { [key: string]: JsonValue }

/** Texts that Node decodes to the very same bytes. */
function others(text: string): Record<string, string> {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  const bare = text.replace(/=+$/, '')
  const next = letters[letters.indexOf(bare.at(-1)!) + 1]!
  return {
    'without padding': bare,
    'with hidden bits': bare.slice(0, -1) + next + text.slice(bare.length),
    'with a line break': `${text.slice(0, 4)}\n${text.slice(4)}`,
    'with a space at the end': `${text} `,
    'with junk inside': `${text.slice(0, 4)}*!${text.slice(4)}`,
    'with more padding': `${bare}====`,
    'with text after the padding': `${text}AAAA`,
  }
}

describe.each([
  ['payload', ['dsseEnvelope', 'payload']],
  ['signature', ['dsseEnvelope', 'signatures', 0, 'sig']],
] as const)('T-44: the %s', (_, path) => {
  const text = path.reduce<JsonValue>((value, key) => (value as { [key: string]: JsonValue })[key]!, bundle) as string

  test.each(Object.entries(others(text)))(
    '%s is refused, though Node decodes it to the signed bytes',
    (_how, other) => {
      expect(other).not.toBe(text)
      const changed = JSON.stringify(change(bundle, path, () => other))
      expect(() => parseBundle(changed)).toThrow(expect.objectContaining({ code: 'base64-invalid' }))

      // Red control: who decodes as Node does verifies it, and holds two texts for one attestation.
      const bytes = new Uint8Array(Buffer.from(other, 'base64'))
      expect(Buffer.from(bytes.subarray(0, 30)).equals(Buffer.from(text, 'base64').subarray(0, 30))).toBe(true)
      const mended = JSON.stringify(change(bundle, path, () => base64(bytes)))
      expect(verifyStep(parseBundle(mended), trust, portableCrypto).signer.name).toBe('builder')
    },
  )

  test('in the URL alphabet is refused', () => {
    const url = base64(Uint8Array.of(0xfb, 0xff, 0xfe))
      .replaceAll('+', '-')
      .replaceAll('/', '_')
    expect(Buffer.from(url, 'base64')).toEqual(Buffer.from([0xfb, 0xff, 0xfe]))
    const changed = JSON.stringify(change(bundle, path, () => url))
    expect(() => parseBundle(changed)).toThrow(expect.objectContaining({ code: 'base64-invalid' }))
  })
})
