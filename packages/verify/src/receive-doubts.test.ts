import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseContract, type SignerFacts } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import {
  file,
  keyText,
  newChainId,
  type Party,
  party,
  received,
  type Signed,
  signStep,
} from '../../../test/pipeline.ts'
import { readChain, receive } from './index.ts'
import { ci, trustIn } from './verify.test-kit.ts'

const ana = party('ana')
const app = file('dist/app', 'app')
const contract = parseContract(
  utf8(`contract: v1
pipeline: p
revision: 1
signers:
  ci: ${keyText(ci)}
  ana: ${keyText(ana)}
  hosted:
    issuer: https://token.actions.githubusercontent.com
    subject: https://github.com/acme/shop/.github/workflows/ship.yml@refs/heads/main
    sourceRepositoryIdentifier: "7"
    authority: world
authorities:
  world: { sigstore: public }
steps:
  build: { signers: [ci], products: ["dist/**"] }
  approve: { after: [build], signers: [ana], approvals: 1 }
  ship: { after: [build, approve], signers: [ci, hosted], minimumGrade: C, materials: [{ from: build }] }
final: ship
`),
)
const builtBy = (signer: Party) =>
  signStep(signer, {
    chain: { id: newChainId(), pipeline: 'p', contract: contract.digest },
    name: 'build',
    subject: [app],
  })
const build = builtBy(ci)
const approve = signStep(ana, {
  chain: build.statement.predicate.chain,
  name: 'approve',
  matrix: 'ana',
  subject: [app],
  previous: [{ link: build.link, step: 'build' }],
  materials: [received(app, build.link)],
  minute: 2,
})

/** What would speak against the next step, signed by this one, and what speaks against it whoever signs. */
function ask(
  name: string,
  signer: Party | null,
  matrix: string | null = null,
  known: readonly Signed[] = name === 'build' ? [] : name === 'approve' ? [build] : [build, approve],
): readonly (readonly string[])[] {
  const { steps } = readChain(
    known.map(({ bundle }) => bundle),
    trustIn([ci, ana]),
    nodeCrypto,
  )
  const bare = { identity: null, grade: 'D', authorities: [], signedAt: null } as const
  const facts: SignerFacts | null = signer === null ? null : { ...bare, keyId: signer.publicKey.keyId }
  const step = { name, attempt: 1, matrix, nonce: '0'.repeat(32) }
  const asked = {
    step,
    pipeline: null,
    materials: known.length === 0 ? [] : [app],
    token: null,
    newChain: newChainId(),
  }
  const { doubts, findings } = receive({ ...asked, contract, steps, signer: facts, now: '2026-01-01T00:30:00.000Z' })
  return [doubts, findings].map((all) => all.map(({ code }) => code))
}

describe('who is going to sign a step', () => {
  test('and may not, is told before it runs, and nothing else changes', () => {
    expect(ask('build', ana)[0]).toEqual(['signer-not-allowed'])
    expect(ask('ship', ci)[0]).toEqual(['grade-too-low'])
    expect(ask('approve', ana, 'ana', [builtBy(ana)])[0]).toEqual(['approval-own'])
    for (const [name, job] of [
      ['build', null],
      ['approve', 'ana'],
      ['ship', null],
    ] as const) {
      expect(ask(name, ana, job)[1]).toEqual(ask(name, null, job)[1])
    }
  })

  test('and may, or will be named by a certificate, is not doubted', () => {
    expect(ask('build', ci)[0]).toEqual([])
    expect(ask('approve', ana, 'ana')[0]).toEqual([])
    expect(ask('build', null)[0]).toEqual([])
  })
})
