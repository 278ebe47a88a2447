import { createCipheriv, createDecipheriv, createSecretKey, hash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database, { type Statement } from 'better-sqlite3'
import { CodedError, concat, hex, utf8 } from '@countersign/core'
import { OPENING_BYTES } from '@countersign/formats'
import { makeForOwner } from './own-file.ts'
import { unopened } from './unopened.ts'

/**
 * What one attestation is kept under, or one refused body: once its key and its salt are gone, so is what was kept, in
 * every backup of the database.
 */
export interface RecordKey {
  /** Counts up, and is never given out twice. */
  readonly id: number
  /** 32 bytes: seals its bundle. */
  readonly key: Uint8Array
  /** 32 bytes: opens its leaf. */
  readonly salt: Uint8Array
}

const KEY_BYTES = 32
/** Bytes that SHA-256 takes at a time. */
const BLOCK_BYTES = 64
const RECORD_BYTES = KEY_BYTES + OPENING_BYTES
/** Keys made at once: the two or three syncs that this costs are shared by as many attestations. */
const BLOCK = 4_096
const VERSION = 1

type Row = { readonly bytes: Buffer }

/** What the writing thread was told of the database that its keys are of. */
export interface Pairing {
  /** Id of the keyring that the database was made with; null for a new one. */
  readonly keyring: Uint8Array | null
  /** Highest key that was ever given out; 0 for none. */
  readonly used: number
  /** A key that must be there; null where there is no attestation. */
  readonly last: number | null
}

/** Where the keyring of a database is unless it is told otherwise. */
export function keyringBeside(file: string): string {
  return join(dirname(file), 'keys', 'keys.db')
}

/** The keys as the writing thread has them: it makes them, gives them out, and forgets them. */
export class Keyring {
  /** 16 bytes: which database it is of. */
  readonly id: Uint8Array
  readonly tags: Tags
  readonly #db: Database.Database
  readonly #get: Statement<[number], Row>
  readonly #forget: Statement<[number]>
  readonly #insert: Statement<[number, Uint8Array]>
  /** A row for every `width` of `bytes`, `size` of them. */
  readonly #fill: Statement<[{ next: number; size: number; width: number; bytes: Uint8Array }]>
  readonly #last: Statement<[], { readonly id: number | null }>
  readonly #used: number
  /** Made and durable, and not given out yet. */
  #block: { readonly first: number; readonly bytes: Uint8Array } = { first: 0, bytes: new Uint8Array() }
  #given = 0

  /**
   * Opens the keys of a database, made where it is new. Throws `keys-missing` where they are not those that it was
   * written with: without them nothing could be read, and new ones would hide that.
   */
  constructor(file: string, { keyring, used, last }: Pairing) {
    if (keyring !== null && !existsSync(file)) {
      throw new CodedError('keys-missing', `${file} is gone, and the database was written with it`)
    }
    try {
      makeForOwner(file)
      this.#db = new Database(file)
      // Not in WAL mode: what is deleted is out of this file, and out of its journal, when the commit returns.
      this.#db.pragma('journal_mode = TRUNCATE')
    } catch (cause) {
      throw unopened('keyring', file, cause)
    }
    this.#db.pragma('synchronous = FULL')
    this.#db.pragma('secure_delete = ON')
    this.#db.pragma('busy_timeout = 5000')
    const version = this.#db.pragma('user_version', { simple: true })
    if (version !== VERSION) this.#create(version, keyring, file)
    const { id, tag } = this.#db.prepare<[], { id: Buffer; tag: Buffer }>('SELECT id, tag FROM keyring').get()!
    this.id = new Uint8Array(id)
    this.tags = new Tags(new Uint8Array(tag))
    if (keyring !== null && hex(keyring) !== hex(this.id)) {
      throw new CodedError('keys-missing', `${file} is the keyring of another database`)
    }
    this.#get = this.#db.prepare('SELECT bytes FROM record_keys WHERE id = ?')
    if (last !== null && this.#get.get(last) === undefined) {
      throw new CodedError('keys-missing', `${file} is older than the database: it does not have key ${last} yet`)
    }
    this.#forget = this.#db.prepare('DELETE FROM record_keys WHERE id = ?')
    this.#insert = this.#db.prepare('INSERT INTO record_keys (id, bytes) VALUES (?, ?)')
    this.#fill = this.#db.prepare(
      `INSERT INTO record_keys (id, bytes)
       WITH RECURSIVE row(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM row WHERE i + 1 < @size)
       SELECT @next + i, substr(@bytes, i * @width + 1, @width) FROM row`,
    )
    this.#last = this.#db.prepare('SELECT max(id) AS id FROM record_keys')
    this.#used = used
  }

  #create(version: unknown, keyring: Uint8Array | null, file: string): void {
    if (version !== 0 || keyring !== null)
      throw new CodedError('keys-missing', `${file} is not a keyring of this version`)
    this.#db.transaction(() => {
      this.#db.exec(`CREATE TABLE keyring (id BLOB NOT NULL, tag BLOB NOT NULL);
        CREATE TABLE record_keys (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);`)
      this.#db.prepare('INSERT INTO keyring (id, tag) VALUES (?, ?)').run(randomBytes(16), randomBytes(KEY_BYTES))
      this.#db.pragma('user_version = 1')
    })()
  }

  /** Sees to it that `count` keys can be taken without writing. What this makes is durable when it returns. */
  reserve(count: number): void {
    const left = this.#block.bytes.length / RECORD_BYTES - this.#given
    if (left >= count) return
    const size = Math.max(BLOCK, count)
    const bytes = new Uint8Array(randomBytes(size * RECORD_BYTES))
    const first = this.#db
      .transaction(() => {
        const next = this.#next()
        this.#fill.run({ next, size, width: RECORD_BYTES, bytes })
        return next
      })
      .immediate()
    this.#block = { first, bytes }
    this.#given = 0
  }

  /** A key that nobody had before, and nobody gets again: what becomes of the write that it is for is not known yet. */
  take(): RecordKey {
    this.reserve(1)
    const { first, bytes } = this.#block
    const at = this.#given++
    return recordKeyOf(first + at, bytes.slice(at * RECORD_BYTES, (at + 1) * RECORD_BYTES))
  }

  /** Keys for what has salts of its own already; where one has none, or it is gone, it gets a fresh one. Durable. */
  adopt(salts: readonly (Uint8Array | null)[]): RecordKey[] {
    return this.#db
      .transaction(() =>
        salts.map((salt) => {
          const bytes = new Uint8Array(randomBytes(RECORD_BYTES))
          const own = salt === null ? bytes : concat(bytes.subarray(0, KEY_BYTES), salt)
          const id = this.#next()
          this.#insert.run(id, own)
          return recordKeyOf(id, own)
        }),
      )
      .immediate()
  }

  /** Above every key that was ever given out, were it forgotten since or the file an old copy. */
  #next(): number {
    return Math.max(this.#last.get()?.id ?? 0, this.#used, this.#block.first + this.#given) + 1
  }

  get(id: number): RecordKey | null {
    return found(id, this.#get.get(id))
  }

  /** Forgets keys for good; those that are gone already are no fault. When this returns they are in no file. */
  forget(ids: readonly number[]): void {
    if (ids.length === 0) return
    this.#db.transaction(() => {
      for (const id of ids) this.#forget.run(id)
    })()
  }

  /** As the writer's own: what could not be rolled back is, before anything else is written. */
  settle(): void {
    if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
  }

  close(): void {
    this.#db.close()
  }
}

/** The keys as whoever reads attestations has them. None is held in memory. */
export class KeyringReader {
  readonly tags: Tags
  readonly #db: Database.Database
  readonly #get: Statement<[number], Row>

  constructor(file: string) {
    this.#db = new Database(file, { readonly: true })
    this.#db.pragma('busy_timeout = 5000')
    this.#db.pragma('cache_size = -2048')
    const { tag } = this.#db.prepare<[], { tag: Buffer }>('SELECT tag FROM keyring').get()!
    this.tags = new Tags(new Uint8Array(tag))
    this.#get = this.#db.prepare('SELECT bytes FROM record_keys WHERE id = ?')
  }

  /** Null for one that was forgotten. */
  get(id: number): RecordKey | null {
    return found(id, this.#get.get(id))
  }

  close(): void {
    this.#db.close()
  }
}

/** What digests are looked up by. In a backup of the database alone they are nobody's: the key is with the others. */
export class Tags {
  /** The key under both pads of HMAC (RFC 2104), which are the same for every tag. */
  readonly #inner: Uint8Array
  readonly #outer: Uint8Array

  constructor(key: Uint8Array) {
    const padded = (pad: number) => Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (key[i] ?? 0) ^ pad)
    this.#inner = padded(0x36)
    this.#outer = padded(0x5c)
  }

  /** HMAC-SHA-256, 64 hex digits, of a digest of a tenant. */
  of(tenant: string, digest: string): string {
    const text = `${tenant} ${digest}`
    const inner = Buffer.allocUnsafe(BLOCK_BYTES + Buffer.byteLength(text))
    inner.set(this.#inner)
    inner.write(text, BLOCK_BYTES)
    const outer = Buffer.allocUnsafe(BLOCK_BYTES + KEY_BYTES)
    outer.set(this.#outer)
    // As text of a byte a character: a fraction of what a Buffer costs.
    outer.write(hash('sha256', inner, 'binary'), BLOCK_BYTES, 'latin1')
    return hash('sha256', outer, 'hex')
  }
}

function found(id: number, row: Row | undefined): RecordKey | null {
  return row === undefined ? null : recordKeyOf(id, new Uint8Array(row.bytes))
}

function recordKeyOf(id: number, bytes: Uint8Array): RecordKey {
  return { id, key: bytes.slice(0, KEY_BYTES), salt: bytes.slice(KEY_BYTES) }
}

const IV_BYTES = 12
const TAG_BYTES = 16

/** Where something sealed belongs: sealed bytes that were moved elsewhere do not open. */
export interface Place {
  readonly tenant: string
  /** Link digest of an attestation; of a refused body or a certificate, what it is known by. */
  readonly name: string
}

/** What a sealed certificate is known by. */
export function certificateName(serial: string): string {
  return `certificate ${serial}`
}

/** AES-256-GCM (NIST SP 800-38D) of some bytes: IV, tag, ciphertext. */
export function seal({ key }: RecordKey, { tenant, name }: Place, bytes: Uint8Array): Uint8Array {
  const iv = ivs.next()
  // As a key object: a bare one costs more to hand over than all the rest.
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), iv)
  cipher.setAAD(Buffer.from(`${tenant} ${name}`))
  const sealed = Buffer.allocUnsafe(IV_BYTES + TAG_BYTES + bytes.length)
  sealed.set(iv)
  sealed.set(cipher.update(bytes), IV_BYTES + TAG_BYTES)
  // A stream cipher: nothing is left over.
  cipher.final()
  sealed.set(cipher.getAuthTag(), IV_BYTES)
  return sealed
}

/** {@link seal} the other way. Throws `store-failed` for what is not what was sealed there (T-76). */
export function unseal({ key }: RecordKey, { tenant, name }: Place, sealed: Uint8Array): Uint8Array {
  try {
    const cipher = createDecipheriv('aes-256-gcm', createSecretKey(key), sealed.subarray(0, IV_BYTES))
    cipher.setAAD(utf8(`${tenant} ${name}`))
    cipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
    const bytes = Buffer.concat([cipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), cipher.final()])
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  } catch (cause) {
    throw new CodedError('store-failed', `what is stored of ${name.slice(0, 12)} is not what it was`, { cause })
  }
}

/** Random bytes drawn ahead: asking for 12 costs as much as asking for thousands. */
const ivs = {
  drawn: new Uint8Array(),
  at: 0,
  next(): Uint8Array {
    if (this.at + IV_BYTES > this.drawn.length) {
      this.drawn = new Uint8Array(randomBytes(512 * IV_BYTES))
      this.at = 0
    }
    this.at += IV_BYTES
    return this.drawn.slice(this.at - IV_BYTES, this.at)
  },
}
