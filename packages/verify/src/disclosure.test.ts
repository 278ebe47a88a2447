import { randomBytes } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type ChainLine, type Disclosed, type Disclosure, sealValue, withFields, writeStep } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import {
  at,
  countersign,
  file,
  linkOf,
  newChainId,
  party,
  seal,
  type Signed,
  statement,
  type StepInput,
} from '../../../test/pipeline.ts'
import { logOf } from '../../../test/log-of.ts'
import { judge, readChain, readChainConcurrently, verifyDisclosure } from './index.ts'
import { disclosedPredicate } from './disclosure.ts'
import { ci, opened, trustIn } from './verify.test-kit.ts'

const server = party('log', 'ed25519')
const trust = trustIn([ci])
const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })
const app = file('app.tgz', 'app')
const argv = ['make', '--customer', 'acme']
const newSalt = () => new Uint8Array(randomBytes(32))

/** A step whose arguments and environment are sealed, and what opens them. */
function sealed(more: Partial<StepInput> = {}): Signed & { readonly disclosures: readonly [Disclosure, Disclosure] } {
  const step = statement({
    chain: { id: newChainId(), pipeline: 'p', contract: null },
    name: 'build',
    subject: [app],
    ...more,
  })
  const all: Disclosed[] = [
    { field: 'argv', salt: newSalt(), value: argv },
    { field: 'environment', salt: newSalt(), value: { CI: 'true' } },
  ]
  const fields = all.map((one) => [one.field, sealValue(one.salt, step.predicate, one.field, one.value, nodeCrypto)])
  const whole = { ...step, predicate: withFields(step.predicate, Object.fromEntries(fields)) }
  const bundle = seal(ci, writeStep(whole))
  const link = linkOf(bundle)
  const disclosures = all.map((one) => ({ ...one, link })) as unknown as [Disclosure, Disclosure]
  return { bundle, link, statement: whole, disclosures }
}

const one = sealed()
const read = (lines: readonly ChainLine[]) => {
  const chain = readChain(lines, trust, nodeCrypto)
  const verdict = judge({ artifact: app.digest.sha256, chain, contract: null, now: at(60) })
  return {
    told: [...chain.disclosed].flatMap(([link, fields]) => [...fields.keys()].map((field) => `${field} ${link}`)),
    refused: chain.refused.map(({ index, report }) => [index, report.code]),
    verdict: verdict.verdict,
    findings: verdict.findings,
    chain,
    steps: verdict.steps,
  }
}

describe('a field that is sealed', () => {
  test('and not disclosed speaks neither for nor against the artifact', () => {
    const { told, refused, verdict, findings, steps } = read([one.bundle])
    expect([told, refused, verdict, findings]).toEqual([[], [], 'pass', []])
    expect(steps[0]!.disclosed).toEqual([])
    const failed = sealed({ exitCode: 1 })
    for (const lines of [[failed.bundle], [failed.bundle, ...failed.disclosures]])
      expect(read(lines).verdict).toBe('fail')
  })

  test('is told by its disclosure, in whatever order, however often; what was signed stays', () => {
    const [first, second] = one.disclosures
    const orders: ChainLine[][] = [
      [one.bundle, first, second],
      [second, first, one.bundle, first],
    ]
    for (const lines of orders) {
      const { told, refused, verdict, chain, steps } = read(lines)
      expect(told.toSorted()).toEqual([`argv ${one.link}`, `environment ${one.link}`])
      expect([refused, verdict]).toEqual([[], 'pass'])
      expect(chain.steps.get(one.link)!.statement).toEqual(one.statement)
      expect(steps[0]!.disclosed.length).toBe(2)
      const shown = disclosedPredicate(one.statement.predicate, steps[0]!.disclosed)
      expect([shown.invocation.argv, shown.invocation.environment]).toEqual([argv, { CI: 'true' }])
    }
  })

  test('one alone of several is told alone', () => {
    expect(read([one.bundle, one.disclosures[1]]).told).toEqual([`environment ${one.link}`])
  })

  test('is told the same where signatures are checked beside', async () => {
    const lines = [one.disclosures[0], one.bundle, { ...one.disclosures[1], salt: newSalt() }]
    const chain = await readChainConcurrently(lines, trust, nodeCrypto)
    expect(chain).toEqual(readChain(lines, trust, nodeCrypto))
    expect(chain.refused.map(({ index, report }) => [index, report.code])).toEqual([[2, 'disclosure-mismatch']])
  })
})

describe('a disclosure that does not open what was signed is refused, and changes nothing else', () => {
  const [first] = one.disclosures
  const other = sealed()
  test.each<[string, Disclosure, readonly ChainLine[]]>([
    ['another value', { ...first, value: ['make'] } as Disclosure, [one.bundle]],
    ['another salt', { ...first, salt: newSalt() }, [one.bundle]],
    ['another field', { ...first, field: 'directory', value: '.' }, [one.bundle]],
    ['another step', { ...first, link: other.link }, [one.bundle, other.bundle]],
    ['a step that is not there', { ...first, link: 'ab'.repeat(32) }, [one.bundle]],
  ])('%s', (_, disclosure, bundles) => {
    const { told, refused, verdict, findings } = read([...bundles, disclosure])
    expect([told, refused]).toEqual([[], [[bundles.length, 'disclosure-mismatch']]])
    expect([verdict, findings]).toEqual([read(bundles).verdict, read(bundles).findings])
    // The right one beside it counts.
    expect(read([...bundles, disclosure, first]).told).toEqual([`argv ${one.link}`])
  })

  test('of a step whose signature does not verify', () => {
    const forged = { ...one.bundle, envelope: { ...one.bundle.envelope, signature: new Uint8Array(64) } }
    expect(read([forged, first]).refused.map(([, code]) => code)).toEqual(['signature-invalid', 'disclosure-mismatch'])
  })

  test('of a step that is withheld: what it holds is not to be had by the way', () => {
    const log = logOf(server, [one])
    const believed = trustIn([ci], [server])
    const chain = readChain([log.withheld(one), first], believed, nodeCrypto)
    expect([chain.withheld.size, chain.disclosed.size]).toEqual([1, 0])
    expect(chain.refused.map(({ report }) => report.code)).toEqual(['disclosure-mismatch'])
    const shown = readChain([one.bundle, countersign(server, one, 0), first], believed, nodeCrypto)
    expect(shown.disclosed.size).toBe(1)
  })

  test('verifyDisclosure says which', () => {
    const step = opened(one)
    expect(verifyDisclosure(first, step, nodeCrypto).disclosure).toBe(first)
    expect(() => verifyDisclosure(first, opened(other), nodeCrypto)).toThrow(coded('disclosure-mismatch'))
    expect(() => verifyDisclosure({ ...first, field: 'tools', value: {} }, step, nodeCrypto)).toThrow('is not sealed')
  })
})

test('what opens one step opens no other, though it holds the same', () => {
  const [disclosure] = one.disclosures
  const twin = { ...opened(one), link: 'f'.repeat(64) }
  expect(() => verifyDisclosure(disclosure, opened(one), nodeCrypto)).not.toThrow()
  expect(() => verifyDisclosure(disclosure, twin, nodeCrypto)).toThrow(coded('disclosure-mismatch'))
  // What is told of a step of which nothing is disclosed is the step's own.
  expect(disclosedPredicate(one.statement.predicate, [])).toBe(one.statement.predicate)
})
