import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { World } from '../action/world.ts'
import { Bench } from '../e2e/cli.ts'

const bench = new Bench()
let world: World
beforeAll(async () => {
  world = await World.start(bench)
})
afterAll(async () => {
  await world.stop()
  bench.remove()
})

const secret = (prefix = '') => `${prefix}${randomBytes(18).toString('hex')}`

/** Everything below a directory, as text. */
function everythingIn(dir: string): string {
  if (!existsSync(dir)) return ''
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n')
}

test('T-101: of 200 canaries in a job none is in an attestation, a log line, a state, an output or a summary', async () => {
  const secrets: string[] = []
  const keep = (value: string) => {
    secrets.push(value)
    return value
  }
  const environment: Record<string, string> = {}
  const lines: string[] = []
  for (let i = 0; i < 33; i++) {
    environment[`DEPLOY_TOKEN_${i}`] = keep(secret())
    environment[`DB_PASSWORD_${i}`] = keep(secret('p$ '))
    lines.push(`: --password ${keep(secret())}`)
    lines.push(`: --header "Authorization: Bearer ${keep(secret())}"`)
    lines.push(`: https://user:${keep(secret())}@registry.example/v2/`)
    lines.push(`: NPM_TOKEN=${keep(secret('npm_'))} "$DEPLOY_TOKEN_${i}" ${environment[`DEPLOY_TOKEN_${i}`]}`)
  }
  const remote = keep(secret())
  const token = keep(secret('ghs_'))
  expect(secrets).toHaveLength(200)

  const origin = world.repository('secrets', { 'main.js': 'ship()\n', '.gitignore': 'out\n' })
  const told: string[] = []
  const links: string[] = []
  const script = ['mkdir -p out', ...lines, 'printf made > out/app.tgz'].join('\n')
  for (const mode of ['run', 'record'] as const) {
    world.run++
    const run = mode === 'run' ? { run: script } : { mode }
    const job = world.job({
      origin,
      name: mode,
      job: 'build',
      environment,
      with: { ...run, products: 'out/app.tgz', 'github-token': token },
    })
    execFileSync('git', ['remote', 'set-url', 'origin', `https://x-access-token:${remote}@github.example/shop`], {
      cwd: job.workspace,
    })
    const [begun, main] = [await job.pre(), await job.main()]
    expect(main.code, main.log).toBe(0)
    if (mode === 'record') execFileSync('sh', ['-c', 'mkdir -p out; printf made > out/app.tgz'], { cwd: job.workspace })
    const ended = await job.post()
    expect(ended.code, ended.log).toBe(0)
    links.push((mode === 'run' ? main : ended).outputs['link']!)
    told.push(begun.log, ...job.seen, everythingIn(job.temp), everythingIn(join(job.workspace, 'out')))
    // What fails says no more.
    const failing = world.job({
      origin,
      name: `${mode}-fails`,
      job: 'build',
      environment,
      with: { ...run, products: 'none', 'server-url': 'http://127.0.0.1:9', 'github-token': token },
    })
    await failing.pre()
    await failing.main()
    told.push(...failing.seen)
  }
  const stored = await Promise.all(links.map(async (link) => JSON.stringify(await world.stored(link))))
  const everything = [...told, ...stored, world.server.logged()].join('\n')
  const forms = (value: string) => [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
    JSON.stringify(value).slice(1, -1),
  ]
  expect(secrets.filter((value) => forms(value).some((form) => everything.includes(form)))).toEqual([])
  // Nor the identity tokens, nor what asks for them.
  expect(everything).not.toMatch(/eyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\./)
  for (const value of Object.values(world.jobs.endpoints.secrets)) expect(everything).not.toContain(value)
  // Red control: all of them were in what the job was given, and what is no secret was recorded.
  const given = JSON.stringify({ environment, script, remote, token })
  expect(secrets.filter((value) => given.includes(value))).toHaveLength(200)
  expect(everything).toContain('registry.example')
  expect(everything).toContain('git+https://github.example/shop')
}, 60_000)
