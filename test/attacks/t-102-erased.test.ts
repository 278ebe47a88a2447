import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { utf8 } from '@countersign/core'
import {
  commitmentOf,
  linkDigestOfPae,
  pae,
  parseStep,
  PAYLOAD_TYPE,
  writeBundle,
  writeStep,
} from '@countersign/formats'
import { Tags, unseal } from '../../server/stores/sqlite/keyring.ts'
import {
  file,
  newChainId,
  party,
  received,
  seal,
  sha256,
  type Signed,
  statement,
  linkOf,
  signStep,
} from '../pipeline.ts'
import { codeOf, openTestServer, type TestServer } from '../server.ts'

/** What the payload can have been: everybody who works here. */
const NAMES = Array.from({ length: 1_000 }, (_, i) => `person-${i}`)
const SECRET = NAMES[617]!
const NONCE = 'c0ffee00c0ffee00c0ffee00c0ffee00'

const by = party('ci')
/** Whose keys are enrolled is no secret. */
const signer = by.publicKey.spki
const chain = { id: newChainId(), pipeline: 'hr/letters', contract: null }
/** Made beside the letter; nobody could guess it. */
const NUMBER = file('number', newChainId())
const letter = (name: string) => file('letter.pdf', `Dear ${name}`)

/** The whole statement, but for the name and the nonce, is known to whoever guesses. */
function payloadOf(name: string, nonce: string): Uint8Array {
  const whole = statement({ chain, name: 'write', nonce, subject: [letter(name), NUMBER] })
  const invocation = { ...whole.predicate.invocation, argv: ['write-letter', '--to', name] }
  return writeStep({ ...whole, predicate: { ...whole.predicate, invocation } })
}

/** Every file of a directory. */
function filesOf(root: string): Map<string, Buffer> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return [relative(root, path), readFileSync(path)]
    }),
  )
}

interface Keys {
  readonly tag: Uint8Array
  readonly records: readonly { readonly id: number; readonly key: Uint8Array; readonly salt: Uint8Array }[]
}

function keysIn(root: string): Keys | null {
  const path = join(root, 'keys', 'keys.db')
  if (!filesOf(root).has(join('keys', 'keys.db'))) return null
  const db = new Database(path, { readonly: true })
  const { tag } = db.prepare('SELECT tag FROM keyring').get() as { tag: Buffer }
  const rows = db.prepare('SELECT id, bytes FROM record_keys').all() as { id: number; bytes: Buffer }[]
  db.close()
  const records = rows.map(({ id, bytes }) => ({
    id,
    key: new Uint8Array(bytes.subarray(0, 32)),
    salt: new Uint8Array(bytes.subarray(32)),
  }))
  return { tag: new Uint8Array(tag), records }
}

/** Files in which thousands of guesses are looked for: most begin as nothing in them does. */
class Haystack {
  readonly bytes: Buffer
  readonly #beginnings = new Uint8Array(2 ** 24)

  constructor(files: readonly Buffer[]) {
    this.bytes = Buffer.concat(files.flatMap((bytes) => [bytes, Buffer.alloc(1)]))
    for (let at = 0; at + 8 <= this.bytes.length; at++) this.#beginnings[beginning(this.bytes, at)] = 1
  }

  /** `needle`: eight bytes or more. */
  hold(needle: Buffer): boolean {
    return this.#beginnings[beginning(needle, 0)] === 1 && this.bytes.includes(needle)
  }
}

const beginning = (bytes: Buffer, at: number) =>
  (bytes.readUInt32LE(at) ^ Math.imul(bytes.readUInt32LE(at + 4), 0x9e3779b1)) >>> 8

/** What a guess can be held against that anybody knows: the link digest, which its followers signed, and the leaf. */
interface Known {
  readonly link: string
  readonly commitment: string
}

/** Everything that somebody with these files can try. Each way gives what it finds, and null where it cannot tell. */
function guessed(root: string, { link, commitment }: Known): Record<string, string | null> {
  const files = new Haystack([...filesOf(root).values()])
  const keys = keysIn(root)
  const nonces = new Set(files.bytes.toString('latin1').match(/(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/g))
  const first = (is: (name: string) => boolean) => NAMES.find(is) ?? null
  const withNonce = (is: (signed: Uint8Array) => boolean) =>
    first((name) => [...nonces].some((nonce) => is(pae(PAYLOAD_TYPE, payloadOf(name, nonce)))))
  const tags = keys === null ? null : new Tags(keys.tag)
  const holds = (needle: string | Buffer) => files.hold(typeof needle === 'string' ? Buffer.from(needle) : needle)
  return {
    'by its text': first((name) => holds(name) || holds(Buffer.from(`"${name}"`).toString('base64').slice(2, -4))),
    'by its link digest': withNonce((signed) => linkDigestOfPae(signed, nodeCrypto) === link),
    'by its leaf': withNonce((signed) =>
      // Of the keys that are left a few will do: those of what was erased are not among them.
      (keys?.records ?? [])
        .slice(-3)
        .some(({ salt }) => commitmentOf(salt, { signed, signer }, nodeCrypto).sha256 === commitment),
    ),
    'by the digest of what it made': first((name) => {
      const digest = letter(name).digest.sha256
      return [digest, Buffer.from(digest, 'hex'), ...(tags === null ? [] : [tags.of('acme', digest)])].some(holds)
    }),
    'by a key that was left': opened(root, keys),
  }
}

/** Any sealed attestation that one of the keys opens and that holds a name. */
function opened(root: string, keys: Keys | null): string | null {
  for (const name of filesOf(root).keys()) {
    if (!name.endsWith('countersign.db')) continue
    const db = new Database(join(root, name))
    const rows = db.prepare('SELECT tenant, link, key, bundle FROM attestations').all() as {
      tenant: string
      link: string
      key: number
      bundle: Buffer
    }[]
    db.close()
    for (const { tenant, link, key, bundle } of rows) {
      const own = keys?.records.find(({ id }) => id === key)
      if (own === undefined) continue
      const { dsseEnvelope } = JSON.parse(Buffer.from(unseal(own, { tenant, name: link }, bundle)).toString()) as {
        dsseEnvelope: { payload: string }
      }
      const { invocation } = parseStep(new Uint8Array(Buffer.from(dsseEnvelope.payload, 'base64'))).predicate
      const found = NAMES.find((one) => (invocation.argv as readonly string[]).includes(one))
      if (found !== undefined) return found
    }
  }
  return null
}

const NOTHING = {
  'by its text': null,
  'by its link digest': null,
  'by its leaf': null,
  'by the digest of what it made': null,
  'by a key that was left': null,
}

let root: string
let server: TestServer
let known: Known
let written: Signed
let salt: Uint8Array
const at = (name: string) => join(root, name)

/** The data directory as somebody finds it, with all that is in flight. */
function seize(name: string): void {
  cpSync(dirname(server.file), at(name), { recursive: true })
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'countersign-seized-'))
  server = await openTestServer()
  await server.enrol([by])
  const bundle = seal(by, payloadOf(SECRET, NONCE))
  written = { bundle, link: linkOf(bundle), statement: parseStep(bundle.envelope.payload) }
  // Refused before it was accepted, so that there is more to clear away.
  expect(await codeOf(server.append(seal(party('stranger'), bundle.envelope.payload)))).toBe('signer-unknown')
  expect((await server.append(bundle, { headers: { 'idempotency-key': 'k' } })).status).toBe(201)
  const opening = server.store.log.opened('acme', written.link)!
  salt = opening.salt
  known = {
    link: written.link,
    commitment: (JSON.parse(Buffer.from(opening.entry).toString()) as { commitment: { sha256: string } }).commitment
      .sha256,
  }
  // What follows it stays as it is, and names it by its link; what it received was no letter.
  const next = signStep(by, {
    chain,
    name: 'file',
    previous: [{ link: written.link, step: 'write' }],
    materials: [received(NUMBER, written.link)],
    subject: [file('index', 'one letter more')],
    minute: 2,
  })
  expect((await server.append(next.bundle)).status).toBe(201)
  seize('before')
  const reply = await server.request('POST', `/v1/attestations/${written.link}/erase`, {
    body: JSON.stringify({ ground: 'GDPR, article 17' }),
  })
  expect(reply.status).toBe(200)
  writeFileSync(join(dirname(server.file), 'reply'), await reply.text())
  const rest = await server.request('GET', `/v1/chains/${chain.id}`)
  writeFileSync(join(dirname(server.file), 'chain.jsonl'), await rest.text())
  seize('after')
})
afterAll(async () => {
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

describe('T-102: a payload of few possibilities that was erased', () => {
  test('cannot be guessed from all that is left: files, keys, log, reply and chain', () => {
    expect(guessed(at('after'), known)).toEqual(NOTHING)
  })

  test('red control: before, it is found at once', () => {
    const found = guessed(at('before'), known)
    expect(found).toMatchObject({
      'by the digest of what it made': SECRET,
      'by a key that was left': SECRET,
    })
  })

  test('red control: with its nonce and its salt left over anywhere, it is found', () => {
    cpSync(at('after'), at('nonce'), { recursive: true })
    writeFileSync(join(at('nonce'), 'left-over'), JSON.stringify({ nonce: NONCE }))
    expect(guessed(at('nonce'), known)).toEqual({ ...NOTHING, 'by its link digest': SECRET })
    const keys = new Database(join(at('nonce'), 'keys', 'keys.db'))
    keys
      .prepare('UPDATE record_keys SET bytes = ? WHERE id = (SELECT max(id) FROM record_keys)')
      .run(Buffer.concat([Buffer.alloc(32), salt]))
    keys.close()
    expect(guessed(at('nonce'), known)['by its leaf']).toBe(SECRET)
  })

  test('known limit: what a follower says that it received from it can still be guessed at', () => {
    cpSync(at('after'), at('follower'), { recursive: true })
    writeFileSync(join(at('follower'), 'follower'), JSON.stringify(received(letter(SECRET), known.link)))
    expect(guessed(at('follower'), known)).toEqual({ ...NOTHING, 'by the digest of what it made': SECRET })
  })

  test('no byte of it is in any file: payload, signature, salt, nonce, digests', () => {
    const { payload, signature } = written.bundle.envelope
    const digest = letter(SECRET).digest.sha256
    // Where it is like no other: around the name, from a whole group of base64 on.
    const named = Math.floor(Buffer.from(payload).indexOf(SECRET) / 3) * 3
    const inBase64 = Buffer.from(payload).toString('base64')
    const keys = keysIn(at('before'))!
    const needles: Record<string, Uint8Array | string> = {
      payload: payload.slice(named - 20, named + 40),
      'payload in base64': inBase64.slice((named / 3) * 4, (named / 3) * 4 + 40),
      signature,
      'signature in base64': Buffer.from(signature).toString('base64'),
      salt,
      'its keys': Buffer.concat(keys.records.slice(0, 2).map(({ key }) => key)).subarray(32),
      nonce: NONCE,
      'nonce as bytes': Buffer.from(NONCE, 'hex'),
      'digest of the nonce': sha256(Buffer.from(NONCE, 'hex').toString('latin1')),
      'subject digest': digest,
      'tag of the subject digest': new Tags(keys.tag).of('acme', digest),
      'digest of the request': Buffer.from(nodeCrypto.sha256(writeBundle(written.bundle))).toString('hex'),
      sealed: sealedIn(at('before')),
    }
    const left = (name: string) =>
      Object.entries(needles).flatMap(([what, needle]) => {
        const wanted = typeof needle === 'string' ? utf8(needle) : needle
        const where = [...filesOf(at(name))]
          .filter(([, bytes]) => bytes.includes(Buffer.from(wanted)))
          .map(([path]) => path)
        return where.length > 0 ? [`${what}: ${where.join(', ')}`] : []
      })
    expect(left('after')).toEqual([])
    // They are what was there: before, nearly all are found, but for what is sealed.
    const before = left('before').map((line) => line.split(':')[0])
    expect(before).toEqual(
      expect.arrayContaining(['salt', 'its keys', 'tag of the subject digest', 'digest of the request', 'sealed']),
    )
  })
})

function sealedIn(where: string): Uint8Array {
  const db = new Database(join(where, 'countersign.db'), { readonly: true })
  const { bundle } = db.prepare('SELECT bundle FROM attestations WHERE link = ?').get(written.link) as {
    bundle: Buffer
  }
  db.close()
  return bundle.subarray(40, 140)
}

describe('T-102: a backup from before the erasure', () => {
  /** Files of one seizure, by a name that tells nothing. */
  const backup = (name: string, ...sources: readonly [from: string, file: string, to: string][]) => {
    for (const [from, source, to] of sources) {
      mkdirSync(dirname(join(at(name), to)), { recursive: true })
      copyFileSync(join(at(from), source), join(at(name), to))
    }
  }
  const database = (from: string, to = ''): [string, string, string][] =>
    ['countersign.db', 'countersign.db-wal']
      .filter((file) => filesOf(at(from)).has(file))
      .map((file) => [from, file, join(to, file)])

  test('of the database tells nothing, whatever is had of the database since', () => {
    backup('old', ...database('before'), ...database('after', 'since'))
    expect(guessed(at('old'), known)).toEqual(NOTHING)
  })

  test('is opened by no key that is left', () => {
    backup('both', ...database('before'), ['after', join('keys', 'keys.db'), join('keys', 'keys.db')])
    // With the key of the tags a guess at a digest can be confirmed, as SECURITY.md says; nothing else can.
    expect(guessed(at('both'), known)).toEqual({ ...NOTHING, 'by the digest of what it made': SECRET })
  })

  test('red control: with the keys as they were then, it is', () => {
    backup('keys', ...database('before'), ['before', join('keys', 'keys.db'), join('keys', 'keys.db')])
    expect(guessed(at('keys'), known)['by a key that was left']).toBe(SECRET)
  })
})
