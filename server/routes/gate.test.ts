import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromBase64, fromUtf8 } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { pae, parseVkey, PAYLOAD_TYPE, writeVkey } from '@countersign/formats'
import { at, honestRun, logKeyOf, type Run, sha256 } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'

let server: TestServer
let run: Run
let now = at(60)

beforeEach(async () => {
  now = at(60)
  server = await openTestServer({ tenants: ['acme', 'other'], now: () => now })
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  expect((await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })).status).toBe(200)
})
afterEach(() => server.close())

interface Reply {
  readonly id: number
  readonly decision: string
  readonly reason: { code: string; what: string; why: string; fix: string; url: string } | null
  readonly findings: readonly { code: string }[]
  readonly contract: string | null
  readonly revision: number | null
  readonly ms: number
  readonly vsa: { payload: string; payloadType: string; signatures: { sig: string }[] } | null
}

const accept = async (steps = run.steps) => {
  for (const { bundle } of steps) expect((await server.append(bundle)).status).toBe(201)
}
const ask = async (more: object = {}, options: { token?: string } = {}) => {
  const body = JSON.stringify({ artifact: run.app.digest.sha256, pipeline: 'shop/web', ...more })
  const response = await server.request('POST', '/v1/gate', { body, ...options })
  return { status: response.status, reply: (await response.json()) as Reply }
}
const decisions = async (query = '', options: { token?: string } = {}) =>
  (await (await server.request('GET', `/v1/decisions${query}`, options)).json()) as {
    items: Record<string, unknown>[]
    next: string | null
  }

describe('POST /v1/gate', () => {
  it('allows what is proven, and nothing before it is', async () => {
    expect(await ask()).toMatchObject({
      status: 403,
      reply: { decision: 'deny', reason: { code: 'artifact-unproven' } },
    })
    for (const [i, { bundle }] of run.steps.entries()) {
      expect((await ask()).status).toBe(403)
      expect((await server.append(bundle)).status, `${i}`).toBe(201)
    }
    const { status, reply } = await ask({ environment: 'production', requester: 'deploy bot' })
    expect({ status, reply }).toMatchObject({
      status: 200,
      reply: { decision: 'allow', reason: null, findings: [], contract: run.contract.digest, revision: 1 },
    })
    expect(await ask({ pipeline: undefined, contract: `sha256:${run.contract.digest}` })).toMatchObject({ status: 200 })
    expect(await ask({ artifact: `sha256:${run.app.digest.sha256}` })).toMatchObject({ status: 200 })
  })

  it('answers with a summary that the key of its log signed', async () => {
    await accept()
    const { reply } = await ask({ resource: 'oci://ghcr.io/shop/web' })
    const { vkey } = (await (await server.request('GET', '/v1/server')).json()) as { vkey: string }
    const key = parseVkey(vkey, nodeCrypto)
    const { payload, payloadType, signatures } = reply.vsa!
    const signed = pae(payloadType, fromBase64(payload))
    expect(nodeCrypto.verify(key.publicKey, signed, fromBase64(signatures[0]!.sig))).toBe(true)
    const statement = JSON.parse(fromUtf8(fromBase64(payload))) as { predicate: Record<string, unknown> }
    expect(statement).toMatchObject({
      predicateType: 'https://slsa.dev/verification_summary/v1',
      subject: [{ digest: { sha256: run.app.digest.sha256 } }],
      predicate: {
        timeVerified: now,
        resourceUri: 'oci://ghcr.io/shop/web',
        policy: { digest: { sha256: run.contract.digest } },
        verificationResult: 'PASSED',
        verifiedLevels: ['SLSA_BUILD_LEVEL_1'],
      },
    })
    expect((statement.predicate['inputAttestations'] as unknown[]).length).toBe(4)
    const denied = await ask({ artifact: sha256('something else') })
    const other = JSON.parse(fromUtf8(fromBase64(denied.reply.vsa!.payload))) as { predicate: Record<string, unknown> }
    expect(other.predicate).toMatchObject({ verificationResult: 'FAILED', verifiedLevels: ['FAILED'] })
  })

  it('says why, what to do and where to read on', async () => {
    const { reply } = await ask()
    for (const field of ['what', 'why', 'fix'] as const) expect(reply.reason![field]).not.toBe('')
    expect(reply.reason!.url).toBe('https://countersign.dev/problems/artifact-unproven')
  })

  it('denies under a contract that is not held, and signs no summary without one', async () => {
    await accept()
    for (const named of [{ pipeline: 'shop/never' }, { pipeline: undefined, contract: sha256('never') }]) {
      expect(await ask(named)).toMatchObject({
        status: 403,
        reply: { decision: 'deny', reason: { code: 'contract-unknown' }, vsa: null },
      })
    }
  })

  it('takes nothing that it cannot read for a yes', async () => {
    await accept()
    const good = { artifact: run.app.digest.sha256, pipeline: 'shop/web' }
    const bad: object[] = [
      {},
      { pipeline: 'shop/web' },
      { artifact: good.artifact },
      { ...good, contract: run.contract.digest },
      { ...good, artifact: good.artifact.toUpperCase() },
      { ...good, artifact: `sha512:${good.artifact}` },
      { ...good, artifact: [good.artifact] },
      { ...good, pipeline: '' },
      { ...good, pipeline: 7 },
      { artifact: good.artifact, contract: 'latest' },
      { ...good, environment: '' },
      { ...good, environment: 'a\u0000b' },
      { ...good, requester: 'x'.repeat(257) },
      { ...good, resource: 'no uri' },
      { ...good, allow: true },
      [good],
    ]
    for (const body of bad) {
      const response = await server.request('POST', '/v1/gate', { body: JSON.stringify(body) })
      expect(response.status, JSON.stringify(body)).toBe(400)
      expect(response.headers.get('content-type')).toContain('application/problem+json')
      expect(await codeOf(response), JSON.stringify(body)).toBe('request-invalid')
    }
    expect(await codeOf(server.request('POST', '/v1/gate', { body: '{"artifact":' }))).toBe('json-invalid')
    expect(await codeOf(server.request('POST', '/v1/gate', { body: '' }))).toBe('json-invalid')
    // None of these was a decision.
    expect((await decisions()).items).toEqual([])
  })

  it('judges by the tenant’s own evidence, with a token that may read', async () => {
    await accept()
    expect(await ask({}, { token: token('other') })).toMatchObject({ status: 403, reply: { decision: 'deny' } })
    expect(await codeOf(server.request('POST', '/v1/gate', { token: token('acme', 'append'), body: '{}' }))).toBe(
      'token-scope',
    )
    expect(await ask({}, { token: token('acme', 'read') })).toMatchObject({ status: 200 })
  })
})

describe('a dry run', () => {
  it('is told the same, recorded by nobody, and given nothing that would let anything out', async () => {
    expect(await ask({ dryRun: true })).toMatchObject({
      status: 403,
      reply: { id: null, decision: 'deny', reason: { code: 'artifact-unproven' }, vsa: null },
    })
    await accept()
    const { status, reply } = await ask({ dryRun: true })
    expect({ status, reply }).toMatchObject({ status: 200, reply: { id: null, decision: 'allow', vsa: null } })
    expect((await decisions()).items).toEqual([])
    // Control: the same in earnest.
    expect((await ask({ dryRun: false })).reply).toMatchObject({
      id: 1,
      decision: 'allow',
      vsa: { payloadType: PAYLOAD_TYPE },
    })
    expect((await decisions()).items).toHaveLength(1)
    expect(
      await codeOf(
        server.request('POST', '/v1/gate', {
          body: JSON.stringify({ artifact: sha256('x'), pipeline: 'shop/web', dryRun: 'yes' }),
        }),
      ),
    ).toBe('request-invalid')
  })
})

describe('what was judged before', () => {
  it('does not outlive a revocation', async () => {
    await accept()
    expect((await ask()).status).toBe(200)
    const path = `/v1/keys/${run.who.codebuild.publicKey.keyId}/revoke`
    const revoked = await server.request('POST', path, { body: JSON.stringify({ since: at(0) }) })
    expect(revoked.status).toBe(200)
    expect(await ask()).toMatchObject({ status: 403, reply: { decision: 'deny' } })
  })

  it('does not outlive a revocation that was said before it counts', async () => {
    await accept()
    const path = `/v1/keys/${run.who.codebuild.publicKey.keyId}/revoke`
    expect((await server.request('POST', path, { body: JSON.stringify({ since: at(90) }) })).status).toBe(200)
    expect((await ask()).status).toBe(200)
    // Its step was there before, and a receipt says so: it counts on. What has none does not.
    now = at(91)
    expect((await ask()).status).toBe(200)
  })

  it('does not outlive an erasure', async () => {
    await accept()
    expect((await ask()).status).toBe(200)
    const erased = await server.request('POST', `/v1/attestations/${run.test.link}/erase`, {
      body: '{"ground":"asked"}',
    })
    expect(erased.status).toBe(200)
    expect(await ask()).toMatchObject({
      status: 403,
      reply: { decision: 'deny', reason: { code: 'previous-missing' } },
    })
  })

  it('has the receipts of its log, where a contract asks for them, and says what is withheld', async () => {
    await accept()
    const { vkey } = (await (await server.request('GET', '/v1/server')).json()) as { vkey: string }
    const text = fromUtf8(run.contractBytes).replace('revision: 1', 'revision: 2')
    const demanding = (key: string) => text.replace('steps:\n', `countersigners: ["${key}"]\nsteps:\n`)
    const contract = demanding(vkey)
    expect((await server.request('PUT', '/v1/contracts/shop/web', { body: contract })).status).toBe(200)
    const strict = honestRun({ who: run.who, commit: 'countersigned', contract })
    const artifact = strict.app.digest.sha256
    await accept(strict.steps)
    expect(await ask({ artifact })).toMatchObject({ status: 200 })
    await server.request('POST', `/v1/attestations/${strict.test.link}/erase`, { body: '{"ground":"asked"}' })
    expect(await ask({ artifact })).toMatchObject({
      status: 403,
      reply: { decision: 'unknown', reason: { code: 'step-withheld' } },
    })
    // Of a log that nobody here keeps there are none.
    const other = demanding(writeVkey(logKeyOf(run.who.server))).replace('revision: 2', 'revision: 3')
    expect((await server.request('PUT', '/v1/contracts/shop/web', { body: other })).status).toBe(200)
    const elsewhere = honestRun({ who: run.who, commit: 'elsewhere', contract: other })
    await accept(elsewhere.steps)
    expect(await ask({ artifact: elsewhere.app.digest.sha256 })).toMatchObject({
      status: 403,
      reply: { reason: { code: 'receipt-missing' } },
    })
  })

  it('does not outlive what a contract says of time', async () => {
    await accept()
    const text = fromUtf8(run.contractBytes)
    const fresh = text.replace('revision: 1', 'revision: 2').replace('  deploy:\n', '  deploy:\n    fresh: 2h\n')
    const strict = honestRun({ who: run.who, commit: 'fresh', contract: fresh })
    expect((await server.request('PUT', '/v1/contracts/shop/web', { body: fresh })).status).toBe(200)
    await accept(strict.steps)
    const artifact = strict.app.digest.sha256
    expect(await ask({ artifact })).toMatchObject({ status: 200 })
    now = at(126)
    expect(await ask({ artifact })).toMatchObject({ status: 200 })
    now = at(180)
    expect(await ask({ artifact })).toMatchObject({ status: 403, reply: { reason: { code: 'step-stale' } } })
  })

  it('does not outlive a contract that follows', async () => {
    await accept()
    expect((await ask()).status).toBe(200)
    const text = fromUtf8(run.contractBytes)
    const next = text.replace('revision: 1', 'revision: 2').replace('dist/app.tgz', 'dist/other.tgz')
    expect((await server.request('PUT', '/v1/contracts/shop/web', { body: next })).status).toBe(200)
    expect(await ask()).toMatchObject({ status: 403, reply: { decision: 'deny', revision: 2 } })
    // Whoever still names the one before is told so, and not judged under it (T-99).
    expect(await ask({ pipeline: undefined, contract: run.contract.digest })).toMatchObject({
      status: 403,
      reply: { decision: 'deny', reason: { code: 'contract-superseded' } },
    })
  })

  it('is no other tenant’s', async () => {
    await accept()
    expect((await ask()).status).toBe(200)
    await server.request('PUT', '/v1/contracts/shop/web', { token: token('other'), body: run.contractBytes })
    expect((await ask({}, { token: token('other') })).status).toBe(403)
  })
})

describe('GET /v1/decisions', () => {
  it('tells each with who asked, under what, why and how long it took', async () => {
    await accept()
    await ask({ environment: 'production', requester: 'deploy bot' })
    await ask({ artifact: sha256('strange'), environment: 'staging' })
    const { items, next } = await decisions()
    expect(next).toBe(null)
    expect(items).toEqual([
      expect.objectContaining({
        decision: 'deny',
        code: 'artifact-unproven',
        what: expect.stringContaining(sha256('strange')) as unknown,
        artifact: sha256('strange'),
        environment: 'staging',
        requester: null,
      }),
      {
        id: 1,
        at: now,
        decision: 'allow',
        deviated: false,
        code: null,
        what: null,
        artifact: run.app.digest.sha256,
        pipeline: 'shop/web',
        contract: run.contract.digest,
        environment: 'production',
        by: 'acmeall',
        requester: 'deploy bot',
        ms: expect.any(Number) as unknown,
      },
    ])
  })

  it('is paged, by artifact too, and each tenant’s for itself', async () => {
    for (let i = 0; i < 5; i++) await ask({ artifact: sha256(`${i % 2}`) })
    await ask({}, { token: token('other') })
    const first = await decisions('?limit=3')
    const second = await decisions(`?limit=3&cursor=${first.next}`)
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([5, 4, 3, 2, 1])
    expect(second.next).toBe(null)
    expect((await decisions(`?artifact=${sha256('1')}`)).items.map(({ id }) => id)).toEqual([4, 2])
    expect((await decisions(`?artifact=sha256:${sha256('1')}`)).items.map(({ id }) => id)).toEqual([4, 2])
    expect((await decisions('', { token: token('other') })).items.map(({ id }) => id)).toEqual([6])
    expect(await codeOf(server.request('GET', '/v1/decisions?artifact=x'))).toBe('request-invalid')
    expect(await codeOf(server.request('GET', '/v1/decisions?cursor=x'))).toBe('request-invalid')
  })

  it('forgets an artifact when nothing that is held names it any more', async () => {
    await accept()
    await ask()
    await ask({ artifact: sha256('strange') })
    for (const [i, { link }] of run.steps.entries()) {
      const artifact = (await decisions()).items.at(-1)!['artifact']
      expect(artifact, `${i}`).toBe(run.app.digest.sha256)
      await server.request('POST', `/v1/attestations/${link}/erase`, { body: '{"ground":"asked"}' })
    }
    const { items } = await decisions()
    expect(items.map(({ artifact }) => artifact)).toEqual([sha256('strange'), null])
    expect((await decisions(`?artifact=${run.app.digest.sha256}`)).items).toEqual([])
  })
})
