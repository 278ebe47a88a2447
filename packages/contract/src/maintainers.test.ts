import { writeVkey } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { RUN } from '../../../test/identity/local-ca.ts'
import { keylessContract } from '../../../test/keyless.ts'
import { logKeyOf, party } from '../../../test/pipeline.ts'
import { contractYaml, keyOf, lint, parse } from './contract.test-kit.ts'

const log = party('log.example', 'ed25519')
const STEPS = '  build:\n    signers: [ci]\n'
const withTop = (top: string) => contractYaml(STEPS, { top })
const said = (text: string) => lint(text).map(({ what }) => what)
const ofKeys = (threshold: number, ...names: readonly string[]) =>
  `maintainers: { threshold: ${threshold}, of: { ${names.map((name) => `${name}: ${keyOf(name)}`).join(', ')} } }`

test('maintainers are as many as must sign, or more', () => {
  for (const count of [1, 2]) {
    const { maintainers } = parse(withTop(ofKeys(count, 'ann', 'bob')))
    expect([maintainers!.threshold, [...maintainers!.of.keys()]]).toEqual([count, ['ann', 'bob']])
  }
  expect(said(withTop(ofKeys(3, 'ann', 'bob')))).toEqual([
    'maintainers.threshold is 3, and there are 2 maintainers, so no contract could be signed again',
  ])
  expect(parse(withTop('')).maintainers).toBeNull()
  expect(said(withTop('maintainers: { threshold: 1 }'))).toEqual(['maintainers lacks of'])
  expect(said(withTop('maintainers: { threshold: 1, of: {} }'))).toHaveLength(1)
  expect(said(withTop('maintainers: { threshold: 1, of: [ann] }'))).toEqual(['maintainers.of is not a mapping'])
})

test('they are 64 at most', () => {
  const named = (count: number) => said(withTop(ofKeys(1, ...Array.from({ length: count }, (_, i) => `m${i}`))))
  expect(named(64)).toEqual([])
  expect(named(65)).toEqual(['maintainers.of has more than 64 maintainers'])
})

describe('T-39: no maintainer counts for more than one', () => {
  test('one may sign steps as well, and may not be there twice', () => {
    expect(said(withTop(ofKeys(2, 'ci', 'ann')))).toEqual([])
    const twice = withTop(ofKeys(2, 'ann', 'bob').replace(keyOf('bob'), keyOf('ann')))
    expect(said(twice)).toEqual([expect.stringMatching(/^maintainers\.of\.bob is the same key as /)])
  })

  test('nor be the server that countersigns', () => {
    const own = Buffer.from(log.publicKey.spki).toString('base64')
    const top = `countersigners: ["${writeVkey(logKeyOf(log))}"]\nmaintainers: { threshold: 1, of: { log: ${own} } }`
    expect(said(withTop(top))).toEqual(['maintainers.of.log is the same key as countersigners[0]'])
  })

  test('nor an identity under two names', () => {
    const ann = `{ issuer: "${RUN.issuer}", sourceRepositoryIdentifier: "1" }`
    const other = ann.replace('"1"', '"2"')
    const top = (second: string) =>
      `maintainers: { threshold: 2, of: { key: ${keyOf('k')}, ann: ${ann}, eve: ${second} } }`
    expect(said(keylessContract({ top: top(other) }))).toEqual([])
    expect(said(keylessContract({ top: top(ann) }))).toEqual(['maintainers.of.eve is the same identity as ann'])
  })

  test('nor a person by two of their signers', () => {
    const top = (people: string) => `people: ${people}\n${ofKeys(2, 'ci', 'ci2')}`
    const text = (people: string) => contractYaml('  build:\n    signers: [ci, ci2]\n', { top: top(people) })
    expect(said(text('{ ann: [ci], bob: [ci2] }'))).toEqual([])
    expect(said(text('{ ann: [ci, ci2] }'))).toEqual(['maintainers.of.ci2 is ann, as ci is'])
  })
})

test('a contract that is replaced still counts for a week, or as long as it says', () => {
  const day = 86_400_000
  const grace = (text: string) => parse(withTop(text)).grace
  expect(grace('')).toBe(7 * day)
  expect(grace('grace: none')).toBe(0)
  expect(grace('grace: 90m')).toBe(90 * 60_000)
  for (const wrong of ['soon', '"0d"', '367d', '""']) {
    expect(said(withTop(`grace: ${wrong}`)), wrong).toEqual([expect.stringMatching(/^grace is not none, or a time/)])
  }
})
