import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Bench, type Ran } from '../e2e/cli.ts'
import { type Running, startServer } from '../e2e/server.ts'
import { Jobs } from '../identity/jobs.ts'

const bench = new Bench()
let server: Running
let jobs: Jobs
let audience: string
beforeAll(async () => {
  jobs = await Jobs.start(bench.path('bin'))
  server = await startServer(bench.dir('server'))
  audience = ((await (await fetch(`${server.url}/v1/audience`)).json()) as { audience: string }).audience
  const added = await server.ask('/v1/issuers', JSON.stringify(jobs.rule('gitlab-ci')))
  expect(added.status).toBe(201)
})
afterAll(async () => {
  await server.end('SIGTERM')
  await jobs.stop()
  bench.remove()
})

/** Everything below a directory, as text. */
function everythingIn(dir: string): string {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n')
}

const secrets: string[] = []
const keep = (prefix = '') => {
  const value = `${prefix}${randomBytes(18).toString('hex')}`
  secrets.push(value)
  return value
}

/** 200 of them: 60 in variables, 80 in arguments, 20 in remotes and other settings of git, 39 in what is printed, a passphrase. */
function canaries() {
  const environment: Record<string, string> = {}
  const argv: string[] = []
  const remotes: [name: string, value: string][] = []
  const printed: string[] = []
  for (let i = 0; i < 20; i++) {
    environment[`DEPLOY_TOKEN_${i}`] = keep()
    environment[`DB_PASSWORD_${i}`] = keep('p$ "')
    // A name that tells nothing: the environment is recorded by a list.
    environment[`SETTING_${i}`] = keep()
    argv.push('--password', keep(), `--api-key=${keep()}`)
    argv.push(`https://user:${keep()}@registry.example/v2/?x=1`)
    argv.push('-H', `Authorization: Bearer ${keep()}`)
    // Of a variable, in the middle of an argument.
    argv.push(`--dsn=postgres:${environment[`DB_PASSWORD_${i}`]}:5432`)
  }
  remotes.push(['remote.origin.url', `https://x-access-token:${keep()}@git.example/shop?token=${keep()}`])
  remotes.push(['remote.origin.pushurl', `https://x:${keep()}@git.example/shop`])
  remotes.push(['http.https://git.example/.extraheader', `AUTHORIZATION: basic ${keep()}`])
  for (let i = 0; i < 16; i++) remotes.push([`remote.fork-${i}.url`, `ssh://git:${keep()}@git.example/fork-${i}`])
  for (let i = 0; i < 39; i++) printed.push(keep('ghp_'))
  return { environment, argv, remotes, printed, passphrase: keep() }
}

const forms = (value: string) => [
  value,
  encodeURIComponent(value),
  Buffer.from(value).toString('base64'),
  Buffer.from(value).toString('hex'),
  JSON.stringify(value).slice(1, -1),
]

test('T-101: of 200 canaries none is in an attestation, in what we print, the log, the database, the spool', async () => {
  const { environment, argv, remotes, printed, passphrase } = canaries()
  expect(new Set(secrets).size).toBe(200)
  const cwd = bench.checkout('shop', { 'main.js': 'ship()\n', '.gitignore': 'out\n' })
  for (const [name, value] of remotes) execFileSync('git', ['config', name, value], { cwd })
  const key = bench.path('build.key')
  const admin = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_KEY_PASSPHRASE: passphrase }
  expect(bench.cli(bench.root, ['key', 'new', key], admin).code).toBe(0)
  expect(bench.cli(bench.root, ['key', 'enroll', `${key}.pub`, '--name', 'own'], admin).code).toBe(0)

  const spool = bench.dir('spool')
  const told: string[] = []
  const links: string[] = []
  // Its own output is a command's own: it goes where the command sends it, and nowhere else.
  const prints = `mkdir -p out && printf made > out/app.tgz && printf '%s\\n' ${printed.join(' ')}`
  const step = (name: string) => ['--json', '--step', name, '--pipeline', 'shop/web', '--products', 'out/app.tgz']
  const wrapped = (script: string) => ['--', 'sh', '-c', script, 'sh', ...argv]
  const run = async (args: readonly string[], more: Record<string, string>, code: number): Promise<Ran> => {
    const ran = await bench.cliLater(cwd, args, { COUNTERSIGN_SPOOL: spool, ...environment, ...more })
    expect(ran.code, ran.err).toBe(code)
    told.push(ran.err, ...(args.includes('--') ? [] : [ran.out]))
    const link = /"link":"([0-9a-f]{64})"/.exec(ran.err)?.[1]
    if (link !== undefined) links.push(link)
    return ran
  }
  const keyless = (pipeline: number) => ({
    ...jobs.environment('gitlab-ci', { audience, run: pipeline }),
    COUNTERSIGN_URL: server.url,
  })
  const byKey = { ...admin, COUNTERSIGN_KEY: key }
  const good = await run(['run', ...step('build'), ...wrapped(prints)], keyless(1), 0)
  await run(['run', ...step('build'), ...wrapped(`${prints}; exit 3`)], keyless(2), 3)
  await run(['record', ...step('build')], byKey, 0)
  // The server is down: signed, and spooled.
  await run(['run', ...step('build'), ...wrapped(prints)], { ...byKey, COUNTERSIGN_URL: 'http://127.0.0.1:9' }, 0)
  await run(['run', ...step('build'), '--products', 'gone', ...wrapped(prints)], keyless(3), 1)
  await run(
    ['run', ...step('build'), ...wrapped(prints)],
    { COUNTERSIGN_URL: 'http://127.0.0.1:9', COUNTERSIGN_KEY: key },
    1,
  )

  const stored = await Promise.all(
    links.map(async (link) => {
      const reply = await server.ask(`/v1/attestations/${link}`)
      if (reply.status === 404) return ''
      const { bundle } = (await reply.json()) as { bundle: { dsseEnvelope: { payload: string } } }
      return Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString()
    }),
  )
  expect(stored.filter((text) => text !== '')).toHaveLength(4)
  expect(readdirSync(spool).length).toBeGreaterThan(0)
  const spooled = everythingIn(spool)
  const everything = [...told, ...stored, server.logged(), everythingIn(bench.path('server')), spooled]
  // What is spooled and beside the products is base64.
  const opened = [spooled, everythingIn(join(cwd, 'out'))].flatMap((text) =>
    (text.match(/"payload":"[A-Za-z0-9+/=]+"/g) ?? []).map((one) =>
      Buffer.from(one.slice(11, -1), 'base64').toString(),
    ),
  )
  expect(opened.length).toBeGreaterThan(1)
  const haystack = [...everything, everythingIn(join(cwd, 'out')), ...opened].join('\n')
  expect(secrets.filter((value) => forms(value).some((form) => haystack.includes(form)))).toEqual([])
  expect(/eyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\./.test(haystack)).toBe(false)
  // The server keeps its first token itself, in a file of its own.
  expect([...told, ...stored, server.logged(), spooled].join().includes(server.token)).toBe(false)

  // Red control: all of them were given, those that are printed came out of the command, and what is no secret is told.
  const given = JSON.stringify([environment, argv, remotes, printed, passphrase])
  expect(secrets.filter((value) => given.includes(JSON.stringify(value).slice(1, -1)))).toHaveLength(200)
  expect(printed.filter((value) => good.out.includes(value))).toHaveLength(39)
  for (const text of [stored.join('\n'), opened.join('\n')]) {
    expect(text.includes('registry.example')).toBe(true)
    expect(text.includes('git+https://git.example/shop')).toBe(true)
    expect(text.includes('--password')).toBe(true)
  }
  expect(everythingIn(bench.path('server')).includes('shop/web')).toBe(true)
}, 60_000)

test('T-101: a key that is given where its name belongs is not told to the log', () => {
  const cwd = bench.dir('key-as-name')
  const file = join(cwd, 'ours.key')
  expect(bench.cli(cwd, ['key', 'new', file]).code).toBe(0)
  const step = ['run', '--step', 's', '--pipeline', 'shop/web', '--no-git', '--', 'true']
  const ran = bench.cli(cwd, step, { COUNTERSIGN_KEY: readFileSync(file, 'utf8') })
  expect([ran.code, ran.out]).toEqual([2, ''])
  expect(ran.err).toMatch(/^✗ usage: .*is the key itself\n/)
  const [, body = ''] = readFileSync(file, 'utf8').split('\n')
  expect(body.length).toBeGreaterThan(40)
  expect(ran.err).not.toContain(body)
})
