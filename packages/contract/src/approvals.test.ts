import { expect, test } from 'vitest'
import { checkOwnApproval, countPeople } from './approvals.ts'
import { contractYaml, lint, parse } from './contract.test-kit.ts'
import { maySign, type SignerFacts, signingKeys, type StepFacts } from './index.ts'

const contract = parse(
  contractYaml(`  build:
    signers: [ci]
  approve:
    after: [build]
    signers: [ana, ben]
    approvals: 2
  deploy:
    after: [build, approve]
    signers: [release]`),
)
const approve = contract.steps.get('approve')!
const by = (keyId: string): SignerFacts => ({ keyId, identity: null, grade: 'D', authorities: [], signedAt: null })
const keyOf = (name: string) => by(signingKeys(contract).get(name)!.keyId)

/** Codes against an approval by ana of a build with these signers. */
function approvedByAna(...makers: readonly SignerFacts[]): string[] {
  const codes: string[] = []
  const facts: StepFacts = {
    signer: keyOf('ana'),
    step: { name: 'approve', attempt: 1, matrix: 'ana', nonce: '0'.repeat(32) },
    previous: [{ link: 'build', step: 'build' }],
    materials: [],
    subject: [],
    succeeded: true,
    ran: null,
    reportsBefore: () => [],
    signersOf: () => makers,
  }
  checkOwnApproval(approve, facts, (code) => codes.push(code))
  return codes
}

test('T-39: whoever is one of several who made it does not approve it', () => {
  expect(approvedByAna(keyOf('ci'), keyOf('ana'))).toEqual(['approval-own'])
  expect(approvedByAna(keyOf('ana'))).toEqual(['approval-own'])
  expect(approvedByAna(keyOf('ci'))).toEqual([])
  // Who made it is not known: that it lacks is for others to say.
  expect(approvedByAna()).toEqual([])
})

test('an approval that nobody signed is of nobody', () => {
  const signed = { job: 'ana', signers: [keyOf('ana')] }
  expect(countPeople(approve, [signed, { job: 'ben', signers: [] }])).toBe(1)
  expect(countPeople(approve, [signed, { job: 'ben', signers: [keyOf('ben')] }])).toBe(2)
})

test('a name that the contract has no signer for lets nobody sign', () => {
  const build = contract.steps.get('build')!
  expect(maySign(contract, build, keyOf('ci'))).toBe(true)
  expect(maySign({ ...contract, signers: new Map() }, build, keyOf('ci'))).toBe(false)
})

test('what is wanted of a step by the name of the source is made only where a run begins', () => {
  const wants = (match: string, products: readonly string[] = ['app']) =>
    lint(
      contractYaml(`  source:
    signers: [ci]
    products: [checkout]
  build:
    after: [source]
    signers: [ci]
    materials: [{ from: source, match: [source] }]
    products: [${products.join(', ')}]
  ship:
    after: [build]
    signers: [ci]
    materials: [{ from: build, match: [${match}] }]`),
    )
  expect(wants('app')).toEqual([])
  expect(wants('source').map(({ code }) => code)).toEqual(['contract-invalid'])
  const names = Array.from({ length: 9 }, (_, i) => `app-${i}`)
  expect(wants('other', names)[0]?.fix).toBe(`Step build makes ${names.slice(0, 8).join(', ')}, ….`)
})
