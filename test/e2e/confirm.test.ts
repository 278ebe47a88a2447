import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { CONFIRMED_SYSTEMS, type ConfirmedSystem } from '@countersign/identity'
import { Jobs } from '../identity/jobs.ts'
import { LocalProviders } from '../identity/local-providers.ts'
import { Bench, type Ran } from './cli.ts'
import { type Running, startServer } from './server.ts'

// A server as a process of its own, jobs of four systems, and those systems' APIs on loopback: what a provider confirms
// is in the certificate, and a contract asks for it.

const bench = new Bench()
let jobs: Jobs
let providers: LocalProviders
let server: Running
let audience: string

beforeAll(async () => {
  jobs = await Jobs.start(bench.path('bin'))
  providers = await LocalProviders.start()
  const file = providers.write(bench.root, (system) => jobs.issuers.get(system)!.url, { timeout: 2 })
  server = await startServer(bench.dir('server'), ['--providers', file])
  audience = ((await (await fetch(`${server.url}/v1/audience`)).json()) as { audience: string }).audience
  for (const system of CONFIRMED_SYSTEMS) {
    const { status } = await server.ask('/v1/issuers', JSON.stringify(jobs.rule(system)))
    expect(status).toBe(201)
  }
})
beforeEach(() => providers.reset())
afterAll(async () => {
  await server.end('SIGTERM')
  await jobs.stop()
  providers.stop()
  bench.remove()
})

const admin = () => ({ COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token })
let jti = 0
/** A job of a system, with a token of its own. */
function job(system: ConfirmedSystem, args: readonly string[], claims: Record<string, string> = {}): Promise<Ran> {
  const environment = jobs.environment(system, { audience, claims: { jti: `confirm-${++jti}`, ...claims } })
  const own = { COUNTERSIGN_URL: server.url, COUNTERSIGN_SPOOL: bench.path(`spool-${jti}`) }
  const env = { ...environment, ...chainOf(system), ...own }
  return bench.cliLater(bench.dir(`job-${jti}`), args, env)
}
const build = (pipeline: string, json = true) => {
  const step = ['--step', 'build', '--pipeline', pipeline, '--no-git', '--products', 'made.txt']
  return ['run', ...(json ? ['--json'] : []), ...step, '--', 'sh', '-c', `echo ${pipeline} > made.txt`]
}
/** Variables by which each job has a chain of its own, whose run its provider knows all the same. */
function chainOf(system: ConfirmedSystem): Record<string, string> {
  const number = String(100_000 + jti)
  if (system === 'github-actions') return { GITHUB_RUN_ID: number }
  if (system === 'gitlab-ci') return { CI_PIPELINE_ID: number }
  if (system === 'aws-codebuild') return { CODEBUILD_BUILD_ID: `widget:${number}` }
  const id = `0a1b2c3d-1111-4222-8333-444455${number}`
  const name = `/v1/projects/acme-build/locations/global/builds/${id}`
  providers.runs[system][name] = { ...providers.run(system), id }
  return { BUILD_ID: id }
}
const signerOf = (ran: Ran) => (JSON.parse(ran.err) as { signer: object }).signer
const GRADES = { 'github-actions': 'A', 'gitlab-ci': 'A', 'aws-codebuild': 'B', 'google-cloud-build': 'B' } as const

describe('a job whose provider is asked', () => {
  test.each(CONFIRMED_SYSTEMS)('%s signs with what it confirmed', async (system) => {
    const ran = await job(system, build(`on/${system}`))
    expect(ran.code, ran.err).toBe(0)
    expect(signerOf(ran)).toMatchObject({
      grade: GRADES[system],
      system,
      unconfirmed: null,
      identity: {
        sourceRepositoryURI: `https://git${system === 'gitlab-ci' ? 'lab' : 'hub'}.com/acme/widget`,
        sourceRepositoryDigest: expect.stringMatching(/^[0-9a-f]{40}$/) as string,
        runInvocationURI: expect.stringMatching(/./) as string,
      },
    })
    expect(providers.asked).toHaveLength(1)
  })

  test.each(CONFIRMED_SYSTEMS)('%s runs nothing where its run is over', async (system) => {
    const over = { status: system === 'github-actions' ? 'completed' : 'SUCCESS', buildStatus: 'SUCCEEDED' }
    Object.assign(providers.run(system), over)
    const ran = await job(system, build(`over/${system}`, false))
    expect([ran.code, ran.err]).toEqual([1, expect.stringContaining('identity-mismatch')])
  })

  test.each<[string, NonNullable<LocalProviders['answer']>]>([
    ['is down', (response) => response.destroy()],
    ['is slow', () => undefined],
    ['says too much', (response) => response.end(Buffer.alloc(3_000_000, ' '))],
  ])('signs as what its token says where the provider %s, and says so', async (what, answer) => {
    providers.answer = answer
    const pipeline = `silent/${what.replaceAll(' ', '-')}`
    const ran = await job('aws-codebuild', build(pipeline))
    expect(ran.code, ran.err).toBe(0)
    const silent = { grade: 'C', unconfirmed: expect.stringMatching(/answer/) as string }
    expect(signerOf(ran)).toMatchObject({ ...silent, identity: { sourceRepositoryDigest: null } })
    const shown = await job('aws-codebuild', build(`${pipeline}/shown`, false))
    expect(shown.err).toContain('unconfirmed')
  })
})

describe('a contract that asks for grade B', () => {
  test('takes a step of CodeBuild that was confirmed, and refuses one that was not', async () => {
    publish('shop/graded', await contract('shop/graded', 'aws-codebuild'))
    const taken = await job('aws-codebuild', build('shop/graded'))
    expect(taken.code, taken.err).toBe(0)
    expect(signerOf(taken)).toMatchObject({ grade: 'B' })
    const made = bench.path(`job-${jti}/made.txt`)
    const gate = await bench.cliLater(bench.root, ['gate', made, '--contract', bench.path('shop-graded.yaml')], admin())
    expect(gate.code, gate.out + gate.err).toBe(0)
    publish('shop/weak', await contract('shop/weak', 'aws-codebuild'))
    providers.answer = (response) => response.writeHead(500).end('{}')
    const refused = await job('aws-codebuild', build('shop/weak'))
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('grade-too-low')])
  })
})

describe('an administrator', () => {
  const cli = (...args: string[]) => bench.cliLater(bench.root, ['issuer', ...args], admin())
  const tokenFile = (system: ConfirmedSystem) => {
    const token = jobs.issuers.get(system)!.token(system, { aud: audience, jti: `tried-${++jti}` })
    writeFileSync(bench.path('token.jwt'), token)
    return ['--token-file', 'token.jwt']
  }

  test('tries a token at the provider without using it up', async () => {
    const file = tokenFile('aws-codebuild')
    for (let i = 0; i < 2; i++) {
      const tried = await cli('test', ...file)
      expect([tried.code, tried.out]).toEqual([0, expect.stringContaining('its provider confirms the run')])
      expect(tried.out).toMatch(/grade +B/)
    }
    const unnamed = await cli('test', ...tokenFile('google-cloud-build'))
    expect([unnamed.code, unnamed.out]).toEqual([0, expect.stringContaining('not confirmed: neither the token')])
    const name = 'projects/acme-build/locations/global/builds/0a1b2c3d-1111-4222-8333-444455556666'
    const named = await cli('test', ...tokenFile('google-cloud-build'), '--run', name, '--format', 'json')
    expect(JSON.parse(named.out)).toMatchObject({ confirmation: { confirmed: true }, token: { grade: 'B' } })
    Object.assign(providers.run('aws-codebuild'), { buildStatus: 'FAILED' })
    const over = await cli('test', ...tokenFile('aws-codebuild'))
    expect([over.code, over.out]).toEqual([1, expect.stringContaining('identity-mismatch')])
  })

  test('demands a word, and sees that in the list', async () => {
    const system = 'google-cloud-build'
    const { url } = jobs.issuers.get(system)!
    expect(await cli('remove', `${system}-rule`)).toMatchObject({ code: 0 })
    const subject = ['--subject', '104892111111111111111', '--issuer', url]
    const added = await cli('add', 'cloudbuild', ...subject, '--confirm', 'demand', '--name', 'strict')
    expect(added.code, added.err).toBe(0)
    expect((await cli('list')).out).toMatch(/strict[\s\S]*confirm +demand/)
    expect(await cli('add', 'cloudbuild', ...subject, '--confirm', 'always')).toMatchObject({ code: 2 })
    const nobody = await cli('add', 'jenkins', ...subject, '--confirm', 'demand')
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringContaining('issuer-invalid')])
    const taken = await job(system, build('strict/taken'))
    expect(taken.code, taken.err).toBe(0)
    providers.answer = (response) => response.destroy()
    const refused = await job(system, build('strict/refused', false))
    expect(refused.err).toContain('provider-unreachable')
    expect(refused.code).not.toBe(0)
  })
})

test('no secret of a provider is in a log, metric or inbox', async () => {
  providers.secrets.github = 'another'
  const ran = await job('github-actions', build('secret/kept'))
  expect(signerOf(ran)).toMatchObject({ unconfirmed: expect.stringContaining('403') as string })
  const places = [
    ran.err,
    server.logged(),
    await (await fetch(`${server.url}/metrics`)).text(),
    await (await server.ask('/v1/inbox')).text(),
    await (await server.ask('/v1/issuers')).text(),
  ]
  expect(places[2]).toContain('countersign_confirmations_total{system="aws-codebuild",outcome="confirmed"}')
  for (const place of places) expect(place).not.toContain('canary')
})

function publish(pipeline: string, yaml: string): void {
  const file = bench.write(`${pipeline.replace('/', '-')}.yaml`, yaml)
  const published = bench.cli(bench.root, ['contract', 'publish', file], admin())
  expect(published.code, published.out + published.err).toBe(0)
}

/** One step, of the role and repository that the provider confirms. */
async function contract(pipeline: string, system: ConfirmedSystem): Promise<string> {
  const { vkey } = (await (await server.ask('/v1/server')).json()) as { vkey: string }
  const bundle = (await (await server.ask('/api/v2/trustBundle')).json()) as { chains: { certificates: string[] }[] }
  const pem = bundle.chains[0]!.certificates.join('').trimEnd().split('\n')
  return [
    'contract: v1',
    `pipeline: ${pipeline}`,
    'revision: 1',
    'authorities:',
    '  ours:',
    '    certificates: |',
    ...pem.map((line) => `      ${line}`),
    `    log: ${vkey}`,
    `countersigners: ["${vkey}"]`,
    'signers:',
    '  builder:',
    `    issuer: ${jobs.issuers.get(system)!.url}`,
    '    subject: arn:aws:iam::123456789012:role/codebuild-widget',
    '    grade: B',
    'steps:',
    '  build:',
    '    signers: [builder]',
    '    products: ["made.txt"]',
    'final: build',
    '',
  ].join('\n')
}
