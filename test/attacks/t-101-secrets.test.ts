import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { claimedCi } from '@countersign/adapters/ci-claimed'
import {
  describeRunner,
  draftStep,
  finishStep,
  recordedEnvironment,
  Redactor,
  sourceOf,
  withoutCredentials,
} from '@countersign/record'
import { file, newChainId } from '../pipeline.ts'
import { Workspace } from './recording.ts'

const secret = (prefix = '') => `${prefix}${randomBytes(20).toString('hex')}`

/** 200 secrets where builds have them: in variables, arguments, URLs and headers. */
function canaries(): { environment: Record<string, string>; argv: string[]; secrets: string[] } {
  const environment: Record<string, string> = { PATH: '/bin', LANG: 'C' }
  const argv = ['deploy']
  const secrets: string[] = []
  const keep = (value: string) => {
    secrets.push(value)
    return value
  }
  for (let i = 0; i < 25; i++) {
    environment[`DB_PASSWORD_${i}`] = keep(secret())
    environment[`API_TOKEN_${i}`] = keep(secret('ghp_'))
    argv.push('--password', keep(secret()))
    argv.push(`--token=${keep(secret())}`)
    argv.push(`https://user:${keep(secret())}@git.example/repo?x=1`)
    argv.push('-H', `Authorization: Bearer ${keep(secret())}`)
    argv.push(`AWS_SECRET_ACCESS_KEY=${keep(secret())}`)
    argv.push(keep(secret('glpat-')))
    // A value of the environment, somewhere in the middle of an argument.
    argv.push(`--dsn=postgres:${environment[`DB_PASSWORD_${i}`]}:5432`)
  }
  return { environment, argv, secrets }
}

function payload(environment: Record<string, string>, argv: readonly string[]): string {
  const redactor = new Redactor(environment)
  const draft = draftStep({
    chain: { id: newChainId(), pipeline: 'p', contract: null },
    step: { name: 'deploy', attempt: 1, matrix: null },
    previous: [],
    materials: [],
    source: null,
    argv,
    workingDirectory: '.',
    environment: recordedEnvironment(environment, redactor, []),
    runner: { system: 'local', identity: null, os: 'linux', arch: 'x64', tools: {}, actions: {} },
    startedAt: '2026-11-01T12:00:00.000Z',
    redactor,
  })
  const finished = finishStep(draft, {
    outcome: null,
    aftermath: { products: [file('a', 'a')], dependencies: [], changed: [], error: null },
    finishedAt: '2026-11-01T12:00:01.000Z',
  })
  return new TextDecoder().decode(finished.payload)
}

describe('T-101: secrets in variables, arguments, URLs and headers', () => {
  test('of 200 canaries none is signed', () => {
    const { environment, argv, secrets } = canaries()
    expect(secrets).toHaveLength(200)
    const signed = payload(environment, argv)
    expect(secrets.filter((value) => signed.includes(value))).toEqual([])
    // Red control: without redaction all of them would be, and what is no secret is there.
    expect(secrets.filter((value) => JSON.stringify({ environment, argv }).includes(value))).toHaveLength(200)
    expect(signed).toContain('"LANG":"C"')
    expect(signed).toContain('--password')
    expect(signed).toContain('git.example/repo')
  })
  test('nor of those in the identity, the working directory, the source’s remote and the tools', async () => {
    const value = secret('Pa$$ ')
    const environment = {
      PATH: process.env['PATH'],
      REGISTRY_PASSWORD: value,
      GITHUB_ACTIONS: 'true',
      GITHUB_REPOSITORY: `acme/${value}`,
      GITHUB_REF: `refs/heads/${encodeURIComponent(value)}`,
      GITHUB_EVENT_NAME: Buffer.from(value).toString('base64'),
      GITHUB_SHA: 'a'.repeat(40),
    }
    const redactor = new Redactor(environment)
    const space = new Workspace()
    try {
      space.write('main.js', 'main')
      space.commit()
      const remote = `https://user:${encodeURIComponent(value)}@git.example/shop?token=${encodeURIComponent(value)}`
      execFileSync('git', ['remote', 'add', 'origin', remote], { cwd: space.root })
      const source = (await sourceOf({ root: space.root, environment }))!.resource
      const ci = claimedCi.detect(environment)
      const draft = draftStep({
        chain: { id: newChainId(), pipeline: 'p', contract: null },
        step: { name: 'deploy', attempt: 1, matrix: null },
        previous: [],
        materials: [],
        source,
        argv: [JSON.stringify({ value })],
        workingDirectory: `dir/${value}`,
        environment: recordedEnvironment(environment, redactor),
        runner: describeRunner({ ci, os: 'linux', arch: 'x64', tools: {} }, redactor),
        startedAt: '2026-11-01T12:00:00.000Z',
        redactor,
      })
      const aftermath = { products: [], dependencies: [], changed: [], error: null }
      const { payload } = finishStep(draft, { outcome: null, aftermath, finishedAt: '2026-11-01T12:00:01.000Z' })
      const signed = new TextDecoder().decode(payload)
      const forms = [value, encodeURIComponent(value), Buffer.from(value).toString('base64'), value.slice(5)]
      expect(forms.filter((form) => signed.includes(form))).toEqual([])
      expect(signed).toContain('"git+https://git.example/shop@')
      expect(signed).toContain('"sourceRepositoryURI":"https://github.com/acme/[redacted]"')
    } finally {
      space.remove()
    }
  })
  test('a remote keeps its place and loses its credentials', () => {
    const value = secret()
    expect(withoutCredentials(`https://user:${value}@git.example/repo`)).toBe('https://git.example/repo')
  })
  test('T-102: what is taken out leaves no hash to guess from', () => {
    expect(payload({ PIN_SECRET: '123456' }, ['x', '--pin=123456'])).not.toMatch(/8d969eef6ecad3c2|123456/)
  })
})
