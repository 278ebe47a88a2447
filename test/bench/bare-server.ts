import { createHash, createPublicKey, type KeyObject, randomBytes, verify } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'

// The least that an append can be with Node's HTTP and SQLite: one request, one P-256 verification, JSON parsed and not looked at,
// rows and indexes as wide as ours in a thread of their own, one sync for all that wait, a reply as long as ours. Nothing is
// checked, nothing proven, and nobody asked whether they may. Started with a database and a public key (PEM); prints its address.

interface Row {
  readonly link: string
  readonly body: Uint8Array
}

/** As long as a reply with its receipt. */
const REPLY = 'x'.repeat(2_600)
const HEADERS = { 'content-type': 'application/json', 'content-length': REPLY.length }

if (isMainThread) serve(process.argv[2]!, createPublicKey(process.argv[3]!))
else write(workerData as string)

function serve(file: string, key: KeyObject): void {
  const writer = new Worker(new URL(import.meta.url), { workerData: file })
  let waiting: { readonly row: Row; readonly done: () => void }[] = []
  let writing: typeof waiting | null = null
  const flush = () => {
    if (writing !== null || waiting.length === 0) return
    ;[writing, waiting] = [waiting, []]
    writer.postMessage(writing.map(({ row }) => row))
  }
  writer.on('message', () => {
    for (const { done } of writing!) done()
    writing = null
    flush()
  })
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts)
      const { payloadType, payload, signatures } = (
        JSON.parse(body.toString()) as {
          dsseEnvelope: { payloadType: string; payload: string; signatures: { sig: string }[] }
        }
      ).dsseEnvelope
      const statement = Buffer.from(payload, 'base64')
      const head = `DSSEv1 ${payloadType.length} ${payloadType} ${statement.length} `
      const signed = Buffer.concat([Buffer.from(head), statement])
      if (!verify('sha256', signed, key, Buffer.from(signatures[0]!.sig, 'base64'))) throw new Error('bad signature')
      JSON.parse(statement.toString())
      const row = { link: createHash('sha256').update(signed).digest('hex'), body }
      const done = () => response.writeHead(201, HEADERS).end(REPLY)
      waiting.push({ row, done })
      setImmediate(flush)
    })
  })
  server.listen(0, '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
  })
}

function write(file: string): void {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec(`
    CREATE TABLE steps (i INTEGER PRIMARY KEY, tenant TEXT, link TEXT, place TEXT, nonce TEXT, chain TEXT, body BLOB);
    CREATE UNIQUE INDEX steps_link ON steps (tenant, link);
    CREATE UNIQUE INDEX steps_place ON steps (tenant, place);
    CREATE UNIQUE INDEX steps_nonce ON steps (tenant, nonce);
    CREATE INDEX steps_chain ON steps (tenant, chain, i);
    CREATE TABLE subjects (tenant TEXT, digest TEXT, i INTEGER, PRIMARY KEY (tenant, digest, i));
    CREATE TABLE edges (tenant TEXT, before TEXT, after TEXT, PRIMARY KEY (tenant, before, after));
    CREATE TABLE entries (i INTEGER PRIMARY KEY, tenant TEXT, entry BLOB);
  `)
  const step = db.prepare('INSERT INTO steps VALUES (NULL, ?, ?, ?, ?, ?, ?)')
  const subject = db.prepare('INSERT INTO subjects VALUES (?, ?, ?)')
  const edge = db.prepare('INSERT INTO edges VALUES (?, ?, ?)')
  const entry = db.prepare('INSERT INTO entries VALUES (NULL, ?, ?)')
  const all = db.transaction((rows: readonly Row[]) => {
    for (const { link, body } of rows) {
      const random = randomBytes(112).toString('hex')
      const [place, nonce, digest] = [random.slice(0, 64), random.slice(64, 96), random.slice(96, 160)]
      const { lastInsertRowid } = step.run('local', link, place, nonce, random.slice(160, 192), body)
      subject.run('local', digest, lastInsertRowid)
      edge.run('local', place, link)
      entry.run('local', body.subarray(0, 300))
    }
  })
  parentPort!.on('message', (rows: readonly Row[]) => {
    all(rows)
    parentPort!.postMessage(null)
  })
}
