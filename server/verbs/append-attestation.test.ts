import { afterEach, describe, expect, it } from 'vitest'
import { CodedError, type JsonValue } from '@countersign/core'
import { readReceipt, writeBundle } from '@countersign/formats'
import { logKeys, namedKeys, verifyReceipt, verifyStep } from '@countersign/verify'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { file, honestRun, newChainId, parties, party, type Run, seal, signStep, received } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer } from '../../test/server.ts'
import type { Store } from '../store.ts'

let server: TestServer
afterEach(() => server.close())

async function openWith(run: Run, wrap?: (store: Store) => Store): Promise<void> {
  server = await openTestServer(wrap === undefined ? {} : { wrap })
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.publish(run.contract, run.contractBytes)
}

describe('append', () => {
  it('accepts an honest run and countersigns each step with its place', async () => {
    const run = honestRun()
    await openWith(run)
    const signers = namedKeys(new Map(Object.values(run.who).map((who) => [who.name, who.publicKey])))
    const trust = { signers, countersigners: logKeys([server.deps.log.keys[0]]) }
    for (const [index, step] of run.steps.entries()) {
      const reply = await server.append(step.bundle)
      expect(reply.status).toBe(201)
      const body = (await reply.json()) as { receipt: JsonValue; index: number }
      expect(body.index).toBe(index)
      const verified = verifyStep(step.bundle, trust, nodeCrypto)
      const { receipt, countersigner } = verifyReceipt(readReceipt(body.receipt), verified, trust, nodeCrypto)
      expect(countersigner.name).toBe('test')
      expect(receipt.proof).toMatchObject({ index, checkpoint: { size: index + 1 } })
      expect(receipt.opening.leaf).toMatchObject({ late: false, chain: { seq: index } })
    }
    const chain = await server.request('GET', `/v1/chains/${run.chain.id}`)
    expect((await chain.text()).trimEnd().split('\n')).toHaveLength(8)
  })

  it('gives a retry its first receipt, also with another signature on the same step (T-35, T-51)', async () => {
    const run = honestRun()
    await openWith(run)
    const first = await (await server.append(run.source.bundle)).json()
    const again = await server.append(run.source.bundle)
    expect(again.status).toBe(200)
    expect(await again.json()).toEqual(first)
    const resigned = seal(run.who.github, run.source.bundle.envelope.payload)
    expect(resigned.envelope.signature).not.toEqual(run.source.bundle.envelope.signature)
    const other = await server.append(resigned)
    expect(other.status).toBe(200)
    expect(await other.json()).toEqual(first)
  })

  it('keeps idempotency keys to their requests', async () => {
    const run = honestRun()
    await openWith(run)
    const headers = { 'idempotency-key': 'one' }
    expect((await server.append(run.source.bundle, { headers })).status).toBe(201)
    expect((await server.append(run.source.bundle, { headers })).status).toBe(200)
    expect(await codeOf(server.append(run.build.bundle, { headers }))).toBe('idempotency-conflict')
    expect((await server.append(run.build.bundle)).status).toBe(201)
    // A key that only ever met a step that was held is a key all the same.
    expect((await server.append(run.build.bundle, { headers: { 'idempotency-key': 'two' } })).status).toBe(200)
    expect(await codeOf(server.append(run.test.bundle, { headers: { 'idempotency-key': 'two' } }))).toBe(
      'idempotency-conflict',
    )
  })

  it('an inbox that fails hides no reason', async () => {
    const run = honestRun()
    await openWith(run)
    server.store.refuse = () => Promise.reject(new CodedError('store-failed', 'injected'))
    expect(await codeOf(server.append(run.build.bundle))).toBe('previous-missing')
  })

  it('refuses what does not fit, with every reason, and keeps it in the inbox', async () => {
    const run = honestRun()
    await openWith(run)
    const cases: [string, () => Promise<Response>][] = [
      ['previous-missing', () => server.append(run.build.bundle)],
      ['signer-unknown', () => server.append(seal(party('stranger'), run.source.bundle.envelope.payload))],
      ['json-invalid', () => server.request('POST', '/v1/attestations', { body: 'noise' })],
      ['json-duplicate-key', () => server.request('POST', '/v1/attestations', { body: '{"a":1,"a":1}' })],
    ]
    for (const [code, send] of cases) expect(await codeOf(send())).toBe(code)
    const inbox = (await (await server.request('GET', '/v1/inbox')).json()) as {
      items: { code: string; why: string; fix: string }[]
    }
    expect(inbox.items.map((item) => item.code).toReversed()).toEqual(cases.map(([code]) => code))
    expect(inbox.items.every((item) => item.why !== '' && item.fix !== '')).toBe(true)
  })

  it('binds a run to the contract in force, and lets a run under way keep its own', async () => {
    const run = honestRun()
    await openWith(run)
    expect((await server.append(run.source.bundle)).status).toBe(201)
    const next = new TextDecoder().decode(run.contractBytes).replace('revision: 1', 'revision: 2')
    expect((await server.request('PUT', '/v1/contracts/shop/web', { body: next })).status).toBe(200)
    expect((await server.append(run.build.bundle)).status).toBe(201)
    const old = honestRun({ who: run.who, commit: 'second' })
    expect(await codeOf(server.append(old.source.bundle))).toBe('contract-mismatch')
    const without = signStep(run.who.github, {
      chain: { id: newChainId(), pipeline: 'shop/web', contract: null },
      name: 'source',
      subject: [file('a', 'a')],
    })
    expect(await codeOf(server.append(without.bundle))).toBe('contract-missing')
    const unknown = signStep(run.who.github, {
      chain: { id: newChainId(), pipeline: 'p', contract: 'e'.repeat(64) },
      name: 'source',
      subject: [file('a', 'a')],
    })
    expect(await codeOf(server.append(unknown.bundle))).toBe('contract-unknown')
  })

  it('takes no new signatures of a revoked key (T-67)', async () => {
    const run = honestRun()
    await openWith(run)
    expect((await server.append(run.source.bundle)).status).toBe(201)
    expect((await server.request('POST', `/v1/keys/${run.who.codebuild.publicKey.keyId}/revoke`)).status).toBe(200)
    expect(await codeOf(server.append(run.build.bundle))).toBe('signer-revoked')
    // A retry of what was accepted before keeps its receipt.
    const indexIn = async (reply: Response) => ((await reply.json()) as { index: number }).index
    const first = await indexIn(await server.append(run.source.bundle))
    expect((await server.request('POST', `/v1/keys/${run.who.github.publicKey.keyId}/revoke`)).status).toBe(200)
    const again = await server.append(run.source.bundle)
    expect(again.status).toBe(200)
    // Under a newer checkpoint: the revocation is an entry, too.
    expect(await indexIn(again)).toBe(first)
  })

  it('does not believe its own store: a changed bundle is found out (T-76)', async () => {
    const run = honestRun()
    await openWith(run)
    await server.append(run.source.bundle)
    const forged = writeBundle(seal(party('thief'), run.source.bundle.envelope.payload))
    const real = server.store.bundles.bind(server.store)
    server.store.bundles = async (tenant, links) =>
      (await real(tenant, links)).map((row) => ({ ...row, bundle: forged }))
    // A restarted server remembers nothing.
    Object.assign(server.deps, {
      verified: new (server.deps.verified.constructor as never as new (...a: unknown[]) => typeof server.deps.verified)(
        server.store,
        nodeCrypto,
        () => 0,
      ),
    })
    expect(await codeOf(server.append(run.build.bundle))).toBe('store-failed')
  })
})

/** A store whose first writes fail. */
const failing = (mode: 'lost' | 'persisted', times: number) => (store: Store) => {
  let left = times
  const append: Store['append'] = async (...given) => {
    if (left-- <= 0) return store.append(...given)
    if (mode === 'persisted') await store.append(...given)
    throw new CodedError('store-failed', 'injected')
  }
  return new Proxy(store, {
    get(target, name: keyof Store) {
      if (name === 'append') return append
      const own = target[name]
      return typeof own === 'function' ? own.bind(target) : own
    },
  })
}

describe('every write fails twice: lost, and persisted but reported as failed (T-77)', () => {
  for (const mode of ['lost', 'persisted'] as const) {
    for (const times of [1, 2]) {
      it(`${mode}, ${times === 1 ? 'once' : 'twice'}: nothing is acknowledged, and repeating heals`, async () => {
        const run = honestRun()
        await openWith(run, failing(mode, times))
        for (const step of run.steps) {
          let reply = await server.append(step.bundle)
          for (let i = 0; i < times && !reply.ok; i++) {
            expect(await codeOf(reply)).toBe('store-failed')
            reply = await server.append(step.bundle)
          }
          expect(reply.ok).toBe(true)
        }
        const stored = await server.chain(run.chain.id)
        expect(stored.map(({ index, link }) => [index, link])).toEqual(run.steps.map(({ link }, i) => [i, link]))
        for (const { link, index } of stored) {
          expect(server.deps.log.prove('acme', link)).toMatchObject({ index, checkpoint: { size: stored.length } })
        }
        // What failed was no judgement of the step.
        expect((await server.store.inbox('acme', 10, null)).items).toEqual([])
      })
    }
  }
})

describe('a step that was written, and reported as failed', () => {
  it.each([null, 'key'])(
    'is acknowledged when it is repeated, and signed by then; idempotency key: %s (T-75)',
    async (key) => {
      const run = honestRun()
      await openWith(run, failing('persisted', 1))
      expect(await codeOf(server.append(run.source.bundle))).toBe('store-failed')
      // It is durable, known to whoever comes after it, and under no checkpoint.
      const stranger = signStep(run.who.codebuild, {
        chain: run.chain,
        name: 'build',
        previous: [{ link: run.source.link, step: 'source' }],
        subject: [file('dist/app.tgz', 'from nowhere')],
      })
      expect((await server.append(stranger.bundle)).status).toBe(422)
      expect([server.store.log.size(), server.deps.log.size]).toEqual([1, 0])
      const again = await server.append(run.source.bundle, { headers: key === null ? {} : { 'idempotency-key': key } })
      expect([again.status, server.deps.log.size]).toEqual([200, 1])
    },
  )
})

describe('DAGs', () => {
  it('fan-out, a matrix of 20 jobs, fan-in, a failed step and its new attempt', async () => {
    const who = parties()
    server = await openTestServer()
    await server.enrol([who.github])
    const chain = { id: newChainId(), pipeline: 'p', contract: null }
    const app = file('app', 'app')
    const ok = async (step: { bundle: Parameters<TestServer['append']>[0] }) =>
      expect((await server.append(step.bundle)).status).toBe(201)
    const build = signStep(who.github, { chain, name: 'build', subject: [app] })
    await ok(build)
    const jobs = Array.from({ length: 20 }, (_, i) =>
      signStep(who.github, {
        chain,
        name: 'test',
        matrix: `job-${i}`,
        previous: [{ link: build.link, step: 'build' }],
        materials: [received(app, build.link)],
        subject: [file(`report-${i}`, `report ${i}`)],
        minute: 2,
      }),
    )
    await Promise.all(jobs.map(ok))
    const failed = signStep(who.github, {
      chain,
      name: 'lint',
      previous: [{ link: build.link, step: 'build' }],
      materials: [received(app, build.link)],
      subject: [app],
      exitCode: 1,
      minute: 2,
    })
    await ok(failed)
    const join = signStep(who.github, {
      chain,
      name: 'report',
      previous: jobs.map(({ link }) => ({ link, step: 'test' })),
      materials: jobs.map(({ statement, link }) => received(statement.subject[0]!, link)),
      subject: [file('summary', 'all')],
      minute: 4,
    })
    await ok(join)
    const afterFailure = signStep(who.github, {
      chain,
      name: 'deploy',
      previous: [{ link: failed.link, step: 'lint' }],
      materials: [received(app, failed.link)],
      subject: [app],
      minute: 4,
    })
    expect(await codeOf(server.append(afterFailure.bundle))).toBe('predecessor-failed')
    const again = signStep(who.github, { chain, name: 'build', attempt: 2, subject: [app], minute: 6 })
    await ok(again)
    expect(await server.chain(chain.id)).toHaveLength(24)
  })
})
