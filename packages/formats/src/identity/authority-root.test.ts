import { base64, type Code, type JsonValue } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { authorityYaml, CA, keylessContract } from '../../../../test/keyless.ts'
import { LOG_KEY } from '../../../../test/identity/local-ca.ts'
import { parse } from '../../../contract/src/contract.test-kit.ts'
import { Shape } from '../index.ts'
import { authorityId, type AuthorityRoot, authorityRootsJson, readAuthorityRoots } from './index.ts'

const own: AuthorityRoot = {
  kind: 'countersign',
  name: 'ours',
  certificates: [CA.intermediate!.der, CA.root.der],
  logs: [LOG_KEY],
  revokedAt: null,
}
const outside = {
  kind: 'sigstore',
  name: 'public',
  trustedRoot: '{}',
  isPublic: false,
  revokedAt: null,
} as const satisfies AuthorityRoot
const read = (value: JsonValue) => readAuthorityRoots(new Shape('evidence-invalid', value, 'authorities'))

describe('authorities', () => {
  test('written and read are the same, in one order', () => {
    const json = authorityRootsJson([own, outside])
    expect(authorityRootsJson([outside, own, own])).toEqual(json)
    const ids = read(json).map(authorityId)
    expect(ids).toEqual([authorityId(own), authorityId(outside)].toSorted())
    expect(authorityRootsJson(read(json))).toEqual(json)
  })

  test('have the ids by which a contract knows them', () => {
    const contract = parse(keylessContract({ authorities: `  ours:\n${authorityYaml()}` }))
    expect(contract.authorities.get('ours')!.id).toBe(authorityId(own))
  })

  test('believed in two ways are believed in none', () => {
    const again = { ...own, revokedAt: '2026-11-01T12:00:00.000Z' }
    expect(() => authorityRootsJson([own, again])).toThrow(expect.objectContaining({ code: 'trust-root-invalid' }))
    expect(authorityRootsJson([own])[0]).toMatchObject({
      certificates: [base64(CA.intermediate!.der), base64(CA.root.der)],
    })
  })

  test('one of them may be what the public Sigstore has', () => {
    const world = { ...outside, trustedRoot: '{"world":1}', isPublic: true }
    const json = authorityRootsJson([own, outside, world])
    expect(json.filter(({ public: is }) => is !== undefined)).toEqual([
      { name: 'public', trustedRoot: world.trustedRoot, public: true, revokedAt: null },
    ])
    expect(authorityRootsJson(read(json))).toEqual(json)
    const coded = (code: Code) => expect.objectContaining({ code }) as Error
    for (const wrong of [false, 1, 'true', null]) {
      expect(() => read([{ ...json.find(({ public: is }) => is === true)!, public: wrong }])).toThrow(
        coded('evidence-invalid'),
      )
    }
    expect(() => read([{ ...authorityRootsJson([own])[0]!, public: true }])).toThrow(coded('evidence-invalid'))
    expect(() => authorityRootsJson([world, { ...outside, isPublic: true }])).toThrow(coded('trust-root-invalid'))
    const two = authorityRootsJson([outside, world]).map((one) => ({ ...one, public: true }))
    expect(() => read(two)).toThrow(coded('evidence-invalid'))
    // One trusted root with two meanings.
    expect(() => authorityRootsJson([outside, { ...outside, isPublic: true }])).toThrow(coded('trust-root-invalid'))
  })
})
