import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseContract } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { writeDeviationLine } from '@countersign/formats'
import { deviationId } from '@countersign/verify'
import { gateRemote } from '../../packages/cli/src/commands/gate-remote.ts'
import { decideRun } from '../../packages/cli/src/github/decide-run.ts'
import { ProtectionQueue } from '../../packages/cli/src/github/protection-queue.ts'
import { validate } from '../../packages/cli/src/kubernetes/admit.ts'
import { deviationFrom, hastyRun, maintainedText, publishSigned, signDeviation, WITHOUT_TESTS } from '../acts.ts'
import { at, honestRun, parties, party } from '../pipeline.ts'
import { openTestServer, type TestServer, token } from '../server.ts'
import { clientOf, clusterOf, pod, responseOf, review } from './cluster.ts'
import { contextFor } from './four-gates.ts'

// T-97: whoever is let through by a deviation is let through aloud, at every gate, from memory and from disk too.

const now = at(60)
const POLICY = { rules: [{ images: ['ghcr.io/shop/**'], pipeline: 'shop/web' }], environment: 'production' }
let server: TestServer
let run: ReturnType<typeof hastyRun>
let id: string
let directory: string

beforeAll(async () => {
  const who = parties()
  const [ann, bob] = [party('ann'), party('bob')]
  const text = maintainedText(who, { threshold: 2, of: [ann, bob] }, { countersigned: false })
  const contract = parseContract(utf8(text))
  server = await openTestServer({ now: () => now })
  await server.enrol([who.github, who.codebuild, who.azure])
  expect((await publishSigned(server, text, [ann, bob])).status).toBe(200)
  run = hastyRun(who, contract)
  for (const { bundle } of [run.source, run.build]) expect((await server.append(bundle)).status).toBe(201)
  const given = deviationFrom(contract, { chain: run.chain.id, excuses: WITHOUT_TESTS })
  const signed = signDeviation(given, [ann, bob])
  id = deviationId(signed.payload, nodeCrypto)
  const body = writeDeviationLine(signed)
  expect((await server.request('POST', `/v1/chains/${run.chain.id}/deviations`, { body })).ok).toBe(true)
  expect((await server.append(run.deploy.bundle)).status).toBe(201)
  directory = mkdtempSync(join(tmpdir(), 'countersign-deviations-'))
})
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true })
  await server.close()
})

const judging = () => ({
  client: clientOf(server),
  keys: server.deps.log.keys.map(({ publicKey }) => publicKey),
  crypto: nodeCrypto,
  now: () => now,
})

test('the reply says by what, why and until when; and says nothing where nothing was let through', async () => {
  const ask = async (artifact: string) => {
    const body = JSON.stringify({ artifact, pipeline: 'shop/web' })
    return (await (await server.request('POST', '/v1/gate', { body })).json()) as { deviations: unknown[] }
  }
  expect(await ask(run.app.digest.sha256)).toMatchObject({
    decision: 'allow',
    deviations: [{ id, by: ['ann', 'bob'], reason: 'the scanner is down, INC-42', expiresAt: at(24 * 60) }],
  })
  expect((await ask(honestRun().source.link)).deviations).toEqual([])
})

test('the webhook of Kubernetes warns and logs, of what it kept too', async () => {
  const image = `ghcr.io/shop/web@sha256:${run.app.digest.sha256}`
  const never = () => {
    throw new Error('nobody asks the registry')
  }
  const asked = async (deps: ReturnType<typeof clusterOf>) => {
    const { allowed, warnings } = responseOf(await validate(deps, 'warn', review(pod([image]))))
    expect([allowed, warnings]).toEqual([true, [expect.stringContaining('BY DEVIATION')]])
    expect(warnings![0]).toContain(id.slice(0, 12))
    expect(deps.logged.at(-1)).toMatchObject({ decision: 'allow', deviations: [expect.stringContaining('deviation ')] })
    return warnings![0]
  }
  const first = clusterOf(server, POLICY, never, { directory })
  expect(await asked(first)).toContain('INC-42')
  expect(await asked(first)).toContain('INC-42')
  await vi.waitFor(() => expect(readdirSync(directory).filter((name) => name.endsWith('.vsa.json'))).toHaveLength(1))
  // From disk: under a pin, with a server that is not there.
  const gate = async () => {
    throw new Error('down')
  }
  const pinned = { ...POLICY, rules: [{ images: ['ghcr.io/shop/**'], contract: run.chain.contract! }] }
  await asked(clusterOf(server, pinned, never, { directory, client: { gate } }))
})

test('an answer that hides it cannot: the signed summary has it', async () => {
  const image = `ghcr.io/shop/web@sha256:${run.app.digest.sha256}`
  const gate: ReturnType<typeof clientOf>['gate'] = async (question) => ({
    ...(await clientOf(server).gate(question)),
    deviations: [],
  })
  const deps = clusterOf(server, POLICY, () => '', { client: { gate } })
  const { warnings } = responseOf(await validate(deps, 'enforce', review(pod([image]))))
  expect(warnings).toEqual([expect.stringContaining(`BY DEVIATION: deviation ${id.slice(0, 12)}`)])
})

test('the App of GitHub approves, and its comment says by what', async () => {
  const sha = run.source.statement.subject[0]!.digest['gitCommit']!
  const event = {
    repository: 'acme/shop',
    repositoryId: 5,
    installation: 1,
    run: '1',
    environment: 'production',
    sha,
  }
  const rule = { repository: 5, environments: null, pipeline: 'shop/web', contract: { pipeline: 'shop/web' } }
  const reviews: unknown[] = []
  const queue = new ProtectionQueue({
    directory: join(directory, 'queue'),
    app: { review: async (_, state, comment) => void reviews.push([state, comment]) },
    policy: { api: 'https://api.github.com', appId: '1', rules: [rule], patience: 1 },
    decide: (one, by) => decideRun(judging(), one, by),
    now: () => Date.now(),
    wait: async () => undefined,
    log: () => undefined,
    failed: (error) => reviews.push(error),
  })
  await queue.receive(utf8('{}'), event)
  await queue.settled()
  expect(reviews).toEqual([['approved', expect.stringMatching(/BY DEVIATION[\s\S]+INC-42/)]])
})

test('gate --remote says BY DEVIATION, with a line for each, and as data', async () => {
  const http = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part as Buffer)
      const body = parts.length === 0 ? {} : { body: new Uint8Array(Buffer.concat(parts)) }
      const reply = await server.request(request.method!, request.url!, body)
      response.writeHead(reply.status, { 'content-type': reply.headers.get('content-type') ?? '' })
      response.end(await reply.text())
    })()
  })
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  try {
    const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
    const asked = async (format: string) => {
      const out = { text: '' }
      const made = contextFor(directory, now, out)
      const context = { ...made, settings: { ...made.settings, url, token: token('acme', 'read') } }
      const code = await gateRemote(context, `sha256:${run.app.digest.sha256}`, { pipeline: 'shop/web', format })
      return [code, out.text] as const
    }
    const line = `! let through by deviation ${id.slice(0, 12)}`
    expect(await asked('text')).toEqual([
      0,
      expect.stringMatching(new RegExp(`${line}.+INC-42.+\n✓ ALLOW, BY DEVIATION`)),
    ])
    const [, json] = await asked('json')
    expect(JSON.parse(json)).toMatchObject({ deviations: [{ id, reason: 'the scanner is down, INC-42' }] })
  } finally {
    http.closeAllConnections()
    http.close()
  }
})
