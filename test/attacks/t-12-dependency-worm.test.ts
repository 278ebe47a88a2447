import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isBundle, parseChainFile, parseStep } from '@countersign/formats'
import { countersign, type Ran } from '../demo/world.ts'

// T-12: a worm comes in as a dependency that nobody has reviewed. A step that names its lock file records each package
// that was installed, and fails where one is not as locked: what it made is handed on to nobody.

let root: string
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'countersign-worm-'))
  const write = (path: string, content: unknown) => {
    const file = join(root, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
  // Packages as a registry would have them, and a lock of the reviewed one, made by npm itself.
  write('reviewed/package.json', { name: 'reviewed', version: '1.0.0' })
  write('reviewed/index.js', 'module.exports = 1')
  write('worm/package.json', { name: 'worm', version: '1.0.0' })
  write('worm/index.js', 'module.exports = 2')
  npm(['pack', '--silent', './reviewed', './worm'])
  write('clean/package.json', { name: 'shop', version: '1.0.0' })
  npm(['install', '../reviewed-1.0.0.tgz'], 'clean')
  rmSync(join(root, 'clean', 'node_modules'), { recursive: true })
  await countersign(['key', 'new', 'build.key'], { cwd: root })
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

function npm(args: readonly string[], directory = '.'): void {
  const quiet = ['--no-audit', '--no-fund', '--offline', '--ignore-scripts', '--silent']
  execFileSync('npm', [...args, ...quiet], { cwd: join(root, directory), stdio: 'pipe' })
}

const LOCKED = ['--lockfile', 'package-lock.json']

/** A build that installs as locked, and then does what a worm's script would. */
async function build(
  name: string,
  then: string,
  flags: readonly string[],
): Promise<Ran & { readonly directory: string }> {
  const directory = join(root, name)
  cpSync(join(root, 'clean'), directory, { recursive: true })
  const script = `npm ci --silent --offline --no-audit --no-fund && ${then} && echo made > app.txt`
  const signed = ['--key', '../build.key', '--no-git', '--offline', '--pipeline', 'shop/web']
  const ran = await countersign(
    [
      'run',
      '--step',
      'build',
      ...signed,
      ...flags,
      '--products',
      'app.txt',
      '--chain-out',
      'out.jsonl',
      '--',
      'sh',
      '-c',
      script,
    ],
    { cwd: directory },
  )
  return { ...ran, directory }
}

function recordedIn(directory: string) {
  const steps = parseChainFile(readFileSync(join(directory, 'out.jsonl'))).filter(isBundle)
  return parseStep(steps.at(-1)!.envelope.payload).predicate
}

describe('a dependency outside the lock (T-12)', () => {
  it('is not there in an honest build, whose packages are recorded', async () => {
    const { code, err, directory } = await build('honest', 'true', LOCKED)
    expect([code, err]).toEqual([0, expect.any(String)])
    const { materials, invocation } = recordedIn(directory)
    expect(materials.map(({ name }) => name)).toEqual(['package-lock.json', 'node_modules/reviewed/'])
    expect(invocation.error).toBeNull()
  })

  it.each([
    ['another package', 'npm install --silent --offline --no-save --no-audit --no-fund ../worm-1.0.0.tgz'],
    [
      'another package inside a reviewed one',
      'mkdir -p node_modules/reviewed/node_modules && cp -r ../worm node_modules/reviewed/node_modules',
    ],
    ['another version', 'sed -i s/1.0.0/1.0.1/ node_modules/reviewed/package.json'],
    ['a program before the others', 'mkdir -p node_modules/.bin && echo exit > node_modules/.bin/tsc'],
  ])('%s fails the step', async (what, then) => {
    const { code, err, directory } = await build(what.replaceAll(' ', '-'), then, LOCKED)
    expect([code, err]).toEqual([1, expect.stringContaining('build failed (dependency-unlocked)')])
    // Signed for whoever looks into it, and handed on to nobody.
    expect(existsSync(join(directory, 'out.jsonl'))).toBe(false)
  })

  it('and one that locks itself meanwhile changes what was received', async () => {
    const { code, err } = await build(
      'locking',
      'npm install --silent --offline --no-audit --no-fund ../worm-1.0.0.tgz',
      LOCKED,
    )
    expect([code, err]).toEqual([1, expect.stringContaining('material-changed')])
  })

  it('passes where no lock was named: the red control', async () => {
    const { code } = await build('unlocked', 'cp -r ../worm node_modules', [])
    expect(code).toBe(0)
  })
})
