import { createHash, randomInt } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { draftStep, finishStep, recordedEnvironment, Redactor } from '@countersign/record'
import { file } from '../pipeline.ts'

/** What would be signed of a step that was given the secret in every way it can be given. */
function signed(secret: string): string {
  const environment = { DB_PASSWORD: secret, CI: 'true', CFLAGS: `-DPW=${secret}`, MY_SETTING: secret }
  const redactor = new Redactor(environment)
  const draft = draftStep({
    chain: { id: '0'.repeat(32), pipeline: 'p', contract: null },
    step: { name: 'deploy', attempt: 1, matrix: null },
    previous: [],
    materials: [],
    source: null,
    argv: ['deploy', '--password', secret, `--pin=${secret}`, secret, `https://u:${secret}@h/?pin=${secret}`],
    workingDirectory: '.',
    environment: recordedEnvironment(environment, redactor, ['MY_SETTING']),
    runner: { system: 'local', identity: null, os: 'linux', arch: 'x64', tools: {}, actions: {} },
    startedAt: '2026-11-01T12:00:00.000Z',
    redactor,
  })
  const { payload } = finishStep(draft, {
    outcome: null,
    aftermath: { products: [file('a', 'a')], dependencies: [], changed: [], error: null },
    finishedAt: '2026-11-01T12:00:01.000Z',
  })
  // Fresh each time, and not of the secret.
  return new TextDecoder().decode(payload).replace(draft.statement.predicate.step.nonce, '')
}

describe('T-102: a secret that can be guessed is not to be confirmed', () => {
  const secrets = ['1234', '0000', 'letmein', 'hunter2', 'correct horse battery staple', String(randomInt(1e6, 1e7))]

  test('what is signed does not depend on the secret at all: nothing to compare a guess with', () => {
    const [first, ...others] = secrets.map(signed)
    for (const other of others) expect(other).toBe(first)
    expect(first).toContain('"--password","[redacted]"')
  })

  test('no digest of it is signed', () => {
    for (const secret of secrets) {
      const text = signed(secret)
      for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512', 'sha3-256']) {
        for (const form of ['hex', 'base64', 'base64url'] as const) {
          expect(text).not.toContain(createHash(algorithm).update(secret).digest(form).slice(0, 12))
        }
      }
    }
  })

  test('red control: what is no secret makes a difference', () => {
    const redactor = new Redactor({})
    expect(redactor.argv(['deploy', 'hunter2'])).not.toEqual(redactor.argv(['deploy', 'hunter3']))
  })
})
