import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Code, CodedError, utf8 } from '@countersign/core'
import { type LocalVault, startLocalVault } from '../../../test/signers/local-vault.ts'
import { nodeCrypto } from './crypto-node.ts'
import { openKmsSigner } from './kms-signer.ts'

let vault: LocalVault
beforeAll(async () => {
  vault = await startLocalVault()
})
afterAll(() => vault.close())
beforeEach(() => {
  Object.assign(vault, { mode: 'honest', change: null, mount: 'transit', namespace: null })
})

const MESSAGE = utf8('a step')
const door = (env: Readonly<Record<string, string>> = vault.env) => ({
  env,
  now: () => Date.now(),
  wait: () => Promise.resolve(),
})
async function faultOf(work: () => Promise<unknown>): Promise<CodedError> {
  const error = await work().catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(CodedError)
  for (const secret of vault.secrets) expect(inspect(error, { depth: 9 })).not.toContain(secret)
  return error as CodedError
}
const codeOf = async (work: () => Promise<unknown>): Promise<Code> => (await faultOf(work)).code

type Data = Record<string, unknown>

describe('a key', () => {
  test('is of the newest version, or of the one that is named; each is another key', async () => {
    const first = await openKmsSigner('hashivault://build', door())
    vault.rotate()
    const [same, second] = [
      await openKmsSigner('hashivault://build/versions/1', door()),
      await openKmsSigner('hashivault://build', door()),
    ]
    expect(same.publicKey.keyId).toBe(first.publicKey.keyId)
    expect(second.publicKey.keyId).not.toBe(first.publicKey.keyId)
    expect(second.name).toMatch(/\/transit\/build version 2$/)
    for (const signer of [first, same, second]) {
      expect(nodeCrypto.verify(signer.publicKey, MESSAGE, await signer.sign(MESSAGE))).toBe(true)
    }
    expect(vault.asked.at(-1)).toContain('"key_version":2')
  })

  test('of Ed25519 signs the message itself', async () => {
    const signer = await openKmsSigner(vault.create('edwards', 'ed25519'), door())
    expect(signer.publicKey.algorithm).toBe('ed25519')
    await signer.sign(MESSAGE)
    expect(vault.asked.at(-1)).not.toContain('prehashed')
  })

  test.each<[string, (data: Data) => Data, Code]>([
    ['of another kind', (data) => ({ ...data, type: 'aes256-gcm96' }), 'signer-setup-invalid'],
    ['of a kind that every object has', (data) => ({ ...data, type: 'constructor' }), 'signer-setup-invalid'],
    ['that is derived', (data) => ({ ...data, derived: true }), 'signer-setup-invalid'],
    ['that does not sign', (data) => ({ ...data, supports_signing: false }), 'signer-setup-invalid'],
    ['that may no longer sign', (data) => ({ ...data, min_encryption_version: 99 }), 'signer-setup-invalid'],
    ['without versions', (data) => ({ ...data, keys: {} }), 'signer-setup-invalid'],
    ['of no version', (data) => ({ ...data, latest_version: 0 }), 'signer-unreachable'],
    ['of half a version', (data) => ({ ...data, latest_version: '1' }), 'signer-unreachable'],
    ['with a public half of another kind', (data) => ({ ...data, type: 'ed25519' }), 'signer-setup-invalid'],
    [
      'of small order, under which anything verifies',
      (data) => ({
        ...data,
        type: 'ed25519',
        latest_version: 1,
        keys: { 1: { public_key: Buffer.alloc(32).toString('base64') } },
      }),
      'signer-setup-invalid',
    ],
  ])('%s is refused', async (_, change, code) => {
    vault.change = change
    expect(await codeOf(() => openKmsSigner('hashivault://build', door()))).toBe(code)
    vault.change = null
    await openKmsSigner('hashivault://build', door())
  })

  test('whose signature names another version, or none, is not signed with', async () => {
    const signer = await openKmsSigner('hashivault://build', door())
    for (const [from, to, code] of [
      [/^vault:v\d+/, 'vault:v99', 'sign-failed'],
      [/^vault:v\d+:/, '', 'signer-unreachable'],
      [/^vault:v\d+/, 'vault:v01', 'signer-unreachable'],
    ] as const) {
      vault.change = (data) => ({ ...data, signature: String(data['signature']).replace(from, to) })
      expect(await codeOf(() => signer.sign(MESSAGE))).toBe(code)
    }
    vault.change = null
    await signer.sign(MESSAGE)
  })
})

describe('the environment', () => {
  test('says where the engine is: mount and namespace, and OpenBao by its own names', async () => {
    Object.assign(vault, { mount: 'teams/shop/transit', namespace: 'acme/shop' })
    const { VAULT_ADDR, VAULT_TOKEN } = vault.env as { VAULT_ADDR: string; VAULT_TOKEN: string }
    const where = { TRANSIT_SECRET_ENGINE_PATH: '/teams/shop/transit/' }
    await openKmsSigner('hashivault://build', door({ ...vault.env, ...where, VAULT_NAMESPACE: 'acme/shop' }))
    await openKmsSigner(
      'hashivault://build',
      door({ BAO_ADDR: `${VAULT_ADDR}/`, BAO_TOKEN: VAULT_TOKEN, BAO_NAMESPACE: 'acme/shop', ...where }),
    )
    expect(await codeOf(() => openKmsSigner('hashivault://build', door({ ...vault.env, ...where })))).toBe(
      'signer-setup-invalid',
    )
    expect(
      await codeOf(() => openKmsSigner('hashivault://build', door({ ...vault.env, VAULT_NAMESPACE: 'acme/shop' }))),
    ).toBe('signer-setup-invalid')
  })

  test.each<[string, Record<string, string>]>([
    ['no address', { VAULT_ADDR: '' }],
    ['an address in clear', { VAULT_ADDR: 'http://vault.example' }],
    ['an address with a user', { VAULT_ADDR: 'https://a:b@vault.example' }],
    ['no token', { VAULT_TOKEN: '' }],
    ['a token with a line end', { VAULT_TOKEN: 'a\r\nx: y' }],
    ['a mount that leads out', { TRANSIT_SECRET_ENGINE_PATH: 'transit/../sys' }],
    ['a mount with a query', { TRANSIT_SECRET_ENGINE_PATH: 'transit?x' }],
    ['a namespace with a line end', { VAULT_NAMESPACE: 'a\nb' }],
  ])('with %s is refused before anything is asked', async (_, change) => {
    const before = vault.asked.length
    expect(await codeOf(() => openKmsSigner('hashivault://build', door({ ...vault.env, ...change })))).toBe(
      'signer-setup-invalid',
    )
    expect(vault.asked.length).toBe(before)
  })
})
