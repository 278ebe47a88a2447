import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Identity } from '@countersign/formats/identity'
import { judge, readChain, trustOf } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { RUN } from '../identity/local-ca.ts'
import { keylessContract, keylessRun, WORKFLOWS, workflow } from '../keyless.ts'
import { at } from '../pipeline.ts'

// T-04: who may write to a branch edits the file that says what a job does, and has the job sign what it made of it. The
// certificate says which file it was, at which ref and at which commit, in the issuer's words: a contract pins them.

const FILE = 'https://github.com/acme/shop/.github/workflows/build.yml@refs/heads/main'
const REVIEWED = '1f0e2d3c4b5a69788796a5b4c3d2e1f001122334'
const job = (change: Partial<Identity> = {}) =>
  workflow('build', { buildConfigURI: FILE, buildConfigDigest: REVIEWED, ...change })

const outcome = (pins: readonly string[], identity: Identity) => {
  const rule = [`issuer: ${RUN.issuer}`, 'sourceRepositoryIdentifier: "1000000001"', ...pins]
  const build = rule.map((line) => `    ${line}`).join('\n')
  const run = keylessRun({
    contract: keylessContract({ signers: { ...WORKFLOWS, build } }),
    issue: (name) => (name === 'build' ? { identity } : {}),
  })
  const chain = readChain(run.lines, trustOf(run.contract), nodeCrypto)
  return judge({ artifact: run.app.digest.sha256, chain, contract: run.contract, now: at(60) }).verdict
}

describe('T-04: a workflow that was edited', () => {
  const pins = [`buildConfigURI: ${FILE}`, `buildConfigDigest: ${REVIEWED}`]

  test('control: the one that was reviewed', () => expect(outcome(pins, job())).toBe('pass'))

  test.each<[string, Partial<Identity>]>([
    ['in its place', { buildConfigDigest: REVIEWED.replace('1f', '2f') }],
    ['on another branch', { buildConfigURI: FILE.replace('heads/main', 'heads/ci') }],
    ['under another name', { buildConfigURI: FILE.replace('build.yml', 'build-2.yml') }],
    ['in another directory', { buildConfigURI: FILE.replace('.github/workflows', '.github/workflows/x') }],
    ['in another repository', { buildConfigURI: FILE.replace('acme/shop', 'acme/shop2') }],
    ['that nobody names', { buildConfigURI: null, buildConfigDigest: null }],
  ])('%s is refused', (_where, change) => {
    expect(outcome(pins, job(change))).toBe('fail')
    // Red control: whoever does not pin it takes it.
    expect(outcome([], job(change))).toBe('pass')
  })
})
