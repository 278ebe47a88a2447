import { createHash, generateKeyPairSync } from 'node:crypto'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleFromJSON, bundleToJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { DSSEBundleBuilder, FulcioSigner, type Witness } from '@sigstore/sign'
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { base64, type JsonObject } from '@countersign/core'
import { parseLeaf, parseVkey, writeLeaf } from '@countersign/formats'
import { issuanceLeaf, loggedTbs } from '@countersign/formats/identity'
import { type Certificate, parseCertificates } from '@countersign/formats/x509'
import { readEntries } from '@countersign/merkle'
import { type CountersignAuthority, verifyCertificate } from '@countersign/verify/identity'
import { certificate, newKey } from '../anchors/certificates.ts'
import { genTime, timestampResponse, timestampToken } from '../anchors/tokens.ts'
import { MAIN } from '../demo/world.ts'
import { asking, fulcioRequest } from '../identity/asking.ts'
import { type LocalIssuer, ruleFor, startIssuer } from '../identity/local-issuer.ts'
import { startLocalAws } from '../signers/local-aws.ts'
import { type Running, startServer } from './server.ts'
import { THOROUGH } from '../thorough.ts'

const root = mkdtempSync(join(tmpdir(), 'countersign-fulcio-'))
let issuer: LocalIssuer
beforeAll(async () => {
  issuer = await startIssuer({ audience: 'countersign:countersign.local' })
})
afterAll(async () => {
  await issuer.close()
  rmSync(root, { recursive: true, force: true })
})

/** A server that takes the local issuer's tokens. */
async function start(dir: string, first = true, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const server = await startServer(join(root, dir), [], env)
  if (!first) return server
  const rule = { ...ruleFor('github-actions', { issuer: issuer.url }), id: 'ci' }
  expect((await server.ask('/v1/issuers', JSON.stringify(rule))).status).toBe(201)
  return server
}

const text = async (server: Running, path: string) => new TextDecoder().decode(await server.bytes(path))

/** A timestamp authority within this process. */
const clock = certificate({ name: 'Clock root', key: newKey('P-384', 'sha384'), issuer: null, ca: true })
const stamper = certificate({ name: 'Clock', key: newKey(), issuer: clock, serial: 2 })
const stamping: Witness = {
  testify(content) {
    if (content.$case !== 'dsseEnvelope') throw new Error('not of an envelope')
    // Their reader wants whole seconds, or three digits more.
    const now = Math.floor(Date.now() / 1000) * 1000
    const imprint = createHash('sha256').update(content.dsseEnvelope.signatures[0]!.sig).digest()
    const token = timestampToken({ imprint, time: genTime(now), signer: stamper, certificates: [stamper.der] })
    return Promise.resolve({ rfc3161Timestamps: [{ signedTimestamp: Buffer.from(timestampResponse(token)) }] })
  },
}

const asked = () => asking(issuer.token('github-actions'))

async function certificateOf(server: Running): Promise<Certificate> {
  const body = JSON.stringify(fulcioRequest(asked()))
  const reply = await fetch(`${server.url}/api/v2/signingCert`, { method: 'POST', body })
  if (!reply.ok) throw new Error(await reply.text())
  const { signedCertificateEmbeddedSct: made } = (await reply.json()) as {
    signedCertificateEmbeddedSct: { chain: { certificates: string[] } }
  }
  return parseCertificates(made.chain.certificates[0]!, 'certificate-invalid')[0]!
}

/** The server's authorities as anybody learns of them, under its log's key. */
async function authoritiesOf(server: Running): Promise<CountersignAuthority[]> {
  const { vkey } = JSON.parse(await text(server, '/v1/server')) as { vkey: string }
  const { certificateAuthorities } = TrustedRoot.fromJSON(JSON.parse(await text(server, '/trusted_root.json')))
  return certificateAuthorities.map(({ certChain, validFor }) => ({
    kind: 'countersign',
    name: 'ours',
    chain: certChain!.certificates.flatMap(({ rawBytes }) =>
      parseCertificates(
        `-----BEGIN CERTIFICATE-----\n${base64(new Uint8Array(rawBytes))}\n-----END CERTIFICATE-----\n`,
        'certificate-invalid',
      ),
    ),
    validFor: { start: validFor?.start?.getTime() ?? null, end: validFor?.end?.getTime() ?? null },
    logs: [parseVkey(vkey, nodeCrypto)],
  }))
}

const verified = (leaf: Certificate, authorities: readonly CountersignAuthority[], at = leaf.notBefore) =>
  verifyCertificate({ chain: [leaf.der], authorities, at, crypto: nodeCrypto })

describe("Sigstore's own clients, against our authority", () => {
  let server: Running
  let trusted: JsonObject
  beforeAll(async () => {
    server = await start('clients')
    const own = JSON.parse(await text(server, '/trusted_root.json')) as JsonObject
    const rawBytes = [stamper, clock].map(({ der }) => ({ rawBytes: base64(der) }))
    const authority = {
      subject: {},
      uri: 'https://clock.example.com',
      certChain: { certificates: rawBytes },
      validFor: { start: '2000-01-01T00:00:00Z' },
    }
    trusted = { ...own, timestampAuthorities: [authority] }
  })
  afterAll(() => server.end('SIGTERM'))

  const signed = async () => {
    const signer = new FulcioSigner({
      fulcioBaseURL: server.url,
      identityProvider: { getToken: () => Promise.resolve(issuer.token('github-actions')) },
    })
    const builder = new DSSEBundleBuilder({ signer, witnesses: [stamping] })
    return builder.create({ data: Buffer.from('{"a":1}'), type: 'application/vnd.in-toto+json' })
  }
  const theirVerdict = (bundle: object, root: JsonObject, policy: object = {}) => {
    const verifier = new Verifier(toTrustMaterial(TrustedRoot.fromJSON(root)), {
      tlogThreshold: 0,
      ctlogThreshold: 1,
      timestampThreshold: 1,
    })
    try {
      const { identity } = verifier.verify(toSignedEntity(bundleFromJSON(bundle)), policy)
      return identity
    } catch (error) {
      return (error as { code?: string }).code ?? String((error as Error).stack)
    }
  }

  test('sign with @sigstore/sign, verify with @sigstore/verify, and with ours', async () => {
    const bundle = await signed()
    const json = bundleToJSON(bundle) as unknown as { verificationMaterial: { certificate: { rawBytes: string } } }
    const identity = theirVerdict(json, trusted)
    expect(identity).toMatchObject({ extensions: { issuer: issuer.url } })
    const san = (identity as { subjectAlternativeName: string }).subjectAlternativeName
    expect(theirVerdict(json, trusted, { subjectAlternativeName: `${san}x` })).toBe('UNTRUSTED_SIGNER_ERROR')
    const pem = `-----BEGIN CERTIFICATE-----\n${json.verificationMaterial.certificate.rawBytes}\n-----END CERTIFICATE-----\n`
    const [leaf] = parseCertificates(pem, 'certificate-invalid')
    expect(verified(leaf!, await authoritiesOf(server)).identity.subject).toEqual({ kind: 'uri', value: san })
  })

  test('and refuse it without the authority, its SCT key, or the time (red controls)', async () => {
    const json = bundleToJSON(await signed())
    expect(theirVerdict(json, { ...trusted, certificateAuthorities: [] })).toBe('CERTIFICATE_ERROR')
    expect(theirVerdict(json, { ...trusted, ctlogs: [] })).toBe('CERTIFICATE_ERROR')
    expect(theirVerdict(json, { ...trusted, timestampAuthorities: [] })).toBe('TIMESTAMP_ERROR')
    expect(theirVerdict(json, trusted)).not.toEqual(expect.any(String))
  })

  test('are told in words of gRPC what is wrong', async () => {
    const token = issuer.token('github-actions', { aud: 'sigstore' })
    const signer = new FulcioSigner({
      fulcioBaseURL: server.url,
      retry: false,
      identityProvider: { getToken: () => Promise.resolve(token) },
    })
    const error = (await signer.sign(Buffer.from('a')).then(
      () => null,
      (cause: unknown) => cause,
    )) as { code: string; cause?: { message?: string; statusCode?: number } }
    expect(error.code).toBe('CA_CREATE_SIGNING_CERTIFICATE_ERROR')
    expect(error.cause).toMatchObject({
      statusCode: 401,
      message: expect.stringMatching(/identity-token-invalid/) as string,
    })
    expect(JSON.stringify(error.cause?.message)).not.toContain(token.slice(0, 20))
  })

  test('one identity token gives an API token and a certificate', async () => {
    const { token, publicKey, proof } = asked()
    const ask = (body: object) => fetch(`${server.url}/v1/sessions`, { method: 'POST', body: JSON.stringify(body) })
    // A key that is not proven does not use the token up.
    const wrong = await ask({ token, publicKey, proof: asked().proof })
    expect([wrong.status, ((await wrong.json()) as { code: string }).code]).toEqual([422, 'signature-invalid'])
    expect((await ask({ token, publicKey })).status).toBe(400)
    const reply = await ask({ token, publicKey, proof })
    expect(reply.status).toBe(201)
    const { accessToken, certificates } = (await reply.json()) as { accessToken: string; certificates: string[] }
    const [leaf] = parseCertificates(certificates[0]!, 'certificate-invalid')
    const { grade } = verified(leaf!, await authoritiesOf(server))
    expect([grade, certificates.length]).toEqual(['A', 3])
    const headers = { authorization: `Bearer ${accessToken}` }
    const shown = await fetch(`${server.url}/v1/certificates/${leaf!.serial}`, { headers })
    expect(await shown.json()).toMatchObject({ serial: leaf!.serial, tbs: base64(loggedTbs(leaf!)) })
    expect((await ask({ token, publicKey, proof })).status).toBe(401)
  })
})

test('a server that is killed has logged every certificate that it gave away, and lists every one that it logged', async () => {
  const server = await start('killed')
  const got: Certificate[] = []
  const issuing = Array.from({ length: 8 }, async () => {
    for (;;) got.push(await certificateOf(server))
  }).map((one) => one.catch(() => undefined))
  await expect.poll(() => got.length).toBeGreaterThan(40)
  await server.end('SIGKILL')
  await Promise.all(issuing)
  const again = await start('killed', false)
  const authorities = await authoritiesOf(again)
  const known = new Map<string, JsonObject>()
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page = JSON.parse(await text(again, `/v1/certificates?limit=50${cursor}`)) as {
      items: JsonObject[]
      next: string | null
    }
    for (const item of page.items) known.set(item['serial'] as string, item)
    cursor = page.next === null ? null : `&cursor=${page.next}`
  }
  for (const leaf of got) {
    expect(verified(leaf, authorities).grade).toBe('A')
    expect(known.get(leaf.serial)).toMatchObject({ tbs: base64(loggedTbs(leaf)) })
  }
  // What a monitor does: every certificate in the log is one that somebody can look at.
  const size = Number((await text(again, '/checkpoint')).split('\n')[1])
  expect(size).toBeGreaterThanOrEqual(got.length)
  const opened = new Set<string>()
  for (const { tbs, issuedAt } of known.values()) {
    const leaf = issuanceLeaf(Buffer.from(tbs as string, 'base64'), Date.parse(issuedAt as string), nodeCrypto)
    opened.add(new TextDecoder().decode(writeLeaf(leaf)))
  }
  const tile = await again.bytes(`/v1/log/tile/entries/${size >= 256 ? '000' : `000.p/${size}`}`)
  for (const entry of readEntries(tile, Math.min(size, 256))) {
    const { kind } = parseLeaf(entry)
    // Who administers is told there, too.
    if (kind === 'act') continue
    expect(kind).toBe('certificate')
    expect(opened.has(new TextDecoder().decode(entry))).toBe(true)
  }
  await again.end('SIGTERM')
})

test('--new-ca: another authority issues from the next start on, and both are trusted, each for its time', async () => {
  const server = await start('rotated')
  const before = await certificateOf(server)
  const added = spawnSync(process.execPath, [MAIN, '--data', join(root, 'rotated'), '--new-ca', '--json'], {
    encoding: 'utf8',
  })
  expect([added.status, added.stderr]).toEqual([0, ''])
  const { number, certificates } = JSON.parse(added.stdout) as { number: number; certificates: string[] }
  // The server that runs goes on with the one it has.
  expect((await certificateOf(server)).issuer).toEqual(before.issuer)
  await server.end('SIGTERM')
  const again = await start('rotated', false)
  const after = await certificateOf(again)
  const authorities = await authoritiesOf(again)
  expect([number, authorities.length]).toEqual([2, 2])
  const [ca] = parseCertificates(certificates[0]!, 'certificate-invalid')
  expect(after.issuer).toEqual(ca!.subject)
  for (const leaf of [before, after]) expect(verified(leaf, authorities).grade).toBe('A')
  // The old one's time is over ten minutes after it issued last.
  const [newest, old] = authorities
  expect([newest!.validFor.end, old!.validFor.end! - newest!.validFor.start!]).toEqual([
    null,
    expect.closeTo(600_000, -4),
  ])
  expect(() => verified(before, [newest!])).toThrow(expect.objectContaining({ code: 'certificate-untrusted' }) as Error)
  expect(() => verified(after, [old!])).toThrow(expect.objectContaining({ code: 'certificate-untrusted' }) as Error)
  const { chains } = JSON.parse(await text(again, '/api/v2/trustBundle')) as { chains: unknown[] }
  expect(chains).toHaveLength(2)
  await again.end('SIGTERM')
})

describe.runIf(THOROUGH)('keys of the authority that are kept elsewhere', () => {
  const files = (dir: string) => readdirSync(join(root, dir, 'ca', '1')).toSorted()

  test('in the environment: they sign, and nothing of them is written', async () => {
    const pem = () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
    const env = { COUNTERSIGN_CA_KEY: pem(), COUNTERSIGN_CT_KEY: pem() }
    const server = await start('environment', true, env)
    expect(verified(await certificateOf(server), await authoritiesOf(server)).grade).toBe('A')
    await server.end('SIGTERM')
    expect(files('environment')).toEqual(['chain.pem'])
    // Red control: without them, or with others, it does not start.
    await expect(start('environment', false)).rejects.toThrow('key-unreadable')
    await expect(start('environment', false, { ...env, COUNTERSIGN_CA_KEY: pem() })).rejects.toThrow(
      'signer-setup-invalid',
    )
    const again = await start('environment', false, env)
    expect(verified(await certificateOf(again), await authoritiesOf(again)).grade).toBe('A')
    await again.end('SIGTERM')
  })

  test('in a key service: it signs, and while it does not answer the server is there and issues nothing', async () => {
    const service = await startLocalAws()
    try {
      const env = { ...service.env, COUNTERSIGN_CA_KEY: service.uri }
      const server = await start('service', true, env)
      const leaf = await certificateOf(server)
      expect(verified(leaf, await authoritiesOf(server)).grade).toBe('A')
      service.mode = 'denied'
      await expect(certificateOf(server)).rejects.toThrow('signer-setup-invalid')
      // Another key's signature is let out by nobody (T-68).
      service.mode = 'other-version'
      await expect(certificateOf(server)).rejects.toThrow('sign-failed')
      service.mode = 'broken'
      await server.end('SIGTERM')
      const again = await start('service', false, env)
      await expect(certificateOf(again)).rejects.toThrow('signer-unreachable')
      expect((await again.ask('/readyz')).status).toBe(200)
      service.mode = 'honest'
      expect(verified(await certificateOf(again), await authoritiesOf(again)).grade).toBe('A')
      await again.end('SIGTERM')
      expect(files('service')).toEqual(['chain.pem', 'ct.key', 'ct.key.pub'])
    } finally {
      await service.close()
    }
  })
})
