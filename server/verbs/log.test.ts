import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { createKeyFile, openKeyFile } from '@countersign/adapters/signer-file'
import { type Code, CodedError, fromUtf8, utf8 } from '@countersign/core'
import {
  blindChain,
  commitmentOf,
  parseCheckpoint,
  parseOpening,
  parseTlogProof,
  parseVkey,
  verifyCheckpoint,
  writeLeaf,
} from '@countersign/formats'
import { type CheckpointLock, loadState, type LogHashes, rootsOf } from '@countersign/log'
import { leafHash, readEntries, verifyConsistency, verifyInclusion } from '@countersign/merkle'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { failing } from '../../test/contracts/checkpoint-lock.ts'
import { committedBy, honestRun, type Run } from '../../test/pipeline.ts'
import { openTestServer, type TestServer, token } from '../../test/server.ts'
import { Log, type LogDeps } from './log.ts'

const HASH = { size: 32, hash: (bytes: Uint8Array) => nodeCrypto.sha256(bytes) }
const HASHES: LogHashes = { sha256: HASH, sha3_256: { size: 32, hash: (bytes) => nodeCrypto.sha3_256(bytes) } }
const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })

let server: TestServer
beforeEach(async () => (server = await openTestServer()))
afterEach(() => server.close())

async function bytesOf(path: string): Promise<Uint8Array> {
  const reply = await server.request('GET', path)
  expect([path, reply.status]).toEqual([path, 200])
  return new Uint8Array(await reply.arrayBuffer())
}

/** What a stranger learns who trusts nothing but the log's key. */
async function checkpoint() {
  const { origin, vkey } = (await (await server.request('GET', '/v1/server')).json()) as Record<string, string>
  const trust = { origin: origin!, keys: [parseVkey(vkey!, nodeCrypto)], witnesses: [] }
  return verifyCheckpoint(parseCheckpoint(await bytesOf('/checkpoint')), trust, nodeCrypto).checkpoint
}

async function appended(run: Run = honestRun()): Promise<Run> {
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.publish(run.contract, run.contractBytes)
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
  return run
}

describe('a log', () => {
  test('begins with a signed checkpoint of nothing', async () => {
    const { size, root } = await checkpoint()
    expect([size, root]).toEqual([0, nodeCrypto.sha256(new Uint8Array())])
  })

  test('has proven every attestation by the time it is acknowledged, to whoever holds it', async () => {
    const run = await appended()
    const { size, root } = await checkpoint()
    expect(size).toBe(run.steps.length)
    for (const [i, { link, bundle }] of run.steps.entries()) {
      const proof = parseTlogProof(await bytesOf(`/v1/attestations/${link}/proof`))
      const opening = parseOpening(proof.extra!)
      const { leaf, salt, blind } = opening
      expect([opening.link, proof.index, leaf.chain.seq, leaf.late]).toEqual([link, i, i, false])
      const entry = writeLeaf(leaf)
      const inclusion = { index: proof.index, size, leafHash: leafHash(entry, HASH), path: proof.hashes }
      verifyInclusion(inclusion, root, HASH)
      const { digest, ...committed } = committedBy(bundle)
      expect(leaf.commitment).toEqual(commitmentOf(salt, committed, nodeCrypto))
      expect(opening.signer).toBe(digest)
      expect(leaf.chain.id).toBe(blindChain(blind, run.chain.id, nodeCrypto))
      // Red control: the proof of another leaf proves nothing of this one.
      const other = { ...inclusion, leafHash: leafHash(writeLeaf({ ...leaf, late: true }), HASH) }
      expect(() => verifyInclusion(other, root, HASH)).toThrow(coded('proof-invalid'))
    }
  })

  test('is followed by its tiles and entries alone', async () => {
    await appended()
    const { size, root } = await checkpoint()
    const hashes = await bytesOf(`/tile/0/000.p/${size}`)
    const entries = readEntries(await bytesOf(`/v1/log/tile/entries/000.p/${size}`), size)
    expect(entries.map((entry) => leafHash(entry, HASH))).toEqual(
      Array.from({ length: size }, (_, i) => hashes.slice(32 * i, 32 * (i + 1))),
    )
    const sha3 = { size: 32, hash: (bytes: Uint8Array) => nodeCrypto.sha3_256(bytes) }
    const other = await bytesOf(`/sha3/tile/0/000.p/${size}`)
    expect(other.slice(0, 32)).toEqual(leafHash(entries[0]!, sha3))
    for (const path of [`/tile/0/000.p/${size + 1}`, '/tile/0/000', '/tile/1/000.p/1', '/tile/0/001.p/1']) {
      expect((await server.request('GET', path)).status, path).toBe(404)
    }
    for (const path of ['/tile/0/0', '/tile/0/000.p/0', '/tile/0/000.p/256', '/tile/9/000', '/tile/0/../0/000']) {
      expect((await server.request('GET', path)).ok, path).toBe(false)
    }
    expect((await server.request('GET', `/v1/log/tile/entries/000.p/${size}`, { token: null })).status).toBe(401)
    expect(root).toHaveLength(32)
  })

  test('goes on from each of its checkpoints', async () => {
    const heads = [await checkpoint()]
    const { who } = honestRun()
    for (let i = 0; i < 3; i++) {
      await appended(honestRun({ who, commit: `commit ${i}` }))
      heads.push(await checkpoint())
    }
    const hashes = await bytesOf(`/tile/0/000.p/${heads.at(-1)!.size}`)
    expect(heads.map(({ size }) => size)).toEqual([0, 4, 8, 12])
    // Of 4 and 8 leaves among 12: the other half of a power of two, and what came after it.
    const leaf = (i: number) => hashes.slice(32 * i, 32 * (i + 1))
    const node = (left: Uint8Array, right: Uint8Array) => nodeCrypto.sha256(new Uint8Array([1, ...left, ...right]))
    const four = (at: number) => node(node(leaf(at), leaf(at + 1)), node(leaf(at + 2), leaf(at + 3)))
    expect(heads[1]!.root).toEqual(four(0))
    const path = [four(4), four(8)]
    const first = { firstSize: 4, firstRoot: heads[1]!.root }
    verifyConsistency({ ...first, secondSize: 12, secondRoot: heads[3]!.root, path }, HASH)
    expect(() => verifyConsistency({ ...first, secondSize: 12, secondRoot: heads[2]!.root, path }, HASH)).toThrow(
      coded('proof-invalid'),
    )
  })

  test('tells another tenant nothing of an attestation', async () => {
    const run = await appended()
    await server.store.createTenant('other', '2026-11-20T00:00:00.000Z')
    expect(
      (await server.request('GET', `/v1/attestations/${run.build.link}/proof`, { token: token('other') })).status,
    ).toBe(401)
    const entries = fromUtf8(await bytesOf('/v1/log/tile/entries/000.p/4'))
    for (const { link, bundle } of run.steps) {
      const secret = [link, run.chain.id, Buffer.from(nodeCrypto.sha256(bundle.envelope.payload)).toString('hex')]
      for (const text of secret) expect(entries).not.toContain(text)
    }
  })
})

describe('opening a log', () => {
  /** The log of the test server opened again, over its data, with another lock. */
  async function opened(lock: CheckpointLock, more: Partial<LogDeps> = {}): Promise<Log> {
    const { signer } = server.logDeps
    return Log.open({ origin: 'test', signer, lock, data: server.store.log, crypto: nodeCrypto, ...more })
  }
  /** A checkpoint as another server with the same key would sign it. */
  async function signedByAnother(head: { size: number; root: Uint8Array }): Promise<Uint8Array> {
    const other = { ...server.store.log, size: () => 0 }
    const empty = await opened(lockOf(null), { data: other })
    await empty.publish(head)
    return empty.checkpoint
  }
  function lockOf(held: Uint8Array | null, fault: CodedError | null = null) {
    const lock = {
      held,
      read: () => Promise.resolve(lock.held),
      swap(_: string, old: Uint8Array | null, next: Uint8Array) {
        if (fault !== null) return Promise.reject(fault)
        expect(old).toEqual(lock.held)
        lock.held = next
        return Promise.resolve()
      },
    }
    return lock
  }

  test('covers what was durable and not acknowledged when it was cut off', async () => {
    const empty = server.deps.log.checkpoint
    await appended()
    const lock = lockOf(empty)
    const log = await opened(lock)
    expect(log.size).toBe(4)
    expect(lock.held).toEqual(log.checkpoint)
    expect(parseCheckpoint(log.checkpoint).root).toEqual(parseCheckpoint(server.deps.log.checkpoint).root)
  })

  test('is refused without its lock, behind it, and under another name or key', async () => {
    await appended()
    const { checkpoint: bytes } = server.deps.log
    await expect(opened(lockOf(null))).rejects.toThrow(coded('log-lock-missing'))
    const old = { ...server.store.log, size: () => 3 }
    await expect(opened(lockOf(bytes), { data: old })).rejects.toThrow(coded('log-behind'))
    await expect(opened(lockOf(bytes), { origin: 'else' })).rejects.toThrow(coded('origin-mismatch'))
    const root = mkdtempSync(join(tmpdir(), 'countersign-log-'))
    try {
      await createKeyFile(join(root, 'key'), { algorithm: 'ed25519', passphrase: null })
      const signer = await openKeyFile(join(root, 'key'), null)
      await expect(opened(lockOf(bytes), { signer })).rejects.toThrow(coded('signer-unknown'))
      await createKeyFile(join(root, 'p256'), { algorithm: 'ecdsa-p256', passphrase: null })
      const other = await openKeyFile(join(root, 'p256'), null)
      await expect(opened(lockOf(bytes), { signer: other })).rejects.toThrow(coded('key-invalid'))
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
    // Red control: with its own lock, data and key it opens.
    expect((await opened(lockOf(bytes))).size).toBe(4)
  })

  describe.each(['lost', 'persisted'] as const)(
    'a lock whose swaps are %s, and reported as failed (T-77)',
    (failure) => {
      /** A log of four entries of which the lock, `held`, knows none, and fails until `answers` is set. */
      async function inDoubt() {
        const held = lockOf(server.deps.log.checkpoint)
        const faulty = failing(held, failure, 3)
        const lock = {
          answers: true,
          read: () => (lock.answers ? held.read() : Promise.reject(new CodedError('store-failed', 'injected'))),
          swap: (...args: Parameters<typeof held.swap>) => (lock.answers ? held : faulty).swap(...args),
        }
        const log = await opened(lock)
        await appended()
        lock.answers = false
        const { size, root } = parseCheckpoint(server.deps.log.checkpoint)
        await expect(log.publish({ size, root })).rejects.toThrow(coded('store-failed'))
        expect([log.size, log.working]).toEqual([0, true])
        await expect(log.ready()).rejects.toThrow(coded('store-failed'))
        lock.answers = true
        return { log, held, head: { size, root } }
      }

      test('nothing is published, and the log goes on when the lock answers again', async () => {
        const { log, held, head } = await inDoubt()
        await Promise.all([log.ready(), log.ready()])
        expect([log.size, held.held]).toEqual([4, log.checkpoint])
        // What is signed is not signed again, nor is what it covers.
        const { checkpoint: signed } = log
        const two = rootsOf(loadState(2, server.store.log.tile, HASHES), HASHES).sha256
        expect(await log.publish(head)).toEqual(signed)
        expect(await log.publish({ size: 2, root: two })).toBeNull()
        expect(log.checkpoint).toEqual(signed)
      })

      test('and meanwhile somebody else signs: it stops for good', async () => {
        const { log, held } = await inDoubt()
        const theirs = await signedByAnother({ size: 1, root: nodeCrypto.sha256(utf8('theirs')) })
        held.held = theirs
        for (let i = 0; i < 2; i++) await expect(log.ready()).rejects.toThrow(coded('checkpoint-conflict'))
        expect([log.working, log.size, held.held]).toEqual([false, 0, theirs])
      })
    },
  )

  test('never signs two roots for one size, nor a smaller one (T-74)', async () => {
    await appended()
    const { checkpoint: bytes } = server.deps.log
    for (const size of [4, 3]) {
      const lock = lockOf(bytes)
      const log = await opened(lock)
      const head = { size, root: nodeCrypto.sha256(utf8('another')) }
      await expect(log.publish(head)).rejects.toThrow(coded('log-forked'))
      expect([log.working, lock.held, log.checkpoint]).toEqual([false, bytes, bytes])
      await expect(log.ready()).rejects.toThrow(coded('log-forked'))
    }
  })

  test('a lock that refuses stops it for good, and nothing is published', async () => {
    const fault = new CodedError('checkpoint-conflict', 'somebody else signs')
    const { checkpoint: bytes } = server.deps.log
    const log = await opened(lockOf(bytes, fault))
    const head = { size: 1, root: nodeCrypto.sha256(utf8('x')) }
    await expect(log.publish(head)).rejects.toThrow(coded('checkpoint-conflict'))
    expect(log.checkpoint).toEqual(bytes)
    expect(log.working).toBe(false)
    await expect(log.ready()).rejects.toThrow(coded('checkpoint-conflict'))
    await expect(log.publish(head)).rejects.toThrow(coded('checkpoint-conflict'))
  })
})

test('a log that has stopped is told of, so that the server is restarted, and accepts nothing', async () => {
  const run = await appended()
  const status = async (path: string) => (await server.request('GET', path)).status
  expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 200])
  // Another server has signed for the same log.
  const other = await Log.open({ ...server.logDeps })
  await other.publish({ size: 5, root: nodeCrypto.sha256(utf8('another')) })
  const fresh = honestRun({ who: run.who, commit: 'fresh' })
  const refused = await server.append(fresh.source.bundle)
  expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'checkpoint-conflict'])
  expect([await status('/healthz'), await status('/readyz')]).toEqual([503, 503])
  expect((await server.append(fresh.source.bundle)).status).toBe(503)
  // Reads go on.
  expect(await status(`/v1/attestations/${run.build.link}/proof`)).toBe(200)
})

test('a leaf that the store has changed is not proven (T-76)', async () => {
  const run = await appended()
  const { data } = server.deps.log
  const real = data.opened.bind(data)
  expect(server.deps.log.prove('acme', run.build.link)).not.toBeNull()
  Object.assign(data, {
    opened: (tenant: string, link: string) => {
      const one = real(tenant, link)
      return one === null ? null : { ...one, entry: utf8(fromUtf8(one.entry).replace('"late":false', '"late":true')) }
    },
  })
  expect(() => server.deps.log.prove('acme', run.build.link)).toThrow(coded('log-corrupt'))
})
