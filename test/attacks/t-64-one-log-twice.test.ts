import { rekorAnchor } from '@countersign/adapters/anchor-rekor'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Code, JsonObject } from '@countersign/core'
import { type AnchorProved, countRekorLogs, parseTrustedRoot, rekorLog, rekorTrust } from '@countersign/verify/anchors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalRekor, startLocalRekor } from '../anchors/local-rekor.ts'
import { drive, p256Signer, proved } from '../anchors/rekor-kit.ts'

// T-64: one log meets N-of-M by itself (CVE-2026-49834): with two entries of one statement, with one key under two
// names, or with two logs of one operator.

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
let [one, two]: LocalRekor[] = []

beforeAll(async () => {
  one = await startLocalRekor({ name: 'one.example' })
  two = await startLocalRekor({ name: 'two.example' })
})
afterAll(async () => {
  await one!.close()
  await two!.close()
})

async function anchored(log: LocalRekor): Promise<AnchorProved> {
  const options = { services: [log.service], signer: p256Signer(), trust: log.trust, crypto: nodeCrypto }
  return proved((await drive(rekorAnchor(options))).proof!, log.trust)
}

describe('T-64: logs that vouch for a statement', () => {
  test('count once each, however many entries they have of it', async () => {
    const trust = rekorTrust([...one!.trust.logs, ...two!.trust.logs])
    const [first, second, third] = [await anchored(one!), await anchored(one!), await anchored(two!)]
    expect(first.at).not.toBe(second.at)
    expect(countRekorLogs([first, second], trust)).toBe(1)
    expect(countRekorLogs([first, first], trust)).toBe(1)
    expect(countRekorLogs([first, third], trust)).toBe(2)
    expect(countRekorLogs([], trust)).toBe(0)
  })

  test('are not two for having one key under two names', () => {
    const [log] = one!.trust.logs
    expect(() => rekorTrust([log!, rekorLog('alias.example', log!.key, nodeCrypto)])).toThrow(
      coded('anchor-setup-invalid'),
    )
    // One name with two keys is one log that changed its key.
    const renewed = rekorLog('one.example', two!.trust.logs[0]!.key, nodeCrypto)
    expect(rekorTrust([log!, renewed]).logs.length).toBe(2)
  })

  test('are one party where one operator runs both', async () => {
    const both = [await anchored(one!), await anchored(two!)]
    const parties = (operator: (i: number) => JsonObject) => {
      const tlogs = [one!, two!].flatMap(({ trustedRoot }) => trustedRoot['tlogs'] as readonly JsonObject[])
      const named = tlogs.map((log, i) => ({ ...log, ...operator(i) }))
      const root = parseTrustedRoot(JSON.stringify({ ...one!.trustedRoot, tlogs: named }), nodeCrypto)
      return countRekorLogs(both, root)
    }
    expect(parties(() => ({}))).toBe(2)
    expect(parties((i) => ({ operator: `operator${i}.example` }))).toBe(2)
    expect(parties(() => ({ operator: 'operator.example' }))).toBe(1)
  })
})
