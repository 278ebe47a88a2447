import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { loginFromHelper } from '@countersign/adapters/oci-helper'
import type { Code } from '@countersign/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

// T-33: docker's configuration names a program that keeps logins, and the checkout brings one of that name.

let root = ''
let workspace = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'countersign-helpers-'))
  workspace = join(root, 'workspace')
  for (const place of ['bin', 'workspace/bin', 'links']) mkdirSync(join(root, place), { recursive: true })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const SECRET = 'pass-3f9a'
const LOGIN = { username: 'shop', password: SECRET }
/** A helper that says this, having read its stdin. */
function helper(name: string, says: string, place = 'bin'): string {
  const path = join(root, place, `docker-credential-${name}`)
  writeFileSync(
    path,
    `#!/bin/sh\n{ echo "$1 $*"; cat; echo " $NODE_OPTIONS $COUNTERSIGN_TOKEN"; } >'${root}/${name}.asked'\n${says}\n`,
  )
  chmodSync(path, 0o755)
  return `docker-credential-${name}`
}
const answer = (value: unknown) => `echo '${JSON.stringify(value)}'`
const GOOD = answer({ ServerURL: 'ghcr.io', Username: 'shop', Secret: SECRET })
const ask = (program: string, path: readonly string[] = [join(root, 'bin')], timeoutMs = 10_000) =>
  loginFromHelper({
    program,
    server: 'ghcr.io',
    environment: {
      PATH: [...path, process.env['PATH']].join(delimiter),
      NODE_OPTIONS: '--require ./evil.js',
      COUNTERSIGN_TOKEN: 'cst_secret',
    },
    root: workspace,
    timeoutMs,
  })

describe('a program that docker keeps logins in', () => {
  test('is asked with the registry on stdin, and is told no secret of ours', async () => {
    expect(await ask(helper('good', GOOD))).toEqual(LOGIN)
    expect(readFileSync(join(root, 'good.asked'), 'utf8')).toBe('get get\nghcr.io  \n')
  })

  test.each([
    ['in the checkout', 'evil', (): readonly string[] => [join(workspace, 'bin')]],
    ['behind a link into the checkout', 'linked', () => [join(root, 'links')]],
    ['of a place that is none by itself', 'evil', () => ['workspace/bin', '.', '']],
  ])('is none %s', async (_, name, path) => {
    helper(name, GOOD, 'workspace/bin')
    const link = join(root, 'links', `docker-credential-${name}`)
    if (!existsSync(link)) symlinkSync(join(workspace, 'bin', `docker-credential-${name}`), link)
    const cwd = process.cwd()
    process.chdir(root)
    try {
      await expect(ask(`docker-credential-${name}`, path())).rejects.toThrow(coded('usage'))
    } finally {
      process.chdir(cwd)
    }
    expect(existsSync(join(root, `${name}.asked`))).toBe(false)
    // Red control: the same program, from where the machine has its own.
    helper(name, GOOD)
    expect(await ask(`docker-credential-${name}`)).toEqual(LOGIN)
    rmSync(join(root, `${name}.asked`))
    rmSync(join(root, 'bin', `docker-credential-${name}`))
  })

  test.each([
    ['nothing', 'true'],
    ['something else than JSON', 'echo login'],
    ['no secret', answer({ Username: 'shop', Secret: '' })],
    ['an identity token', answer({ Username: '<token>', Secret: SECRET })],
    ['a login, and fails', `${GOOD}; exit 3`],
    ['without end', 'yes'],
  ])('that says %s is not believed, and not repeated', async (_, says) => {
    const asked = ask(helper('bad', says))
    await expect(asked).rejects.toThrow(coded('usage'))
    await asked.catch((error: Error) => expect(JSON.stringify([error, error.cause, error.stack])).not.toContain(SECRET))
  })

  test('that has no login is no fault, one that does not end is stopped, one that is not there is told', async () => {
    expect(await ask(helper('empty', 'echo credentials not found in native keychain; exit 1'))).toBeNull()
    await expect(ask(helper('slow', 'exec sleep 60'), undefined, 200)).rejects.toThrow(coded('usage'))
    await expect(ask('docker-credential-missing')).rejects.toThrow(coded('usage'))
  })
})
