import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalJson, type Code, fromUtf8, hex, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { Shape, statementDigests } from '@countersign/formats'
import { ethereumJson, readEthereum, statementCalldata } from '@countersign/formats/anchor'
import { readEthereumTrust, verifyEthereum } from '@countersign/verify/anchors'
import { expect, test } from 'vitest'
import { vectors } from './read.ts'

interface Vector {
  readonly anchor: JsonValue
  /** Its text. */
  readonly statement: string
  readonly trust: JsonValue
  readonly proved?: object
  readonly error?: Code
}

test.each(vectors<Vector>('anchor-ethereum'))('%s', (_, { anchor, statement, trust, proved, error }) => {
  const verify = () => {
    const read = readEthereum(new Shape('anchor-invalid', anchor, 'the anchor'))
    expect(fromUtf8(canonicalJson(ethereumJson(read)))).toBe(fromUtf8(canonicalJson(anchor)))
    const about = { text: utf8(statement), digests: statementDigests(statement, portableCrypto) }
    const pinned = readEthereumTrust(new Shape('anchor-invalid', trust, 'the trust'))
    return verifyEthereum(read, about, pinned, portableCrypto)
  }
  if (error !== undefined) expect(verify).toThrow(expect.objectContaining({ name: 'CodedError', code: error }))
  else expect(verify()).toMatchObject({ kind: 'ethereum', ...proved })
})

test('SPEC names the fields of the vectors, and the bytes that the calldata begins with', () => {
  const spec = readFileSync(join(import.meta.dirname, '../../packages/formats/SPEC.md'), 'utf8')
  const section = spec.slice(spec.indexOf('\n### Ethereum\n'))
  const named = section.split('\n').flatMap((line) => /^\| ((?:`\w+`(?:, )?)+) \|/.exec(line)?.[1]?.match(/\w+/g) ?? [])
  const [, { anchor }] = vectors<Vector>('anchor-ethereum').find(([name]) => name === 'good')!
  expect(named.slice(0, 8).toSorted()).toEqual(Object.keys(anchor as object).toSorted())
  const magic = statementCalldata({ sha256: new Uint8Array(32), sha3_256: new Uint8Array(32) }).subarray(0, 8)
  expect(section).toContain(`\`${hex(magic)}\``)
})
