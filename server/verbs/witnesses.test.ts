import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, CodedError, utf8 } from '@countersign/core'
import {
  type NoteKey,
  parseCheckpoint,
  parsePolicy,
  parseTlogProof,
  verifyCheckpoint,
  writeBundle,
  writeCheckpoint,
  writeNote,
  writeVkey,
} from '@countersign/formats'
import type { Witness, WitnessAnswer, WitnessDeps } from '@countersign/log'
import { afterEach, describe, expect, test } from 'vitest'
import { memoryLock, spokenTo, witnessOf, witnessSigner } from '../../packages/log/src/witness.test-kit.ts'
import { file, newChainId, party, signStep } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer } from '../../test/server.ts'
import { Log } from './log.ts'
import { Witnesses, type WitnessEvent, type WitnessTimes } from './witnesses.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const FAST: WitnessTimes = { paceMs: 1, retryMs: 5, maxRetryMs: 20, quorumMs: 1_000 }

/** A witness that may be cut off, and counts what it is asked. */
interface Remote extends Witness {
  readonly deps: WitnessDeps
  up: boolean
  asked: number
  /** Most requests that were open at once. */
  most: number
  /** Given in place of its own answer. */
  says: WitnessAnswer | null
  /** Each answer waits for it. */
  slow: Promise<void> | null
}

function remote(name: string, log: NoteKey, more: Partial<WitnessDeps> = {}): Remote {
  const deps = witnessOf(log.name, [log], { ...witnessSigner(name), ...more })
  let open = 0
  const one: Remote = {
    deps,
    key: deps.key,
    up: true,
    asked: 0,
    most: 0,
    says: null,
    slow: null,
    async addCheckpoint(body) {
      one.asked++
      one.most = Math.max(one.most, ++open)
      try {
        await one.slow
        if (!one.up) throw new CodedError('server-unreachable', `${name} is down`)
        return one.says ?? (await spokenTo(deps).addCheckpoint(body))
      } finally {
        open--
      }
    },
  }
  return one
}

function witnesses(remotes: readonly Remote[], quorum: string, events: WitnessEvent[] = [], times = FAST): Witnesses {
  const lines = remotes.map(({ key }, i) => `witness w${i} ${writeVkey(key)}\n`)
  const names = remotes.map((_, i) => `w${i}`).join(' ')
  const rule = quorum === 'none' ? 'quorum none\n' : `group g ${quorum} ${names}\nquorum g\n`
  const policy = parsePolicy(utf8(lines.join('') + rule), nodeCrypto)
  return new Witnesses({ policy, witnesses: remotes, crypto: nodeCrypto, observe: (e) => events.push(e), times })
}

let server: TestServer | null = null
afterEach(async () => {
  await server?.close()
  server = null
})

const by = party('build', 'ed25519')
const step = (content: string) =>
  signStep(by, {
    chain: { id: newChainId(), pipeline: 'p', contract: null },
    name: 'build',
    subject: [file('a', content)],
  })

interface World {
  readonly server: TestServer
  readonly remotes: readonly Remote[]
  readonly key: NoteKey
  readonly events: WitnessEvent[]
}

async function open(count: number, quorum: string, prepare: (remotes: Remote[]) => void = () => {}): Promise<World> {
  const events: WitnessEvent[] = []
  let remotes: Remote[] = []
  let key: NoteKey | null = null
  server = await openTestServer({
    witnesses(of) {
      key = of
      remotes = Array.from({ length: count }, (_, i) => remote(`witness.example/${i}`, of))
      prepare(remotes)
      return witnesses(remotes, quorum, events)
    },
  })
  await server.enrol([by])
  return { server, remotes, key: key!, events }
}

/** Size of the checkpoint that is served, and which witnesses are on it. */
async function served({ server: { request }, key, remotes }: World): Promise<[number, string[]]> {
  const bytes = new Uint8Array(await (await request('GET', '/checkpoint')).arrayBuffer())
  const trust = { origin: 'test', keys: [key], witnesses: remotes.map((one) => one.key) }
  const { checkpoint, cosignedBy } = verifyCheckpoint(parseCheckpoint(bytes), trust, nodeCrypto)
  return [checkpoint.size, cosignedBy.map((one) => one.key.name.replace('witness.example/', 'w'))]
}
const readyz = async ({ server: { request } }: World) => {
  const reply = await request('GET', '/readyz')
  return [reply.status, await reply.json()]
}
describe('with "quorum none" (fail open)', () => {
  test('cosignatures are gathered behind the checkpoint, and are on it in the order of the policy', async () => {
    const world = await open(3, 'none')
    expect((await world.server.append(step('1').bundle)).status).toBe(201)
    await expect.poll(() => served(world)).toEqual([1, ['w0', 'w1', 'w2']])
    // And on the proofs.
    const signed = step('2')
    await world.server.append(signed.bundle)
    await expect.poll(() => served(world)).toEqual([2, ['w0', 'w1', 'w2']])
    const proof = await world.server.request('GET', `/v1/attestations/${signed.link}/proof`)
    expect(parseTlogProof(new Uint8Array(await proof.arrayBuffer())).checkpoint.note.signatures).toHaveLength(4)
  })

  test('a witness that is down holds nobody up, is told of, and comes back', async () => {
    const world = await open(2, 'none')
    world.remotes[1]!.up = false
    for (const name of ['1', '2', '3']) expect((await world.server.append(step(name).bundle)).status).toBe(201)
    await expect.poll(() => served(world)).toEqual([3, ['w0']])
    expect(await readyz(world)).toEqual([200, { status: 'ready', failingWitnesses: ['w1'] }])
    expect((await world.server.request('GET', '/healthz')).status).toBe(200)
    world.remotes[1]!.up = true
    await expect.poll(() => served(world)).toEqual([3, ['w0', 'w1']])
    expect(await readyz(world)).toEqual([200, { status: 'ready' }])
  })

  test('one request is open to a witness at a time, and it is asked only for the newest', async () => {
    const world = await open(1, 'none')
    const [witness] = world.remotes
    let release: () => void = () => {}
    witness!.slow = new Promise((done) => (release = done))
    const before = witness!.asked
    for (let i = 0; i < 20; i++) expect((await world.server.append(step(`${i}`).bundle)).status).toBe(201)
    expect(witness!.asked - before).toBe(1)
    witness!.slow = null
    release()
    await expect.poll(() => served(world)).toEqual([20, ['w0']])
    expect(witness!.most).toBe(1)
    expect(witness!.asked - before).toBeLessThan(5)
  })

  test('what does not verify counts for nothing (T-81)', async () => {
    const world = await open(2, 'none', ([, liar]) => {
      liar!.says = { status: 200, type: 'text/plain', body: utf8(`\u2014 witness.example/1 ${'A'.repeat(104)}\n`) }
    })
    await world.server.append(step('1').bundle)
    await expect.poll(() => served(world)).toEqual([1, ['w0']])
    expect(await readyz(world)).toEqual([200, { status: 'ready', failingWitnesses: ['w1'] }])
    expect(world.events.filter(({ name }) => name === 'w1').map(({ outcome }) => outcome)).not.toContain('cosigned')
  })
})

describe('with a quorum (fail closed)', () => {
  test('nothing is acknowledged or shown without it', async () => {
    const world = await open(3, '2')
    expect(await served(world)).toEqual([0, expect.arrayContaining(['w0'])])
    expect((await world.server.append(step('1').bundle)).status).toBe(201)
    const [size, on] = await served(world)
    expect([size, on.length >= 2]).toEqual([1, true])

    for (const one of world.remotes.slice(1)) one.up = false
    const lost = step('2')
    const reply = await world.server.append(lost.bundle)
    expect([reply.status, reply.headers.get('retry-after'), await codeOf(reply)]).toEqual([503, '1', 'witness-quorum'])
    expect((await served(world))[0]).toBe(1)
    expect((await world.server.request('GET', `/v1/attestations/${lost.link}/proof`)).status).toBe(404)
    // It is durable and not acknowledged, however it is asked for.
    expect(await codeOf(world.server.append(lost.bundle))).toBe('witness-quorum')
    expect(await codeOf(world.server.append(lost.bundle, { headers: { 'idempotency-key': 'a' } }))).toBe(
      'witness-quorum',
    )
    expect(await readyz(world)).toEqual([503, { status: 'witness-quorum', failingWitnesses: ['w1', 'w2'] }])
    // Nothing that a restart would mend, and nothing against the step.
    expect((await world.server.request('GET', '/healthz')).status).toBe(200)
    expect((await world.server.store.inbox('acme', 10, null)).items).toEqual([])

    world.remotes[2]!.up = true
    await expect.poll(() => served(world)).toEqual([2, ['w0', 'w2']])
    expect((await world.server.append(lost.bundle)).status).toBe(200)
    expect((await world.server.append(step('3').bundle)).status).toBe(201)
    expect((await world.server.request('GET', `/v1/attestations/${lost.link}/proof`)).status).toBe(200)
  })

  test('red control: where it is not demanded, the same is acknowledged', async () => {
    const world = await open(3, 'none')
    for (const one of world.remotes) one.up = false
    expect((await world.server.append(step('1').bundle)).status).toBe(201)
    expect(await served(world)).toEqual([1, []])
  })

  test('the first that was not acknowledged is not acknowledged by the second', async () => {
    const world = await open(1, 'all')
    world.remotes[0]!.up = false
    const signed = step('1')
    // The second comes while the first waits for the witnesses.
    const both = [
      world.server.append(signed.bundle),
      world.server.append(signed.bundle, { headers: { 'idempotency-key': 'k' } }),
    ]
    expect(await Promise.all(both.map((one) => codeOf(one)))).toEqual(['witness-quorum', 'witness-quorum'])
    expect((await served(world))[0]).toBe(0)
  })

  test('many appends wait together for one witness that is slow, and all are acknowledged', async () => {
    const world = await open(1, 'all')
    const [witness] = world.remotes
    const real = witness!.deps.sign
    Object.assign(witness!.deps, {
      sign: async (message: Uint8Array) => {
        await new Promise((resolve) => setTimeout(resolve, 15))
        return real(message)
      },
    })
    const before = witness!.asked
    const replies = await Promise.all(Array.from({ length: 120 }, (_, i) => world.server.append(step(`${i}`).bundle)))
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([201]))
    expect(await served(world)).toEqual([120, ['w0']])
    expect(witness!.asked - before).toBeLessThan(60)
  })

  test('every checkpoint that is shown, and every receipt, has its own cosignatures, whoever is late', async () => {
    const world = await open(3, '1')
    for (const [i, { deps }] of world.remotes.entries()) {
      const real = deps.sign
      Object.assign(deps, {
        // Now at once, now a few turns of the loop later.
        sign: async (message: Uint8Array) => {
          for (let turns = (message.length * 7 + i * 5 + world.events.length) % 9; turns > 0; turns--) {
            await new Promise((next) => setImmediate(next))
          }
          return real(message)
        },
      })
    }
    let shown = 0
    const look = async () => {
      const [size, on] = await served(world)
      expect(size).toBeGreaterThanOrEqual(shown)
      expect(on.length).toBeGreaterThanOrEqual(1)
      shown = size
    }
    for (let i = 0; i < 40; i++) {
      const signed = step(`${i}`)
      const [reply] = await Promise.all([world.server.append(signed.bundle), look(), look()])
      const { receipt } = (await reply.json()) as { receipt: { proof: string } }
      const { checkpoint } = parseTlogProof(utf8(receipt.proof))
      const trust = { origin: 'test', keys: [world.key], witnesses: world.remotes.map(({ key }) => key) }
      expect(verifyCheckpoint(checkpoint, trust, nodeCrypto).cosignedBy.length).toBeGreaterThanOrEqual(1)
      await look()
      expect(shown).toBe(i + 1)
    }
  })

  test('one witness counts once, however often it is asked', async () => {
    const world = await open(2, 'all')
    world.remotes[1]!.up = false
    expect(await codeOf(world.server.append(step('1').bundle))).toBe('witness-quorum')
    await expect.poll(() => world.remotes[1]!.asked).toBeGreaterThan(4)
    expect((await served(world))[0]).toBe(0)
  })
})

describe('a witness that knows another history', () => {
  async function stopped(world: World): Promise<void> {
    await expect.poll(async () => (await world.server.request('GET', '/healthz')).status).toBe(503)
    expect(await codeOf(world.server.append(step('after').bundle))).toBe('witness-conflict')
    expect((await readyz(world))[0]).toBe(503)
    // Reads go on.
    expect((await world.server.request('GET', '/checkpoint')).status).toBe(200)
    expect(world.events.filter(({ outcome }) => outcome === 'conflict')).toHaveLength(1)
  }

  /** Somebody else has signed for this log, with its key, and the second witness has seen that. */
  async function showOther({ server: { logDeps }, key, remotes }: World, size: number): Promise<void> {
    const text = writeCheckpoint({ origin: 'test', size, root: nodeCrypto.sha256(utf8('other')) })
    const signature = await logDeps.signer.sign(utf8(text))
    const lock = memoryLock()
    lock.held.set('test', writeNote({ text, signatures: [{ name: key.name, keyId: key.keyId, signature }] }))
    Object.assign(remotes[1]!.deps, { memory: lock })
  }

  test.each([
    ['none', 1],
    ['none', 2],
    ['none', 5],
    ['1', 2],
    ['all', 1],
    ['all', 2],
    ['all', 5],
  ])('stops the log: quorum %s, at size %i', async (quorum, size) => {
    const world = await open(2, quorum)
    expect((await world.server.append(step('1').bundle)).status).toBe(201)
    await showOther(world, size)
    await world.server.append(step('2').bundle)
    await stopped(world)
    // And keeps it stopped.
    const { witnesses: _, ...deps } = world.server.logDeps
    const opened = Log.open({ ...deps, witnesses: witnesses(world.remotes, quorum) })
    await expect(opened).rejects.toThrow(coded('witness-conflict'))
    // Red control: without its witnesses it opens, and would sign on.
    expect((await Log.open(deps)).size).toBe(2)
  })

  test('a 409 that makes itself larger, or a 422, stops it too: who is asked may stop, and never fork', async () => {
    for (const says of [
      { status: 409, type: 'text/x.tlog.size', body: utf8('1000\n') },
      { status: 422, type: '', body: utf8('') },
    ]) {
      const world = await open(1, 'none')
      await world.server.append(step('1').bundle)
      await expect.poll(() => served(world)).toEqual([1, ['w0']])
      world.remotes[0]!.says = says
      await world.server.append(step('2').bundle)
      await stopped(world)
      await world.server.close()
      server = null
    }
  })

  test('403, 404, 500 and noise do not stop it', async () => {
    for (const status of [400, 403, 404, 500]) {
      const world = await open(1, 'none', ([one]) => (one!.says = { status, type: '', body: utf8('noise') }))
      expect((await world.server.append(step('1').bundle)).status).toBe(201)
      await expect.poll(() => world.remotes[0]!.asked).toBeGreaterThan(3)
      expect((await world.server.append(step('2').bundle)).status).toBe(201)
      await world.server.close()
      server = null
    }
  })
})

describe('at the start', () => {
  /** The log of the server opened again over its data and lock, with these witnesses. */
  async function again(world: World, quorum: string, more: Partial<Parameters<typeof Log.open>[0]> = {}): Promise<Log> {
    return Log.open({ ...world.server.logDeps, witnesses: witnesses(world.remotes, quorum), ...more })
  }

  test('the witnesses are asked about what was signed, and it is shown with their cosignatures', async () => {
    const world = await open(2, 'none')
    await world.server.append(step('1').bundle)
    await expect.poll(() => served(world)).toEqual([1, ['w0', 'w1']])
    const log = await again(world, '2')
    expect(log.size).toBe(1)
    expect(parseCheckpoint(log.checkpoint).note.signatures).toHaveLength(3)
  })

  test('without a quorum nothing is shown or signed, until there is one', async () => {
    const world = await open(2, 'none')
    await world.server.append(step('1').bundle)
    await expect.poll(() => served(world)).toEqual([1, ['w0', 'w1']])
    for (const one of world.remotes) one.up = false
    const log = await again(world, '1')
    expect(log.stalled).toBe(true)
    expect(() => log.checkpoint).toThrow(coded('witness-quorum'))
    expect(() => log.size).toThrow(coded('witness-quorum'))
    expect(() => log.assertWorking()).toThrow(coded('witness-quorum'))
    world.remotes[1]!.up = true
    await expect.poll(() => log.stalled).toBe(false)
    expect(log.size).toBe(1)
  })

  test('what was durable and not signed is signed only after the witnesses have agreed', async () => {
    const world = await open(1, 'none')
    const empty = world.server.deps.log.checkpoint
    await world.server.append(step('1').bundle)
    // The lock of before: as if the server had been killed between data and lock. So has the witness not seen more.
    const lock = memoryLock()
    const note = parseCheckpoint(empty).note
    const own = writeNote({ ...note, signatures: note.signatures.slice(0, 1) })
    lock.held.set('test', own)
    Object.assign(world.remotes[0]!.deps, { memory: memoryLock() })
    world.remotes[0]!.up = false
    const log = await again(world, 'all', { lock })
    expect([log.stalled, lock.held.get('test')]).toEqual([true, own])
    world.remotes[0]!.up = true
    await expect.poll(() => log.stalled).toBe(false)
    expect([log.size, parseCheckpoint(lock.held.get('test')!).size]).toEqual([1, 1])
    // Red control: where no quorum is demanded it is signed at once.
    const other = memoryLock()
    other.held.set('test', own)
    world.remotes[0]!.up = false
    expect((await again(world, 'none', { lock: other })).size).toBe(1)
  })
})

test('a repeat of what was never published is no acknowledgement, also when its key was revoked', async () => {
  const world = await open(1, 'all')
  world.remotes[0]!.up = false
  const signed = step('1')
  expect(await codeOf(world.server.append(signed.bundle))).toBe('witness-quorum')
  expect(writeBundle(signed.bundle).length).toBeGreaterThan(0)
  await world.server.request('POST', `/v1/keys/${by.publicKey.keyId}/revoke`)
  expect(await codeOf(world.server.append(signed.bundle))).toBe('witness-quorum')
})
