import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CATALOGUE } from '@countersign/core'
import { SERVER } from '../demo/world.ts'
import { file, newChainId, type Party, party, type Signed, signStep } from '../pipeline.ts'
import { CLI } from './cli.ts'
import { Api, type Running, startServer } from './server.ts'

/** An operator makes tenants on the data of a server, which goes on meanwhile. */

const root = mkdtempSync(join(tmpdir(), 'countersign-tenants-'))
const dir = join(root, 'data')
let server: Running
beforeAll(async () => {
  server = await startServer(dir)
})
afterAll(async () => {
  await server.end('SIGTERM')
  rmSync(root, { recursive: true, force: true })
})

function operate(...args: readonly string[]) {
  const ran = spawnSync(process.execPath, [...SERVER, '--data', dir, ...args], { encoding: 'utf8' })
  return { code: ran.status, out: ran.stdout, err: ran.stderr }
}

/** The same while this process does other things. */
function operateBeside(...args: readonly string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [...SERVER, '--data', dir, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  let out = ''
  child.stdout.on('data', (chunk) => (out += String(chunk)))
  return new Promise((done) => child.once('close', (code) => done({ code, out })))
}

interface Made {
  readonly tenant: string
  readonly url: string
  readonly token: string
}

const tenants = () =>
  (JSON.parse(operate('--tenants', '--json').out) as { tenants: { tenant: string }[] }).tenants.map(
    ({ tenant }) => tenant,
  )
/** Whoever the token is of, at the server that runs. */
const as = ({ token }: Made) => new Api({ url: server.url, token })

function step(by: Party, n: number): Signed {
  const chain = { id: newChainId(), pipeline: `pipeline-${n}`, contract: null }
  return signStep(by, { chain, name: 'build', subject: [file(`${by.name}.tgz`, `${by.name} ${n}`)] })
}

/** Where a tenant finds a step of its own. */
const placesOf = ({ link, statement: { predicate } }: Signed) => [
  `/v1/attestations/${link}`,
  `/v1/attestations/${link}/proof`,
  `/v1/chains/${predicate.chain.id}`,
  `/v1/runs/${predicate.chain.id}`,
]
/** What tells of anything that a tenant has. */
const listsOf = ({ statement: { subject, predicate } }: Signed) => [
  `/v1/attestations?pipeline=${encodeURIComponent(predicate.chain.pipeline)}`,
  `/v1/attestations?chain=${predicate.chain.id}`,
  `/v1/search?q=${subject[0]!.digest.sha256}`,
  '/v1/keys',
  '/v1/tokens',
  '/v1/inbox',
  '/v1/audit',
  '/v1/events',
]

describe('npm start -- --new-tenant', () => {
  test('makes one while the server appends, and neither reads anything of the other (T-90)', async () => {
    const [ours, theirs, stranger] = ['ours', 'theirs', 'stranger'].map((name) => party(name)) as [Party, Party, Party]
    await server.enrol(ours)
    const sending = Promise.all(
      Array.from({ length: 60 }, async (_, n) => {
        await new Promise((done) => setTimeout(done, n * 15))
        return (await server.append(step(ours, n))).status
      }),
    )
    const ran = await operateBeside('--new-tenant', 'acme', '--json')
    expect(new Set(await sending)).toEqual(new Set([201]))
    expect(ran.code).toBe(0)
    const made = JSON.parse(ran.out) as Made
    expect(made).toEqual({
      tenant: 'acme',
      url: 'http://127.0.0.1:8440',
      token: expect.stringMatching(/^cst_[0-9a-f]{12}_[0-9a-f]{64}$/) as string,
    })

    const acme = as(made)
    // Whom one tenant trusts is nobody to the other.
    const refused = await acme.append(step(ours, 100))
    expect((await refused.json()) as object).toMatchObject({ code: 'signer-unknown' })
    await acme.enrol(theirs)
    const sides = [
      { api: server, other: acme, by: ours, own: step(ours, 101), bad: step(stranger, 102) },
      { api: acme, other: server, by: theirs, own: step(theirs, 201), bad: step(stranger, 202) },
    ]
    for (const { api, own, bad } of sides)
      expect([(await api.append(own)).status, (await api.append(bad)).status]).toEqual([201, 422])
    for (const { api, other, by, own, bad } of sides) {
      const places = placesOf(own)
      const statuses = (asked: Api) => Promise.all(places.map(async (path) => (await asked.ask(path)).status))
      expect(await statuses(api)).toEqual(places.map(() => 200))
      expect(await statuses(other)).toEqual(places.map(() => 404))
      const { link, statement } = own
      const { id, pipeline } = statement.predicate.chain
      const marks = [link, id, pipeline, by.name, bad.link, api.token.split('_')[1]!]
      for (const path of listsOf(own)) {
        const [found, leaked] = await Promise.all(
          [api, other].map(async (asked) => {
            const text = Buffer.from(await asked.bytes(path)).toString()
            return marks.filter((mark) => text.includes(mark))
          }),
        )
        expect([path, found!.length > 0, leaked]).toEqual([path, true, []])
      }
    }
    expect(server.logged()).not.toMatch(/"level":[56]0/)
  }, 60_000)

  test('writes nothing into the log, and the server knows both the next time', async () => {
    const before = await server.bytes('/checkpoint')
    const made = JSON.parse(operate('--new-tenant', 'beta', '--json').out) as Made
    expect((await as(made).ask('/v1/keys')).status).toBe(200)
    expect(await server.bytes('/checkpoint')).toEqual(before)
    await server.end('SIGTERM')
    const later = JSON.parse(operate('--new-tenant', 'gamma', '--json').out) as Made
    expect(operate('--fsck')).toMatchObject({ code: 0 })
    server = await startServer(dir)
    for (const one of [made, later])
      expect([one.tenant, (await as(one).ask('/v1/keys')).status]).toEqual([one.tenant, 200])
    expect(tenants()).toEqual(expect.arrayContaining(['local', 'beta', 'gamma']))
    // Red control: a token that nobody was shown is none.
    const guess = { ...made, token: made.token.replace(/.$/, (last) => (last === '0' ? '1' : '0')) }
    expect((await as(guess).ask('/v1/keys')).status).toBe(401)
  }, 60_000)

  test('prints lines that begin its use as they stand', () => {
    const { code, out } = operate('--new-tenant', 'shown', '--port', new URL(server.url).port)
    expect(code).toBe(0)
    const lines = out.split('\n').filter((line) => line.startsWith('  '))
    expect(lines).toHaveLength(4)
    const countersign = `countersign() { "${process.execPath}" "${CLI}" "$@"; }`
    const ran = spawnSync('bash', ['-c', `set -e\n${countersign}\n${lines.join('\n')}\ncountersign token list`], {
      cwd: root,
      encoding: 'utf8',
    })
    expect([ran.status, ran.stderr]).toEqual([0, expect.stringContaining('may append, read') as string])
    expect(ran.stdout).toContain(`${server.url}/sign-in#`)
    expect(ran.stdout.split('\n').filter((line) => /append/.test(line))).toHaveLength(2)
  }, 60_000)

  test('refuses a name that is taken, and leaves its tenant as it is', async () => {
    const made = JSON.parse(operate('--new-tenant', 'taken', '--json').out) as Made
    for (const name of ['taken', 'local']) {
      const there = tenants()
      const { code, out, err } = operate('--new-tenant', name)
      const { why, fix } = CATALOGUE['tenant-exists']
      expect([code, out, err]).toEqual([
        2,
        '',
        `✗ tenant-exists: there is a tenant ${name} already\n  why  ${why}\n  fix  ${fix}\n`,
      ])
      expect(tenants()).toEqual(there)
    }
    const { items } = (await (await as(made).ask('/v1/tokens')).json()) as { items: { id: string }[] }
    expect(items.map(({ id }) => id)).toEqual([made.token.split('_')[1]])
    expect((await server.ask('/v1/keys')).status).toBe(200)
  }, 60_000)

  test('refuses what cannot be a name', () => {
    const { code, out, err } = operate('--new-tenant', 'Acme Inc.')
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(
      /^✗ usage: "Acme Inc." cannot name a tenant\n {2}why .*\n {2}fix {2}Choose .*, such as acme\.\n$/,
    )
  })

  test('makes nothing where there is no server’s data', () => {
    const nowhere = join(root, 'nowhere')
    const absent = operate('--new-tenant', 'acme', '--data', nowhere)
    expect([absent.code, absent.out]).toEqual([2, ''])
    expect(absent.err).toMatch(/^✗ file-missing: there is no .*\n {2}why .*\n {2}fix {2}Name the data directory.*\n$/)
    expect(existsSync(nowhere)).toBe(false)
    for (const [name, bytes, what] of [
      ['empty', '', 'is not the database of a server'],
      ['another', 'noise '.repeat(1000), 'cannot be opened: file is not a database'],
    ] as const) {
      mkdirSync(join(root, name))
      writeFileSync(join(root, name, 'countersign.db'), bytes)
      const other = operate('--new-tenant', 'acme', '--data', join(root, name))
      expect([name, other.code, other.out]).toEqual([name, 2, ''])
      expect(other.err).toMatch(/^✗ store-failed: .*\n {2}why .*\n {2}fix .*\n$/)
      expect(other.err).toContain(what)
    }
  })
})
