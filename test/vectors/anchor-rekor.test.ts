import { type Code, fromHex, hex, type JsonValue, parsePublicKey, utf8 } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { portableCrypto } from '@countersign/core/portable'
import { Shape, statementDigests } from '@countersign/formats'
import { parseSigningConfig, readRekor, rekorJson, servicesAt } from '@countersign/formats/anchor'
import { parseRekorVkey, parseTrustedRoot, rekorTrust, verifyRekor } from '@countersign/verify/anchors'
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

describe('trusted roots', () => {
  type Vector = { readonly trustedRoot: { readonly tlogs: readonly { baseUrl: string }[] }; readonly error?: Code }
  test.each(vectors<Vector>('rekor-trusted-root'))('%s', (_name, { trustedRoot, error }) => {
    const read = () => parseTrustedRoot(JSON.stringify(trustedRoot), portableCrypto)
    if (error !== undefined) return void expect(read).toThrow(coded(error))
    const { logs, signers } = read()
    expect(signers).toBeNull()
    expect(logs.map(({ name }) => name)).toContain('rekor.example')
    expect(logs.length).toBe(_name === 'with-a-log-that-cannot-be-verified' ? 1 : trustedRoot.tlogs.length)
  })
})

describe('signing configurations', () => {
  type Vector = {
    readonly signingConfig: JsonValue
    readonly chosen?: Record<string, string | null>
    readonly error?: Code
  }
  test.each(vectors<Vector>('rekor-signing-config'))('%s', (_name, { signingConfig, chosen = {}, error }) => {
    const read = () => parseSigningConfig(JSON.stringify(signingConfig))
    if (error !== undefined) return void expect(read).toThrow(coded(error))
    expect(read().length).toBe(4)
    for (const [time, url] of Object.entries(chosen)) {
      expect(servicesAt(read(), Date.parse(time), [1, 2])[0]?.url ?? null, time).toBe(url)
    }
  })
})

describe('verifier keys', () => {
  type Vector = { readonly vkey: string; readonly name?: string; readonly logId?: string; readonly error?: Code }
  test.each(vectors<Vector>('rekor-vkey'))('%s', (_name, { vkey, name, logId, error }) => {
    const read = () => parseRekorVkey(vkey, portableCrypto)
    if (error !== undefined) return void expect(read).toThrow(coded(error))
    expect(read().name).toBe(name)
    expect(hex(read().logId)).toBe(logId)
  })
})
