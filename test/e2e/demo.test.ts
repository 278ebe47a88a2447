import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { anvilPath } from '../anchors/local-evm.ts'
import { fillOrganisation } from '../demo/organisation/fill.ts'
import { countersign, type Server, startServer } from '../demo/world.ts'
import { THOROUGH } from '../thorough.ts'

const MAIN = join(import.meta.dirname, '..', 'demo', 'main.ts')

describe('the demo', () => {
  const directory = join(mkdtempSync(join(tmpdir(), 'countersign-demo-test-')), 'organisation')
  let ran: ReturnType<typeof spawnSync>
  let out: string
  let server: Server
  beforeAll(async () => {
    const calm = THOROUGH ? [] : ['--calm']
    ran = spawnSync(process.execPath, [MAIN, '--json', ...calm, '--directory', directory], { encoding: 'utf8' })
    out = String(ran.stdout)
    // As anybody goes on with it: with the clock of this machine.
    server = await startServer(directory, ['--data', directory])
  }, 900_000)
  afterAll(async () => {
    await server.stop()
    rmSync(join(directory, '..'), { recursive: true, force: true })
  })

  const ask = async <T>(path: string): Promise<T> => {
    const reply = await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${server.token}` } })
    expect(reply.status).toBe(200)
    return (await reply.json()) as T
  }
  const items = async <T = Readonly<Record<string, unknown>>>(path: string) => (await ask<{ items: T[] }>(path)).items
  const told = (pattern: RegExp) => pattern.exec(out)![1]!

  test('ends with four steps accepted and five attacks refused, each for its own reason', () => {
    expect(ran.stderr).toBe('')
    expect(ran.status).toBe(0)
    const summary: unknown = JSON.parse(out.trimEnd().split('\n').at(-1)!)
    expect(summary).toEqual({
      steps: 4,
      accepted: 4,
      refused: [
        { attack: 'swap an artifact between two steps', code: 'material-swapped' },
        { attack: 'skip a step', code: 'step-skipped' },
        { attack: 'replay the step of another run', code: 'chain-mismatch' },
        { attack: 'reorder the steps', code: 'step-order' },
        { attack: 'sign with the wrong key', code: 'signer-not-allowed' },
      ],
    })
  })

  test('broken off, takes its server and its directories with it', async () => {
    const scratch = join(directory, '..', 'scratch')
    mkdirSync(scratch)
    const env = { ...process.env, TMPDIR: scratch }
    const demo = spawn(process.execPath, [MAIN, '--no-organisation'], { env, stdio: ['ignore', 'pipe', 'ignore'] })
    // It says so when its server is there.
    await once(demo.stdout, 'data')
    await expect.poll(() => readdirSync(scratch)).toHaveLength(1)
    const [made] = readdirSync(scratch)
    await expect.poll(() => readdirSync(join(scratch, made!))).toContain('server')
    // By the terminal, and by npm.
    for (const _ of [1, 2]) demo.kill('SIGINT')
    expect(await once(demo, 'exit')).toEqual([130, null])
    expect(readdirSync(scratch)).toEqual([])
  })

  test.each([
    ['/v1/runs?limit=100', 100],
    ['/v1/deploys?limit=100', 100],
    ['/v1/deploys?decision=deny&limit=100', 15],
    ['/v1/identities?limit=100', 8],
    ['/v1/contracts?limit=100', 6],
    ['/v1/keys', 5],
    ['/v1/inbox', 9],
    ['/v1/audit?limit=100', 30],
    ['/v1/events?limit=100', 100],
    ['/v1/anchors?limit=100', 25],
    ['/v1/people', 7],
    ['/v1/webhooks', 1],
    ['/v1/issuers', 3],
    ['/statements?limit=100', 25],
  ])('%s has something to say', async (path, least) => {
    expect((await items(path)).length).toBeGreaterThanOrEqual(least)
  })

  test('every screen that counts has something to show', async () => {
    const { environments } = await ask<{ environments: { name: string }[] }>('/v1/deploys/strips')
    expect(environments.map(({ name }) => name)).toEqual(expect.arrayContaining(['prod', 'prod-eu', 'staging']))
    type Seen = { grade: string; system: string; revokedAt: string | null }
    const { identities: seen } = await ask<{ identities: Seen[] }>('/v1/identities/weeks')
    expect(new Set(seen.map(({ grade }) => grade))).toEqual(new Set(['A', 'B', 'D']))
    for (const system of ['github-actions', 'aws-codebuild', 'google-cloud-build'])
      expect(seen.map((one) => one.system)).toContain(system)
    expect(seen.some(({ revokedAt }) => revokedAt !== null)).toBe(true)
    const { pipelines } = await ask<{ pipelines: { pipeline: string; findings: string[] }[] }>('/v1/coverage')
    const findings = new Map(pipelines.map((one) => [one.pipeline, one.findings]))
    expect([...findings.keys()]).toEqual([
      'catalog-search',
      'checkout-web',
      'edge-infra',
      'orders-api',
      'payments-ledger',
    ])
    expect(findings.get('edge-infra')).toEqual(expect.arrayContaining(['no-contract', 'late', 'weak-identity']))
    const { rows } = await ask<{ rows: string[] }>('/v1/rules/heat')
    expect(rows.length).toBeGreaterThan(5)
  })

  test('both incidents are found by what the demo says to look for', async () => {
    const search = async (text: string) => items(`/v1/search?q=${encodeURIComponent(text)}`)
    const [swapped, hasty] = [told(/INC-198 {2}(prod#[0-9]+)/), told(/INC-207 {2}(prod#[0-9]+)/)]
    expect(await search(swapped)).toEqual([
      expect.objectContaining({ title: swapped, detail: expect.stringMatching(/^deny orders-api/) }),
    ])
    expect(await search(hasty)).toEqual([
      expect.objectContaining({ title: hasty, detail: expect.stringMatching(/^allow payments-ledger/) }),
    ])
    expect(await search('build-host-7')).toEqual([expect.objectContaining({ kind: 'identity', title: 'build-host-7' })])
    expect(await search('checkout-web')).toEqual(
      expect.arrayContaining([expect.objectContaining({ kind: 'pipeline' })]),
    )
    expect(await search('prod@{2 days ago}')).not.toEqual([])
    expect(await search(told(/sha256:([0-9a-f]{64})/))).toEqual([expect.objectContaining({ kind: 'artifact' })])

    const refused = await items('/v1/inbox?code=material-swapped')
    expect(refused).toHaveLength(1)
    const host = (await items('/v1/keys')).find(({ name }) => name === 'build-host-7')!
    expect(host).toMatchObject({ state: 'revoked', reason: 'compromised' })
    const affected = await items(`/v1/keys/${String(host['keyId'])}/affected`)
    expect(affected.length).toBeGreaterThan(0)
    const deviated = (await items('/v1/deploys?environment=prod&limit=100')).filter((one) => one['deviated'])
    expect(deviated.map(({ id }) => `prod#${String(id)}`)).toEqual([hasty])
    const admitted = await items<{ data: { reason: string } }>('/v1/events?limit=100&type=deviation.admitted')
    expect(admitted.map(({ data }) => data.reason)).toEqual([expect.stringContaining('INC-207')])
    // What went out at night was disputed, and answered.
    const [answer, dispute] = await items('/v1/notes')
    expect(answer).toMatchObject({ kind: 'resolution', signer: 'mei', supersedes: dispute!['id'], supersededBy: null })
    expect(dispute).toMatchObject({ kind: 'dispute', signer: 'lena', supersededBy: answer!['id'] })
    expect(await items('/v1/notes?open=1')).toEqual([])
  })

  test('its whole log is whole', async () => {
    const env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token }
    const { code, out: said, err } = await countersign(['log', 'fsck'], { cwd: directory, env })
    expect([code, err]).toEqual([0, ''])
    expect(said).toMatch(/^✓ [0-9],[0-9]{3} entries give the signed root/)
  })
})

test('it replaces nothing but what it has left itself', async () => {
  const own = mkdtempSync(join(tmpdir(), 'countersign-demo-test-'))
  writeFileSync(join(own, 'countersign.db'), 'years of work')
  await expect(fillOrganisation(own, () => undefined)).rejects.toThrow('is not what a demo has left')
  expect(readFileSync(join(own, 'countersign.db'), 'utf8')).toBe('years of work')
  rmSync(own, { recursive: true })
})

test.runIf(THOROUGH)(
  'with anchors it is proven by others, too, and all of them are demanded',
  { timeout: 180_000 },
  () => {
    const ran = spawnSync(process.execPath, [MAIN, '--json', '--anchors', '--no-organisation'], { encoding: 'utf8' })
    expect(ran.stderr).toBe('')
    expect(ran.status).toBe(0)
    const { anchors, accepted } = JSON.parse(ran.stdout.trimEnd().split('\n').at(-1)!) as {
      anchors: { anchor: string; phase: string }[]
      accepted: number
    }
    expect(accepted).toBe(4)
    expect(anchors.map(({ phase }) => phase)).toEqual(anchors.map(() => 'final'))
    const names = ['opentimestamps:regtest', 'rekor', 'tsa:local']
    expect(anchors.map(({ anchor }) => anchor)).toEqual(anvilPath() === null ? names : ['eip155:31337', ...names])
    expect(ran.stdout).toContain(`all steps are anchored in ${anchors.length} ways`)
  },
)
