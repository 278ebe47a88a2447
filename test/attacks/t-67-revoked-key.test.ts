import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { utf8 } from '@countersign/core'
import { type ChainLine, parseChainFile } from '@countersign/formats'
import { judge, logKeys, readChain, type Trust, verifyStep } from '@countersign/verify'
import {
  at,
  countersign,
  file,
  logKeyOf,
  newChainId,
  type Party,
  party,
  received,
  type Signed,
  signStep,
} from '../pipeline.ts'
import { codeOf, openTestServer, type TestServer } from '../server.ts'

// T-67: a key that was stolen, and revoked as of the theft. What the log had before stays good; what it had since does
// not, however the thief dates it, and whatever he has it countersigned by.

let server: TestServer
let now: number
const [builder, tester] = [party('builder'), party('tester', 'ed25519')]
beforeEach(async () => {
  now = 10
  server = await openTestServer({ now: () => at(now) })
  await server.enrol([builder, tester])
})
afterEach(() => server.close())

const built = (name: string, more: { minute?: number; by?: Party } = {}) =>
  signStep(more.by ?? builder, {
    chain: { id: newChainId(), pipeline: 'p', contract: null },
    name: 'build',
    subject: [file('app', name)],
    minute: more.minute ?? now - 2,
  })
const tested = (after: Signed, name = 'test', by = tester) =>
  signStep(by, {
    chain: after.statement.predicate.chain,
    name,
    previous: [{ link: after.link, step: after.statement.predicate.step.name }],
    materials: after.statement.subject.map((one) => received(one, after.link)),
    subject: [file('report', `${name} ${after.link}`)],
    minute: now - 1,
  })
const accept = async (step: Signed) => expect((await server.append(step.bundle)).status).toBe(201)
const revoke = (since: number | null, reason = 'compromised') =>
  server.request('POST', `/v1/keys/${builder.publicKey.keyId}/revoke`, {
    body: JSON.stringify(since === null ? {} : { since: at(since), reason }),
  })

/** Whom the server's keys make a verifier believe. */
async function trust(): Promise<Trust> {
  const keys = await server.store.keys('acme')
  return {
    signers: keys.map(({ name, key, revokedAt }) => ({ name, key, revokedAt })),
    countersigners: logKeys([...server.deps.log.keys]),
  }
}

/** The verdict on what a step made, from all that is known of its chain. */
async function verdict(step: Signed, lines?: readonly ChainLine[]): Promise<string> {
  const { id } = step.statement.predicate.chain
  const served = async () => parseChainFile(utf8(await (await server.request('GET', `/v1/chains/${id}`)).text()))
  const chain = readChain(lines ?? (await served()), await trust(), nodeCrypto, at(now))
  const artifact = step.statement.subject[0]!.digest.sha256
  return judge({ artifact, chain, contract: null, now: at(now) }).verdict
}

describe('T-67: a key that is revoked as of a time', () => {
  test('before it stays good, after it does not, and the time may move back', async () => {
    const early = built('early')
    await accept(early)
    now = 20
    const late = built('late')
    await accept(late)
    now = 30
    expect([await verdict(early), await verdict(late)]).toEqual(['pass', 'pass'])
    expect((await revoke(15)).status).toBe(200)
    expect([await verdict(early), await verdict(late)]).toEqual(['pass', 'fail'])
    // Exactly then is not before.
    expect((await revoke(10)).status).toBe(200)
    expect([await verdict(early), await verdict(late)]).toEqual(['fail', 'fail'])
    expect(await codeOf(revoke(11))).toBe('request-invalid')
    expect(await verdict(early)).toBe('fail')
  })

  test('receipts stay: what was accepted is not denied', async () => {
    const late = built('late')
    await accept(late)
    now = 30
    await revoke(5)
    const again = await server.append(late.bundle)
    expect([again.status, Object.keys((await again.json()) as object)]).toEqual([
      200,
      ['link', 'chain', 'index', 'late', 'receipt', 'bundle'],
    ])
    expect((await server.request('GET', `/v1/attestations/${late.link}`)).status).toBe(200)
  })

  test('the thief dates it back: the time is the log’s', async () => {
    now = 20
    const backdated = built('evil', { minute: 1 })
    await accept(backdated)
    now = 30
    await revoke(15)
    expect(await verdict(backdated)).toBe('fail')
    // Red control: by its own word it is older than the theft.
    const { finishedAt } = backdated.statement.predicate.invocation
    expect(finishedAt < at(15)).toBe(true)
    expect(verifyStep(backdated.bundle, await trust(), nodeCrypto, finishedAt).link).toBe(backdated.link)
    // Whoever takes no time from anywhere takes nothing of this key.
    expect(() => verifyStep(backdated.bundle, { signers: [], countersigners: [] }, nodeCrypto)).toThrow()
  })

  test('the thief keeps it from the log, or brings a log of his own', async () => {
    now = 30
    await revoke(15)
    const evil = built('evil', { minute: 1 })
    const own = party('test', 'ed25519')
    expect(await codeOf(server.append(evil.bundle))).toBe('signer-revoked')
    expect(await verdict(evil, [evil.bundle])).toBe('fail')
    expect(await verdict(evil, [evil.bundle, countersign(own, evil, 0, { acceptedAt: at(2) })])).toBe('fail')
    // Red control: the same from a log that is believed is older than the theft.
    const believing = { ...(await trust()), countersigners: logKeys([logKeyOf(own)]) }
    const lines = [evil.bundle, countersign(own, evil, 0, { acceptedAt: at(2) })]
    expect(readChain(lines, believing, nodeCrypto, at(now)).steps.size).toBe(1)
  })

  test('the receipt of another step lends no time', async () => {
    const honest = built('honest')
    const reply = await server.append(honest.bundle)
    const { receipt } = (await reply.json()) as { receipt: { proof: string } }
    now = 30
    await revoke(15)
    const evil = built('evil', { minute: 1 })
    const lines = parseChainFile(utf8(`${JSON.stringify(receipt)}\n`))
    expect(await verdict(evil, [evil.bundle, ...lines])).toBe('fail')
    expect(await verdict(honest, [honest.bundle, ...lines])).toBe('pass')
  })

  test('nothing goes on from what is bad, and everything from what is good', async () => {
    const early = built('early')
    await accept(early)
    now = 20
    const late = built('late')
    await accept(late)
    const between = tested(late)
    await accept(between)
    now = 30
    // To the very moment: as of then is not before.
    await revoke(20)
    expect(await codeOf(server.append(tested(late, 'lint').bundle))).toBe('signer-revoked')
    await accept(tested(early))
    // What went on from it before it was found out, falls with it.
    expect(await verdict(between)).toBe('fail')
    expect(await codeOf(server.append(tested(early, 'lint', builder).bundle))).toBe('signer-revoked')
    const inbox = (await (await server.request('GET', '/v1/inbox')).json()) as { items: { code: string }[] }
    expect(inbox.items.map(({ code }) => code)).toEqual(['signer-revoked', 'signer-revoked'])
  })

  test('a key that is to end counts until then, and a predecessor of that time too', async () => {
    await revoke(40, 'retired')
    const step = built('meanwhile')
    await accept(step)
    expect(await verdict(step)).toBe('pass')
    expect(await verdict(step, [step.bundle])).toBe('pass')
    now = 50
    expect(await codeOf(server.append(built('after').bundle))).toBe('signer-revoked')
    expect([await verdict(step), await verdict(step, [step.bundle])]).toEqual(['pass', 'fail'])
    await accept(tested(step))
  })

  test('another tenant’s revocation is its own', async () => {
    const other = await openTestServer({ tenants: ['acme', 'other'], now: () => at(now) })
    try {
      for (const tenant of ['acme', 'other']) await other.enrol([builder], tenant)
      await other.request('POST', `/v1/keys/${builder.publicKey.keyId}/revoke`, { body: '{}' })
      expect(await codeOf(other.append(built('x').bundle))).toBe('signer-revoked')
      expect((await other.append(built('y').bundle, { tenant: 'other' })).status).toBe(201)
    } finally {
      await other.close()
    }
  })
})
