import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canary, TokenEndpoints } from '../identity/token-endpoints.ts'
import { claimsOf } from '../identity/claims.ts'
import { type LocalIssuer, startIssuer } from '../identity/local-issuer.ts'
import { Bench, type Ran } from './cli.ts'

const AUDIENCE = 'countersign:test'
const bench = new Bench()
let endpoints: TokenEndpoints
let issuer: LocalIssuer
let token = ''

beforeAll(async () => {
  issuer = await startIssuer()
  endpoints = await new TokenEndpoints().start()
  endpoints.mint('github-actions', (audience) => {
    token = issuer.sign(claimsOf('github-actions', { issuer: issuer.url, audience, now: Date.now() }))
    return token
  })
})
afterAll(async () => {
  endpoints.stop()
  await issuer.close()
  bench.remove()
})

const identity = (env: Record<string, string>, ...args: string[]) =>
  bench.cliLater(bench.root, ['identity', ...args], { COUNTERSIGN_AUDIENCE: AUDIENCE, ...env })

function quiet(ran: Ran): Ran {
  for (const secret of [...Object.values(endpoints.secrets), token, 'canary']) {
    if (secret !== '') expect(`${ran.out}${ran.err}`).not.toContain(secret)
  }
  return ran
}

describe('countersign identity', () => {
  test('shows what a token of this job says, and the rule that lets it in, and never the token', async () => {
    const ran = quiet(await identity(endpoints.github()))
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(ran.out).toContain('✓ github-actions vouches for this job to countersign:test')
    expect(ran.out).toContain('Its token says, unverified:')
    expect(ran.out).toMatch(/ {2}repository_id +74123456\n/)
    expect(ran.out).toContain(
      `countersign issuer add github-actions --issuer ${issuer.url} --claim repository_id=74123456\n`,
    )
    expect(token.split('.')).toHaveLength(3)
  })

  test('and the same as data', async () => {
    const ran = quiet(await identity(endpoints.github(), '--format', 'json'))
    expect(JSON.parse(ran.out)).toMatchObject({
      system: 'github-actions',
      audience: AUDIENCE,
      available: true,
      unverified: { aud: AUDIENCE, repository: 'acme/widget' },
      rule: expect.stringContaining('repository_id=74123456') as string,
    })
  })

  test('a job that may not ask is told what to change in its workflow', async () => {
    const ran = quiet(await identity({ GITHUB_ACTIONS: 'true' }))
    expect(ran.code).toBe(1)
    expect(ran.out).toContain('This is github-actions, which gives this job no token')
    expect(ran.err).toContain('identity-unavailable')
    expect(ran.err).toContain('permissions: { id-token: write, contents: read }')
    const json = quiet(await identity({ GITHUB_ACTIONS: 'true' }, '--format=json'))
    expect(json.code).toBe(1)
    expect(JSON.parse(json.out)).toMatchObject({ available: false, error: { code: 'identity-unavailable' } })
  })

  test('what a token says is somebody else’s text: neither the terminal nor a shell takes it for more', async () => {
    const evil = issuer.sign({
      iss: "https://x.example/'; rm -rf ~ #",
      aud: AUDIENCE,
      sub: '\u001b[2Jcleared $(reboot)',
    })
    const file = bench.path('token')
    writeFileSync(file, evil)
    const ran = await identity({ COUNTERSIGN_ID_TOKEN_FILE: file })
    expect(ran.code).toBe(0)
    expect(ran.out).not.toContain('\u001b')
    expect(ran.out).toContain(`--issuer 'https://x.example/'\\''; rm -rf ~ #' --claim 'sub=\ufffd[2Jcleared $(reboot)'`)
  })

  test('outside of any system it says so, and which there are', async () => {
    const ran = await identity({ HOME: bench.root })
    expect(ran.code).toBe(2)
    expect(ran.err).toContain('no CI system')
    const wrong = await identity({}, '--system', 'travis')
    expect(wrong.code).toBe(2)
    expect(wrong.err).toContain('github-actions, gitlab-ci')
  })

  test('the secret of the job is not shown when it cannot be used', async () => {
    const env = { ...endpoints.github(), ACTIONS_ID_TOKEN_REQUEST_TOKEN: `${canary('two')}\nlines` }
    expect(quiet(await identity({ ...env, COUNTERSIGN_DEBUG: '1' })).code).toBe(1)
    const url = { ...endpoints.github(), ACTIONS_ID_TOKEN_REQUEST_URL: `http://${canary('host')}.example/` }
    expect(quiet(await identity({ ...url, COUNTERSIGN_DEBUG: '1' })).code).toBe(1)
  })
})
