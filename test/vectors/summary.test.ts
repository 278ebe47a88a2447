import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, fromBase64, type JsonValue, parsePublicKey, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { passedSummary } from '@countersign/verify/slsa'
import { expect, test } from 'vitest'
import { vectors } from './read.ts'

interface Vector {
  readonly summary: JsonValue
  /** Raw Ed25519 key, base64. */
  readonly key: string
  readonly artifact: string
  readonly contract: string | null
  readonly now: string
  /** Milliseconds. */
  readonly maxAge: number
  readonly clockTolerance: number
  readonly passes?: {
    readonly inputs: readonly string[]
    readonly deviations: readonly string[]
    readonly deviated: boolean
  }
  readonly error?: Code
}

/** What goes before 32 bytes that are an Ed25519 key (RFC 8410). */
const PREFIX = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00)

test.each(vectors<Vector>('summary'))('%s', (_, { summary, key, passes, error, ...demand }) => {
  const keys = [parsePublicKey(new Uint8Array([...PREFIX, ...fromBase64(key)]))]
  const bytes = utf8(JSON.stringify(summary))
  for (const crypto of [portableCrypto, nodeCrypto]) {
    const read = () => passedSummary(bytes, { ...demand, keys }, crypto)
    if (error !== undefined) expect(read).toThrow(expect.objectContaining({ name: 'CodedError', code: error }))
    else expect(read()).toMatchObject({ artifact: demand.artifact, verifier: 'https://gate.example', ...passes })
  }
})
