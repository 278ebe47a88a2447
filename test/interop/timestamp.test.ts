import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { AnchorJob } from '@countersign/anchor'
import { rfc3161Anchor } from '@countersign/adapters/anchor-rfc3161'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Code, parseJson, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { Shape } from '@countersign/formats'
import {
  parseTimestampResponse,
  parseTimestampToken,
  readRfc3161,
  writeTimestampRequest,
} from '@countersign/formats/anchor'
import { type Certificate, parseCertificate, parseCertificates } from '@countersign/formats/x509'
import { type Rfc3161Trust, verifyRfc3161, verifyTimestamp } from '@countersign/verify/anchors'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Lie, startLocalTsa } from '../anchors/local-tsa.ts'
import { statementText } from '../anchors/statement.ts'
import { timestampResponse } from '../anchors/tokens.ts'
import { GO_MISSING } from './go.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const OPENSSL_MISSING = spawnSync('openssl', ['version']).error !== undefined

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-timestamp-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const at = (name: string) => join(directory, name)
const openssl = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: directory, encoding: 'utf8' })
  return { ok: status === 0, text: stdout + stderr }
}
const must = (...args: readonly string[]) => {
  const { ok, text } = openssl(...args)
  expect(ok, `openssl ${args.join(' ')}: ${text}`).toBe(true)
}
const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der)
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n')}\n-----END CERTIFICATE-----\n`
const trustOf = (...certificates: Certificate[]): Rfc3161Trust => ({
  authorities: [{ name: 'a', certificates, from: null, until: null }],
})

/** A statement made now, and what it takes to anchor it. */
function jobNow(): AnchorJob {
  const now = Date.now()
  const text = utf8(statementText({ time: new Date(now).toISOString() }))
  return { number: 7, text, state: { phase: 'pending', memo: null }, others: [], now }
}

/** Verifies what a move has made, with both kinds of cryptography. */
function verifyProof(proof: Uint8Array, text: Uint8Array, trust: Rfc3161Trust) {
  const anchor = readRfc3161(new Shape('anchor-invalid', parseJson(proof), 'anchor'))
  const digests = { sha256: nodeCrypto.sha256(text), sha3_256: nodeCrypto.sha3_256(text) }
  const [one, other] = [nodeCrypto, portableCrypto].map((crypto) =>
    verifyRfc3161(anchor, { text, digests }, trust, crypto),
  )
  expect(one).toEqual(other)
  return one!
}

describe.skipIf(OPENSSL_MISSING)('openssl ts', () => {
  const kinds = [
    ['P-256', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'sha256', ''],
    ['P-384', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384'], 'sha384', 'accuracy = secs:1, millisecs:500'],
    ['P-521', ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-521'], 'sha512', 'ordering = yes'],
    ['RSA 2048', ['-newkey', 'rsa:2048'], 'sha256', 'ess_cert_id_alg = sha1'],
    ['RSA 4096', ['-newkey', 'rsa:4096'], 'sha512', 'tsa_name = yes\ness_cert_id_chain = yes'],
  ] as const

  /** An authority of openssl's own: keys, certificates, configuration. */
  function makeAuthority(name: string, newkey: readonly string[], digest: string, more: string): string {
    const config = at(`${name}.cnf`)
    writeFileSync(at(`${name}.serial`), '01\n')
    writeFileSync(
      config,
      `[req]\ndistinguished_name=dn\n[dn]\n[root]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign
[tsa]\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping
[ts]\nserial=${at(`${name}.serial`)}\ncrypto_device=builtin\nsigner_cert=${at(`${name}.pem`)}\nsigner_key=${at(`${name}.key`)}
certs=${at(`${name}-root.pem`)}\ndefault_policy=1.2.3.4\ndigests=sha256\nsigner_digest=${digest}\n${more}\n`,
    )
    const subject = (cn: string) => ['-nodes', '-subj', `/C=SE/O=Example/CN=${cn}`, '-config', config]
    must(
      'req',
      '-x509',
      ...newkey,
      '-keyout',
      `${name}-root.key`,
      '-out',
      `${name}-root.pem`,
      ...subject('Root'),
      '-extensions',
      'root',
      '-days',
      '90',
      `-${digest}`,
    )
    must('req', '-new', ...newkey, '-keyout', `${name}.key`, '-out', `${name}.csr`, ...subject('TSA'))
    must(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      `${name}-root.pem`,
      '-CAkey',
      `${name}-root.key`,
      '-CAcreateserial',
      '-out',
      `${name}.pem`,
      '-extfile',
      config,
      '-extensions',
      'tsa',
      '-days',
      '60',
      `-${digest}`,
    )
    return config
  }

  test.each(kinds)('%s: it reads our request, and we verify its answer', (kind, newkey, digest, more) => {
    const name = kind.replace(/\W/g, '')
    const config = makeAuthority(name, newkey, digest, more)
    const text = jobNow().text
    const nonce = crypto.getRandomValues(new Uint8Array(8))
    writeFileSync(
      at('query.tsq'),
      writeTimestampRequest({ imprint: nodeCrypto.sha256(text), nonce, certificates: true }),
    )
    const shown = openssl('ts', '-query', '-in', 'query.tsq', '-text').text
    expect(shown).toContain('Hash Algorithm: sha256')
    expect(shown).toContain('Certificate required: yes')
    must('ts', '-reply', '-queryfile', 'query.tsq', '-config', config, '-section', 'ts', '-out', 'reply.tsr')
    must('ts', '-verify', '-queryfile', 'query.tsq', '-in', 'reply.tsr', '-CAfile', `${name}-root.pem`)

    const { status, token } = parseTimestampResponse(readFileSync(at('reply.tsr')))
    expect(status).toBe(0)
    const root = parseCertificates(readFileSync(at(`${name}-root.pem`)), 'anchor-invalid')
    for (const crypto of [nodeCrypto, portableCrypto]) {
      const read = parseTimestampToken(token!)
      const { path, info } = verifyTimestamp(read, [], nodeCrypto.sha256(text), trustOf(...root), crypto)
      expect(path.length).toBe(2)
      expect(Math.abs(info.time.milliseconds - Date.now())).toBeLessThan(60_000)
    }
    // Another's root is not believed, by us and by it.
    makeAuthority('other', kinds[0][1], 'sha256', '')
    const other = parseCertificates(readFileSync(at('other-root.pem')), 'anchor-invalid')
    const read = parseTimestampToken(token!)
    expect(() => verifyTimestamp(read, [], nodeCrypto.sha256(text), trustOf(...other), nodeCrypto)).toThrow(
      coded('anchor-untrusted'),
    )
    expect(
      openssl('ts', '-verify', '-queryfile', 'query.tsq', '-in', 'reply.tsr', '-CAfile', 'other-root.pem').ok,
    ).toBe(false)
  })

  test('as an authority over HTTP: our adapter anchors with it', async () => {
    const config = makeAuthority('served', ['-newkey', 'rsa:2048'], 'sha256', '')
    const server = createHttpServer((request, response) => {
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('end', () => {
        writeFileSync(at('served.tsq'), Buffer.concat(parts))
        openssl('ts', '-reply', '-queryfile', 'served.tsq', '-config', config, '-section', 'ts', '-out', 'served.tsr')
        response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(readFileSync(at('served.tsr')))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const pinned = parseCertificates(readFileSync(at('served-root.pem')), 'anchor-invalid')
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const job = jobNow()
      const { proof } = await rfc3161Anchor({ name: 'openssl', url, pinned, crypto: nodeCrypto }).move(job)
      expect(verifyProof(proof!, job.text, trustOf(...pinned))).toMatchObject({ by: 'a', kind: 'rfc3161' })
    } finally {
      server.close()
    }
  })

  const lies: readonly (Lie | null)[] = [
    null,
    'injected-certificates',
    'wrong-imprint',
    'wrong-nonce',
    'no-nonce',
    'wrong-certificate',
    'purpose-not-critical',
    'extra-purpose',
    'expired-certificate',
  ]
  test.each(lies)('takes and refuses the answers that we do: %s', async (lie) => {
    const tsa = await startLocalTsa({ key: 'P-384' })
    try {
      writeFileSync(at('local-root.pem'), pem(tsa.root))
      let answer = new Uint8Array()
      const anchor = rfc3161Anchor({
        name: 'local',
        url: tsa.url,
        pinned: [parseCertificate(tsa.root, 'anchor-invalid')],
        crypto: nodeCrypto,
        async fetch(...[url, init]: Parameters<typeof fetch>) {
          writeFileSync(at('local.tsq'), init!.body as Uint8Array)
          const response = await fetch(url, init)
          answer = new Uint8Array(await response.arrayBuffer())
          return new Response(answer, { headers: response.headers })
        },
      })
      tsa.lie(lie)
      const taken = await anchor.move(jobNow()).then(
        () => true,
        () => false,
      )
      // What is injected it cannot read where it is no certificate at all; we can.
      if (lie === 'injected-certificates') {
        expect(taken).toBe(true)
        return
      }
      writeFileSync(at('local.tsr'), answer)
      const verified = openssl(
        'ts',
        '-verify',
        '-queryfile',
        'local.tsq',
        '-in',
        'local.tsr',
        '-CAfile',
        'local-root.pem',
      )
      expect({ taken, verified: verified.ok }, verified.text).toEqual({ taken: lie === null, verified: lie === null })
    } finally {
      await tsa.close()
    }
  })

  test('reads a token that we have read, byte for byte', () => {
    const reply = readFileSync(at('reply.tsr'))
    const { token } = parseTimestampResponse(reply)
    expect(Buffer.from(timestampResponse(token)).equals(reply)).toBe(true)
  })
})

describe.skipIf(GO_MISSING)('the timestamp-authority of Sigstore', () => {
  const VERSION = 'v2.1.3'
  const MODULE = 'github.com/sigstore/timestamp-authority/v2'
  const bin = join(tmpdir(), 'countersign-interop', `timestamp-authority-${VERSION}`)
  const program = join(bin, 'timestamp-server')
  let running: ChildProcess
  let url = ''
  let chain: Certificate[] = []

  beforeAll(async () => {
    mkdirSync(bin, { recursive: true })
    if (!existsSync(program)) {
      const env = { ...process.env, GOBIN: bin }
      execFileSync('go', ['install', `${MODULE}/cmd/timestamp-server@${VERSION}`], { env, stdio: 'ignore' })
    }
    const port = await freePort()
    url = `http://127.0.0.1:${port}/api/v1/timestamp`
    const args = ['serve', '--host', '127.0.0.1', '--port', String(port), '--disable-ntp-monitoring']
    running = spawn(program, [...args, '--timestamp-signer', 'memory'], { stdio: 'ignore' })
    const answers = () =>
      fetch(`${url}/certchain`).then(
        ({ ok }) => ok,
        () => false,
      )
    for (let tries = 0; tries < 300 && !(await answers()); tries++) await setTimeout(100)
    chain = parseCertificates(await (await fetch(`${url}/certchain`)).text(), 'anchor-invalid')
  })
  afterAll(() => void running?.kill())

  test('anchors a statement; the chain it does not send is put beside the token', async () => {
    const [leaf, ...rest] = chain as [Certificate, ...Certificate[]]
    const root = rest.at(-1)!
    const job = jobNow()
    const anchor = rfc3161Anchor({
      name: 'sigstore',
      url,
      pinned: [root],
      chain: rest.slice(0, -1),
      crypto: nodeCrypto,
    })
    const { state, proof } = await anchor.move(job)
    expect(state.phase).toBe('final')
    const proved = verifyProof(proof!, job.text, trustOf(root))
    expect(Math.abs(Date.parse(proved.time!) - job.now)).toBeLessThan(60_000)
    expect(verifyProof(proof!, job.text, trustOf(leaf)).trusted[1]).toContain('pinned')
    expect((await anchor.check(Date.now())).map(({ ok }) => ok)).toContain(true)
  })

  test('a hundred in a row all verify, whatever their times end in', async () => {
    const anchor = rfc3161Anchor({ name: 'sigstore', url, pinned: [chain[0]!], crypto: nodeCrypto })
    for (let i = 0; i < 100; i++) expect((await anchor.move(jobNow())).state.phase).toBe('final')
  })

  test('its own attack file (CVE-2026-39984): the certificate that signed is found among three', () => {
    const where = execFileSync('go', ['mod', 'download', '-json', `${MODULE}@${VERSION}`], { encoding: 'utf8' })
    const { Dir: folder } = JSON.parse(where) as { Dir: string }
    const reply = readFileSync(join(folder, 'pkg/verification/testdata/response-injected-certs.tsr'))
    const token = parseTimestampToken(parseTimestampResponse(reply).token!)
    expect(token.certificates.length).toBe(3)
    // It is over a SHA-512, which we do not ask for: so it is held against the digest it has.
    const { digest } = token.info.imprint
    const algorithm = { oid: '2.16.840.1.101.3.4.2.1', parameters: null }
    const asked = { ...token, info: { ...token.info, imprint: { algorithm, digest } } }
    expect(() => verifyTimestamp(token, [], digest, trustOf(...token.certificates), nodeCrypto)).toThrow(
      coded('anchor-mismatch'),
    )
    const outcomes = token.certificates.map((one) => {
      try {
        return verifyTimestamp(asked, [], digest, trustOf(one), nodeCrypto).path.length
      } catch (error) {
        return (error as { code: Code }).code
      }
    })
    expect(outcomes).toContain('anchor-untrusted')
    expect(outcomes.filter((one) => typeof one === 'number').length).toBeGreaterThan(0)
  })
})

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((done) => server.close(done))
  return port
}
