import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { draftStep, finishStep, recordedEnvironment, Redactor, withoutCredentials } from '@countersign/record'
import { file, newChainId } from '../pipeline.ts'

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
    aftermath: { products: [file('a', 'a')], changed: [], error: null },
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
    // Red control: what is no secret is there, so something was recorded at all.
    expect(signed).toContain('"LANG":"C"')
    expect(signed).toContain('--password')
    expect(signed).toContain('git.example/repo')
  })
  test('a remote keeps its place and loses its credentials', () => {
    const value = secret()
    expect(withoutCredentials(`https://user:${value}@git.example/repo`)).toBe('https://git.example/repo')
  })
  test('T-102: what is taken out leaves no hash to guess from', () => {
    expect(payload({ PIN_SECRET: '123456' }, ['x', '--pin=123456'])).not.toMatch(/8d969eef6ecad3c2|123456/)
  })
})
