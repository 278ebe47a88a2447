import { describe, expect, it } from 'vitest'
import { RECORDED_NAMES, recordedEnvironment } from './recorded-environment.ts'
import { Redactor } from './redact.ts'
import { looksSecret } from './secrets.ts'

const coded = (code: string) => expect.objectContaining({ code })

function record(environment: Record<string, string | undefined>, extra: string[] = []) {
  return recordedEnvironment(environment, new Redactor(environment), extra)
}

describe('the recorded environment', () => {
  it('is the allow-list and what is asked for, nothing else', () => {
    const environment = { CI: 'true', GITHUB_SHA: 'abc', HOME: '/home/me', MINE: 'x', PATH: '/bin', LANG: undefined }
    expect(record(environment)).toEqual({ CI: 'true', GITHUB_SHA: 'abc' })
    expect(record(environment, ['MINE', 'NOT_SET', 'CI'])).toEqual({ CI: 'true', GITHUB_SHA: 'abc', MINE: 'x' })
  })

  it('has no secrets in its values', () => {
    const environment = { MY_TOKEN: 'hunter2hunter2', CFLAGS: '-DKEY=hunter2hunter2', DOCKER_HOST: 'ssh://u:p@h' }
    expect(record(environment)).toEqual({ CFLAGS: '-DKEY=[redacted]', DOCKER_HOST: 'ssh://[redacted]@h' })
  })

  it('has no names that look secret: they are refused, not left out', () => {
    expect(RECORDED_NAMES.filter(looksSecret)).toEqual([])
    for (const name of ['MY_TOKEN', 'db_password', 'API_KEY']) {
      expect(() => record({ [name]: 'x' }, [name])).toThrow(coded('usage'))
    }
    for (const name of ['', 'a b', 'A=B', '9', 'a'.repeat(129)])
      expect(() => record({}, [name])).toThrow(coded('usage'))
  })

  it('cuts values that are too long to say much', () => {
    const [value] = Object.values(record({ CFLAGS: '-O2 '.repeat(5000) }))
    expect(value!.length).toBe(4097)
  })

  it('lists each name once', () => {
    expect(new Set(RECORDED_NAMES).size).toBe(RECORDED_NAMES.length)
    for (const name of RECORDED_NAMES) expect(name).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/)
  })
})
