import { type Code, fromHex, type JsonValue, parsePublicKey, utf8 } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { portableCrypto } from '@countersign/core/portable'
import { Shape, statementDigests } from '@countersign/formats'
import { readRekor, rekorJson } from '@countersign/formats/anchor'
import { parseRekorVkey, rekorTrust, verifyRekor } from '@countersign/verify/anchors'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

interface Vector {
  readonly anchor: JsonValue
  readonly statement: string
  readonly vkeys: readonly string[]
  /** SPKI, hex. */
  readonly signers?: readonly string[]
  readonly proved?: object
  readonly error?: Code
}

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })

describe.each([
  ['portable', portableCrypto],
  ['native', nodeCrypto],
])('Rekor anchors, %s', (_, crypto) => {
  test.each(vectors<Vector>('anchor-rekor'))('%s', (_name, { anchor, statement, vkeys, signers, proved, error }) => {
    const keys = signers?.map((spki) => parsePublicKey(fromHex(spki))) ?? null
    const logs = vkeys.map((vkey) => parseRekorVkey(vkey, crypto))
    const about = { text: utf8(statement), digests: statementDigests(statement, crypto) }
    const read = () => readRekor(new Shape('anchor-invalid', anchor, 'anchor'))
    const verify = () => verifyRekor(read(), about, rekorTrust(logs, keys), crypto)
    if (error === undefined) {
      expect(rekorJson(read())).toEqual(anchor)
      expect(verify()).toEqual({ kind: 'rekor', ...proved })
    } else if (error === 'anchor-invalid') {
      expect(read).toThrow(coded(error))
    } else {
      expect(rekorJson(read())).toEqual(anchor)
      expect(verify).toThrow(coded(error))
    }
  })
})
