import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Bench } from '../e2e/cli.ts'
import { type Ended, HARMLESS, runCommands, Stub } from '../workflows/stub.ts'
import { JOBS, ROOT, type Scripted } from '../workflows/templates.ts'

// T-33: the checkout brings programs and settings of its own, in the place of those that fetch, check and sign.

const bench = new Bench()
afterAll(() => bench.remove())

const copy = (name: string) => ({ copyOf: join(ROOT, 'workflows', name) })
const stub = new Stub(bench, 'release', {
  'workflows/record.sh': copy('record.sh'),
  'workflows/gate.sh': copy('gate.sh'),
  'workflows/countersign': copy('countersign'),
  'packages/cli/bin/countersign.js':
    'require("node:fs").writeFileSync(process.env.CWD + "/by", [process.execPath, process.env.NODE_OPTIONS].join())',
})
const PROGRAMS = ['curl', 'sha256sum', 'tar', 'mktemp', 'node', 'rm', 'dirname']

/** A machine whose PATH begins in the checkout, as `npm run` and many setups have it. */
function planted(system: Scripted, kind: 'record' | 'gate', entry: string, more: Record<string, string> = {}) {
  const cwd = bench.dir(`${system}-${kind}-${++machines}`)
  mkdirSync(join(cwd, 'bin'))
  for (const place of [cwd, join(cwd, 'bin')]) {
    for (const name of PROGRAMS) {
      writeFileSync(join(place, name), `#!/bin/sh\necho ${name} >>'${cwd}/planted'\nexit 0\n`)
      chmodSync(join(place, name), 0o755)
    }
  }
  const path = entry === 'bin' ? join(cwd, 'bin') : entry
  const given = { ...HARMLESS, sha256: stub.sha256, archive: `file://${stub.file}` }
  const environment = {
    PATH: [path, dirname(process.execPath), process.env['PATH']].join(delimiter),
    COUNTERSIGN_ARCHIVE: given.archive,
    CWD: cwd,
    ...more,
  }
  const ran: Ended = runCommands(JOBS[system](kind, given, stub.directory), cwd, environment)
  return { ran, cwd, ranPlanted: existsSync(join(cwd, 'planted')), signed: existsSync(join(cwd, 'by')) }
}
let machines = 0

describe('T-33: programs of the checkout that are first on PATH', () => {
  const systems = Object.keys(JOBS).filter((system) => system !== 'google-cloud-build') as Scripted[]

  test.each(systems)('are not run by the template of %s', (system) => {
    const { ranPlanted, signed, ran } = planted(system, 'record', 'bin')
    expect(ran.code, ran.text).toBe(0)
    expect({ ranPlanted, signed }).toEqual({ ranPlanted: false, signed: true })
  })

  test.each(['.', '', './bin', 'bin'])('nor where PATH has %j', (entry) => {
    const { ranPlanted, signed } = planted('circleci', 'gate', entry)
    expect({ ranPlanted, signed }).toEqual({ ranPlanted: false, signed: true })
  })

  test('red control: a plain script runs them', () => {
    const cwd = bench.dir('control')
    writeFileSync(join(cwd, 'curl'), '#!/bin/sh\ntouch planted\n', { mode: 0o755 })
    runCommands({ commands: [['bash', '-c', 'curl x']], environment: { PATH: `${cwd}:${process.env['PATH']}` } }, cwd)
    expect(existsSync(join(cwd, 'planted'))).toBe(true)
  })
})

describe('T-33: settings that a job makes for its own programs', () => {
  test.each(['record', 'gate'] as const)('do not reach into what the template of a %s starts', (kind) => {
    const cwd = bench.dir(`options-${kind}`)
    const NODE_OPTIONS = `--require ${cwd}/evil.js`
    writeFileSync(join(cwd, 'evil.js'), `require("node:fs").writeFileSync("${cwd}/evil", "")`)
    const compiled = join(cwd, 'compiled')
    const { signed } = planted('circleci', kind, 'bin', { NODE_OPTIONS, NODE_COMPILE_CACHE: compiled })
    const reached = () => existsSync(join(cwd, 'evil'))
    expect({ signed, evil: reached(), compiled: existsSync(compiled) }).toEqual({
      signed: true,
      evil: false,
      compiled: false,
    })
    // Red control: what it does to a program that is not kept from it.
    runCommands({ commands: [[process.execPath, '-e', '0']], environment: { NODE_OPTIONS } }, cwd)
    expect(reached()).toBe(true)
  })

  test('reach the command that is recorded, under their own name', () => {
    const cwd = bench.dir('options-command')
    const [key, options] = [join(cwd, 'key'), '--max-old-space-size=99']
    expect(bench.cli(cwd, ['key', 'new', key]).code).toBe(0)
    const told = 'printf %s "$NODE_OPTIONS ${COUNTERSIGN_NODE_OPTIONS-unset}" >told'
    const args = ['run', '--step', 'build', '--pipeline', 'shop/web', '--key', key, '--no-git', '--products', 'told']
    const ran = bench.cli(cwd, [...args, '--', 'sh', '-c', told], { COUNTERSIGN_NODE_OPTIONS: options })
    expect(ran.code, ran.err).toBe(0)
    expect(readFileSync(join(cwd, 'told'), 'utf8')).toBe(`${options} unset`)
    const [line] = readFileSync(join(cwd, 'told.chain.jsonl'), 'utf8').split('\n')
    const { predicate } = JSON.parse(Buffer.from(JSON.parse(line!).dsseEnvelope.payload, 'base64').toString())
    expect(predicate.invocation.environment.NODE_OPTIONS).toBe(options)
  })
})

test('T-33: curl reads no settings of the user', () => {
  const home = bench.dir('home')
  writeFileSync(join(home, '.curlrc'), `output = "${home}/elsewhere"\n`)
  const { signed } = planted('circleci', 'record', 'bin', { HOME: home })
  expect({ signed, elsewhere: existsSync(join(home, 'elsewhere')) }).toEqual({ signed: true, elsewhere: false })
})
