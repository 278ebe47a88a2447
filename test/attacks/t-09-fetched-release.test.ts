import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { Bench } from '../e2e/cli.ts'
import { HARMLESS, runCommands, Stub } from '../workflows/stub.ts'
import { type Given, gitlabPlain, JOBS, type Kind, type Scripted } from '../workflows/templates.ts'
import { contractOf, ci } from '../../packages/verify/src/verify.test-kit.ts'
import { file, received, signStep, source } from '../pipeline.ts'
import { shake } from './judging.ts'
import { trustOf } from '@countersign/verify'

// T-09: what a build fetches and runs was changed on its way or where it lies (Codecov's uploader).

const bench = new Bench()
afterAll(() => bench.remove())

const RAN = '#!/bin/sh\ntouch "$HOME/ran"\n'
const stub = new Stub(bench, 'release', { 'workflows/record.sh': RAN, 'workflows/gate.sh': RAN })
// The image of Cloud Build is named by its digest, and its recipe holds the same lines.
const FETCHING = [
  ...(Object.keys(JOBS) as Scripted[])
    .filter((system) => system !== 'google-cloud-build')
    .map((system) => [system, JOBS[system]] as const),
  ['gitlab-ci (plain)', gitlabPlain] as const,
]
let runs = 0

function fetched(read: (typeof FETCHING)[number][1], kind: Kind, archive: string, sha256 = stub.sha256) {
  const cwd = bench.dir(`run-${++runs}`)
  const given: Given = { ...HARMLESS, sha256, archive }
  // Deploying is what a gate lets happen.
  writeFileSync(join(cwd, 'deploy'), '#!/bin/sh\ntouch deployed\n', { mode: 0o755 })
  const { code } = runCommands(read(kind, given, ''), cwd, { COUNTERSIGN_ARCHIVE: archive })
  return { passed: code === 0, ran: existsSync(join(cwd, 'ran')), deployed: existsSync(join(cwd, 'deployed')) }
}
const STOPPED = { passed: false, ran: false, deployed: false }
const THERE = `file://${stub.file}`

test.each(FETCHING)('T-09: of the release that %s fetches nothing is run with one changed byte', (_, read) => {
  const bytes = readFileSync(stub.file)
  // The time in gzip's header: it unpacks to the same files.
  bytes[4]! ^= 1
  const changed = `file://${bench.write('changed.tgz', bytes)}`
  expect(fetched(read, 'record', THERE)).toEqual({ passed: true, ran: true, deployed: false })
  expect(fetched(read, 'gate', THERE)).toEqual({ passed: true, ran: true, deployed: true })
  expect(fetched(read, 'record', changed)).toEqual(STOPPED)
  expect(fetched(read, 'gate', changed)).toEqual(STOPPED)
})

test('T-09: nor where another SHA-256 is named, or none, or nothing is there', () => {
  const other = `${stub.sha256.slice(0, -1)}${stub.sha256.endsWith('0') ? '1' : '0'}`
  for (const sha256 of [other, '', '0'.repeat(64), ' ', '*']) {
    expect(fetched(JOBS.circleci, 'gate', THERE, sha256), sha256).toEqual(STOPPED)
  }
  expect(fetched(JOBS.circleci, 'gate', `${THERE}.gone`)).toEqual(STOPPED)
})

describe('T-09: a script that a step fetched', () => {
  const good = file('tools/upload.sh', 'curl https://codecov.example | sh')
  const contract = contractOf(`  source: { signers: [ci] }
  build:
    signers: [ci]
    after: [source]
    materials: [{ from: source }, { outside: tools/upload.sh, sha256: ${good.digest.sha256} }]
    products: [app]`)
  const chain = { id: 'a'.repeat(32), pipeline: 'p', contract: contract.digest }
  const commit = source('c')
  const first = signStep(ci, { chain, name: 'source', subject: [commit] })
  const build = (script: typeof good) =>
    signStep(ci, {
      chain,
      name: 'build',
      previous: [{ link: first.link, step: 'source' }],
      materials: [received(commit, first.link), received(script, null)],
      subject: [file('app', 'app')],
      minute: 2,
    })
  const codes = (script: typeof good) => shake(contract, build(script), [first], trustOf(contract))

  test('is taken where it is the one that the contract names, and with one changed byte not', () => {
    expect(codes(good)).toEqual([])
    expect(codes(file('tools/upload.sh', 'curl https://codecov.example | sh '))).toContain('material-unexplained')
  })
})
