import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Identity } from '@countersign/formats/identity'
import { judge, readChain, trustOf } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { LocalAuthority, RUN } from '../identity/local-ca.ts'
import { authorityYaml, CA, keylessContract, keylessRun, WORKFLOWS, workflow } from '../keyless.ts'
import { at } from '../pipeline.ts'

// T-57, T-58, T-59 through a contract: an identity that is nearly the one that is meant signs a whole run, under
// certificates of the right authority and with receipts of the right log.

const ISSUER = RUN.issuer
const OWN = workflow('build').subject.value
const SHARED = 'https://github.com/acme/shared/.github/workflows/release.yml@refs/tags/v1'

const outcome = (rule: readonly string[], identity: Identity) => {
  const build = rule.map((line) => `    ${line}`).join('\n')
  const run = keylessRun({
    contract: keylessContract({ signers: { ...WORKFLOWS, build } }),
    issue: (name) => (name === 'build' ? { identity } : {}),
  })
  const chain = readChain(run.lines, trustOf(run.contract), nodeCrypto)
  const { verdict } = judge({ artifact: run.app.digest.sha256, chain, contract: run.contract, now: at(60) })
  return [verdict, ...chain.refused.map(({ report }) => report.code).filter((code) => code !== 'receipt-invalid')]
}
const refused = ['fail', 'signer-unknown']
const id = 'sourceRepositoryIdentifier: "1000000001"'

describe('T-57: a subject', () => {
  const rule = [`issuer: ${ISSUER}`, `subject: ${OWN}`, id]
  const named = (value: string, kind: 'uri' | 'email' = 'uri') => ({ ...workflow('build'), subject: { kind, value } })

  test('control: the very one', () => expect(outcome(rule, named(OWN))).toEqual(['pass']))
  test.each([
    `${OWN}-evil`,
    OWN.replace('refs/heads/main', 'refs/heads/main/evil'),
    OWN.replace('build.yml', 'buildXyml'),
    OWN.replace('acme/shop', 'acme/shop-evil'),
    OWN.replace('github.com', 'github.com.evil.example'),
    OWN.slice(0, -1),
    OWN.toUpperCase(),
  ])('%s', (value) => expect(outcome(rule, named(value))).toEqual(refused))

  test('of another kind', () => {
    const mail = [`issuer: ${ISSUER}`, 'subject: ci@acme.example']
    const plain = { sourceRepositoryURI: null, buildSignerURI: null, buildConfigURI: null }
    expect(outcome(mail, { ...named('ci@acme.example', 'email'), ...plain })).toEqual(['pass'])
    expect(outcome(mail, { ...named('ci@acme.example', 'uri'), ...plain })).toEqual(refused)
  })
})

describe('T-57: a beginning', () => {
  const rule = [`issuer: ${ISSUER}`, id, 'sourceRepositoryRef: { prefix: refs/heads/main }']
  const of = (ref: string | null) => workflow('build', { sourceRepositoryRef: ref })

  test('control: all of it, and what is below it', () => {
    expect(outcome(rule, of('refs/heads/main'))).toEqual(['pass'])
    expect(outcome(rule, of('refs/heads/main/a'))).toEqual(['pass'])
  })
  test.each(['refs/heads/main-evil', 'refs/heads/mainline', 'xrefs/heads/main', 'refs/heads/Main', null])('%s', (ref) =>
    expect(outcome(rule, of(ref))).toEqual(refused),
  )
})

describe('T-57: a pattern', () => {
  const rule = [`issuer: ${ISSUER}`, id, 'sourceRepositoryRef: { glob: "refs/tags/v*.0" }']
  const of = (ref: string) => workflow('build', { sourceRepositoryRef: ref })

  test('control: from end to end', () => expect(outcome(rule, of('refs/tags/v1.0'))).toEqual(['pass']))
  test.each([
    'refs/tags/v1x0',
    'refs/tags/v1/2.0',
    'x/refs/tags/v1.0',
    'refs/tags/v1.0-evil',
    'refs/heads/refs/tags/v1.0',
  ])('%s', (ref) => expect(outcome(rule, of(ref))).toEqual(refused))
})

describe('T-58: an issuer', () => {
  const rule = [`issuer: ${ISSUER}`, `subject: ${OWN}`, id]

  test('control: the very one', () => expect(outcome(rule, workflow('build'))).toEqual(['pass']))
  test.each([
    `${ISSUER}/`,
    `${ISSUER}/acme`,
    ISSUER.replace('https', 'http'),
    ISSUER.replace('actions', 'Actions'),
    'https://gitlab.com',
  ])('%s', (issuer) => expect(outcome(rule, workflow('build', { issuer }))).toEqual(refused))
})

test('T-58: an authority that is believed, but not of this signer', () => {
  const other = new LocalAuthority({ name: 'other', seed: 'other' })
  const authorities = `  ours:\n${authorityYaml()}\n  other:\n${authorityYaml(other)}`
  const signers = { ...WORKFLOWS, build: `${WORKFLOWS.build}\n    authority: ours` }
  const judged = (by: LocalAuthority, who: typeof signers) => {
    const contract = keylessContract({ authorities, signers: who })
    const run = keylessRun({ contract, issue: (name) => (name === 'build' ? { by } : {}) })
    const chain = readChain(run.lines, trustOf(run.contract), nodeCrypto)
    return [...chain.steps.values()].map(({ signer }) => signer.name)
  }
  expect(judged(CA, signers)).toEqual(['source', 'build', 'deploy'])
  expect(judged(other, WORKFLOWS)).toEqual(['source', 'build', 'deploy'])
  expect(judged(other, signers)).toEqual(['source', 'deploy'])
})

describe('T-59: a reusable workflow', () => {
  const rule = [`issuer: ${ISSUER}`, `subject: ${SHARED}`, id]
  const called = workflow('build', { subject: { kind: 'uri', value: SHARED }, buildSignerURI: SHARED })

  test('control: called by the repository that is meant', () => expect(outcome(rule, called)).toEqual(['pass']))
  test('called by another one', () => {
    const stranger = { sourceRepositoryURI: 'https://github.com/evil/shop', sourceRepositoryIdentifier: '666' }
    expect(outcome(rule, { ...called, ...stranger })).toEqual(refused)
  })
  test('another one, called by the repository that is meant', () => {
    const other = SHARED.replace('release', 'anything')
    const crossed = { ...called, subject: { kind: 'uri' as const, value: other }, buildSignerURI: other }
    expect(outcome(rule, crossed)).toEqual(refused)
  })
  test('of the repository itself, where the contract asks for the shared one', () => {
    expect(outcome(rule, workflow('build'))).toEqual(refused)
  })
})
