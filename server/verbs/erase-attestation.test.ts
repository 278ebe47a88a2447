import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import { parseChainFile, parseVkey, readWithheld, type Withheld, writeBundle, writeStep } from '@countersign/formats'
import { judge, logKeys, readChain, type Trust, trustOf, verifyWithheld } from '@countersign/verify'
import { afterEach, describe, expect, it } from 'vitest'
import { CERTIFIED, certify } from '../../test/identity/asking.ts'
import {
  at,
  file,
  honestRun,
  linkOf,
  newChainId,
  party,
  received,
  type Run,
  seal,
  type Signed,
  signStep,
  statement,
} from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'
import { checkLog } from '../fsck.ts'
import type { Store } from '../store.ts'
import { Log } from './log.ts'

let server: TestServer
afterEach(() => server.close())

async function opened(run: Run, wrap?: (store: Store) => Store): Promise<Trust> {
  server = await openTestServer({ ...(wrap === undefined ? {} : { wrap }), tenants: ['acme', 'other'] })
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.publish(run.contract, run.contractBytes)
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
  const { vkey } = (await (await server.request('GET', '/v1/server')).json()) as { vkey: string }
  return { ...trustOf(run.contract), countersigners: logKeys([parseVkey(vkey, nodeCrypto)]) }
}

const erase = ({ link }: Pick<Signed, 'link'>, ground: unknown = 'asked for', given = token('acme')) =>
  server.request('POST', `/v1/attestations/${link}/erase`, { body: JSON.stringify({ ground }), token: given })

interface Reply {
  readonly link: string
  readonly erasedAt: string
  readonly ground: string
  readonly tombstone: number
  readonly withheld: object
}

async function erased(step: Pick<Signed, 'link'>, ground?: string): Promise<Reply & { read: Withheld }> {
  const reply = await erase(step, ground)
  expect(reply.status).toBe(200)
  const body = (await reply.json()) as Reply
  return { ...body, read: readWithheld(body.withheld as never) }
}

async function chainOf(run: Run, query = '') {
  const reply = await server.request('GET', `/v1/chains/${run.chain.id}${query}`)
  expect(reply.status).toBe(200)
  return parseChainFile(new Uint8Array(await reply.arrayBuffer()))
}

function verdictOf(run: Run, lines: Awaited<ReturnType<typeof chainOf>>, trust: Trust, allowWithheld: boolean) {
  const chain = readChain(lines, trust, nodeCrypto)
  const asked = { artifact: run.app.digest.sha256, chain, contract: run.contract, now: at(60), allowWithheld }
  const { verdict, findings } = judge(asked)
  return { verdict, codes: findings.map(({ code }) => code), refused: chain.refused.map(({ report }) => report.code) }
}

describe('an attestation that is erased', () => {
  it('leaves a tombstone that is signed when the reply comes, and a chain that verifies as withheld', async () => {
    const run = honestRun()
    const trust = await opened(run)
    const { link } = run.build
    const { read, ...facts } = await erased(run.build, 'GDPR, article 17')
    expect(facts).toMatchObject({ link, erasedAt: at(60), ground: 'GDPR, article 17', tombstone: 4 })
    expect(read.unopened).toMatchObject({ link, chain: run.chain.id })
    expect(read.tombstone!.leaf).toMatchObject({ erased: 1, ground: 'GDPR, article 17' })
    expect(verifyWithheld(read, trust, nodeCrypto).countersigner.name).toBe('test')
    expect(server.deps.log.size).toBe(6)
    const lines = await chainOf(run)
    expect(lines.filter((line) => 'unopened' in line)).toEqual([read])
    expect(verdictOf(run, lines, trust, false)).toEqual({ verdict: 'unknown', codes: ['step-withheld'], refused: [] })
    expect(verdictOf(run, lines, trust, true)).toEqual({ verdict: 'pass', codes: [], refused: [] })
  })

  it('is gone: asked for, it is told why, and who did not have it is not told that it was there', async () => {
    const run = honestRun()
    await opened(run)
    const path = `/v1/attestations/${run.build.link}`
    expect((await server.request('GET', path)).status).toBe(200)
    await erased(run.build, 'asked for by <its author>')
    for (const one of [path, `${path}/proof`]) {
      const reply = await server.request('GET', one)
      expect(reply.status).toBe(410)
      expect(await reply.json()).toMatchObject({
        code: 'erased',
        detail: `the attestation ${run.build.link.slice(0, 12)} was erased at ${at(60)}: asked for by <its author>`,
      })
      expect((await server.request('GET', one, { token: token('other') })).status).toBe(404)
    }
    const found = await server.request('GET', `/v1/attestations?chain=${run.chain.id}`)
    const { items } = (await found.json()) as { items: { link: string; subjects?: number; ground?: string }[] }
    expect(items.map(({ subjects, ground }) => [subjects, ground])).toEqual([
      [1, undefined],
      [1, undefined],
      [undefined, 'asked for by <its author>'],
      [1, undefined],
    ])
    const lookup = await server.request('POST', '/v1/lookups', {
      body: JSON.stringify({ digests: [run.app.digest.sha256] }),
    })
    const { chains } = (await lookup.json()) as { chains: { links: string[] }[] }
    expect(chains[0]!.links).toEqual([run.deploy.link, run.test.link])
  })

  it('stays erased: the same again gives the first tombstone, and it is not taken in again', async () => {
    const run = honestRun()
    await opened(run)
    const first = await erased(run.deploy)
    const again = await erased(run.deploy, 'another ground')
    expect(again).toMatchObject({ ground: 'asked for', tombstone: first.tombstone })
    expect(server.deps.log.size).toBe(6)
    expect(await codeOf(server.append(run.deploy.bundle))).toBe('erased')
    const key = { headers: { 'idempotency-key': 'k1' } }
    expect(await codeOf(server.append(run.deploy.bundle, key))).toBe('erased')
    // Neither by another spelling, nor from somebody unknown: refused, and its bytes not kept in the inbox.
    const stranger = seal(party('stranger'), run.deploy.bundle.envelope.payload)
    expect(await codeOf(server.append(stranger))).toBe('signer-unknown')
    const { items } = await server.store.inbox('acme', 10, null)
    expect(items.map(({ report, kept }) => [report.code, kept])).toEqual([
      ['signer-unknown', null],
      ['erased', null],
    ])
    const rival = signStep(run.who.azure, {
      ...run.deploy.statement.predicate.step,
      chain: run.chain,
      previous: run.deploy.statement.predicate.previous,
      materials: run.deploy.statement.predicate.materials,
      subject: [run.app],
      minute: 6,
      nonce: 'ab'.repeat(16),
    })
    expect(await codeOf(server.append(rival.bundle))).toBe('place-taken')
    expect((await server.store.erased('acme', [run.deploy.link]))[0]).toMatchObject({ erasedAt: at(60) })
  })

  it('is followed by nothing: what goes on from it cannot be checked any more', async () => {
    const run = honestRun()
    await opened({ ...run, steps: run.steps.slice(0, 2) })
    await erased(run.build)
    const reply = await server.append(run.test.bundle)
    expect(reply.status).toBe(410)
    const problem = (await reply.json()) as { code: string; detail: string; findings: { code: string }[] }
    expect(problem.code).toBe('erased')
    expect(problem.detail).toContain(`predecessor build (${run.build.link.slice(0, 12)}) was erased`)
    expect(problem.findings.map(({ code }) => code)).toContain('previous-missing')
  })

  it('takes refused bodies of itself with it', async () => {
    const run = honestRun()
    server = await openTestServer()
    await server.enrol([run.who.github])
    await server.publish(run.contract, run.contractBytes)
    // Before its signer was enrolled, and cut off on the way.
    const whole = writeBundle(run.source.bundle)
    const stranger = seal(party('stranger'), run.source.bundle.envelope.payload)
    await server.append(stranger)
    await server.request('POST', '/v1/attestations', { body: whole.slice(0, -3) })
    expect((await server.store.inbox('acme', 10, null)).items.map(({ kept }) => kept !== null)).toEqual([true, true])
    expect((await server.append(run.source.bundle)).status).toBe(201)
    await erased(run.source)
    expect((await server.store.inbox('acme', 10, null)).items).toEqual([])
  })

  it('is erased by who may, and what is asked for rightly', async () => {
    const run = honestRun()
    await opened(run)
    for (const scope of ['append', 'read']) {
      expect(await codeOf(erase(run.build, 'a', token('acme', scope)))).toBe('token-scope')
    }
    expect(await codeOf(erase(run.build, 'a', token('other')))).toBe('not-found')
    expect(await codeOf(erase({ link: 'f'.repeat(64) }))).toBe('not-found')
    expect(await codeOf(erase({ link: 'F'.repeat(64) }))).toBe('request-invalid')
    for (const ground of ['', 'a\nb', 'g'.repeat(257), 7, null, 'a\u202eb']) {
      expect(await codeOf(erase(run.build, ground))).toBe('request-invalid')
    }
    expect(server.deps.log.size).toBe(4)
    expect((await server.request('GET', `/v1/attestations/${run.build.link}`)).status).toBe(200)
    expect((await erase(run.build, 'g'.repeat(256))).status).toBe(200)
  })

  it('leaves a log that fsck passes, that opens again, and that goes on', async () => {
    const run = honestRun()
    await opened(run)
    await Promise.all([run.source, run.test].map((step) => erased(step)))
    const said: string[] = []
    const good = await checkLog({
      origin: 'test',
      keys: server.deps.log.keys,
      lock: server.logDeps.lock,
      data: server.store.log,
      crypto: nodeCrypto,
      say: (line) => said.push(line),
      progress: () => undefined,
    })
    expect([good, said]).toEqual([true, [expect.stringContaining('8 entries')]])
    expect((await Log.open(server.logDeps)).size).toBe(8)
    const next = signStep(run.who.github, {
      chain: { ...run.chain, id: 'd'.repeat(32) },
      name: 'source',
      subject: run.source.statement.subject,
    })
    expect((await server.append(next.bundle)).status).toBe(201)
    expect(server.deps.log.size).toBe(9)
  })
})

describe('erasing beside everything else', () => {
  it('while its successor and itself are sent: each is answered, the log has one order', async () => {
    const run = honestRun()
    await opened({ ...run, steps: run.steps.slice(0, 2) })
    const replies = await Promise.all([
      server.append(run.test.bundle),
      erase(run.build),
      server.append(run.build.bundle),
      erase(run.build, 'twice'),
      server.append(run.test.bundle, { headers: { 'idempotency-key': 'a' } }),
    ])
    for (const reply of replies) expect([200, 201, 410]).toContain(reply.status)
    expect([replies[1]!.status, replies[3]!.status]).toEqual([200, 200])
    const [one, two] = (await Promise.all([replies[1]!.json(), replies[3]!.json()])) as Reply[]
    expect(two!.tombstone).toBe(one!.tombstone)
    // Whoever won: from now on nothing goes on from it.
    const late = signStep(run.who.cloudbuild, {
      chain: run.chain,
      name: 'test',
      attempt: 1,
      previous: [{ link: run.build.link, step: 'build' }],
      materials: [received(run.app, run.build.link)],
      subject: [run.app, file('report', 'x')],
      minute: 4,
    })
    expect(['erased']).toContain(await codeOf(server.append(late.bundle)))
    expect(server.deps.log.data.size()).toBe(server.deps.log.size)
  })

  it('many at once, each with its tombstone', async () => {
    const run = honestRun()
    const trust = await opened(run)
    const replies = await Promise.all([...run.steps, ...run.steps].map((step) => erased(step)))
    expect(new Set(replies.map(({ tombstone }) => tombstone)).size).toBe(4)
    for (const { read } of replies) verifyWithheld(read, trust, nodeCrypto)
    expect(server.deps.log.size).toBe(12)
    const lines = await chainOf(run)
    expect(lines.every((line) => 'unopened' in line)).toBe(true)
    // Nothing is left to vouch for it.
    expect(verdictOf(run, lines, trust, true)).toMatchObject({ verdict: 'fail', codes: ['artifact-unproven'] })
  })

  for (const mode of ['lost', 'persisted'] as const) {
    for (const times of [1, 2]) {
      it(`a write that is ${mode}, and reported as failed, ${times} times: repeating gives one tombstone (T-77)`, async () => {
        const run = honestRun()
        let left = times
        await opened(run, (store) => {
          const fail: Store['erase'] = async (given) => {
            if (left-- <= 0) return store.erase(given)
            if (mode === 'persisted') await store.erase(given)
            throw new CodedError('store-failed', 'injected')
          }
          return new Proxy(store, {
            get(target, name: keyof Store) {
              if (name === 'erase') return fail
              const own = target[name]
              return typeof own === 'function' ? own.bind(target) : own
            },
          })
        })
        for (let i = 0; i < times; i++) {
          expect(await codeOf(erase(run.build))).toBe('store-failed')
          // What nobody signed yet is no reason to show it, nor to tell of it as if it were.
          const reply = await server.request('GET', `/v1/attestations/${run.build.link}`)
          expect(reply.status).toBe(mode === 'lost' ? 200 : 410)
          const [own] = (await chainOf(run)).filter((line) => 'unopened' in line)
          if (mode === 'persisted') expect(own).toMatchObject({ tombstone: null })
          else expect(own).toBeUndefined()
        }
        const { tombstone, read } = await erased(run.build)
        expect([tombstone, read.tombstone!.proof.index, server.deps.log.size]).toEqual([
          4,
          4,
          mode === 'persisted' ? 5 : 6,
        ])
      })
    }
  }
})

describe('a certificate that has signed several steps', () => {
  it('goes on counting for the others when one of them is erased, and no more of it is kept than that', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'countersign-erased-'))
    server = await openTestServer({ directory, tenants: ['acme', 'other'] })
    const by = party('ephemeral')
    const { chain, serial, index } = await certify(server, { by })
    const key = { kind: 'certificate', chain: [chain[0]!] } as const
    const sign = () => {
      const made = statement({
        chain: { id: newChainId(), pipeline: 'p', contract: null },
        name: 'build',
        minute: 59,
        subject: [file('a', newChainId())],
      })
      const { runner } = made.predicate
      const system = CERTIFIED.system
      const signed = seal(by, writeStep({ ...made, predicate: { ...made.predicate, runner: { ...runner, system } } }))
      const bundle = { ...signed, key }
      return { bundle, link: linkOf(bundle) }
    }
    const [first, second, third] = [sign(), sign(), sign()]
    for (const { bundle } of [first, second]) expect((await server.append(bundle)).status).toBe(201)
    expect(await server.store.issued.one('acme', serial)).toMatchObject({ index })
    await erased(first)
    expect(await server.store.issued.one('acme', serial)).toBeNull()
    // One that waited, a retry of one that did not, and for the other tenant it is nobody's, as ever.
    expect((await server.append(third.bundle)).status).toBe(201)
    expect((await server.append(second.bundle)).status).toBe(200)
    expect(await codeOf(server.append(sign().bundle, { tenant: 'other' }))).toBe('signer-unknown')
    expect(await codeOf(server.append(first.bundle))).toBe('erased')
    // Its tombstone stands once, whatever else it signed is erased.
    const { size } = server.deps.log
    await erased(second)
    await erased(third)
    expect(server.deps.log.size).toBe(size + 4)
    expect((await server.append(sign().bundle)).status).toBe(201)
    await server.close()
    const held = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name)))
    const raw = Buffer.from(serial, 'hex')
    for (const bytes of held) {
      for (const trace of [serial, raw, CERTIFIED.identity.subject.value]) expect(bytes.includes(trace)).toBe(false)
    }
    rmSync(directory, { recursive: true })
    server = await openTestServer()
  })
})

describe('a chain of which steps are withheld', () => {
  it('is exported without them, and still verifies; what is not of it is refused', async () => {
    const run = honestRun()
    const trust = await opened(run)
    const lines = await chainOf(run, `?withhold=${run.test.link},${run.source.link}`)
    expect(lines.filter((line) => 'unopened' in line)).toHaveLength(2)
    const text = JSON.stringify(lines)
    for (const { bundle } of [run.test, run.source]) {
      expect(text).not.toContain(Buffer.from(bundle.envelope.signature).toString('base64'))
    }
    expect(verdictOf(run, lines, trust, false)).toMatchObject({ verdict: 'unknown' })
    const one = await chainOf(run, `?withhold=${run.build.link}`)
    expect(verdictOf(run, one, trust, true)).toEqual({ verdict: 'pass', codes: [], refused: [] })
    const strange = `/v1/chains/${run.chain.id}?withhold=${'f'.repeat(64)}`
    expect(await codeOf(server.request('GET', strange))).toBe('not-found')
    for (const bad of ['', 'x', `${run.build.link},`, run.build.link.toUpperCase()]) {
      expect(await codeOf(server.request('GET', `/v1/chains/${run.chain.id}?withhold=${bad}`))).toBe('request-invalid')
    }
    // Nothing was erased by it.
    expect(verdictOf(run, await chainOf(run), trust, false)).toMatchObject({ verdict: 'pass' })
  })
})
