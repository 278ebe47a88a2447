import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { Keyless } from '@countersign/adapters/signer-keyless'
import { base64, publicKeyPem } from '@countersign/core'
import { derOf } from '@countersign/client'
import { writeStep } from '@countersign/formats'
import { signStatement } from '@countersign/sign'
import { openTrusting, type Trusting } from '../identity/tenants.ts'
import { at, file, newChainId, statement } from '../pipeline.ts'
import { codeOf } from '../server.ts'

const AUDIENCE = 'countersign:test'
let trusting: Trusting
beforeAll(async () => {
  trusting = await openTrusting({ tenants: ['acme', 'evil'] })
  expect((await trusting.trust('github-actions', {}, 'acme')).status).toBe(201)
  const claims = [{ name: 'repository_id', value: '666' }]
  expect((await trusting.trust('github-actions', { claims }, 'evil')).status).toBe(201)
})
afterAll(() => trusting.close())

/** A step signed by a run that its tenant's rule lets in. */
async function signed(claims: Record<string, string>) {
  const keyless = await Keyless.open({
    sessions: null,
    audience: AUDIENCE,
    now: () => Date.parse(at(60)),
    tokens: {
      system: 'github-actions',
      audience: null,
      renewable: true,
      repeats: false,
      token: () => Promise.resolve(trusting.issuer.token('github-actions', claims)),
    },
    authority: {
      async certify({ token, key }) {
        const body = JSON.stringify({ token, publicKey: publicKeyPem(key.publicKey), proof: base64(key.proof) })
        const reply = await trusting.server.request('POST', '/v1/sessions', { token: null, body })
        expect(reply.status).toBe(201)
        const { certificates } = (await reply.json()) as { certificates: string[] }
        return { certificates: certificates.map(derOf), access: null }
      },
    },
  })
  const chain = { id: newChainId(), pipeline: 'shop/web', contract: null }
  const made = statement({ chain, name: 'build', minute: 58, subject: [file('app', 'bytes')] })
  const runner = { ...made.predicate.runner, system: 'github-actions' }
  const payload = writeStep({ ...made, predicate: { ...made.predicate, runner } })
  return signStatement(payload, await keyless.signer(), nodeCrypto)
}

describe('T-90: one authority certifies for every tenant of a server', () => {
  test('what it issued to another tenant signs nothing here, whoever sends it', async () => {
    const own = await signed({})
    const foreign = await signed({ repository_id: '666', repository: 'evil/widget', repository_owner: 'evil' })
    expect(await codeOf(trusting.server.append(foreign, { tenant: 'acme' }))).toBe('signer-unknown')
    expect(await codeOf(trusting.server.append(own, { tenant: 'evil' }))).toBe('signer-unknown')
    // Each at home: red, were nothing let in at all.
    expect((await trusting.server.append(own, { tenant: 'acme' })).status).toBe(201)
    expect((await trusting.server.append(foreign, { tenant: 'evil' })).status).toBe(201)
  })
})
