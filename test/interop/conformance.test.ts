import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

/**
 * The bundle-verification cases of sigstore-conformance, by our client. Its assets are not ours to copy: the suite is
 * where COUNTERSIGN_CONFORMANCE says, a checkout or a git directory of it.
 */
const SUITE = process.env['COUNTERSIGN_CONFORMANCE'] ?? ''
const CLIENT = join(import.meta.dirname, 'conformance', 'client.ts')
const BEACON =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main'
const ISSUER = 'https://token.actions.githubusercontent.com'

const unpacked: string[] = []
afterAll(() => unpacked.forEach((directory) => rmSync(directory, { recursive: true, force: true })))

/** Folder of the cases; null where the suite is not there. */
function casesIn(suite: string): string | null {
  if (suite === '') return null
  const plain = join(suite, 'test', 'assets', 'bundle-verify')
  if (existsSync(plain)) return plain
  if (!existsSync(join(suite, 'HEAD'))) return null
  const directory = mkdtempSync(join(tmpdir(), 'countersign-conformance-'))
  unpacked.push(directory)
  const tar = execFileSync('git', ['--git-dir', suite, 'archive', 'HEAD', 'test/assets/bundle-verify'], {
    maxBuffer: 1 << 28,
  })
  execFileSync('tar', ['x', '-C', directory], { input: tar })
  return join(directory, 'test', 'assets', 'bundle-verify')
}

/** The command line that the suite makes of a case (its test/assets/bundle-verify/README.md). */
function argumentsOf(cases: string, name: string): string[] {
  const at = (file: string) => join(cases, name, file)
  const text = (file: string, otherwise: string) =>
    existsSync(at(file)) ? readFileSync(at(file), 'utf8').trim() : otherwise
  const who = existsSync(at('key.pub'))
    ? ['--key', at('key.pub')]
    : ['--certificate-identity', text('identity', BEACON), '--certificate-oidc-issuer', text('issuer', ISSUER)]
  return [
    'verify-bundle',
    '--bundle',
    at('bundle.sigstore.json'),
    ...who,
    ...(existsSync(at('trusted_root.json')) ? ['--trusted-root', at('trusted_root.json')] : []),
    existsSync(at('artifact')) ? at('artifact') : join(cases, 'a.txt'),
  ]
}

const cases = casesIn(SUITE)
const names =
  cases === null
    ? []
    : readdirSync(cases, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []))

describe.skipIf(cases === null)(
  cases === null
    ? 'skipped: COUNTERSIGN_CONFORMANCE names no checkout of sigstore-conformance'
    : 'sigstore-conformance',
  () => {
    test('has cases of both kinds', () => {
      expect(names.filter((name) => name.endsWith('_fail')).length).toBeGreaterThan(20)
      expect(names.filter((name) => !name.endsWith('_fail')).length).toBeGreaterThan(10)
    })

    test.each(names)('%s', (name) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [CLIENT, ...argumentsOf(cases!, name)], {
        encoding: 'utf8',
      })
      const said = `${stdout}${stderr}`
      if (!name.endsWith('_fail')) expect({ status, said }).toEqual({ status: 0, said })
      // A crash is no refusal.
      else expect({ status, said }).toEqual({ status: 1, said: expect.stringMatching(/^✗ [a-z0-9-]+: /m) as string })
    })
  },
)
