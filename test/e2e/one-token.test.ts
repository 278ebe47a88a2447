import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type CiSystem, Jobs } from '../identity/jobs.ts'
import { Bench } from './cli.ts'
import { type Running, startServer } from './server.ts'

const bench = new Bench()
let server: Running
let jobs: Jobs
let audience: string
let run = 5000

beforeAll(async () => {
  jobs = await Jobs.start(bench.path('bin'))
  server = await startServer(bench.dir('server'))
  audience = ((await (await fetch(`${server.url}/v1/audience`)).json()) as { audience: string }).audience
  for (const system of ['gitlab-ci', 'google-cloud-build', 'jenkins'] as const) {
    const added = await server.ask('/v1/issuers', JSON.stringify(jobs.rule(system)))
    expect(added.status, await added.clone().text()).toBe(201)
  }
})
beforeEach(() => void run++)
afterAll(async () => {
  await server.end('SIGTERM')
  await jobs.stop()
  bench.remove()
})

const environment = (system: CiSystem) => jobs.environment(system, { audience, run })

describe('a job that is given one token for all of its steps', () => {
  const step = (name: string, more: readonly string[] = []) => {
    const recorded = ['run', '--json', '--step', name, '--pipeline', 'shop/one-token', '--no-git', ...more]
    return [
      ...recorded,
      '--products',
      `${name}/**`,
      '--',
      'sh',
      '-c',
      `mkdir -p ${name} && echo ${name} > ${name}/made`,
    ]
  }
  const files = (home: string) => (existsSync(home) ? readdirSync(home, { recursive: true, encoding: 'utf8' }) : [])

  /** The environments of two steps: as the platform makes them, each with the same token. */
  const given: Readonly<Record<string, () => Record<string, string>>> = {
    // A variable of the job.
    'gitlab-ci': () => environment('gitlab-ci'),
    // A cache of the metadata server.
    'google-cloud-build': () => {
      const env = environment('google-cloud-build')
      const token = jobs.token('google-cloud-build', audience)
      jobs.endpoints.mint('google-cloud-build', () => token)
      return env
    },
    // A credential that is bound around several steps, as a file.
    jenkins: () => {
      const { COUNTERSIGN_ID_TOKEN: token = '', ...env } = environment('jenkins')
      return { ...env, COUNTERSIGN_ID_TOKEN_FILE: bench.write('jenkins-token', token) }
    },
  }

  test.each(Object.keys(given))('signs each of them in %s, in processes that share a home', async (system) => {
    const [env, home, cwd] = [given[system]!(), bench.dir(`home-${system}`), bench.dir(`one-${system}`)]
    const tried = async (name: string, more: Record<string, string> = {}, options: readonly string[] = []) => {
      const set = { HOME: home, COUNTERSIGN_URL: server.url, ...env, ...more }
      return await bench.cliLater(cwd, step(name, options), set)
    }
    const first = await tried('one')
    expect(first.code, first.err).toBe(0)
    expect(JSON.parse(first.err)).toMatchObject({ receipt: { late: false }, signer: { sessionNotKept: null } })
    const second = await tried('two', {}, ['--materials', 'one/**'])
    expect(second.code, second.err).toBe(0)
    expect(JSON.parse(second.err)).toMatchObject({ previous: [{ step: 'one' }], receipt: { late: false } })
    // It is neither received nor made, and nothing of it can be read there.
    expect(readdirSync(cwd).toSorted()).toEqual(['one', 'two'])
    const kept = files(home).filter((name) => /[0-9a-f]{64}$/.test(name))
    expect(kept).toHaveLength(1)
    const text = readFileSync(join(home, kept[0]!), 'utf8')
    for (const secret of ['cst_', ...Object.values(env).filter((value) => value.startsWith('eyJ'))]) {
      expect(text).not.toContain(secret)
    }
    if (system !== 'google-cloud-build') return
    // A container that shares nothing of it comes too late, and is told what to share.
    const apart = await tried('three', { HOME: bench.path('elsewhere'), TMPDIR: bench.dir('elsewhere-tmp') })
    expect(apart.code).toBe(1)
    expect(apart.err).toContain('COUNTERSIGN_SESSIONS')
    const shared = await tried('three', {
      HOME: '/nonexistent',
      COUNTERSIGN_SESSIONS: join(home, '.local/state/countersign'),
    })
    expect(shared.code, shared.err).toBe(0)
  })

  test('signs one after the other, though its home is made meanwhile', async () => {
    const [env, home] = [given['gitlab-ci']!(), bench.path('home-later-made')]
    for (const name of ['first', 'second']) {
      const ran = await bench.cliLater(bench.dir(`made-${name}`), step(name), {
        HOME: home,
        COUNTERSIGN_URL: server.url,
        ...env,
      })
      expect(ran.code, ran.err).toBe(0)
      // The spool has made it.
      expect(existsSync(home)).toBe(true)
    }
  })

  test('signs both of two that begin together', async () => {
    const [env, home] = [given['gitlab-ci']!(), bench.path('home-both')]
    const both = ['left', 'right'].map((name) =>
      bench.cliLater(bench.dir(`both-${name}`), step(name), { HOME: home, COUNTERSIGN_URL: server.url, ...env }),
    )
    for (const ran of await Promise.all(both)) expect(ran.code, ran.err).toBe(0)
  })

  test('and in it a later command asks the server as the job', async () => {
    const env = { HOME: bench.dir('home-later'), COUNTERSIGN_URL: server.url, ...given['gitlab-ci']!() }
    const cwd = bench.dir('later')
    const asked = await bench.cliLater(cwd, ['certificate', 'list'], env)
    expect(asked.code, asked.err).toBe(0)
    const ran = await bench.cliLater(cwd, step('one'), env)
    expect(ran.code, ran.err).toBe(0)
    expect((await bench.cliLater(cwd, ['certificate', 'list'], env)).code).toBe(0)
  })
})
