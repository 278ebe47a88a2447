import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CodedError } from '@countersign/core'
import { readProviderSettings } from './provider-settings.ts'

const dir = mkdtempSync(join(tmpdir(), 'countersign-providers-'))
afterAll(() => rmSync(dir, { recursive: true, force: true }))
const env = { READ: 'canary-token', LINES: 'canary\ntoken', ID: 'AKIACANARY', KEY: 'canary/key' }
const read = (...providers: object[]) => {
  const file = join(dir, 'providers.json')
  writeFileSync(file, JSON.stringify({ providers }))
  return readProviderSettings({ file, env })
}
const GITHUB = { system: 'github-actions', token: { env: 'READ' } }
const CODEBUILD = {
  system: 'aws-codebuild',
  issuer: 'https://1.tokens.sts.global.api.aws',
  credentials: { accessKeyId: { env: 'ID' }, secretAccessKey: { env: 'KEY' } },
}

describe('provider settings', () => {
  test('say who is asked for whose tokens, with what', () => {
    writeFileSync(join(dir, 'gitlab.token'), ' canary-file\n')
    const [github, gitlab, codebuild, cloudbuild] = read(
      GITHUB,
      {
        system: 'gitlab-ci',
        url: 'https://git.acme.example',
        token: { file: 'gitlab.token' },
        tenant: 'acme',
        rule: 'a',
      },
      CODEBUILD,
      { system: 'google-cloud-build', timeout: 2 },
    )
    expect(github).toMatchObject({
      issuer: 'https://token.actions.githubusercontent.com',
      api: 'https://api.github.com',
      tenant: null,
      rule: null,
      timeoutMs: 5_000,
    })
    expect(gitlab).toMatchObject({ issuer: 'https://git.acme.example', tenant: 'acme', rule: 'a' })
    expect('token' in gitlab! ? gitlab.token() : null).toBe('canary-file')
    expect(codebuild).toMatchObject({ endpoint: null, credentials: { accessKeyId: 'AKIACANARY', sessionToken: null } })
    expect(cloudbuild).toMatchObject({ issuer: 'https://accounts.google.com', timeoutMs: 2_000, access: { env } })
  })

  test.each<[string, object]>([
    ['nothing in it', {}],
    ['an unknown system', { ...GITHUB, system: 'jenkins' }],
    ['a system of every object', { ...GITHUB, system: 'constructor' }],
    ['an unknown field', { ...GITHUB, more: 1 }],
    ['a token in clear', { ...GITHUB, token: 'canary-token' }],
    ['a token that is not set', { ...GITHUB, token: { env: 'NOTHING' } }],
    ['a token that is none', { ...GITHUB, token: { env: 'LINES' } }],
    ['a token of two places', { ...GITHUB, token: { env: 'READ', file: 'a' } }],
    ['an API of its own without an issuer', { ...GITHUB, api: 'https://git.acme.example/api/v3' }],
    ['an API in clear', { ...GITHUB, api: 'http://git.acme.example', issuer: 'https://git.acme.example' }],
    ['an API with a slash', { ...GITHUB, api: 'https://git.acme.example/', issuer: 'https://git.acme.example' }],
    ['an issuer that is none', { ...GITHUB, issuer: 'github' }],
    ['a rule of no tenant', { ...GITHUB, rule: 'a' }],
    ['more time than there is', { ...GITHUB, timeout: 6 }],
    ['no time', { ...GITHUB, timeout: 0 }],
    ['CodeBuild without an issuer', { ...CODEBUILD, issuer: undefined }],
    ['half of credentials', { ...CODEBUILD, credentials: { accessKeyId: { env: 'ID' } } }],
  ])('are refused with %s, and no secret is told', (_, provider) => {
    let error: unknown
    try {
      read(provider)
    } catch (caught) {
      error = caught
    }
    expect(error).toBeInstanceOf(CodedError)
    expect(error).toMatchObject({ code: 'provider-setup-invalid' })
    expect(`${String(error)} ${(error as CodedError).fix}`).not.toContain('canary')
    expect(read(GITHUB, CODEBUILD)).toHaveLength(2)
  })

  test('that cannot be read stop the server', () => {
    const missing = () => readProviderSettings({ file: join(dir, 'nowhere.json'), env })
    expect(missing).toThrow(expect.objectContaining({ code: 'file-missing' }) as Error)
    expect(() => read({ ...GITHUB, token: { file: 'nowhere' } })).toThrow(
      expect.objectContaining({ code: 'file-missing' }) as Error,
    )
  })
})
