import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { publicKeyPem, utf8 } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import { parseEvidence } from '@countersign/evidence'
import type { AnchorKind } from '@countersign/formats/anchor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type LocalAnchors, startLocalAnchors } from '../anchors/local-anchors.ts'
import { countersign } from '../demo/world.ts'
import { file, newChainId, party, received, type Signed, signStep } from '../pipeline.ts'
import { type Running, startServer } from './server.ts'

// From a step to its anchors and back, by the command line: a server with anchors of this machine, evidence with the
// network off, a gate that demands them.

const root = mkdtempSync(join(tmpdir(), 'countersign-anchored-'))
const [build, deploy] = [party('build'), party('deploy')]
const app = file('app.tgz', 'the app')
let local: LocalAnchors
let server: Running
let steps: Signed[]
let kinds: AnchorKind[]
let contract: string
let vkey: string

/** Steps of now: the log says when it took them, and a contract how soon they are anchored. */
function signed(): Signed[] {
  const text = contractText()
  const chain = { id: newChainId(), pipeline: 'shop/web', contract: parseContract(utf8(text)).digest }
  const first = signStep(build, { chain, name: 'build', subject: [app] })
  const after = [{ link: first.link, step: 'build' }]
  const last = signStep(deploy, {
    chain,
    name: 'deploy',
    previous: after,
    materials: [received(app, first.link)],
    subject: [app],
    minute: 2,
  })
  return [first, last]
}

function contractText(): string {
  const key = ({ publicKey }: typeof build) => Buffer.from(publicKey.spki).toString('base64')
  return `contract: v1
pipeline: shop/web
revision: 1
signers:
  build: ${key(build)}
  deploy: ${key(deploy)}
countersigners: ["${vkey}"]
anchored: { within: 36h }
steps:
  build:
    signers: [build]
    products: [app.tgz]
  deploy:
    after: [build]
    signers: [deploy]
final: deploy
`
}

const online = () => ({ COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_ALLOW_HTTP: '1' })
interface Said {
  readonly verdict: string
  readonly criteria: readonly { readonly name: string; readonly met: boolean | null }[]
  readonly findings: readonly { readonly code: string }[]
  readonly refused: readonly { readonly code: string }[]
  readonly anchors: { readonly statements: readonly { readonly proved: readonly { readonly kind: string }[] }[] } | null
}
async function said(args: readonly string[], env: Record<string, string> = {}): Promise<[number, Said]> {
  const ran = await countersign([...args, '--format', 'json'], { cwd: root, env })
  return [ran.code ?? -1, JSON.parse(ran.out) as Said]
}
const codes = ({ findings }: Said) => [...new Set(findings.map(({ code }) => code))]

beforeAll(async () => {
  local = await startLocalAnchors(join(root, 'anchors'))
  server = await startServer(join(root, 'data'), ['--anchors', local.settings])
  await server.enrol(build)
  await server.enrol(deploy)
  vkey = ((await (await server.ask('/v1/server')).json()) as { vkey: string }).vkey
  contract = join(root, 'contract.yaml')
  writeFileSync(contract, contractText())
  writeFileSync(join(root, 'log.vkey'), vkey)
  for (const one of [build, deploy]) writeFileSync(join(root, `${one.name}.pub`), publicKeyPem(one.publicKey))
  steps = signed()
  const published = await countersign(['contract', 'publish', 'contract.yaml'], { cwd: root, env: online() })
  expect(published.code).toBe(0)
  for (const step of steps) expect((await server.append(step)).status).toBe(201)
  expect((await server.ask('/v1/statements', '{}')).status).toBe(201)
  await server.ask('/v1/anchors/drive', '{}')
}, 60_000)
afterAll(async () => {
  await server.end('SIGTERM')
  await local.close()
  rmSync(root, { recursive: true, force: true })
})

test('the server has its statement anchored in every way', async () => {
  await expect
    .poll(
      async () =>
        ((await (await server.ask('/v1/anchors/0')).json()) as { anchors: { phase: string }[] }).anchors.map(
          ({ phase }) => phase,
        ),
      { timeout: 90_000, interval: 500 },
    )
    .toEqual(local.names.map(() => 'final'))
  await local.writeTrust(join(root, 'anchors.json'))
  kinds = ['rekor', 'rfc3161', 'opentimestamps', ...(local.evm === null ? [] : (['ethereum'] as const))]
}, 100_000)

test('who pins nothing takes the word of the server for its blocks, and is told so', async () => {
  const word = ', and the blocks that it says are final'
  const verdict = async (...more: readonly string[]) => {
    const args = ['verify', app.digest.sha256, '--require-anchors', 'opentimestamps', ...more]
    return countersign(args, { cwd: root, env: online() })
  }
  const believing = await verdict()
  expect([believing.code, believing.out.includes(word)]).toEqual([0, true])
  const pinning = await verdict('--anchor-trust', 'anchors.json')
  expect([pinning.code, pinning.out.includes(word)]).toEqual([0, false])
})

describe('evidence of an anchored run', () => {
  const file = join(root, 'run.evidence.json')
  let trustRoot: string

  test('is exported with statements, coverage and anchors', async () => {
    const chain = steps[0]!.statement.predicate.chain.id
    const args = ['evidence', 'export', chain, '-o', file, '--html', join(root, 'run.html'), '--contract', contract]
    const [code, out] = await said([...args, '--anchor-trust', 'anchors.json'], online())
    expect([code, codes(out)]).toEqual([0, []])
    const evidence = parseEvidence(new Uint8Array(readFileSync(file)))
    expect(evidence.coverage.length).toBe(2)
    expect(evidence.anchors.map(({ kind }) => kind).toSorted()).toEqual(kinds.toSorted())
    trustRoot = (out as unknown as { evidence: { trustRoot: string } }).evidence.trustRoot
  })

  test('verifies with no network, under the pinned trust root, every anchor demanded', async () => {
    const args = ['gate', `sha256:${app.digest.sha256}`, '--evidence', file, '--trust-root', trustRoot]
    const [code, out] = await said([...args, '--require-anchors', kinds.join(',')])
    expect([code, codes(out)]).toEqual([0, []])
    expect(out.anchors!.statements[0]!.proved.map(({ kind }) => kind)).toEqual(kinds.toSorted())
    expect((await said([...args, '--require-anchors', String(kinds.length)]))[0]).toBe(0)
  })

  test('shows a line for each anchor, and what had to be believed', async () => {
    const ran = await countersign(['verify', '--evidence', file, '--trust-root', trustRoot], { cwd: root, env: {} })
    for (const kind of kinds) expect(ran.out).toMatch(new RegExp(`^✓ +${kind} `, 'm'))
    expect(ran.out).toMatch(/The clock and the key of the timestamp authority/)
  })

  test("anchors that came with the file are not believed under the caller's own contract", async () => {
    const args = ['verify', '--evidence', file, '--contract', contract, '--require-anchors', '1']
    const [code, out] = await said(args)
    expect([code, codes(out)]).toEqual([1, ['anchor-missing']])
    expect(out.refused.map((one) => one.code)).toEqual(kinds.map(() => 'anchor-untrusted'))
    // Named with a file of one's own they are.
    expect((await said([...args, '--anchor-trust', 'anchors.json']))[0]).toBe(0)
  })

  test('a demand that is not met is open while it may be, and a typing error is one', async () => {
    const base = ['verify', '--evidence', file, '--trust-root', trustRoot]
    const [none] = await said([...base, '--require-anchors', 'rekor,carrier-pigeon'])
    expect(none).toBe(2)
    if (local.evm !== null) return
    const [code, out] = await said([...base, '--require-anchors', 'ethereum'])
    expect([code, out.verdict, codes(out)]).toEqual([2, 'unknown', ['anchor-pending']])
  })

  test('with its anchors stripped is no better than what is not anchored yet', async () => {
    const whole = JSON.parse(readFileSync(file, 'utf8')) as object
    const bare = join(root, 'bare.evidence.json')
    writeFileSync(bare, JSON.stringify({ ...whole, anchors: [] }))
    const args = ['gate', `sha256:${app.digest.sha256}`, '--trust-root', trustRoot, '--require-anchors', 'rekor']
    const [code, out] = await said([...args, '--evidence', bare])
    expect([code, out.verdict, codes(out)]).toEqual([2, 'unknown', ['anchor-pending']])
  })
})

describe('a contract that demands anchors', () => {
  test('is met by what the server has', async () => {
    const args = ['gate', `sha256:${app.digest.sha256}`, '--contract', contract, '--anchor-trust', 'anchors.json']
    const [code, out] = await said(args, online())
    expect([code, codes(out)]).toEqual([0, []])
    expect(out.criteria.at(-1)).toMatchObject({ name: 'anchors', met: true })
  })

  test('is not met where nobody is believed', async () => {
    const args = ['gate', `sha256:${app.digest.sha256}`, '--contract', contract]
    const [code, out] = await said(args, online())
    expect([code, codes(out)]).toEqual([1, ['anchor-missing']])
  })
})
