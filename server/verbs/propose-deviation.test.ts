import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseContract } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { type Endorsed, parseDeviationLine, writeDeviationLine } from '@countersign/formats'
import { deviationId } from '@countersign/verify'
import {
  deviationFrom,
  hastyRun,
  maintainedText,
  publishSigned,
  signDeviation,
  WITHOUT_TESTS,
} from '../../test/acts.ts'
import { signIn } from '../../test/people.ts'
import { at, newChainId, parties, party } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'
import { ROLES } from '../roles.ts'

const who = parties()
const [ann, bob, cleo, eve] = [party('ann'), party('bob'), party('cleo'), party('eve')]
const text = maintainedText(who, { threshold: 2, of: [ann, bob, cleo] })
const contract = parseContract(utf8(text))

let server: TestServer
let now: string

beforeEach(async () => {
  now = at(10)
  server = await openTestServer({ now: () => now, tenants: ['acme', 'other'] })
  await server.enrol([who.github, who.codebuild, who.azure])
  expect((await publishSigned(server, text, [ann, bob])).status).toBe(200)
})
afterEach(() => server.close())

interface Told {
  readonly id: string
  readonly state: string
  readonly why: string | null
  readonly threshold: number | null
  readonly signedBy: readonly string[]
  readonly open: readonly string[]
}

const begun = async () => {
  const own = hastyRun(who, contract)
  for (const step of [own.source, own.build]) expect((await server.append(step.bundle)).status).toBe(201)
  return { ...own, deviation: deviationFrom(contract, { chain: own.chain.id, excuses: WITHOUT_TESTS }) }
}
const propose = (chain: string, deviation: Endorsed, as = token('acme')) =>
  server.request('POST', `/v1/chains/${chain}/proposals`, { body: writeDeviationLine(deviation), token: as })
const told = async (reply: Promise<Response>) => (await (await reply).json()) as Told
const waiting = async (query = '', as = token('acme')) =>
  ((await (await server.request('GET', `/v1/proposals${query}`, { token: as })).json()) as { items: Told[] }).items
const appended = async (bundle: Parameters<TestServer['append']>[0]) => {
  const reply = await server.append(bundle)
  return reply.status === 201 ? 'accepted' : ((await reply.json()) as { code: string }).code
}

describe('a deviation that waits', () => {
  test('lets nothing through, until the last signature that it takes lets it in, as if all had come at once', async () => {
    const { chain, deploy, deviation } = await begun()
    const id = deviationId(signDeviation(deviation, [ann]).payload, nodeCrypto)
    const size = server.deps.log.size
    const first = await propose(chain.id, signDeviation(deviation, [ann]))
    expect(first.status).toBe(202)
    const one = { id, state: 'waiting', why: null, threshold: 2, signedBy: ['ann'], open: ['bob', 'cleo'] }
    expect(await first.json()).toMatchObject({ ...one, by: { kind: 'token', id: 'acmeall' }, proposedAt: at(10) })
    expect(await waiting(`?chain=${chain.id}`)).toMatchObject([one])
    expect(await waiting(`?chain=${newChainId()}`)).toEqual([])
    // It is in no log, and lets nothing through.
    expect(server.deps.log.size).toBe(size)
    expect(await appended(deploy.bundle)).toBe('step-order')
    // Signed by who takes it from the server, and by nobody twice.
    const line = await server.request('GET', `/v1/proposals/${id}`)
    const held = parseDeviationLine(new Uint8Array(await line.arrayBuffer()))
    expect(held.endorsements).toHaveLength(1)
    expect(await told(propose(chain.id, signDeviation(deviation, [ann, ann])))).toMatchObject({ signedBy: ['ann'] })
    expect((await server.store.proposals.one('acme', id))!.document).toEqual(
      writeDeviationLine({ ...held, logged: null }),
    )
    const last = await propose(chain.id, signDeviation(deviation, [bob]))
    expect(last.status).toBe(200)
    const admitted = parseDeviationLine(new Uint8Array(await last.arrayBuffer()))
    expect(admitted.logged!.proof.index).toBe(size)
    expect(admitted.endorsements).toHaveLength(2)
    expect(await waiting()).toEqual([])
    expect(await appended(deploy.bundle)).toBe('accepted')
    // The same again is told what became of it, and waits no more.
    const again = await propose(chain.id, signDeviation(deviation, [cleo]))
    expect([again.status, await waiting()]).toEqual([422, []])
    expect((await propose(chain.id, signDeviation(deviation, [ann, bob]))).status).toBe(200)
  })

  test('counts whom the contract names, and nobody else (T-39)', async () => {
    const { chain, deviation } = await begun()
    expect(await codeOf(propose(chain.id, signDeviation(deviation, [eve])))).toBe('deviation-unsigned')
    const bent = signDeviation(deviation, [ann])
    const [endorsement] = bent.endorsements
    const wrong = { ...bent, endorsements: [{ ...endorsement!, signature: new Uint8Array(64) }] }
    expect(await codeOf(propose(chain.id, wrong))).toBe('deviation-unsigned')
    expect(await waiting()).toEqual([])
    // With one that counts, what does not is not even kept.
    expect(await told(propose(chain.id, signDeviation(deviation, [ann, eve])))).toMatchObject({ signedBy: ['ann'] })
    const [held] = await server.store.proposals.list('acme', null)
    expect(parseDeviationLine(held!.document).endorsements).toHaveLength(1)
    expect(await told(propose(chain.id, signDeviation(deviation, [ann])))).toMatchObject({ signedBy: ['ann'] })
    // Red control: another maintainer.
    expect((await propose(chain.id, signDeviation(deviation, [cleo]))).status).toBe(200)
  })

  test('a key that is revoked meanwhile counts no more', async () => {
    const { chain, deviation } = await begun()
    await server.enrol([ann])
    await propose(chain.id, signDeviation(deviation, [ann]))
    const keyId = ann.publicKey.keyId
    expect((await server.request('POST', `/v1/keys/${keyId}/revoke`)).status).toBe(200)
    expect(await waiting()).toMatchObject([{ signedBy: [], open: ['ann', 'bob', 'cleo'] }])
    expect(await told(propose(chain.id, signDeviation(deviation, [bob])))).toMatchObject({ signedBy: ['bob'] })
    expect((await propose(chain.id, signDeviation(deviation, [cleo]))).status).toBe(200)
  })

  test('what could never be let in is not kept', async () => {
    const { chain, deviation } = await begun()
    const never = { ...deviation, excuses: [{ code: 'signature-invalid', step: 'deploy' }] }
    expect(await codeOf(propose(chain.id, signDeviation(never, [ann])))).toBe('deviation-invalid')
    expect(await codeOf(propose(newChainId(), signDeviation(deviation, [ann])))).toBe('deviation-invalid')
    expect(await codeOf(propose(chain.id, signDeviation({ ...deviation, expiresAt: at(5) }, [ann])))).toBe(
      'deviation-expired',
    )
    expect(await waiting()).toEqual([])
  })

  test('two signatures at the same time are both kept', async () => {
    const three = maintainedText(who, { threshold: 3, of: [ann, bob, cleo] }, { revision: 2 })
    expect((await publishSigned(server, three, [ann, bob, cleo])).status).toBe(200)
    const chain = newChainId()
    const deviation = deviationFrom(parseContract(utf8(three)), { chain, excuses: WITHOUT_TESTS })
    const replies = await Promise.all([ann, bob].map((one) => propose(chain, signDeviation(deviation, [one]))))
    expect(replies.map(({ status }) => status)).toEqual([202, 202])
    expect((await waiting())[0]!.signedBy.toSorted()).toEqual(['ann', 'bob'])
    expect((await propose(chain, signDeviation(deviation, [cleo]))).status).toBe(200)
  })

  test('says so when it is over, for a week, and when nobody can let it in any more', async () => {
    const { chain, deviation } = await begun()
    await propose(chain.id, signDeviation({ ...deviation, expiresAt: at(20) }, [ann]))
    // The same may be let in by another, that lasts longer.
    await propose(chain.id, signDeviation({ ...deviation, reason: 'another' }, [ann]))
    await propose(chain.id, signDeviation({ ...deviation, reason: 'a third', expiresAt: at(22) }, [bob, cleo]))
    const states = async () =>
      (await waiting()).map(({ state, why }) => [state, why?.replace(/[0-9a-f]{12}/, 'X') ?? null])
    expect(await states()).toEqual([
      ['waiting', null],
      ['superseded', 'deviation X lets the same through'],
    ])
    now = at(20)
    expect((await states())[1]).toEqual(['expired', `it expired at ${at(20)}`])
    expect(await codeOf(propose(chain.id, signDeviation({ ...deviation, expiresAt: at(20) }, [bob])))).toBe(
      'deviation-expired',
    )
    // Of a run that has not begun, and will be held against another contract.
    const coming = newChainId()
    expect((await propose(coming, signDeviation({ ...deviation, chain: coming }, [ann]))).status).toBe(202)
    const next = text.replace('revision: 1', 'revision: 2')
    expect((await publishSigned(server, next, [ann, bob])).status).toBe(200)
    expect((await waiting(`?chain=${coming}`))[0]).toMatchObject({ state: 'superseded', threshold: null })
    now = at(20 + 8 * 24 * 60)
    const last = next.replace('revision: 2', 'revision: 3')
    expect((await publishSigned(server, last, [ann, bob])).status).toBe(200)
    const lasting = { chain: newChainId(), excuses: WITHOUT_TESTS, expiresAt: at(9 * 24 * 60) }
    const fresh = signDeviation(deviationFrom(parseContract(utf8(last)), lasting), [ann])
    expect((await waiting()).length).toBeGreaterThan(1)
    expect((await propose(lasting.chain, fresh)).status).toBe(202)
    expect(await waiting()).toMatchObject([{ id: deviationId(fresh.payload, nodeCrypto), state: 'waiting' }])
  })

  test('is proposed, seen and withdrawn by role, and told to approvers', async () => {
    const { chain, deviation } = await begun()
    for (const role of ROLES) {
      const me = await signIn(server, role)
      const own = { ...deviation, reason: `of a ${role}` }
      const body = new TextDecoder().decode(writeDeviationLine(signDeviation(own, [ann])))
      const may = ['approver', 'maintainer', 'admin'].includes(role)
      const reply = await me.request('POST', `/v1/chains/${chain.id}/proposals`, { body })
      expect([role, reply.status]).toEqual([role, may ? 202 : 403])
      expect((await me.request('GET', '/v1/proposals')).status).toBe(200)
      if (!may) continue
      const { id } = (await reply.json()) as Told
      const gone = await me.request('DELETE', `/v1/proposals/${id}`)
      expect([role, gone.status]).toEqual([role, role === 'approver' ? 403 : 204])
    }
    expect(await waiting()).toHaveLength(1)
    expect(await waiting('', token('other'))).toEqual([])
    const events = await server.request('GET', '/v1/events?type=deviation.proposed')
    const { items } = (await events.json()) as { items: { severity: string; data: { by: object; reason: string } }[] }
    expect(items.map(({ data }) => data.reason)).toEqual(['of a approver', 'of a maintainer', 'of a admin'])
    expect(items[0]).toMatchObject({ severity: 'warning', data: { by: { kind: 'person' }, chain: chain.id } })
  })

  test('a tenant cannot be filled with them', async () => {
    const { chain, deviation } = await begun()
    for (let i = 0; i < 16; i++)
      expect((await propose(chain.id, signDeviation({ ...deviation, reason: `no ${i}` }, [ann]))).status).toBe(202)
    expect(await codeOf(propose(chain.id, signDeviation({ ...deviation, reason: 'more' }, [ann])))).toBe(
      'request-invalid',
    )
    // Signatures for those that wait are taken all the same.
    expect((await propose(chain.id, signDeviation({ ...deviation, reason: 'no 3' }, [bob]))).status).toBe(200)
    expect((await propose(chain.id, signDeviation({ ...deviation, reason: 'more' }, [ann]))).status).toBe(202)
  })
})
