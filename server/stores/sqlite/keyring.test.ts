import { createHmac, randomBytes } from 'node:crypto'
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { utf8 } from '@countersign/core'
import { writeBundle } from '@countersign/formats'
import { verifyStep } from '@countersign/verify'
import { at, file as made, newChainId, party, type Signed, signStep } from '../../../test/pipeline.ts'
import type { Store } from '../../store.ts'
import { Keyring, keyringBeside, KeyringReader, seal, Tags, unseal } from './keyring.ts'
import { openSqlite } from './store.ts'

const by = party('build')
const trust = { signers: [{ name: 'build', key: by.publicKey, revokedAt: null }], countersigners: [] }
const coded = (code: string, what?: string) =>
  expect.objectContaining(what === undefined ? { code } : { code, what: expect.stringContaining(what) as string })

let root: string
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'countersign-keyring-'))))
afterEach(() => rmSync(root, { recursive: true, force: true }))

describe('a keyring', () => {
  const NEW = { keyring: null, used: 0, last: null }
  const open = (more: object = {}) => new Keyring(join(root, 'keys.db'), { ...NEW, ...more })

  it('gives no key twice, whoever opens it, and whatever was forgotten', () => {
    const seen = new Set<number>()
    const keys = new Set<string>()
    for (let round = 0; round < 3; round++) {
      const keyring = open()
      for (let i = 0; i < 5_000; i++) {
        const { id, key, salt } = keyring.take()
        seen.add(id)
        keys.add(Buffer.concat([key, salt]).toString('hex'))
      }
      keyring.forget([...seen])
      keyring.close()
    }
    expect([seen.size, keys.size]).toEqual([15_000, 15_000])
  })

  it('gives none below those that are known to have been given, were it an old copy', () => {
    const keyring = open({ used: 1_000_000 })
    expect(keyring.take().id).toBe(1_000_001)
    keyring.close()
  })

  it('has what it gave, durably, until it is forgotten', () => {
    const keyring = open()
    const own = keyring.take()
    const reader = new KeyringReader(join(root, 'keys.db'))
    expect(reader.get(own.id)).toEqual(own)
    expect(keyring.get(own.id)).toEqual(own)
    const bytes = () => ['keys.db', 'keys.db-journal'].map((name) => readFileSync(join(root, name)))
    const holds = () => bytes().some((one) => one.includes(Buffer.from(own.key)) || one.includes(Buffer.from(own.salt)))
    expect(holds()).toBe(true)
    keyring.forget([own.id, own.id, 12_345_678])
    expect([reader.get(own.id), keyring.get(own.id), holds()]).toEqual([null, null, false])
    reader.close()
    keyring.close()
  })

  it('tags digests alike for one tenant, and not for another', () => {
    const keyring = open()
    const reader = new KeyringReader(join(root, 'keys.db'))
    expect(reader.tags.of('acme', 'a')).toBe(keyring.tags.of('acme', 'a'))
    expect(reader.tags.of('other', 'a')).not.toBe(keyring.tags.of('acme', 'a'))
    const secret = new Uint8Array(randomBytes(32))
    for (const [tenant, digest] of [
      ['acme', 'a'.repeat(64)],
      ['Ümläut 😀', ''],
      ['', 'b'.repeat(1000)],
    ] as const) {
      const known = createHmac('sha256', secret).update(`${tenant} ${digest}`).digest('hex')
      expect(new Tags(secret).of(tenant, digest)).toBe(known)
    }
    reader.close()
    keyring.close()
  })

  it('seals what only its key opens, where it belongs', () => {
    const keyring = open()
    const [own, other] = [keyring.take(), keyring.take()]
    const place = { tenant: 'acme', name: 'a1' }
    const sealed = seal(own, place, utf8('what is kept'))
    expect(unseal(own, place, sealed)).toEqual(utf8('what is kept'))
    expect(seal(own, place, utf8('what is kept'))).not.toEqual(sealed)
    expect(Buffer.from(sealed).includes('kept')).toBe(false)
    const bad = [
      () => unseal(other, place, sealed),
      () => unseal(own, { ...place, tenant: 'other' }, sealed),
      () => unseal(own, { ...place, name: 'a2' }, sealed),
      () => unseal(own, place, sealed.slice(0, -1)),
      () => unseal(own, place, new Uint8Array()),
      ...Array.from(sealed, (_, i) => () => unseal(own, place, sealed.with(i, sealed[i]! ^ 1))),
    ]
    for (const one of bad) expect(one).toThrow(coded('store-failed'))
    expect(unseal(own, place, seal(own, place, new Uint8Array()))).toEqual(new Uint8Array())
    keyring.close()
  })

  it('is for its owner', () => {
    open().close()
    expect(statSync(join(root, 'keys.db')).mode & 0o777).toBe(0o600)
  })
})

describe('a database and its keyring', () => {
  let file: string
  let keys: string
  beforeEach(() => {
    file = join(root, 'countersign.db')
    keys = keyringBeside(file)
  })

  const step = () =>
    signStep(by, {
      chain: { id: newChainId(), pipeline: 'p', contract: null },
      name: 'build',
      subject: [made('a', 'a')],
    })

  async function use<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = await openSqlite(file)
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }

  const append = (...signed: readonly Signed[]) =>
    use(async (store) => {
      await store.createTenant('acme', at(0))
      await store.append(
        signed.map((one) => ({
          tenant: 'acme',
          step: verifyStep(one.bundle, trust, nodeCrypto),
          edges: [],
          bundle: writeBundle(one.bundle),
          acceptedAt: at(1),
          late: false,
          idempotency: null,
        })),
      )
    })
  const erase = ({ link }: Signed) => use((store) => store.erase({ tenant: 'acme', link, at: at(2), ground: 'a' }))
  const held = ({ link }: Signed) => use((store) => store.bundles('acme', [link]))
  const opening = () => use(() => Promise.resolve())

  /** With its log: what is not moved into the database yet. */
  const copyDatabase = (from: string, to: string) => {
    for (const part of ['', '-wal']) {
      rmSync(`${to}${part}`, { force: true })
      if (existsSync(`${from}${part}`)) copyFileSync(`${from}${part}`, `${to}${part}`)
    }
    rmSync(`${to}-shm`, { force: true })
  }

  it('that lacks it is not opened: it could not be read, and a new one would hide that', async () => {
    await append(step())
    rmSync(dirname(keys), { recursive: true })
    await expect(opening()).rejects.toThrow(coded('keys-missing', 'is gone'))
    // Nothing was made in its place.
    await expect(opening()).rejects.toThrow(coded('keys-missing', 'is gone'))
  })

  it('with that of another database is not opened', async () => {
    await append(step())
    cpSync(dirname(keys), join(root, 'own'), { recursive: true })
    const other = join(root, 'other', 'countersign.db')
    await (await openSqlite(other)).close()
    copyFileSync(keyringBeside(other), keys)
    await expect(opening()).rejects.toThrow(coded('keys-missing', 'another database'))
    writeFileSync(keys, '')
    await expect(opening()).rejects.toThrow(coded('keys-missing'))
    copyFileSync(join(root, 'own', 'keys.db'), keys)
    await opening()
  })

  it('with an older one is not opened; with a newer one it is', async () => {
    const [one, two] = [step(), step()]
    await append(one)
    copyFileSync(keys, join(root, 'older'))
    copyDatabase(file, join(root, 'older.db'))
    await append(two)
    cpSync(keys, join(root, 'newer'))
    copyFileSync(join(root, 'older'), keys)
    await expect(opening()).rejects.toThrow(coded('keys-missing', 'older than the database'))
    copyFileSync(join(root, 'newer'), keys)
    expect(await held(two)).toHaveLength(1)
    // The database alone came back: its keys are all there, and no key is given twice.
    copyDatabase(join(root, 'older.db'), file)
    expect(await held(one)).toHaveLength(1)
    const again = step()
    await append(again)
    expect(await held(again)).toHaveLength(1)
  })

  it('that was kept from before an erasure brings nothing back', async () => {
    const [gone, kept] = [step(), step()]
    await append(gone, kept)
    copyFileSync(keys, join(root, 'older'))
    await erase(gone)
    copyFileSync(join(root, 'older'), keys)
    const count = () => {
      const db = new Database(keys, { readonly: true })
      const { n } = db.prepare('SELECT count(*) AS n FROM record_keys').get() as { n: number }
      db.close()
      return n
    }
    const before = count()
    expect(await held(kept)).toHaveLength(1)
    expect(count()).toBe(before - 1)
  })

  it('that was cut off between the tombstone and the key finishes at the next start', async () => {
    const [gone, kept] = [step(), step()]
    await append(gone, kept)
    const before = readFileSync(keys)
    await erase(gone)
    // As if the process had ended before the key was deleted: the file is what it was.
    writeFileSync(keys, before)
    await opening()
    const reader = new KeyringReader(keys)
    const db = new Database(file, { readonly: true })
    const { key } = db.prepare('SELECT key FROM forgotten_keys').get() as { key: number }
    expect(reader.get(key)).toBeNull()
    db.close()
    reader.close()
    expect([await held(gone), (await held(kept)).length]).toEqual([[], 1])
  })

  it('says of an attestation whose key alone is missing that it is', async () => {
    const [one, last] = [step(), step()]
    await append(one, last)
    const db = new Database(keys)
    db.exec('DELETE FROM record_keys WHERE id = (SELECT min(id) FROM record_keys)')
    db.close()
    await expect(held(one)).rejects.toThrow(coded('keys-missing', one.link.slice(0, 12)))
    expect(await held(last)).toHaveLength(1)
    // It can be erased all the same, and leaves nothing that its content left.
    await erase(one)
    expect(await held(one)).toEqual([])
    const digest = one.statement.subject[0]!.digest.sha256
    const found = await use((store) => store.lookup('acme', [digest], 5))
    expect(found.flatMap(({ links }) => links)).toEqual([last.link])
  })

  it('of an earlier version, which kept attestations in clear, is sealed at the first start', async () => {
    const [one, two] = [step(), step()]
    await append(one, two)
    // As it was: no keyring, salts beside the entries, digests as they are.
    const keyring = new KeyringReader(keys)
    const db = new Database(file)
    const rows = db.prepare('SELECT link, key, leaf, bundle FROM attestations').all() as {
      link: string
      key: number
      leaf: number
      bundle: Buffer
    }[]
    const salts = rows.map(({ link, key, leaf, bundle }) => {
      const own = keyring.get(key)!
      const clear = unseal(own, { tenant: 'acme', name: link }, bundle)
      const nonce = [one, two].find((signed) => signed.link === link)!.statement.predicate.step.nonce
      db.prepare('UPDATE attestations SET key = NULL, bundle = ?, nonce = ? WHERE link = ?').run(clear, nonce, link)
      db.prepare('UPDATE log_entries SET salt = ? WHERE "index" = ?').run(own.salt, leaf)
      return own.salt
    })
    const digest = one.statement.subject[0]!.digest.sha256
    db.prepare('UPDATE subjects SET sha256 = ?').run(digest)
    db.prepare(
      "INSERT INTO inbox (tenant, at, last_at, count, code, report, findings, body, bytes) VALUES ('acme', '', '', 1, 'x', '{}', '[]', 'b', ?)",
    ).run(Buffer.from('a refused body'))
    db.exec('DELETE FROM keyrings')
    db.close()
    keyring.close()
    rmSync(dirname(keys), { recursive: true })
    const clear = Buffer.from(writeBundle(one.bundle)).subarray(0, 300)
    const files = () =>
      ['', '-wal'].filter((part) => existsSync(`${file}${part}`)).map((part) => readFileSync(`${file}${part}`))
    const holds = () =>
      files().some((bytes) => bytes.includes(clear) || bytes.includes(digest) || bytes.includes('a refused body'))
    expect(holds()).toBe(true)
    for (let start = 0; start < 2; start++) {
      await use(async (store) => {
        const found = await store.bundles('acme', [one.link, two.link])
        const held = new Map(found.map(({ link, bundle }) => [link, bundle]))
        expect([one, two].map(({ link }) => held.get(link))).toEqual(
          [one, two].map(({ bundle }) => writeBundle(bundle)),
        )
        expect([one, two].map(({ link }) => store.log.opened('acme', link)!.salt)).toEqual(salts)
        expect((await store.lookup('acme', [digest], 5)).flatMap(({ links }) => links)).toEqual([two.link, one.link])
        const [item] = (await store.inbox('acme', 5, null)).items
        expect(await store.refusedBody('acme', item!.id)).toEqual(utf8('a refused body'))
      })
      expect(holds()).toBe(false)
    }
    const again = signStep(by, {
      ...one.statement.predicate.step,
      chain: one.statement.predicate.chain,
      subject: [made('b', 'b')],
    })
    await append(again)
    expect(await held(again)).toEqual([])
  })
})
