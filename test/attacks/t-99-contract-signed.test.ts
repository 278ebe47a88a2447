import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseContract } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { type Endorsed, parseSignedContract, writeSignedContract } from '@countersign/formats'
import { endorsersOf, enough, trustOf, logKeys } from '@countersign/verify'
import { hastyRun, maintainedText, publishSigned, signContract } from '../acts.ts'
import { at, parties, party } from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'

// T-99: whoever can publish, or has stolen a token that can, puts a weaker contract in force, brings back an older one, or
// makes himself a maintainer. T-39: one maintainer counts as two.

const who = parties()
const [ann, bob, cy, eve] = ['ann', 'bob', 'cy', 'eve'].map((name) => party(name)) as [
  ReturnType<typeof party>,
  ReturnType<typeof party>,
  ReturnType<typeof party>,
  ReturnType<typeof party>,
]
const two = { threshold: 2, of: [ann, bob, cy] }
const first = maintainedText(who, two)
const second = maintainedText(who, two, { revision: 2, head: ['clockToleranceSeconds: 60'] })

let server: TestServer
let now = at(10)

beforeEach(async () => {
  now = at(10)
  server = await openTestServer({ now: () => now })
})

afterEach(() => server.close())

const codeOf = async (reply: Promise<Response> | Response) => {
  const answer = await reply
  return answer.ok ? 'published' : ((await answer.json()) as { code: string }).code
}
const put = (body: string | Uint8Array) => server.request('PUT', '/v1/contracts/shop/web', { body })
const signed = (text: string, by: readonly ReturnType<typeof party>[]) => codeOf(publishSigned(server, text, by))
const inForce = async () =>
  parseContract(new Uint8Array(await (await server.request('GET', '/v1/contracts/shop/web')).arrayBuffer())).revision

describe('with maintainers', () => {
  test('as many of them as it says must have signed the first one, and every one that follows', async () => {
    expect(await codeOf(put(first))).toBe('contract-unsigned')
    expect(await signed(first, [ann])).toBe('contract-unsigned')
    expect(await signed(first, [ann, eve])).toBe('contract-unsigned')
    expect(await signed(first, [ann, bob])).toBe('published')
    for (const by of [[], [ann], [ann, eve], [eve, party('mallory')]]) {
      expect(by.length === 0 ? await codeOf(put(second)) : await signed(second, by)).toBe('contract-unsigned')
    }
    expect(await inForce()).toBe(1)
    expect(await signed(second, [cy, bob])).toBe('published')
    expect(await inForce()).toBe(2)
  })

  test('one of them counts once, however often, under whatever key id, and with whichever signature (T-39)', async () => {
    await signed(first, [ann, bob])
    expect(await signed(second, [ann, ann, ann])).toBe('contract-unsigned')
    const twice = signContract(second, [ann, ann])
    const alias: Endorsed = {
      ...twice,
      endorsements: twice.endorsements.map((one, i) => ({
        ...one,
        keyid: [bob.publicKey.keyId, 'aa', null][i] ?? null,
      })),
    }
    expect(await codeOf(put(writeSignedContract(alias)))).toBe('contract-unsigned')
    // The key id is a hint, and a wrong one harms nobody (T-40).
    const both = signContract(second, [ann, bob])
    const wrong = { ...both, endorsements: both.endorsements.map((one) => ({ ...one, keyid: eve.publicKey.keyId })) }
    expect(await codeOf(put(writeSignedContract(wrong)))).toBe('published')
  })

  test('a signature of another text, or of another type, counts for nothing; one that is bad beside enough harms nothing (T-41)', async () => {
    await signed(first, [ann, bob])
    const other = signContract(first, [bob]).endorsements
    const mixed = signContract(second, [ann])
    const bent = { ...mixed, endorsements: [...mixed.endorsements, ...other] }
    expect(await codeOf(put(writeSignedContract(bent)))).toBe('contract-unsigned')
    const whole = signContract(second, [ann, bob])
    const beside = { ...whole, endorsements: [...other, ...whole.endorsements] }
    expect(await codeOf(put(writeSignedContract(beside)))).toBe('published')
  })

  test('who they are changes only when the old ones and the new ones sign', async () => {
    await signed(first, [ann, bob])
    const mine = maintainedText(who, { threshold: 1, of: [eve] }, { revision: 2 })
    expect(await signed(mine, [eve])).toBe('contract-unsigned')
    // Nobody is made a maintainer who does not know.
    expect(await signed(mine, [ann, bob])).toBe('contract-unsigned')
    expect(await signed(mine, [ann, bob, eve])).toBe('published')
    const none = maintainedText(who, null, { revision: 3 })
    expect(await codeOf(put(none))).toBe('contract-unsigned')
    expect(await signed(none, [ann, bob])).toBe('contract-unsigned')
    expect(await signed(none, [eve])).toBe('published')
    expect(await codeOf(put(maintainedText(who, null, { revision: 4 })))).toBe('published')
  })

  test('an older one stays older, whoever has signed it', async () => {
    await signed(first, [ann, bob])
    await signed(second, [ann, bob])
    expect(await signed(first, [ann, bob, cy])).toBe('contract-invalid')
    expect(await signed(second.replace('Seconds: 60', 'Seconds: 61'), [ann, bob, cy])).toBe('contract-invalid')
    // The same again is no fault.
    expect(await signed(second, [ann, bob])).toBe('published')
  })

  test('a maintainer whose key was revoked signs nothing more', async () => {
    await server.enrol([bob])
    await signed(first, [ann, bob])
    const path = `/v1/keys/${bob.publicKey.keyId}/revoke`
    expect((await server.request('POST', path)).status).toBe(200)
    now = at(20)
    server.deps.verified.forgetTrust('acme')
    expect(await signed(second, [ann, bob])).toBe('contract-unsigned')
    expect(await signed(second, [ann, cy])).toBe('published')
  })
})

test('control: where nobody maintains it, whoever may publish does so alone', async () => {
  expect(await codeOf(put(maintainedText(who, null)))).toBe('published')
  expect(await codeOf(put(maintainedText(who, null, { revision: 2 })))).toBe('published')
  // From here on it takes two.
  expect(await signed(maintainedText(who, two, { revision: 3 }), [ann, bob])).toBe('published')
  expect(await codeOf(put(maintainedText(who, null, { revision: 4 })))).toBe('contract-unsigned')
})

test('the server’s gate judges under no older one, though it is named by its digest', async () => {
  await signed(first, [ann, bob])
  const body = JSON.stringify({ artifact: 'a'.repeat(64), contract: parseContract(utf8(first)).digest })
  const ask = async () => {
    const reply = await server.request('POST', '/v1/gate', { body })
    return (await reply.json()) as { decision: string; reason: { code: string } }
  }
  expect(await ask()).toMatchObject({ decision: 'deny', reason: { code: 'artifact-unproven' } })
  await signed(second, [ann, bob])
  expect(await ask()).toMatchObject({ decision: 'deny', reason: { code: 'contract-superseded' } })
})

test('that it was published is in the log, and by whom', async () => {
  await signed(first, [ann, bob])
  const { digest } = parseContract(utf8(first))
  const reply = await server.request('GET', `/v1/contracts/by-digest/${digest}/signed`)
  const document = parseSignedContract(new Uint8Array(await reply.arrayBuffer()))
  const contract = parseContract(document.payload)
  const trust = { ...trustOf(contract), countersigners: logKeys(server.deps.log.keys) }
  const endorsers = endorsersOf(document, { contract, trust, at: null }, nodeCrypto)
  expect([...endorsers.parties.keys()]).toEqual(['ann', 'bob'])
  expect(enough(contract, endorsers)).toBe(true)
  expect(endorsers.logged).toMatchObject({ at: at(10), log: { name: 'test' } })
  expect(document.logged!.opening.signers).toEqual([ann, bob].map((one) => one.publicKey.keyId).toSorted())
  // Red control: of another document the same leaf proves nothing.
  const other = { ...signContract(second, [ann, bob]), logged: document.logged }
  const refused = endorsersOf(other, { contract, trust, at: null }, nodeCrypto)
  expect(refused.logged).toBe(null)
  expect(refused.refused.map(({ code }) => code)).toEqual(['receipt-invalid'])
  const list = (await (await server.request('GET', '/v1/contracts?pipeline=shop/web')).json()) as { items: object[] }
  expect(list.items).toMatchObject([{ revision: 1, digest, signatures: 2, index: 0 }])
})

describe('a run that was under way when a new revision came', () => {
  const graced = (grace: string) => maintainedText(who, two, { revision: 2, head: [`grace: ${grace}`] })
  const begin = async () => {
    await server.enrol([who.github, who.codebuild, who.azure])
    await signed(first, [ann, bob])
    const run = hastyRun(who, parseContract(utf8(first)))
    expect((await server.append(run.source.bundle)).status).toBe(201)
    return run
  }
  const appended = async (bundle: Parameters<TestServer['append']>[0]) => {
    const reply = await server.append(bundle)
    return reply.status === 201 ? 'accepted' : ((await reply.json()) as { code: string }).code
  }

  test('goes on under its own for as long as the new one gives it', async () => {
    const run = await begin()
    await signed(graced('10m'), [ann, bob])
    now = at(20)
    expect(await appended(run.build.bundle)).toBe('accepted')
    // A new run is bound to the new one at once.
    expect(await appended(hastyRun(who, parseContract(utf8(first)), 'late').source.bundle)).toBe('contract-mismatch')
  })

  test('and no longer', async () => {
    const run = await begin()
    await signed(graced('10m'), [ann, bob])
    now = at(21)
    expect(await appended(run.build.bundle)).toBe('contract-superseded')
  })

  test('and not at all where the new one is there to stop it', async () => {
    const run = await begin()
    await signed(graced('none'), [ann, bob])
    now = at(11)
    expect(await appended(run.build.bundle)).toBe('contract-superseded')
  })
})
