import { base64, type JsonValue } from '@countersign/core'
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
const outside: AuthorityRoot = { kind: 'sigstore', name: 'public', trustedRoot: '{}', revokedAt: null }
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
})
