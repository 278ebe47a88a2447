import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type ClaimedIdentity, type Disclosure, sealValue, writeStep } from '@countersign/formats'
import { bareIdentity, type Identity } from '@countersign/formats/identity'
import {
  ANY_IDENTITY,
  authorityRootsOf,
  judge,
  judgeRun,
  logKeys,
  readChain,
  trustOf,
  withAuthorities,
} from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import {
  claiming,
  claimsOf,
  issued,
  keylessRun,
  type KeylessOptions,
  sealUnder,
  SERVER,
  signUnder,
  workflow,
} from '../keyless.ts'
import { at, countersign, linkOf, logKeyOf, newChainId, party, seal, source, statement } from '../pipeline.ts'

// T-14: a step that says of itself what its issuer did not vouch for. Whoever runs a job sets its environment, and the
// recorder writes down what stands there.

const codesOf = (options: KeylessOptions) => {
  const { lines, contract, app } = keylessRun(options)
  const chain = readChain(lines, trustOf(contract), nodeCrypto)
  expect(chain.refused).toEqual([])
  const { verdict, findings, criteria } = judge({ artifact: app.digest.sha256, chain, contract, now: at(60) })
  expect(criteria.find(({ name }) => name === 'signatures')?.met).toBe(verdict === 'pass')
  return [...new Set(findings.map(({ code }) => code))]
}
const said = claimsOf(workflow('source'))
const facts = Object.keys(said) as (keyof ClaimedIdentity)[]

describe('T-14: one fact that is another than in the certificate', () => {
  test.each(facts)('%s', (fact) => {
    const claims = (value: string | null) => (_: unknown, identity: Identity) => ({
      system: 'github-actions',
      identity: { ...claimsOf(identity), [fact]: value },
    })
    expect(codesOf({ claims: claims(`${said[fact]}x`) })).toEqual(['identity-mismatch'])
    // Control: not said at all, it is only not claimed.
    expect(codesOf({ claims: claims(null) })).toEqual([])
  })

  test('the CI system; but a platform on which one runs is none', () => {
    const claims = (system: string) => () => ({ system, identity: null })
    for (const system of ['gitlab-ci', 'local', 'github']) {
      expect(codesOf({ claims: claims(system) })).toEqual(['identity-mismatch'])
    }
    expect(codesOf({ claims: claims('github-actions') })).toEqual([])
    expect(codesOf({ claims: claims('aws-codebuild'), issue: () => ({ system: 'aws' }) })).toEqual([])
    expect(codesOf({ claims: claims('local'), issue: () => ({ system: null }) })).toEqual([])
  })
})

const { contract } = keylessRun()
const run = newChainId()
const input = { chain: { id: run, pipeline: 'shop/web', contract: null }, name: 'source', subject: [source('first')] }
const believed = withAuthorities(
  { signers: [], countersigners: logKeys([logKeyOf(SERVER)]) },
  authorityRootsOf(contract),
  [ANY_IDENTITY],
)
const certificate = issued({ identity: workflow('source'), minute: 1 })

describe('T-14: behind a seal', () => {
  const salt = new Uint8Array(32).fill(7)
  const judged = (value: ClaimedIdentity, disclosed: boolean) => {
    const plain = statement({ ...input, nonce: '0'.repeat(32) })
    const commitment = sealValue(salt, plain.predicate, 'identity', value, nodeCrypto)
    const step = signUnder(
      certificate,
      claiming({ ...input, nonce: '0'.repeat(32) }, { system: 'github-actions', identity: commitment }),
    )
    const disclosure: Disclosure = { field: 'identity', salt, value, link: step.link }
    const lines = [step.bundle, countersign(SERVER, step, 0, { acceptedAt: at(2) }), ...(disclosed ? [disclosure] : [])]
    const chain = readChain(lines, believed, nodeCrypto)
    expect(chain.refused).toEqual([])
    return judgeRun({ run, chain, contract: null, now: at(60) }).findings.map(({ code }) => code)
  }

  test('a claim is held against the certificate as soon as it is disclosed', () => {
    expect(judged(said, true)).toEqual([])
    expect(judged({ ...said, sourceRepositoryDigest: 'f'.repeat(40) }, true)).toEqual(['identity-mismatch'])
    expect(judged({ ...said, sourceRepositoryDigest: 'f'.repeat(40) }, false)).toEqual([])
  })
})

describe('T-14: what is no contradiction', () => {
  const judged = (identity: Identity, claimed: ClaimedIdentity) => {
    const own = issued({ identity, minute: 1, grade: 'C' })
    const step = signUnder(own, claiming(input, { system: 'github-actions', identity: claimed }))
    const chain = readChain([step.bundle, countersign(SERVER, step, 0, { acceptedAt: at(2) })], believed, nodeCrypto)
    return judgeRun({ run, chain, contract: null, now: at(60) }).findings.map(({ code }) => code)
  }

  test('a fact that the certificate does not hold stays a claim', () => {
    const workload = bareIdentity('https://accounts.google.com', {
      kind: 'email',
      value: 'ci@acme.iam.gserviceaccount.com',
    })
    expect(judged(workload, { ...said, issuer: null })).toEqual([])
    expect(judged(workload, said)).toEqual(['identity-mismatch'])
  })

  test('of a bare key nothing is known; and whoever signs beside it cannot harm', () => {
    const key = party('key')
    const forged = { ...said, sourceRepositoryRef: 'refs/heads/release' }
    const payload = writeStep(claiming(input, { system: 'github-actions', identity: forged }))
    const [byKey, byIdentity] = [seal(key, payload), sealUnder(certificate, payload)]
    const trust = { ...believed, signers: [{ name: 'key', key: key.publicKey, revokedAt: null }] }
    const statement = claiming(input, { identity: forged })
    const receipt = countersign(SERVER, { bundle: byIdentity, link: linkOf(byKey), statement }, 0, {
      acceptedAt: at(2),
    })
    const codes = (lines: Parameters<typeof readChain>[0]) => {
      const chain = readChain(lines, trust, nodeCrypto)
      return judgeRun({ run, chain, contract: null, now: at(60) }).findings.map(({ code }) => code)
    }
    expect(codes([byKey])).toEqual([])
    expect(codes([byIdentity, receipt])).toEqual(['identity-mismatch'])
    expect(codes([byIdentity, byKey, receipt])).toEqual([])
    expect(codes([byKey, byIdentity, receipt])).toEqual([])
  })
})
