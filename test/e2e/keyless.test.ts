import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { contractOfJobs } from '../identity/contract-of-jobs.ts'
import { CI_SYSTEMS, type CiSystem, type JobOptions, Jobs } from '../identity/jobs.ts'
import { RECORDED_COMMIT } from '../identity/claims.ts'
import { startIssuer } from '../identity/local-issuer.ts'
import { canary } from '../identity/token-endpoints.ts'
import { Bench, CLI as COMMAND, type Ran } from './cli.ts'
import { type Running, startServer } from './server.ts'

/** How well each system lets its jobs be known: with repository, commit and run, or as a workload alone. */
const GRADES: Readonly<Record<CiSystem, 'A' | 'C'>> = {
  'github-actions': 'A',
  'gitlab-ci': 'A',
  circleci: 'C',
  buildkite: 'C',
  'azure-pipelines': 'A',
  'google-cloud-build': 'C',
  'aws-codebuild': 'C',
  jenkins: 'C',
}
const LAST = CI_SYSTEMS.at(-1)!

const bench = new Bench()
let server: Running
let jobs: Jobs
let audience: string
const seen: string[] = []

beforeAll(async () => {
  jobs = await Jobs.start(bench.path('bin'))
  server = await startServer(bench.dir('server'))
  audience = ((await (await fetch(`${server.url}/v1/audience`)).json()) as { audience: string }).audience
  for (const system of CI_SYSTEMS) {
    const added = await server.ask('/v1/issuers', JSON.stringify(jobs.rule(system)))
    expect(added.status, await added.clone().text()).toBe(201)
  }
  publish('shop/web', await contract('shop/web'))
})
afterAll(async () => {
  await server.end('SIGTERM')
  await jobs.stop()
  bench.remove()
})

/** A command as a job of a system runs it: with that system's variables, and nothing stored but the server's address. */
async function job(
  system: CiSystem,
  cwd: string,
  args: readonly string[],
  more: Record<string, string> = {},
): Promise<Ran> {
  const env = { ...environment(system), COUNTERSIGN_URL: server.url, ...more }
  return remember(await bench.cliLater(cwd, args, { COUNTERSIGN_SPOOL: bench.path('spool'), ...env }))
}

/** Of the run that the whole chain is of, unless `run` is another. */
let run: number | undefined
const environment = (system: CiSystem, claims: JobOptions['claims'] = {}) =>
  jobs.environment(system, { audience, claims, ...(run === undefined ? {} : { run }) })

function remember(ran: Ran): Ran {
  seen.push(ran.out, ran.err)
  return ran
}

const admin = () => ({ COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token })
const dirOf = (system: CiSystem) => bench.dir(`job-${system}`)
const made = (system: CiSystem) => join(dirOf(system), `${system}.txt`)

interface Said {
  readonly chain: string
  readonly link: string
  readonly receipt: { readonly late: boolean } | null
  readonly refused: { readonly code: string } | null
  readonly signer: { readonly grade: string; readonly system: string; readonly certificateExpiresAt: string }
  readonly previous: readonly { readonly step: string }[]
}

describe('one chain over eight CI systems, with no key and no stored secret', () => {
  const chains = new Set<string>()

  test.each(CI_SYSTEMS.map((system, i) => [system, CI_SYSTEMS[i - 1] ?? null] as const))(
    '%s signs as its job, after %s',
    async (system, before) => {
      const cwd = dirOf(system)
      const received = before === null ? [] : [`${before}.txt`]
      for (const name of received) writeFileSync(join(cwd, name), readFileSync(made(before!)))
      const materials = received.length === 0 ? [] : ['--materials', ...received]
      const script = `cat ${received.join(' ')} /dev/null > ${system}.txt && echo ${system} >> ${system}.txt`
      const args = ['run', '--json', '--step', `on-${system}`, '--pipeline', 'shop/web', '--no-git', ...materials]
      const ran = await job(system, cwd, [...args, '--products', `${system}.txt`, '--', 'sh', '-c', script])
      expect(ran.code, ran.err).toBe(0)
      const said = JSON.parse(ran.err) as Said
      expect(said).toMatchObject({
        receipt: { late: false },
        refused: null,
        signer: { grade: GRADES[system], system },
        previous: before === null ? [] : [{ step: `on-${before}` }],
      })
      const left = Date.parse(said.signer.certificateExpiresAt) - Date.now()
      expect(left).toBeGreaterThan(60_000)
      expect(left).toBeLessThanOrEqual(600_000)
      chains.add(said.chain)
    },
  )

  test('a step says what its issuer vouches for, whatever somebody set in its environment (T-14)', async () => {
    run = 500
    const forged = { GITHUB_REPOSITORY: 'acme/other', GITHUB_SHA: '0'.repeat(40), GITHUB_REF: 'refs/heads/evil' }
    const ran = await job('github-actions', bench.dir('forged'), first('shop/web'), forged)
    run = undefined
    expect(ran.code, ran.err).toBe(0)
    const { link } = JSON.parse(ran.err) as Said
    const stored = (await (await server.ask(`/v1/attestations/${link}`)).json()) as {
      bundle: { dsseEnvelope: { payload: string } }
    }
    const payload = Buffer.from(stored.bundle.dsseEnvelope.payload, 'base64').toString()
    const { predicate } = JSON.parse(payload) as { predicate: { runner: object } }
    expect(predicate.runner).toMatchObject({
      system: 'github-actions',
      identity: {
        sourceRepositoryURI: 'https://github.com/acme/widget',
        sourceRepositoryRef: 'refs/heads/main',
        sourceRepositoryDigest: RECORDED_COMMIT,
      },
    })
  })

  test('it is one chain', () => expect(chains.size).toBe(1))

  test('verify shows who signed each step and how well that is known', async () => {
    const text = remember(await bench.cliLater(bench.root, ['verify', made(LAST)], admin()))
    expect(text.code, text.out + text.err).toBe(0)
    for (const system of CI_SYSTEMS) {
      expect(text.out).toMatch(new RegExp(`✓ +on-${system} .*\\(${GRADES[system]}\\) +${system}`))
    }
    const json = await bench.cliLater(bench.root, ['verify', made(LAST), '--format', 'json'], admin())
    expect(JSON.parse(json.out)).toMatchObject({ verdict: 'pass' })
  })

  test('a later job verifies it with its own identity', async () => {
    const ran = await job('github-actions', bench.root, ['verify', made(LAST)])
    expect(ran.code, ran.out + ran.err).toBe(0)
  })

  test('a gate lets it pass, under a contract that names identities and no key', async () => {
    const file = bench.path('shop-web.yaml')
    const passed = remember(await bench.cliLater(bench.root, ['gate', made(LAST), '--contract', file], admin()))
    expect(passed.code, passed.out + passed.err).toBe(0)
  })
})

describe('a job that is not let in', () => {
  // Each of another run: the chain above is of the run before.
  beforeEach(() => {
    run = (run ?? 1000) + 1
  })
  const ranBefore = (cwd: string) => existsSync(join(cwd, 'ran'))
  const tried = (system: CiSystem, cwd: string, more: Record<string, string> = {}) => job(system, cwd, RUN, more)

  test('runs nothing, where its token is of another repository', async () => {
    const cwd = bench.dir('other-repository')
    const env = environment('github-actions', { repository_id: '666', repository: 'evil/widget' })
    const refused = await bench.cliLater(cwd, [...RUN], { ...env, COUNTERSIGN_URL: server.url })
    expect(remember(refused).code).toBe(1)
    expect(refused.err).toContain('issuer-unknown')
    expect(ranBefore(cwd)).toBe(false)
    // The same run, of the repository that the rule names.
    const taken = await tried('github-actions', cwd)
    expect(taken.code, taken.err).toBe(0)
    expect(ranBefore(cwd)).toBe(true)
  })

  test('is refused where the contract names another repository, or asks for a better grade', async () => {
    publish('shop/other', await contract('shop/other', { 'github-actions': 'sourceRepositoryIdentifier: "1"' }))
    const other = await job('github-actions', bench.dir('other'), first('shop/other'))
    expect(other.code).toBe(1)
    expect(other.err).toContain('signer-')
    publish('shop/graded', await contract('shop/graded', { 'github-actions': 'grade: B' }))
    // A is better than B: the same job, and a contract that it fits.
    run!++
    const graded = await job('github-actions', bench.dir('graded'), first('shop/graded'))
    expect(graded.code, graded.err).toBe(0)
    publish('shop/weak', await contract('shop/weak', { jenkins: 'grade: A' }, ['jenkins']))
    const weak = await job('jenkins', bench.dir('weak'), first('shop/weak', 'jenkins'))
    expect(weak.code).toBe(1)
    expect(weak.err).toContain('grade-too-low')
  })

  test('nor as a pull request, which the rule refuses', async () => {
    const cwd = bench.dir('pull-request')
    const claims = { event_name: 'pull_request', ref: 'refs/pull/7/merge', head_ref: 'evil', base_ref: 'main' }
    const env = environment('github-actions', claims)
    const ran = remember(await bench.cliLater(cwd, [...RUN], { ...env, COUNTERSIGN_URL: server.url }))
    expect(ran.code).toBe(1)
    expect(ran.err).toContain('identity-refused')
    expect(ranBefore(cwd)).toBe(false)
  })

  test.each<[CiSystem, Record<string, string>, string]>([
    ['github-actions', { ACTIONS_ID_TOKEN_REQUEST_URL: '' }, 'permissions: { id-token: write, contents: read }'],
    ['gitlab-ci', { COUNTERSIGN_ID_TOKEN: '' }, 'id_tokens: { COUNTERSIGN_ID_TOKEN: { aud:'],
    ['azure-pipelines', { SYSTEM_ACCESSTOKEN: '' }, 'env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }'],
    ['jenkins', { COUNTERSIGN_ID_TOKEN: '' }, 'withCredentials'],
  ])('is told what to allow in %s, before anything runs', async (system, without, fix) => {
    const cwd = bench.dir(`not-allowed-${system}`)
    const ran = await tried(system, cwd, without)
    expect(ran.code).toBe(1)
    expect(ran.err).toContain('identity-unavailable')
    expect(ran.err).toContain(fix)
    expect(ranBefore(cwd)).toBe(false)
  })

  test('is told that a token that was given to it counts once, and how to have another', async () => {
    const cwd = bench.dir('twice')
    // Its home is the workspace, and nobody may write where files are for a while: no place for a session.
    const nowhere = { COUNTERSIGN_SESSIONS: cwd }
    const env = { ...environment('gitlab-ci'), COUNTERSIGN_URL: server.url, ...nowhere }
    const once = remember(await bench.cliLater(cwd, [...RUN], env))
    expect(once.code).toBe(0)
    expect(once.err).toMatch(/session +is not kept.* workspace/)
    const again = remember(await bench.cliLater(cwd, [...RUN], env))
    expect(again.code).toBe(1)
    expect(again.err).toContain('COUNTERSIGN_SESSIONS')
    expect(again.err).toContain('COUNTERSIGN_ID_TOKEN_2')
    expect(ranBefore(cwd)).toBe(true)
    expect(readdirSync(cwd)).toEqual(['ran', 'ran.chain.jsonl'])
    const second = { ...env, COUNTERSIGN_ID_TOKEN_2: jobs.token('gitlab-ci', audience) }
    const third = remember(await bench.cliLater(cwd, ['run', '--attempt', '2', ...RUN.slice(1)], second))
    expect(third.err).not.toContain('identity-token-used')
  })

  test('runs nothing while the server is down: it could not sign', async () => {
    const cwd = bench.dir('down')
    const ran = await tried('github-actions', cwd, { COUNTERSIGN_URL: 'http://127.0.0.1:9' })
    expect(ran.code).toBe(2)
    expect(ran.err).toContain('without the server this job gets no certificate')
    expect(ranBefore(cwd)).toBe(false)
  })

  test('a key that is named is used, and nothing is asked of the CI system', async () => {
    const cwd = bench.dir('by-key')
    const key = bench.path('own.key')
    expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
    expect(bench.cli(bench.root, ['key', 'enroll', `${key}.pub`, '--name', 'own'], admin()).code).toBe(0)
    const asked = jobs.endpoints.asked.length
    const ran = await job(
      'github-actions',
      cwd,
      [
        'run',
        '--json',
        '--step',
        'build',
        '--pipeline',
        'by/key',
        '--no-git',
        '--key',
        key,
        '--products',
        'o',
        '--',
        'touch',
        'o',
      ],
      admin(),
    )
    expect(ran.code, ran.err).toBe(0)
    expect(JSON.parse(ran.err)).toMatchObject({ signer: null })
    expect(jobs.endpoints.asked).toHaveLength(asked)
    const both = await job('github-actions', cwd, ['run', '--keyless', '--step', 'x', '--key', key, '--', 'true'])
    expect(both.code).toBe(2)
  })
})

describe('a workload that is no CI system', () => {
  test('is let in by the line that identity prints, and signs at its grade', async () => {
    const issuer = await startIssuer()
    try {
      const cwd = bench.dir('workload')
      const mounted = () =>
        bench.write('mounted-token', issuer.token('kubernetes', { aud: [audience], jti: randomUUID() }))
      const env = () => ({
        PATH: process.env['PATH'] ?? '',
        COUNTERSIGN_URL: server.url,
        COUNTERSIGN_ID_TOKEN_FILE: mounted(),
      })
      const shown = await bench.cliLater(cwd, ['identity', '--system', 'kubernetes', '--format', 'json'], env())
      expect(remember(shown).code, shown.err).toBe(0)
      const { rule } = JSON.parse(shown.out) as { rule: string }
      const args = [
        '--step',
        'build',
        '--pipeline',
        'by/workload',
        '--no-git',
        '--products',
        'made',
        '--',
        'touch',
        'made',
      ]
      const early = await bench.cliLater(cwd, ['run', '--identity', 'kubernetes', ...args], env())
      expect(remember(early).err).toContain('issuer-unknown')
      // As somebody would paste it.
      const bin = bench.dir('pasted')
      symlinkSync(COMMAND, join(bin, 'countersign'))
      const path = [bin, process.env['PATH']].join(delimiter)
      const pasted = spawnSync('sh', ['-c', rule], {
        encoding: 'utf8',
        env: { ...admin(), PATH: path, HOME: bench.root },
      })
      expect(pasted.status, pasted.stdout + pasted.stderr).toBe(0)
      const ran = await bench.cliLater(cwd, ['run', '--json', '--identity', 'kubernetes', ...args], env())
      expect(remember(ran).code, ran.err).toBe(0)
      expect(JSON.parse(ran.err)).toMatchObject({
        signer: { grade: 'C', system: 'kubernetes' },
        receipt: { late: false },
      })
    } finally {
      await issuer.close()
    }
  })
})

test('no secret of a job is in what was printed, signed, kept or logged', async () => {
  const files = readdirSync(bench.root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.startsWith('job-') || name.startsWith('spool'))
    .map((name) => bench.path(name))
    .filter((path) => !readdirSafe(path))
    .map((path) => readFileSync(path, 'utf8'))
  const chain = await server.bytes(`/v1/attestations?pipeline=${encodeURIComponent('shop/web')}`)
  const everything = [...seen, ...files, Buffer.from(chain).toString()].join('\n')
  const secrets = Object.values(jobs.endpoints.secrets)
  expect(everything).toContain('on-jenkins')
  for (const secret of [...secrets, canary('x').slice(0, 7)]) expect(everything).not.toContain(secret)
  // Nor a token: each begins with the header that all of them have.
  expect(everything).not.toMatch(/eyJ[A-Za-z0-9_-]{16,}\.eyJ[A-Za-z0-9_-]{16,}\./)
})

/** The first step of a pipeline, as the contract has it. */
const first = (pipeline: string, system: CiSystem = 'github-actions') => {
  const step = ['--step', `on-${system}`, '--pipeline', pipeline, '--no-git', '--products', `${system}.txt`]
  return ['run', '--json', ...step, '--', 'sh', '-c', `echo ${pipeline} > ${system}.txt`]
}

function publish(pipeline: string, yaml: string): void {
  const file = bench.write(`${pipeline.replace('/', '-')}.yaml`, yaml)
  const published = bench.cli(bench.root, ['contract', 'publish', file], admin())
  expect(published.code, published.out + published.err).toBe(0)
}

/** `more` are lines of a signer. */
const contract = (
  pipeline: string,
  more: Readonly<Partial<Record<CiSystem, string>>> = {},
  systems: readonly CiSystem[] = CI_SYSTEMS,
): Promise<string> =>
  contractOfJobs(server, jobs, { pipeline, systems, audience, more, products: (system) => `${system}.txt` })

const RUN = [
  'run',
  '--step',
  'build',
  '--pipeline',
  'shop/free',
  '--no-git',
  '--products',
  'ran',
  '--',
  'touch',
  'ran',
] as const

function readdirSafe(path: string): boolean {
  try {
    readdirSync(path)
    return true
  } catch {
    return false
  }
}
