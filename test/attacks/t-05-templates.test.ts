import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Bench } from '../e2e/cli.ts'
import { HARMLESS, runCommands, Stub } from '../workflows/stub.ts'
import { type Given, JOBS, ROOT, type Scripted, yamlOf } from '../workflows/templates.ts'

// T-05: a name that a stranger chose (a branch, a title, a file) is run by the shell of a template.

const bench = new Bench()
afterAll(() => bench.remove())

const HOSTILE =
  '$(touch pwned) `touch pwned` "; touch pwned; " \'; touch pwned; \' | touch pwned && touch pwned & * ~ --help'
const COUNTERSIGN = '#!/bin/sh\nfor one; do printf "%s\\0" "$one"; done >"$HOME/argv"\n'
const copy = (name: string) => ({ copyOf: join(ROOT, 'workflows', name) })
/** The templates' own scripts, around a command line that only says what it was given. */
const stub = new Stub(bench, 'release', {
  'workflows/record.sh': copy('record.sh'),
  'workflows/gate.sh': copy('gate.sh'),
  'workflows/countersign': COUNTERSIGN,
})
const given: Given = {
  ...HARMLESS,
  sha256: stub.sha256,
  archive: `file://${stub.file}`,
  url: HOSTILE,
  pipeline: HOSTILE,
  step: HOSTILE,
  run: `echo ${HOSTILE}`,
  materials: [HOSTILE, '--key=stolen', '-x', '*'],
  products: [HOSTILE, '--fulcio=https://evil.example'],
  subject: `--offline ${HOSTILE}`,
  contract: HOSTILE,
}

describe.each(Object.keys(JOBS) as Scripted[])('T-05: the template of %s', (system) => {
  test('hands every text on as it is', () => {
    for (const kind of ['record', 'gate'] as const) {
      const cwd = bench.dir(`${system}-${kind}`)
      const ran = runCommands(JOBS[system](kind, given, stub.directory), cwd, { COUNTERSIGN_ARCHIVE: given.archive })
      // What is gated on is run after: here it is not there.
      if (kind === 'record') expect(ran.code, ran.text).toBe(0)
      const argv = readFileSync(join(cwd, 'argv'), 'utf8').split('\0').slice(0, -1)
      expect(argv).toEqual(
        kind === 'gate'
          ? ['gate', `--contract=${given.contract}`, '--', given.subject]
          : [
              'run',
              `--step=${given.step}`,
              ...given.materials.map((one) => `--materials=${one}`),
              ...given.products.map((one) => `--products=${one}`),
              '--',
              'bash',
              '--noprofile',
              '--norc',
              '-euo',
              'pipefail',
              '-c',
              given.run,
            ],
      )
      expect(existsSync(join(cwd, 'pwned'))).toBe(false)
    }
  })
})

test('T-05: red control: put into a script, the same text is run', () => {
  const cwd = bench.dir('control')
  execFileSync('sh', ['-c', `echo "${HOSTILE.split('"')[0]}"`], { cwd })
  expect(existsSync(join(cwd, 'pwned'))).toBe(true)
})

describe('T-05: where the signing workflow puts what was built', () => {
  const { steps } = yamlOf<{ jobs: { sign: { steps: { name?: string; run?: string }[] } } }>(
    '.github/workflows/signer.yml',
  ).jobs.sign
  const script = steps.find(({ name }) => name === 'place')!.run!
  const machine = (name: string) => {
    const cwd = bench.dir(name)
    mkdirSync(join(cwd, 'source', 'sub'), { recursive: true })
    mkdirSync(join(cwd, 'countersign'))
    symlinkSync('../countersign', join(cwd, 'source', 'dist'))
    symlinkSync('.git', join(cwd, 'source', 'linked'))
    return cwd
  }
  const allowed = (DIRECTORY: string, COMMIT = 'c'.repeat(40)) => {
    const cwd = machine(`place-${++places}`)
    const ran = runCommands({ commands: [['bash', '-e', '-c', script]], environment: { DIRECTORY, COMMIT } }, cwd)
    expect(existsSync(join(cwd, 'pwned'))).toBe(false)
    return ran.code === 0
  }
  let places = 0

  test.each(['out', 'sub/out', 'a b', HOSTILE.replaceAll('/', '')])('is %j, below the checkout', (directory) => {
    expect(allowed(directory)).toBe(true)
  })
  test.each([
    ['', 'the checkout itself'],
    ['.', 'the checkout itself'],
    ['../countersign', 'the action'],
    ['out/../../countersign', 'the action, the long way'],
    ['/etc', 'a place of the machine'],
    ['.git', 'the settings of git'],
    ['sub/.git/hooks', 'those of a submodule'],
    ['dist', 'a link of the checkout to the action'],
    ['dist/dist', 'below that link'],
    ['linked/hooks', 'a link to the settings of git'],
  ])('is never %j: %s', (directory) => {
    expect(allowed(directory)).toBe(false)
  })
  test('and nothing is signed where the workflow cannot tell its own commit', () => {
    expect(allowed('out', '')).toBe(false)
  })
})
