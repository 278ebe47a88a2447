import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { writeBundle } from '@countersign/formats'
import { verifyStep } from '@countersign/verify'
import type { Append } from '../../server/store.ts'
import { Sequencer } from '../../server/verbs/sequencer.ts'
import { at, file, newChainId, party, type Signed, signStep } from '../pipeline.ts'
import { codeOf, openTestServer, type TestServer } from '../server.ts'

const WRITERS = 64
const ROUNDS = 1_000

const by = party('racer')
let server: TestServer
beforeAll(async () => {
  server = await openTestServer()
  await server.enrol([by])
})
afterAll(() => server.close())

/** Different steps, all for one place. */
function rivals(count: number): Signed[] {
  const chain = { id: newChainId(), pipeline: 'race', contract: null }
  return Array.from({ length: count }, (_, i) => signStep(by, { chain, name: 'build', subject: [file('a', `${i}`)] }))
}

describe('T-17: two children for one place', () => {
  test(`${WRITERS} writers race through the sequencer over ${ROUNDS} rounds: one wins, all others are told who`, {
    timeout: 240_000,
  }, async () => {
    const trust = { signers: [{ name: by.name, key: by.publicKey, revokedAt: null }], countersigners: [] }
    // Receipts are not what is raced for: an empty checkpoint keeps the rounds short.
    const sequencer = new Sequencer(
      server.store,
      {
        publish: () => Promise.resolve(new Uint8Array()),
        receiptOf: () => Promise.resolve('{}'),
        proofOf: () => Promise.reject(new Error('nothing is issued here')),
        buried: () => Promise.reject(new Error('nothing is erased here')),
      },
      () => undefined,
    )
    const [template] = rivals(1)
    const verified = verifyStep(template!.bundle, trust, nodeCrypto)
    const bundle = writeBundle(template!.bundle)
    for (let round = 0; round < ROUNDS; round++) {
      const chain = { ...template!.statement.predicate.chain, id: newChainId() }
      const outcomes = await Promise.all(
        Array.from({ length: WRITERS }, (_, i) => {
          const digits = `${round.toString(16).padStart(8, '0')}${i.toString(16).padStart(8, '0')}`
          const { statement } = verified
          const step = { ...statement.predicate.step, nonce: digits.repeat(2) }
          const append: Append = {
            tenant: 'acme',
            step: {
              ...verified,
              link: digits.repeat(4),
              statement: { ...statement, predicate: { ...statement.predicate, chain, step } },
            },
            edges: [],
            bundle,
            acceptedAt: at(1),
            late: false,
            idempotency: null,
          }
          return sequencer.submit(append)
        }),
      )
      const winners = outcomes.flatMap((outcome, i) => (outcome.kind === 'accepted' ? [i] : []))
      expect(winners).toHaveLength(1)
      expect(outcomes.filter((outcome) => outcome.kind === 'refused' && outcome.code === 'place-taken')).toHaveLength(
        WRITERS - 1,
      )
      const held = await server.chain(chain.id)
      expect(held.map(({ index }) => index)).toEqual([round])
    }
  })

  test('and over HTTP: the losers are conflicts in the inbox, the winner’s receipt stands', async () => {
    for (let round = 0; round < 5; round++) {
      const steps = rivals(WRITERS)
      const replies = await Promise.all(steps.map(({ bundle }) => server.append(bundle)))
      const won = replies.findIndex((reply) => reply.status === 201)
      expect(replies.filter((reply) => reply.status === 201)).toHaveLength(1)
      const losers = replies.filter((_, i) => i !== won)
      expect(await Promise.all(losers.map(codeOf))).toEqual(Array(WRITERS - 1).fill('place-taken'))
      expect(losers.every((reply) => reply.status === 409)).toBe(true)
      expect((await server.append(steps[won]!.bundle)).status).toBe(200)
    }
    const { items } = await server.store.inbox('acme', 1000, null)
    expect(items).toHaveLength(5 * (WRITERS - 1))
  })

  test('red control: rivals for different places all win', async () => {
    const steps = rivals(8).map((_, i) =>
      signStep(by, {
        chain: { id: newChainId(), pipeline: 'race', contract: null },
        name: `build-${i}`,
        subject: [file('a', `${i}`)],
      }),
    )
    const replies = await Promise.all(steps.map(({ bundle }) => server.append(bundle)))
    expect(replies.map((reply) => reply.status)).toEqual(Array(8).fill(201))
  })
})
