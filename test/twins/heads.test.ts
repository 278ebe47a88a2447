import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { blindChain, parseHead, parseHeadProof, writeLeaf } from '@countersign/formats'
import { proveStoredHead } from '@countersign/log'
import { readEntries, verifyKey } from '@countersign/merkle'
import { verifyHead } from '@countersign/verify'
import type { Store } from '../../server/store.ts'
import { openSqlite } from '../../server/stores/sqlite/store.ts'
import { makeStatement } from '../../server/verbs/make-statement.ts'
import { at, file, newChainId, party, signStep } from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'
import { rounds, some } from '../thorough.ts'

const HASH = { size: 32, hash: (bytes: Uint8Array) => nodeCrypto.sha256(bytes) }
const sha256 = (...parts: readonly Uint8Array[]) =>
  new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest())

/** RFC 6962 §2.1, as it is written. */
function rootOf(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return sha256()
  if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0]!)
  const k = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1)
  return sha256(Uint8Array.of(1), rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k)))
}

interface NaiveHead {
  readonly length: number
  readonly index: number
  readonly leafHash: Uint8Array
}

/** The heads as anybody finds them who has the entries: the last of each chain, with no index and no shortcut. */
function naiveHeads(entries: readonly Uint8Array[]): { heads: Map<string, NaiveHead>; root: Uint8Array } {
  const heads = new Map<string, NaiveHead>()
  for (const [index, entry] of entries.entries()) {
    const leaf = JSON.parse(Buffer.from(entry).toString()) as { chain: { id: string; seq: number } }
    // What makes absence before a later entry mean something: every chain counts from 0 without a hole.
    expect(leaf.chain.seq).toBe(heads.get(leaf.chain.id)?.length ?? 0)
    heads.set(leaf.chain.id, { length: leaf.chain.seq + 1, index, leafHash: sha256(Uint8Array.of(0), entry) })
  }
  const leaves = [...heads.keys()].toSorted().map((id) => {
    const { length, index, leafHash } = heads.get(id)!
    const numbers = Buffer.alloc(16)
    numbers.writeBigUInt64BE(BigInt(length))
    numbers.writeBigUInt64BE(BigInt(index), 8)
    return new Uint8Array(Buffer.concat([Buffer.from(id, 'hex'), numbers, leafHash]))
  })
  return { heads, root: rootOf(leaves) }
}

describe('through the server, at every statement', () => {
  let server: TestServer
  const by = party('build', 'ed25519')
  let minute = 1
  beforeAll(async () => {
    server = await openTestServer({ tenants: ['acme', 'other'], now: () => at(minute++) })
    for (const tenant of ['acme', 'other']) await server.enrol([by], tenant)
  })
  afterAll(() => server.close())

  /** Known to both tenants, so that one of them has chains of the other's ids. */
  const ids = Array.from({ length: 6 }, newChainId)
  const appends = fc.array(fc.record({ chain: fc.nat(5), tenant: fc.constantFrom('acme', 'other') }), { maxLength: 8 })

  test('every chain has the head that the entries give it, then and later', async () => {
    const sizes: number[] = []
    await fc.assert(
      fc.asyncProperty(appends, async (some) => {
        for (const { chain, tenant } of some) {
          const signed = signStep(by, {
            chain: { id: ids[chain]!, pipeline: 'p', contract: null },
            name: 'build',
            matrix: randomBytes(8).toString('hex'),
            subject: [file('a', 'a')],
          })
          expect((await server.append(signed.bundle, { tenant })).status).toBe(201)
        }
        const { statement, made } = await makeStatement(server.deps, true)
        if (made) sizes.push(statement!.size)
      }),
      { numRuns: rounds(12, 25) },
    )
    expect(sizes.length).toBeGreaterThan(5)
    const entries: Uint8Array[] = []
    for (let begin = 0; begin < server.deps.log.size; begin += 256) {
      const width = Math.min(256, server.deps.log.size - begin)
      const path = `${String(begin / 256).padStart(3, '0')}${width === 256 ? '' : `.p/${width}`}`
      const reply = await server.request('GET', `/v1/log/tile/entries/${path}`)
      entries.push(...readEntries(new Uint8Array(await reply.arrayBuffer()), width))
    }
    const trust = { origin: 'test', keys: [server.deps.log.keys[0]] }
    let [present, absent] = [0, 0]
    for (const [number, size] of sizes.entries()) {
      const { heads, root } = naiveHeads(entries.slice(0, size))
      for (const tenant of ['acme', 'other']) {
        for (const chain of ids) {
          const reply = await server.request('GET', `/v1/chains/${chain}/head?statement=${number}`, {
            token: `cst_${tenant}all_${'s'.repeat(32)}`,
          })
          if (reply.status === 404) continue
          const proof = parseHeadProof(new Uint8Array(await reply.arrayBuffer()))
          const { head, statement } = verifyHead(proof, trust, nodeCrypto)
          expect([statement.statement.size, statement.statement.heads]).toEqual([size, { count: heads.size, root }])
          expect(head).toEqual(heads.get(blindChain(proof.opening.blind, chain, nodeCrypto)) ?? null)
          if (head === null) absent++
          else present++
        }
      }
    }
    expect([present > 50, absent > 3]).toEqual([true, true])
  }, 120_000)
})

describe('of thousands of chains, of which most are younger than the statement', () => {
  const CHAINS = 3_000
  const root = mkdtempSync(join(tmpdir(), 'countersign-heads-'))
  const file = join(root, 'countersign.db')
  const entries: Uint8Array[] = []
  let store: Store

  beforeAll(async () => {
    store = await openSqlite(file)
    await store.createTenant('acme', at(0))
    await store.createTenant('other', at(0))
    const db = new Database(file)
    const insertChain = db.prepare(
      `INSERT INTO chains (tenant, id, pipeline, blind, key, first_leaf, head_leaf, length) VALUES (?, ?, 'p', ?, ?, ?, ?, 1)
       ON CONFLICT (tenant, id) DO UPDATE SET head_leaf = excluded.head_leaf, length = length + 1 RETURNING length`,
    )
    const insertEntry = db.prepare('INSERT INTO log_entries ("index", tenant, entry) VALUES (?, ?, ?)')
    const insertStep = db.prepare(
      `INSERT INTO attestations (tenant, "index", link, chain, pipeline, step, attempt, place, nonce, signer, key_id,
         system, succeeded, finished_at, accepted_at, late, subjects, bundle, leaf)
       VALUES (?, ?, ?, ?, 'p', 'build', 1, ?, ?, 'x', 'x', 'local', 1, ?, ?, 0, 1, x'', ?)`,
    )
    const next = { acme: 0, other: 0 }
    const chains: { tenant: 'acme' | 'other'; id: string; blind: Uint8Array; key: Uint8Array }[] = []
    db.transaction(() => {
      for (let leaf = 0; chains.length < CHAINS; leaf++) {
        // Every third goes on with a chain that there is; one of them grows all the time.
        const old = leaf % 3 === 0 ? chains[leaf % 9 === 0 ? 0 : Math.floor(Math.random() * chains.length)] : undefined
        const chain = old ?? begun(leaf)
        if (old === undefined) chains.push(chain)
        const { tenant, id, blind, key } = chain
        const { length } = insertChain.get(tenant, id, blind, key, leaf, leaf) as { length: number }
        const digest = randomBytes(32).toString('hex')
        const entry = writeLeaf({
          kind: 'attestation',
          acceptedAt: at(0),
          chain: { id: Buffer.from(key).toString('hex'), seq: length - 1 },
          commitment: { sha256: digest, sha3_256: digest },
          late: false,
        })
        entries.push(entry)
        insertEntry.run(leaf, tenant, entry)
        insertStep.run(tenant, next[tenant]++, digest, id, digest, digest, at(0), at(0), leaf)
      }
      for (let tile = 0; tile * 256 < entries.length; tile++) {
        const hashes = entries.slice(tile * 256, (tile + 1) * 256).map((entry) => sha256(Uint8Array.of(0), entry))
        db.prepare("INSERT INTO log_tiles VALUES ('sha256', 0, ?, ?)").run(tile, Buffer.concat(hashes))
      }
      for (const tenant of ['acme', 'other'] as const)
        db.prepare('UPDATE tenants SET next_index = ? WHERE id = ?').run(next[tenant], tenant)
    })()
    db.close()
  })
  afterAll(async () => {
    await store.close()
    rmSync(root, { recursive: true, force: true })
  })

  function begun(leaf: number) {
    const tenant = leaf % 2 === 0 ? ('acme' as const) : ('other' as const)
    const id = randomBytes(16).toString('hex')
    const blind = new Uint8Array(randomBytes(32))
    return { tenant, id, blind, key: new Uint8Array(Buffer.from(blindChain(blind, id, nodeCrypto), 'hex')) }
  }

  test('an entry that is not the one that was logged is stated as nobody’s head (T-76)', async () => {
    const db = new Database(file)
    const last = entries.length - 1
    const put = (entry: Uint8Array) => db.prepare('UPDATE log_entries SET entry = ? WHERE "index" = ?').run(entry, last)
    const corrupt = expect.objectContaining({ code: 'log-corrupt' }) as Error
    put(new Uint8Array(Buffer.from(Buffer.from(entries[last]!).toString().replace('"late":false', '"late":true '))))
    await expect(store.statements.headsAt(entries.length)).rejects.toThrow(corrupt)
    // Nor one that another row than its own points to.
    put(entries[last]!)
    db.prepare('UPDATE chains SET length = length + 1 WHERE head_leaf = ?').run(last)
    await expect(store.statements.headsAt(entries.length)).rejects.toThrow(corrupt)
    db.prepare('UPDATE chains SET length = length - 1 WHERE head_leaf = ?').run(last)
    // Red control.
    await expect(store.statements.headsAt(entries.length)).resolves.toMatchObject({ count: CHAINS })
    db.close()
  })

  // Small ones are read by age, large ones by key; from 1,001 entries on in a thread.
  test.each(some(2, [0, 1, 2, 9, 300, 999, 1_000, 1_001, 3_000, Number.MAX_SAFE_INTEGER]))(
    'the map at size %i',
    async (asked) => {
      const size = Math.min(asked, entries.length)
      const tree = await store.statements.headsAt(size)
      const { heads, root } = naiveHeads(entries.slice(0, size))
      expect([tree.count, tree.root]).toEqual([heads.size, root])
      const number = (store.statements.newest()?.number ?? -1) + 1
      await store.statements.decide({ number, start: at(number), text: `${number}` }, tree)
      await store.statements.publish(number, new Uint8Array(1))
      const kept = store.statements.heads(number, size, tree.count)
      const keys = [...heads.keys()]
      const some = keys.filter((_, i) => i % Math.ceil(keys.length / 50) === 0)
      for (const id of [...some, ...some.map(() => randomBytes(32).toString('hex'))]) {
        const key = new Uint8Array(Buffer.from(id, 'hex'))
        const value = verifyKey(key, proveStoredHead(key, kept, HASH), root, HASH)
        expect(value === null ? undefined : parseHead(value)).toEqual(heads.get(id))
      }
    },
    60_000,
  )
})
