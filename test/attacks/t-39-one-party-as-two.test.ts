import { sign } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Bundle, parseBundle, writeBundle, writeStep } from '@countersign/formats'
import {
  ANY_IDENTITY,
  authorityRootsOf,
  logKeys,
  readChain,
  type Trust,
  trustOf,
  type VerifiedStep,
  withAuthorities,
} from '@countersign/verify'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { TestKey } from '../anchors/certificates.ts'
import {
  CA,
  claiming,
  issued,
  keylessContract,
  keylessRun,
  sealUnder,
  SERVER,
  WORKFLOWS,
  workflow,
} from '../keyless.ts'
import { at, countersign, linkOf, logKeyOf, newChainId, type Party, party, seal, source } from '../pipeline.ts'

// T-39: one party that plays two. A certificate can be had for any key: for that of a log, which would then sign the
// steps that it countersigns, and for one that is enrolled. And one identity can have as many keys as it likes.

const { contract } = keylessRun()
const input = { chain: { id: newChainId(), pipeline: 'p', contract: null }, name: 'source', subject: [source('first')] }
const made = claiming(input, { system: 'github-actions' })
const payload = writeStep(made)
const keyed = party('keyed')
const link = linkOf(seal(keyed, payload))
/** The log took each of these signatures: as it would if it kept all of them. */
const receiptOf = (bundle: Bundle, i: number) =>
  countersign(SERVER, { bundle, link, statement: made }, i, { acceptedAt: at(2) })
const trust: Trust = withAuthorities(
  { signers: [{ name: 'keyed', key: keyed.publicKey, revokedAt: null }], countersigners: logKeys([logKeyOf(SERVER)]) },
  authorityRootsOf(contract),
  [ANY_IDENTITY],
)
const opened = (bundles: readonly Bundle[], believed = trust) => {
  const { steps, refused } = readChain([...bundles, ...bundles.map(receiptOf)], believed, nodeCrypto)
  return { step: steps.get(link), codes: refused.map(({ report }) => report.code) }
}
const keyOf = ({ publicKey, privateKey }: Party): TestKey => ({
  spki: publicKey.spki,
  algorithm: new Uint8Array(),
  hash: 'sha256',
  sign: (message) => new Uint8Array(sign(publicKey.algorithm === 'ed25519' ? null : 'sha256', message, privateKey)),
})
const under = (options: Parameters<typeof issued>[0]) => sealUnder(issued({ minute: 1, ...options }), payload)

describe('T-39: a certificate for the key of', () => {
  // A Fulcio certifies Ed25519 keys too, such as logs have.
  const believed = { id: 'f'.repeat(64), isPublic: false, authority: CA.fulcio, revokedAt: null }
  const fulcio: Trust = { ...trust, authorities: [believed] }

  test('a log or a witness counts for nothing', () => {
    const byLog = under({ key: keyOf(SERVER) })
    expect(opened([byLog], fulcio)).toMatchObject({ step: undefined })
    expect(opened([byLog], fulcio).codes).toContain('certificate-untrusted')
    const witness = party('witness', 'ed25519')
    const byWitness = under({ key: keyOf(witness) })
    const watched: Trust = { ...fulcio, witnesses: [{ ...logKeyOf(witness), type: 'cosignature-v1' }] }
    expect(opened([byWitness], watched).codes).toContain('certificate-untrusted')
    // Control: the same, by a key that plays no other part.
    expect(opened([byWitness], fulcio)).toMatchObject({ step: { signer: { grade: 'A' } }, codes: [] })
  })

  test('somebody enrolled makes nobody else of him', () => {
    const both = under({ key: keyOf(keyed) })
    expect(opened([both]).step?.signer).toMatchObject({ name: 'keyed', grade: 'D', identity: null })
    for (const lines of [
      [both, seal(keyed, payload)],
      [seal(keyed, payload), both],
    ]) {
      expect(opened(lines).step).toMatchObject({ signer: { name: 'keyed' }, cosigners: [] })
    }
  })
})

describe('T-39: one identity', () => {
  test('under many keys is one signer', () => {
    const { step } = opened([under({}), under({}), under({ minute: 0 })])
    expect(step).toMatchObject({ signer: { grade: 'A' }, cosigners: [] })
    // Control: another run is another.
    const other = workflow('other')
    expect(opened([under({}), under({ identity: other })]).step?.cosigners).toHaveLength(1)
  })

  test('that fits two names has the first, and the first alone', () => {
    const named = (first: string, second: string) => {
      const text = keylessContract({ signers: { ...WORKFLOWS, build: WORKFLOWS.build } })
        .replace(`  build:\n${WORKFLOWS.build}`, `  ${first}:\n${WORKFLOWS.build}\n  ${second}:\n${WORKFLOWS.build}`)
        .replace('signers: [build]', `signers: [${second}, ${first}]`)
      const run = keylessRun({ contract: text })
      const { steps } = readChain(run.lines, trustOf(run.contract), nodeCrypto)
      const build = [...steps.values()].find(({ statement }) => statement.predicate.step.name === 'build')
      return [build!.signer.name, build!.cosigners.length]
    }
    expect(named('one', 'two')).toEqual(['one', 0])
    expect(named('two', 'one')).toEqual(['two', 0])
  })

  test('cannot fill the memory of who verifies', () => {
    const many = Array.from({ length: 70 }, (_, i) =>
      under({ identity: workflow('source', { runInvocationURI: `https://github.com/acme/shop/actions/runs/${i}` }) }),
    )
    expect(opened(many).step?.cosigners).toHaveLength(64)
  })
})

test('T-39: whoever signed one statement, the order of its copies says nothing', () => {
  const copies = [
    seal(keyed, payload),
    under({}),
    under({}),
    under({ minute: 2 }),
    under({ identity: workflow('other'), grade: 'C' }),
    under({ identity: workflow('third'), grade: 'B' }),
    under({ minute: 40 }),
  ].map((bundle) => parseBundle(writeBundle(bundle)))
  const told = ({ signer, cosigners }: VerifiedStep) => [signer, ...cosigners].map(({ keyId }) => keyId)
  const expected = told(opened(copies).step!)
  expect(expected).toHaveLength(4)
  fc.assert(
    fc.property(fc.shuffledSubarray(copies, { minLength: copies.length }), (shuffled) => {
      expect(told(opened(shuffled).step!)).toEqual(expected)
    }),
    { numRuns: 20 },
  )
})
