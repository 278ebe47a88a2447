import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTrusting, type Trusting } from '../identity/tenants.ts'
import { file, newChainId, party, signStep } from '../pipeline.ts'
import { token } from '../server.ts'

// T-90 with identity tokens: a rule lets tokens into the tenant that made it, and what is granted stays there.

let world: Trusting
beforeEach(async () => {
  world = await openTrusting({ tenants: ['acme', 'other'] })
})
afterEach(() => world.close())

const OTHER = { token: token('other') }
const answer = async (reply: Response) => [reply.status, ((await reply.json()) as { code?: string }).code ?? null]
const show = (claims = {}) => world.show(world.issuer.token('github-actions', claims))

describe('T-90: a rule', () => {
  test('of one tenant lets nobody into another', async () => {
    await world.trust()
    const claims = [{ name: 'repository_id', value: '5' }]
    await world.trust('github-actions', { claims }, 'other')
    expect(await world.session()).toMatchObject({ tenant: 'acme' })
    expect(await world.session(world.issuer.token('github-actions', { repository_id: '5' }))).toMatchObject({
      tenant: 'other',
    })
    // Not even where the token asks for the other.
    expect(await answer(await show({ aud: 'countersign:test/other' }))).toEqual([401, 'identity-token-invalid'])
    expect(await answer(await show({ aud: 'countersign:test/acme' }))).toEqual([201, null])
  })

  test('is seen, tried and removed by its own tenant only', async () => {
    await world.trust('github-actions', { id: 'secret-project' })
    const { request } = world.server
    expect(await (await request('GET', '/v1/issuers', OTHER)).json()).toEqual({ items: [] })
    expect((await request('DELETE', '/v1/issuers/secret-project', OTHER)).status).toBe(404)
    const tried = await request('POST', '/v1/issuers/test', {
      ...OTHER,
      body: JSON.stringify({ token: world.issuer.token('github-actions') }),
    })
    const text = await tried.text()
    expect(JSON.parse(text)).toMatchObject({ rule: null, rules: [], token: null, refusal: { code: 'issuer-unknown' } })
    expect(text).not.toContain('secret')
    // Red control: to its own tenant each of them is answered.
    expect(await (await request('GET', '/v1/issuers')).text()).toContain('secret-project')
    expect((await request('DELETE', '/v1/issuers/secret-project')).status).toBe(204)
  })

  test('that two tenants have lets nobody in who does not say which, and names neither', async () => {
    await world.trust()
    await world.trust('github-actions', { id: 'of-the-other' }, 'other')
    const reply = await show()
    const text = await reply.text()
    expect([reply.status, JSON.parse(text)]).toMatchObject([403, { code: 'issuer-unknown' }])
    for (const name of ['acme', 'of-the-other', 'github-actions-rule']) expect(text).not.toContain(name)
    for (const tenant of ['acme', 'other']) {
      const token = world.issuer.token('github-actions', { aud: `countersign:test/${tenant}` })
      expect(await world.session(token)).toMatchObject({ tenant })
    }
    // And it is not used up by that: what was refused can be shown again.
    await world.server.request('DELETE', '/v1/issuers/of-the-other', OTHER)
    expect(await world.session()).toMatchObject({ tenant: 'acme' })
  })
})

describe('T-90: a session', () => {
  test('sees nothing of another tenant', async () => {
    await world.trust()
    const by = party('build')
    for (const tenant of ['acme', 'other']) await world.server.enrol([by], tenant)
    const step = (tenant: string) =>
      signStep(by, {
        chain: { id: newChainId(), pipeline: tenant, contract: null },
        name: 'a',
        subject: [file('a', tenant)],
      })
    const [own, theirs] = [step('acme'), step('other')]
    expect((await world.server.append(own.bundle)).status).toBe(201)
    expect((await world.server.append(theirs.bundle, { tenant: 'other' })).status).toBe(201)
    const { accessToken } = await world.session()
    const read = (link: string) => world.server.request('GET', `/v1/attestations/${link}`, { token: accessToken })
    expect((await read(own.link)).status).toBe(200)
    expect((await read(theirs.link)).status).toBe(404)
    expect(
      ((await (await world.server.request('GET', '/v1/keys', { token: accessToken })).json()) as { items: object[] })
        .items,
    ).toHaveLength(1)
  })

  test('has an id that is no other’s, and its secret opens no other', async () => {
    await world.trust()
    const [one, two] = [await world.session(), await world.session()]
    const [, a] = one.accessToken.split('_')
    const [, , secret] = two.accessToken.split('_')
    expect(one.accessToken).not.toBe(two.accessToken)
    for (const forged of [`cst_${a}_${secret}`, `cst_acmeall_${secret}`, `cst_${a}_${'s'.repeat(32)}`]) {
      expect((await world.server.request('GET', '/v1/keys', { token: forged })).status).toBe(401)
    }
    expect((await world.server.request('GET', '/v1/keys', { token: two.accessToken })).status).toBe(200)
  })
})
