import { createHash } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { base64, type Code, type JsonValue, utf8 } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { parseTimestampToken } from '@countersign/formats/anchor'
import { distinctSources, readRfc3161Trust, type Rfc3161Trust, verifyRfc3161 } from '@countersign/verify/anchors'
import { describe, expect, test } from 'vitest'
import { certificate, newKey, type TestCertificate } from '../anchors/certificates.ts'
import { statementText } from '../anchors/statement.ts'
import { timestampToken } from '../anchors/tokens.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const text = utf8(statementText())
const digests = { sha256: nodeCrypto.sha256(text), sha3_256: nodeCrypto.sha3_256(text) }
const statement = createHash('sha256').update(text).digest('hex')

const authority = (name: string) => {
  const root = certificate({ name, key: newKey(), issuer: null, ca: true })
  return { root, signer: (serial: number) => certificate({ name, key: newKey(), issuer: root, serial }) }
}
const [one, other] = [authority('One'), authority('Other')]

const trust = (...named: (readonly [string, ...TestCertificate[]])[]): Rfc3161Trust => {
  const authorities = named.map(([name, ...pinned]) => ({ name, certificates: pinned.map(({ der }) => base64(der)) }))
  return readRfc3161Trust(new Shape('anchor-setup-invalid', { authorities } as JsonValue, 'trust'))
}
const proved = (signer: TestCertificate, serial: number, known: Rfc3161Trust) => {
  const made = timestampToken({ imprint: digests.sha256, time: '20261121000009', signer, serial })
  const anchor = { kind: 'rfc3161', statement, token: parseTimestampToken(made), certificates: [] } as const
  return verifyRfc3161(anchor, { text, digests }, known, nodeCrypto)
}

describe('T-64: one authority is one source', () => {
  const known = trust(['one', one.root], ['other', other.root])

  test('however many tokens, serial numbers and certificates it has', () => {
    const [first, second] = [one.signer(2), one.signer(3)]
    const all = [proved(first, 1, known), proved(first, 2, known), proved(second, 3, known)]
    expect(distinctSources(all).length).toBe(1)
    // Red control: counted as tokens, they would be three; and two authorities are two.
    expect(new Set(all.map(({ at }) => at)).size).toBe(3)
    expect(distinctSources([...all, proved(other.signer(2), 1, known)]).length).toBe(2)
  })

  test('and cannot be pinned under two names', () => {
    expect(() => trust(['one', one.root], ['two', one.root])).toThrow(coded('anchor-setup-invalid'))
    const again = certificate({ name: 'Again', key: one.root.key, issuer: null, ca: true, serial: 5 })
    expect(() => trust(['one', one.root], ['two', again])).toThrow(coded('anchor-setup-invalid'))
    expect(() => trust(['one', one.root], ['one', other.root])).toThrow(coded('anchor-setup-invalid'))
    expect(trust(['one', one.root, again]).authorities.length).toBe(1)
  })

  test('by the old root and by the new', () => {
    const both = trust(['one', one.root, other.root])
    const all = [proved(one.signer(2), 1, both), proved(other.signer(2), 1, both)]
    expect(distinctSources(all).map(({ by }) => by)).toEqual(['one'])
  })
})
