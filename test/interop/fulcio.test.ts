import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { base64, fromBase64, type JsonObject } from '@countersign/core'
import { identityOf } from '@countersign/formats/identity'
import { parseCertificate } from '@countersign/formats/x509'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalTsa, startLocalTsa } from '../anchors/local-tsa.ts'
import { type Running, startServer } from '../e2e/server.ts'
import { type LocalIssuer, ruleFor, startIssuer } from '../identity/local-issuer.ts'
import { goTool } from './go.ts'

const cosign = goTool('cosign', 'github.com/sigstore/cosign/v3/cmd/cosign', 'v3.1.3')
const root = mkdtempSync(join(tmpdir(), 'countersign-fulcio-'))
const path = (name: string) => join(root, name)
let issuer: LocalIssuer
let tsa: LocalTsa
let server: Running

beforeAll(async () => {
  cosign.install()
  issuer = await startIssuer({ audience: 'sigstore' })
  tsa = await startLocalTsa()
  server = await startServer(path('data'))
  // Clients of Sigstore ask for tokens with its audience.
  const rule = { ...ruleFor('github-actions', { issuer: issuer.url, audience: 'sigstore' }), id: 'ci' }
  expect((await server.ask('/v1/issuers', JSON.stringify(rule))).status).toBe(201)
  const read = async (name: string) => JSON.parse(new TextDecoder().decode(await server.bytes(name))) as JsonObject
  const certificates = [tsa.certificate, tsa.intermediate, tsa.root].map((der) => ({ rawBytes: base64(der) }))
  const stamping = {
    subject: { organization: 'local', commonName: 'Local TSA' },
    uri: tsa.url,
    certChain: { certificates },
    validFor: { start: '2020-01-01T00:00:00Z' },
  }
  const trusted = { ...(await read('/trusted_root.json')), timestampAuthorities: [stamping] }
  writeFileSync(path('trusted.json'), JSON.stringify(trusted))
  const config = {
    ...(await read('/signing_config.json')),
    tsaUrls: [{ url: tsa.url, majorApiVersion: 1, validFor: { start: '2020-01-01T00:00:00Z' }, operator: 'local' }],
    tsaConfig: { selector: 'ANY' },
  }
  writeFileSync(path('signing.json'), JSON.stringify(config))
  writeFileSync(path('blob'), 'what is signed')
}, 600_000)

afterAll(async () => {
  await server.end('SIGTERM')
  await Promise.all([issuer.close(), tsa.close()])
  rmSync(root, { recursive: true, force: true })
})

/** Runs cosign, while this process answers it. */
function run(...args: readonly string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    execFile(cosign.path, [...args], { encoding: 'utf8', cwd: root }, (error, out, err) => {
      resolve({ code: error === null ? 0 : 1, text: `${out}${err}` })
    })
  })
}

const sign = (token: string) =>
  run(
    'sign-blob',
    '--yes',
    '--identity-token',
    token,
    '--signing-config',
    path('signing.json'),
    '--trusted-root',
    path('trusted.json'),
    '--bundle',
    path('bundle.json'),
    path('blob'),
  )
const verify = (trusted: string, more: readonly string[], blob = 'blob') =>
  run(
    'verify-blob',
    '--bundle',
    path('bundle.json'),
    '--trusted-root',
    path(trusted),
    '--insecure-ignore-tlog',
    '--use-signed-timestamps',
    ...more,
    path(blob),
  )

/** Whom the certificate in the bundle names. */
function subjectOf(): string {
  const { verificationMaterial } = JSON.parse(readFileSync(path('bundle.json'), 'utf8')) as {
    verificationMaterial: { certificate: { rawBytes: string } }
  }
  return identityOf(parseCertificate(fromBase64(verificationMaterial.certificate.rawBytes), 'certificate-invalid'))
    .identity.subject.value
}

describe('cosign signs and verifies keyless with our authority', () => {
  let by: readonly string[]
  beforeAll(async () => {
    const { code, text } = await sign(issuer.token('github-actions'))
    expect([code, text]).toEqual([0, expect.any(String)])
    by = ['--certificate-identity', subjectOf(), '--certificate-oidc-issuer', issuer.url]
  }, 60_000)

  test('a blob, by its identity and issuer', async () => {
    const { code, text } = await verify('trusted.json', by)
    expect([code, text]).toEqual([0, expect.stringContaining('Verified OK')])
  })

  test.each<[string, string, () => readonly string[], string, JsonObject]>([
    ['of another blob', 'signature', () => by, 'other', {}],
    ['by another identity', 'SAN', () => ['--certificate-identity', `${subjectOf()}-evil`, ...by.slice(2)], 'blob', {}],
    ['of another issuer', 'ssuer', () => [...by.slice(0, 3), `${issuer.url}/`], 'blob', {}],
    ['of an authority that is not trusted', 'certificate', () => by, 'blob', { certificateAuthorities: [] }],
    ['without a log for its SCT that is trusted', 'SCT', () => by, 'blob', { ctlogs: [] }],
  ])('and refuses one %s', async (_name, word, identity, blob, changes) => {
    writeFileSync(path('other'), 'something else')
    const trusted = JSON.parse(readFileSync(path('trusted.json'), 'utf8')) as JsonObject
    writeFileSync(path('changed.json'), JSON.stringify({ ...trusted, ...changes }))
    const { code, text } = await verify('changed.json', identity(), blob)
    expect([code, text]).toEqual([1, expect.stringContaining(word)])
  })

  test('and tells what our authority says of a token that was used', async () => {
    const token = issuer.token('github-actions')
    expect((await sign(token)).code).toBe(0)
    const { code, text } = await sign(token)
    expect([code, text]).toEqual([1, expect.stringContaining('identity-token-used')])
  })
})
