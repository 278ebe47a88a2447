import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseContract } from '@countersign/contract'
import { GithubApp } from '@countersign/adapters/github-app'
import { serveWebhook } from '@countersign/adapters/webhook-server'
import { readAppPolicy } from '../../packages/cli/src/github/app-policy.ts'
import { decideRun } from '../../packages/cli/src/github/decide-run.ts'
import { deliver, glance } from '../../packages/cli/src/github/deliver.ts'
import { MAX_DELIVERY_BYTES } from '../../packages/cli/src/github/protection-event.ts'
import { ProtectionQueue, type QueueDeps } from '../../packages/cli/src/github/protection-queue.ts'
import {
  contractText,
  file,
  honestRun,
  newChainId,
  received,
  type Run,
  type Signed,
  signStep,
  source,
} from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'
import { clientOf } from './cluster.ts'
import { API, APP_ID, FakeGithub, headersOf, REPOSITORY, SECRET } from './fake-github.ts'

const POLICY = {
  appId: APP_ID,
  rules: [{ repository: REPOSITORY.id, environments: ['production'], pipeline: 'shop/web' }],
  patience: 60,
}

let server: TestServer
let run: Run
let sha: string
let github: FakeGithub
let directory: string
let waits: number[]
let queues: ProtectionQueue[]

beforeAll(async () => {
  server = await openTestServer()
  run = honestRun()
  sha = run.source.statement.subject[0]!.digest['gitCommit']!
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
})
afterAll(() => server.close())
beforeEach(() => {
  github = new FakeGithub()
  directory = mkdtempSync(join(tmpdir(), 'countersign-github-'))
  waits = []
  queues = []
})
afterEach(async () => {
  for (const queue of queues) {
    queue.stop()
    await queue.settled()
  }
  rmSync(directory, { recursive: true, force: true })
})

/** The App as the command puts it together. */
function app(more: Partial<QueueDeps> = {}, policy: object = POLICY) {
  const read = readAppPolicy(new TextEncoder().encode(JSON.stringify(policy)))
  const { privateKey } = github
  const speaking = new GithubApp({
    api: read.api,
    appId: read.appId,
    privateKey,
    now: () => github.now,
    fetch: github.fetch,
  })
  const judging = {
    client: clientOf(server),
    keys: server.deps.log.keys.map(({ publicKey }) => publicKey),
    crypto: nodeCrypto,
    now: () => server.deps.now(),
  }
  const logged: object[] = []
  const queue = new ProtectionQueue({
    directory,
    app: speaking,
    policy: read,
    decide: (event, rule) => decideRun(judging, event, rule),
    now: () => github.now,
    wait: async (ms) => {
      waits.push(ms)
      github.now += ms
    },
    log: (line) => logged.push(line),
    failed: (error) => logged.push({ failed: (error as { code?: string }).code }),
    ...more,
  })
  queues.push(queue)
  const send = (body: Uint8Array, headers: IncomingHttpHeaders) =>
    deliver(
      { secret: SECRET, queue, callbackFor: speaking.callbackFor.bind(speaking), log: () => undefined },
      body,
      headers,
    )
  return { queue, send, logged }
}

async function told(
  delivery: { body: Uint8Array; headers: Record<string, string> },
  more: Partial<QueueDeps> = {},
  policy: object = POLICY,
) {
  const { queue, send } = app(more, policy)
  expect((await send(delivery.body, delivery.headers)).status).toBe(202)
  await queue.settled()
  return github.reviews
}

/** What is on disk of a run. */
function waitingOf(run: string): string {
  const files = readdirSync(directory).filter((name) => name.endsWith('.json'))
  return (
    files.map((name) => readFileSync(join(directory, name), 'utf8')).find((text) => text.includes(`"run":"${run}"`)) ??
    ''
  )
}

describe('a run that waits', () => {
  test('is approved where all that its commit made is proven', async () => {
    const reviews = await told(github.delivery(sha))
    expect(reviews).toEqual([
      {
        run: '7000000001',
        environment_name: 'production',
        state: 'approved',
        comment: expect.stringContaining(run.app.digest.sha256.slice(0, 12)) as unknown,
      },
    ])
  })

  test('is rejected for another commit, environment or repository, with why and what to do', async () => {
    await told(github.delivery('0'.repeat(40), {}, '1'))
    await told(github.delivery(sha, {}, '2', 'staging'))
    const codes = github.reviews.map(({ state, comment }) => [
      state,
      /^\*\*([a-z-]+)\*\*: .+ https:\/\/countersign\.dev\/problems\/\1$/.exec(comment)?.[1],
    ])
    expect(codes).toEqual([
      ['rejected', 'artifact-unproven'],
      ['rejected', 'environment-unruled'],
    ])
  })

  test('is not approved by what an older run made, however well that is proven', async () => {
    // Whoever may sign one step makes a run of another commit that ends in the app of before.
    const commit = source('evil')
    const chain = { id: newChainId(), pipeline: 'shop/web', contract: run.contract.digest }
    const { bundle } = signStep(run.who.github, { chain, name: 'source', subject: [commit, run.app] })
    const client = clientOf(server)
    const judging = {
      client: {
        gate: client.gate,
        search: async () => ({
          items: [{ ...(await client.search({ commit: sha })).items[0]!, chain: chain.id }],
          next: null,
        }),
        chain: async () => [bundle],
      },
      keys: server.deps.log.keys.map(({ publicKey }) => publicKey),
      crypto: nodeCrypto,
      now: () => server.deps.now(),
    }
    const { rules } = readAppPolicy(new TextEncoder().encode(JSON.stringify(POLICY)))
    const waiting = {
      repository: 'acme/shop',
      repositoryId: REPOSITORY.id,
      installation: 1,
      run: '1',
      environment: 'production',
    }
    const decided = (at: string, more: object = {}) =>
      decideRun({ ...judging, ...more }, { ...waiting, sha: at }, rules[0]!)
    expect(await decided(commit.digest['gitCommit']!)).toMatchObject({
      decision: 'deny',
      reason: { code: 'artifact-unproven' },
    })
    expect(await decided(sha)).toMatchObject({ decision: 'deny' })
    expect(await decided(sha, { client })).toMatchObject({ decision: 'allow' })
  })

  test('is not approved where only who tests says of what commit the run is', async () => {
    // Whoever tests checks the sources out as well.
    const text = contractText(run.who)
      .replace('shop/web', 'shop/tested')
      .replace('after: [build]', 'after: [build]\n    materials: [{ outside: source }, { from: build }]')
    const pipeline = 'shop/tested'
    expect((await server.request('PUT', `/v1/contracts/${pipeline}`, { body: text })).status).toBe(200)
    const chain = { id: newChainId(), pipeline, contract: parseContract(new TextEncoder().encode(text)).digest }
    const [commit, evil, app] = [source('reviewed'), source('not reviewed'), file('dist/app.tgz', 'app of reviewed')]
    const after = (step: Signed, name: string) => [{ link: step.link, step: name }]
    const { who } = run
    const first = signStep(who.github, { chain, name: 'source', subject: [commit], minute: 0 })
    const build = signStep(who.codebuild, {
      chain,
      name: 'build',
      previous: after(first, 'source'),
      materials: [received(commit, first.link)],
      subject: [app],
      minute: 1,
    })
    const tested = signStep(who.cloudbuild, {
      chain,
      name: 'test',
      previous: after(build, 'build'),
      materials: [received(app, build.link), { ...evil, annotations: { from: null } }],
      subject: [app],
      minute: 2,
    })
    const deploy = signStep(who.azure, {
      chain,
      name: 'deploy',
      previous: after(tested, 'test'),
      materials: [received(app, tested.link)],
      subject: [app],
      minute: 3,
    })
    for (const { bundle } of [first, build, tested, deploy]) expect((await server.append(bundle)).status).toBe(201)
    const policy = { ...POLICY, rules: [{ repository: REPOSITORY.id, pipeline }] }
    await told(github.delivery(evil.digest['gitCommit']!, {}, '1'), {}, policy)
    await told(github.delivery(commit.digest['gitCommit']!, {}, '2'), {}, policy)
    expect(github.reviews.map(({ run: id, state }) => [id, state])).toEqual([
      ['1', 'rejected'],
      ['2', 'approved'],
    ])
    expect(github.reviews[0]!.comment).toContain('is proven, and not by the run of commit')
  })

  test('waits while nobody knows, tells so, and is rejected in the end', async () => {
    let asked = 0
    const unknown = async () => {
      asked++
      return {
        decision: 'unknown',
        reason: { code: 'evidence-unavailable', what: 'down', why: 'w', fix: 'f' },
        artifacts: [],
      } as const
    }
    const reviews = await told(github.delivery(sha), { decide: unknown })
    expect(reviews.at(-1)).toMatchObject({ state: 'rejected' })
    expect(reviews.slice(0, -1).every(({ state }) => state === null)).toBe(true)
    expect(asked).toBeGreaterThan(2)
    expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000])
  })

  test('is told again until GitHub has heard it, under a token that still counts', async () => {
    github.failing.push(500, 0, 502)
    const reviews = await told(github.delivery(sha))
    expect(reviews.map(({ state }) => state)).toEqual(['approved'])
    expect(waits).toEqual([2_000, 4_000, 8_000])
    // A token that ran out is not used.
    github.now += 7_200_000
    await told(github.delivery(sha, {}, '8'))
    expect(github.reviews.map((one) => one.run)).toEqual(['7000000001', '8'])
  })

  test('is not approved by what was allowed while GitHub could not be told, and is no more', async () => {
    const answers = ['allow', 'deny'] as const
    let asked = 0
    const decide = async () => {
      const decision = answers[asked++] ?? 'deny'
      const reason = { code: 'signer-revoked', what: 'w', why: 'w', fix: 'f' } as const
      return { decision, reason: decision === 'allow' ? null : reason, artifacts: [] }
    }
    github.failing.push(500, 500, 500, 500, 500, 500, 500, 500, 500, 500)
    const reviews = await told(github.delivery(sha), { decide })
    expect(reviews).toMatchObject([{ state: 'rejected' }])
    // Nor after a restart; control: what was allowed just now is told as it is.
    for (const [run, away, state] of [
      ['2', 6 * 60_000, 'rejected'],
      ['3', 60_000, 'approved'],
    ] as const) {
      asked = 0
      const cut = app({ decide, app: { review: () => new Promise<never>(() => undefined) } })
      const { body, headers } = github.delivery(sha, {}, run)
      await cut.send(body, headers)
      await expect.poll(() => waitingOf(run)).toContain('approved')
      queues.splice(0)
      github.now += away
      await app({ decide }).queue.settled()
      expect(github.reviews.at(-1)).toMatchObject({ run, state })
    }
  })

  test('has the rule of its environment however the workflow spells that', async () => {
    const strict = { repository: REPOSITORY.id, environments: ['production'], pipeline: 'shop/none' }
    const lax = { repository: REPOSITORY.id, pipeline: 'shop/web' }
    const policy = { ...POLICY, rules: [strict, lax] }
    await told(github.delivery(sha, {}, '1', 'Production'), {}, policy)
    await told(github.delivery(sha, {}, '2', 'staging'), {}, policy)
    expect(github.reviews.map(({ state }) => state)).toEqual(['rejected', 'approved'])
  })

  test('is given up where GitHub will not hear of it', async () => {
    const { queue, send, logged } = app()
    const { body, headers } = github.delivery(sha)
    github.waiting.clear()
    await send(body, headers)
    await queue.settled()
    expect(github.reviews).toEqual([])
    expect(logged).toContainEqual({ failed: 'service-refused' })
  })
})

describe('a delivery', () => {
  test('counts once, whatever its id, also after a restart', async () => {
    const { body, headers } = github.delivery(sha)
    await told({ body, headers })
    for (const id of ['72d3162e-cc78-11e3-81ab-4c9367dc0958', 'another']) {
      const { queue, send } = app()
      expect(await send(body, { ...headers, 'x-github-delivery': id })).toEqual({ json: { status: 'known' } })
      await queue.settled()
    }
    expect(github.reviews.length).toBe(1)
  })

  test('is not lost by a crash before it was judged, nor before it was told', async () => {
    for (const [i, crash] of (['decide', 'review'] as const).entries()) {
      const never = () => new Promise<never>(() => undefined)
      const cut = app(crash === 'decide' ? { decide: never } : { app: { review: never } })
      const { body, headers } = github.delivery(sha, {}, String(i + 1))
      expect((await cut.send(body, headers)).status).toBe(202)
      // What is on disk is all that a new process has.
      await expect.poll(() => readdirSync(directory).length).toBeGreaterThan(0)
      queues.splice(0)
      await app().queue.settled()
      expect(github.reviews.at(-1)).toMatchObject({ run: String(i + 1), state: 'approved' })
    }
  })

  test('is refused unsigned, and where its answer would go elsewhere (T-89, T-96)', async () => {
    const { send } = app()
    const { body, headers } = github.delivery(sha)
    const signed = (text: string) => [new TextEncoder().encode(text), headersOf(text)] as const
    const text = new TextDecoder().decode(body)
    const { 'x-hub-signature-256': good, ...without } = headers
    const bad: (readonly [Uint8Array, Record<string, string>, number])[] = [
      [body, without, 401],
      [body, headersOf(body, 'another secret'), 401],
      [body, { ...headers, 'x-hub-signature-256': good.toUpperCase() }, 401],
      [body, { ...headers, 'x-hub-signature-256': good.slice(0, -2) }, 401],
      [body, { ...headers, 'x-hub-signature-256': good.replace('sha256', 'sha1') }, 401],
      [body, { ...headers, 'x-hub-signature-256': `sha256=${'0'.repeat(64)}` }, 401],
      [new TextEncoder().encode(text.replace('production', 'productiom')), headers, 401],
      [...signed(text.replaceAll(API, 'https://evil.example')), 422],
      [...signed(text.replaceAll(API, 'https://api.github.com@evil.example')), 422],
      [...signed(text.replaceAll(API, 'http://169.254.169.254')), 422],
      [...signed(text.replace('/runs/7000000001/', '/runs/../../../../x/')), 422],
      [...signed(text.replace('repos/acme/shop/', 'repos/acme/other/')), 422],
      [...signed(text.replace('"full_name":"acme/shop"', '"full_name":"acme/.."')), 422],
      [...signed(text.replace(`"id":${REPOSITORY.id}`, '"id":"74123456"')), 422],
      [...signed(text.replace('"action":"requested"', '"action":"requested","action":"x"')), 422],
      [...signed('[]'), 422],
    ]
    for (const [given, sent, status] of bad) {
      expect([status, (await send(given, sent)).status]).toEqual([status, status])
    }
    expect(readdirSync(directory)).toEqual([])
    expect(await send(body, headersOf(body, SECRET, 'ping'))).toEqual({ json: { status: 'ignored' } })
    expect((await send(body, headers)).status).toBe(202)
    // Nothing was ever asked of anybody else.
    await queues[0]!.settled()
    expect(new Set(github.asked.map((line) => new URL(line.split(' ')[1]!).origin))).toEqual(new Set([API]))
  })

  test('of somebody who signs nothing is not held, however much he announces (T-94)', async () => {
    const { send } = app()
    const { body, headers } = github.delivery(sha)
    const serving = await serveWebhook({
      host: '127.0.0.1',
      port: 0,
      certified: null,
      clientCa: null,
      routes: new Map([['/github', { maxBytes: MAX_DELIVERY_BYTES, glance, answer: send }]]),
      failed: () => undefined,
    })
    /** The status of the answer to a request, whether or not all of its body was sent. */
    const answered = (given: Record<string, string>, announced: number, sent: Uint8Array | null) =>
      new Promise<number | undefined>((resolve, reject) => {
        const url = `http://127.0.0.1:${serving.port}/github`
        const asked = request(url, { method: 'POST', headers: { ...given, 'content-length': announced } }, (reply) => {
          reply.resume()
          resolve(reply.statusCode)
          asked.destroy()
        })
        asked.on('error', reject)
        asked.flushHeaders()
        if (sent !== null) asked.end(sent)
      })
    try {
      const { 'x-hub-signature-256': signature, ...unsigned } = headers
      // Nothing of any of these is ever sent but its headers.
      expect(await answered(unsigned, 1_000_000, null)).toBe(401)
      expect(await answered({ ...unsigned, 'x-hub-signature-256': 'sha256=' }, 1_000_000, null)).toBe(401)
      expect(await answered({ ...headers, 'x-github-event': 'push' }, 20_000_000, null)).toBe(200)
      expect(await answered(headers, MAX_DELIVERY_BYTES + 1, null)).toBe(413)
      expect(readdirSync(directory)).toEqual([])
      // Control: one that is signed is read.
      expect(await answered({ ...unsigned, 'x-hub-signature-256': signature }, body.length, body)).toBe(202)
    } finally {
      await serving.stop()
    }
  })

  test('that says what others wrote says it as text', async () => {
    const what = '**x** [click](https://evil.example) `a` <img> | @acme/ops\u202e'
    const decide = async () =>
      ({ decision: 'deny', reason: { code: 'step-failed', what, why: 'w', fix: 'f' }, artifacts: [] }) as const
    const [review] = await told(github.delivery(sha), { decide })
    expect(review!.comment).toContain(
      '\\*\\*x\\*\\* \\[click\\](https://evil.example) \\`a\\` \\<img\\> \\| \\@acme/ops?',
    )
  })
})

test('the App takes a key that it can use, and says nothing of it', () => {
  const make = (privateKey: string, api = API) => new GithubApp({ api, appId: APP_ID, privateKey, now: () => 0 })
  expect(() => make(github.privateKey)).not.toThrow()
  for (const key of ['', 'secret-canary', github.privateKey.slice(30)]) {
    expect(() => make(key)).toThrow(expect.objectContaining({ code: 'signer-setup-invalid' }))
    expect(() => make(key)).not.toThrow(/canary/)
  }
  expect(() => make(github.privateKey, 'http://api.github.com')).toThrow(
    expect.objectContaining({ code: 'signer-setup-invalid' }),
  )
})
