import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { hex } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { writeBundle } from '@countersign/formats'
import { file, honestRun, newChainId, party, type Run, seal, signStep } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'
import type { Entry } from './read-inbox.ts'

let server: TestServer
let run: Run
beforeEach(async () => {
  server = await openTestServer({ tenants: ['acme', 'other'] })
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
})
afterEach(() => server.close())

const entries = async (tenant = 'acme', query = '') => {
  const reply = await server.request('GET', `/v1/inbox${query}`, { token: token(tenant) })
  return (await reply.json()) as { items: Entry[]; next: string | null }
}
const newest = async () => (await entries()).items[0]!

describe('the inbox', () => {
  it('tells what a body by somebody unknown claims to be, apart from what was verified', async () => {
    const stranger = seal(party('stranger'), run.source.bundle.envelope.payload)
    expect(await codeOf(server.append(stranger))).toBe('signer-unknown')
    expect(await newest()).toMatchObject({
      code: 'signer-unknown',
      link: null,
      chain: null,
      step: null,
      claimed: { link: run.source.link, chain: run.chain.id, step: 'source' },
      kept: true,
      size: writeBundle(stranger).length,
    })
    // Control: what was signed by whom it should be is no claim.
    expect(await codeOf(server.append(run.build.bundle))).toBe('contract-unknown')
    expect(await newest()).toMatchObject({
      link: run.build.link,
      chain: run.chain.id,
      step: 'build',
      claimed: null,
      kept: true,
    })
  })

  it.each([
    ['noise', 'json-invalid'],
    ['{}', 'bundle-invalid'],
    ['', 'json-invalid'],
  ])('makes nothing up for a body that cannot be read: %s', async (body, code) => {
    expect(await codeOf(server.request('POST', '/v1/attestations', { body }))).toBe(code)
    expect(await newest()).toMatchObject({ code, claimed: null, link: null, kept: true, size: body.length })
  })

  it('lists what was refused for one reason, and of its own tenant', async () => {
    for (const body of ['noise', '{}', 'more noise']) await server.request('POST', '/v1/attestations', { body })
    expect((await entries('acme', '?code=json-invalid')).items.map(({ size }) => size)).toEqual([10, 5])
    expect((await entries('acme', '?code=bundle-invalid')).items).toMatchObject([{ code: 'bundle-invalid' }])
    // Control: without it all are there.
    expect((await entries()).items).toHaveLength(3)
    expect((await entries('acme', `?code=${encodeURIComponent("' OR 1=1 --")}`)).items).toEqual([])
    expect((await entries('other', '?code=json-invalid')).items).toEqual([])
  })

  it('shows bodies that were too large to be read, once a size', async () => {
    const send = (size: string | null) =>
      server.request('POST', '/v1/attestations', {
        body: size === null ? new Uint8Array(8 * 1024 * 1024 + 1) : 'x',
        headers: size === null ? {} : { 'content-length': size },
      })
    for (const size of ['9000000', '9000000', null, '999999999999999']) {
      expect(await codeOf(send(size))).toBe('input-too-large')
    }
    const { items } = await entries()
    const unread = { code: 'input-too-large', body: null, kept: false, link: null, claimed: null }
    expect(items).toMatchObject([
      { ...unread, size: 999_999_999_999_999, count: 1 },
      { ...unread, size: null, count: 1 },
      { ...unread, size: 9_000_000, count: 2, what: 'the body of 9000000 bytes exceeds 8388608 bytes' },
    ])
    expect(await codeOf(server.request('GET', `/v1/inbox/${items[0]!.id}/body`))).toBe('not-found')
    expect(await server.deps.metrics.text()).toContain('countersign_refusals_total{code="input-too-large"} 4')
  })

  it('an inbox that cannot be written hides no 413', async () => {
    server.store.refuse = () => Promise.reject(new Error('injected'))
    const headers = { 'content-length': '9000000' }
    expect(await codeOf(server.request('POST', '/v1/attestations', { body: 'x', headers }))).toBe('input-too-large')
    expect(await server.deps.metrics.text()).toContain('countersign_refusals_lost_total 1')
  })

  it('shows a body above 64 KiB without keeping it', async () => {
    const wide = signStep(party('stranger'), {
      chain: { id: newChainId(), pipeline: 'p', contract: null },
      name: 'build',
      subject: Array.from({ length: 700 }, (_, i) => file(`dist/${i}`, `${i}`)),
    })
    const body = writeBundle(wide.bundle)
    expect(body.length).toBeGreaterThan(64 * 1024)
    expect(await codeOf(server.append(wide.bundle))).toBe('signer-unknown')
    expect(await newest()).toMatchObject({ code: 'signer-unknown', body: hex(nodeCrypto.sha256(body)), kept: false })
    expect(await codeOf(server.request('GET', `/v1/inbox/${(await newest()).id}/body`))).toBe('not-found')
  })

  it('gives the kept body back byte for byte, as a download that no browser runs (T-92)', async () => {
    const body = '<!doctype html><script>alert(1)</script>\u001b[2J'
    await server.request('POST', '/v1/attestations', { body })
    const { id } = await newest()
    const reply = await server.request('GET', `/v1/inbox/${id}/body`)
    expect(reply.status).toBe(200)
    expect(await reply.text()).toBe(body)
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="refused-${id}.bin"`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    for (const given of ['0', '-1', '1e3', '01', '1 OR 1=1', '9'.repeat(20)]) {
      expect(await codeOf(server.request('GET', `/v1/inbox/${encodeURIComponent(given)}/body`))).toBe('request-invalid')
    }
    const foreign = { token: token('other') }
    expect(await codeOf(server.request('GET', `/v1/inbox/${id}/body`, foreign))).toBe('not-found')
    expect(await codeOf(server.request('GET', '/v1/inbox/999999/body'))).toBe('not-found')
    const writer = { token: token('acme', 'append') }
    expect(await codeOf(server.request('GET', `/v1/inbox/${id}/body`, writer))).toBe('token-scope')
  })

  it('goes page by page', async () => {
    const send = (n: number) => server.request('POST', '/v1/attestations', { body: `noise ${n}` })
    await Promise.all(Array.from({ length: 130 }, (_, n) => send(n)))
    const first = await entries()
    const second = await entries('acme', `?cursor=${first.next}`)
    expect([first.items.length, second.items.length, second.next]).toEqual([100, 30, null])
    const ids = [...first.items, ...second.items].map(({ id }) => id)
    expect(ids).toEqual(ids.toSorted((a, b) => b - a))
    expect(new Set(ids).size).toBe(130)
    expect((await entries('other')).items).toEqual([])
  })
})
