import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type ChainLine, withhold } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { type BentWithheld, logOf } from '../../../test/log-of.ts'
import { at, countersign, honestRun, logKeyOf, party, received, signStep } from '../../../test/pipeline.ts'
import { judge, logKeys, readChain, type Trust, trustOf, verifyWithheld } from './index.ts'
import { CheckpointsRead } from './receipt.ts'

const run = honestRun({ countersigned: true })
const { who, contract, app, steps } = run
const [source, build, testing, deploy] = steps
const trust = trustOf(contract)
const log = logOf(who.server, steps, { erased: [{ index: 1, ground: 'asked for' }] })
const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code })

/** The lines of the run, some of the steps withheld. */
function lines(hidden: readonly number[], bent: BentWithheld = {}): ChainLine[] {
  return steps.flatMap((step, i): ChainLine[] =>
    hidden.includes(i) ? [log.withheld(step, bent)] : [step.bundle, log.receipts[i]!],
  )
}

function judged(given: readonly ChainLine[], allowWithheld?: boolean, believed: Trust = trust) {
  const chain = readChain(given, believed, nodeCrypto)
  const asked = { artifact: app.digest.sha256, chain, contract, now: at(60) }
  const verdict = judge(allowWithheld === undefined ? asked : { ...asked, allowWithheld })
  return {
    verdict: verdict.verdict,
    codes: [...new Set(verdict.findings.map(({ code }) => code))],
    refused: verdict.refused.map(({ code }) => code),
    whole: verdict,
  }
}

describe('a step on the way that is withheld', () => {
  test('leaves the verdict unknown, which is no pass', () => {
    const { verdict, codes, whole } = judged(lines([1]))
    expect([verdict, codes]).toEqual(['unknown', ['step-withheld']])
    const criterion = whole.criteria.find(({ name }) => name === 'withheld')!
    expect(criterion.met).toBeNull()
    expect(criterion.detail).toContain('so nobody can say')
    // All else was met: nothing but this is open.
    expect(whole.criteria.filter(({ met }) => met !== true)).toEqual([criterion])
  })

  test('is taken on the word of its followers where that is asked for, and the verdict says so', () => {
    const { verdict, codes, whole } = judged(lines([1]), true)
    expect([verdict, codes]).toEqual(['pass', []])
    expect(whole.criteria.at(-1)).toMatchObject({ name: 'withheld', met: true })
    expect(whole.criteria.at(-1)!.detail).toContain(`predecessor build (${build!.link.slice(0, 12)}) was erased at`)
    expect(whole.criteria.at(-1)!.detail).toContain('asked for')
    expect(whole.steps.map(({ step }) => step.statement.predicate.step.name)).toEqual(['source', 'test', 'deploy'])
    expect(whole.edges.find(({ from }) => from === build!.link)).toMatchObject({
      found: 'word',
      strength: 'weak',
      artifacts: [app.digest.sha256],
    })
  })

  test('is the same whether it was erased or only not shown', () => {
    const unshown = lines([1], { tombstone: null })
    expect(judged(unshown)).toMatchObject({ verdict: 'unknown', codes: ['step-withheld'] })
    expect(judged(unshown, true)).toMatchObject({ verdict: 'pass' })
    const made = [...lines([1]).filter((line) => !('unopened' in line)), withhold(log.receipts[1]!, run.chain.id)]
    expect(judged(made, true)).toMatchObject({ verdict: 'pass' })
  })

  test('that two follow one another: what nobody shown names does not count', () => {
    expect(judged(lines([1, 2]), true)).toMatchObject({ verdict: 'fail', codes: ['step-skipped'] })
    expect(judged(lines([0, 2]), true).codes).toEqual([])
  })

  test('as the last one: nobody vouches', () => {
    expect(judged(lines([3]), true)).toMatchObject({ verdict: 'fail', codes: ['final-missing'] })
  })

  test('does not excuse anything else', () => {
    const forged = signStep(who.azure, {
      chain: run.chain,
      name: 'deploy',
      previous: [{ link: testing!.link, step: 'test' }],
      materials: [received({ ...app, digest: { sha256: 'f'.repeat(64) } }, testing!.link)],
      subject: [app],
      minute: 6,
    })
    const others = lines([1]).slice(0, -2)
    const given = [...others, forged.bundle, countersign(who.server, forged, 9)]
    for (const allowed of [false, true]) {
      const { verdict, codes } = judged(given, allowed)
      expect(verdict).toBe('fail')
      expect(codes).toEqual(expect.arrayContaining(['material-swapped']))
    }
  })

  test('is shown all the same where somebody kept it', () => {
    expect(judged([...lines([]), log.withheld(build!)])).toMatchObject({ verdict: 'pass', codes: [] })
  })

  test('without a log that is trusted it is missing, as anything that anybody could write', () => {
    expect(judged(lines([1]), true, { ...trust, countersigners: [] })).toMatchObject({ verdict: 'fail' })
    const stranger = logKeys([logKeyOf(party('server', 'ed25519'))])
    const { verdict, codes, refused } = judged(lines([1]), true, { ...trust, countersigners: stranger })
    expect([verdict, codes[0]]).toEqual(['fail', 'previous-missing'])
    expect(refused).toContain('signer-unknown')
  })

  test('what came before it must have been in the log before it', () => {
    // The source is countersigned by the same log, after the build that is said to have followed it.
    const later = logOf(who.server, [build!, source!, testing!, deploy!])
    const given = [
      later.withheld(build!),
      ...[source, testing, deploy].flatMap((s, i) => [s!.bundle, later.receipts[i + 1]!]),
    ]
    expect(judged(given, true)).toMatchObject({ verdict: 'fail', codes: ['step-skipped'] })
  })
})

describe('what stands for it', () => {
  const verified = (bent: BentWithheld = {}, of = log) =>
    verifyWithheld(of.withheld(build!, bent), trust, nodeCrypto, new CheckpointsRead(trust, nodeCrypto))

  test('is a leaf of the chain in a trusted log, and its tombstone', () => {
    expect(verified().countersigner.name).toBe('server')
    expect(verified({ tombstone: null }).withheld.tombstone).toBeNull()
  })

  test('is of its chain: the blinded id comes out of no other', () => {
    expect(() => verified({ chain: 'f'.repeat(32) })).toThrow(coded('withheld-invalid'))
  })

  test('has the tombstone of its own leaf, and of no other', () => {
    const two = logOf(who.server, steps, {
      erased: [
        { index: 1, ground: 'a' },
        { index: 2, ground: 'b' },
      ],
    })
    expect(verified({ tombstone: 0 }, two).withheld.tombstone!.leaf.ground).toBe('a')
    expect(() => verified({ tombstone: 1 }, two)).toThrow(coded('withheld-invalid'))
  })

  test('has the tombstone of its own log', () => {
    const other = logOf(party('other', 'ed25519'), steps, { erased: [{ index: 1, ground: 'a' }] })
    const { tombstone } = other.withheld(build!)
    expect(() => verifyWithheld({ ...log.withheld(build!), tombstone }, trust, nodeCrypto)).toThrow(
      coded('withheld-invalid'),
    )
  })

  test('proves what it says: another leaf, another time and another tombstone are under no root', () => {
    const good = log.withheld(build!)
    const { unopened, tombstone } = good
    for (const bent of [
      { ...good, unopened: { ...unopened, leaf: { ...unopened.leaf, acceptedAt: at(2.5) } } },
      {
        ...good,
        unopened: {
          ...unopened,
          leaf: { ...unopened.leaf, commitment: { sha256: 'f'.repeat(64), sha3_256: 'f'.repeat(64) } },
        },
      },
      { ...good, tombstone: { ...tombstone!, leaf: { ...tombstone!.leaf, ground: 'another' } } },
      { ...good, tombstone: { ...tombstone!, leaf: { ...tombstone!.leaf, at: at(59) } } },
    ]) {
      expect(() => verifyWithheld(bent, trust, nodeCrypto)).toThrow(coded('proof-invalid'))
    }
    expect(() => verifyWithheld(good, trust, nodeCrypto)).not.toThrow()
  })

  test('counts until the key of its log was revoked, and so does its tombstone', () => {
    const revokedAt = (time: string): Trust => ({
      ...trust,
      countersigners: trust.countersigners.map((known) => ({ ...known, revokedAt: time })),
    })
    const good = log.withheld(build!)
    const { acceptedAt } = good.unopened.leaf
    expect(() => verifyWithheld(good, revokedAt(acceptedAt), nodeCrypto)).toThrow(coded('signer-revoked'))
    // It was taken in before the key was lost, and erased after.
    expect(() => verifyWithheld(good, revokedAt(at(4)), nodeCrypto)).toThrow(coded('signer-revoked'))
    expect(() => verifyWithheld({ ...good, tombstone: null }, revokedAt(at(4)), nodeCrypto)).not.toThrow()
    expect(() => verifyWithheld(good, revokedAt(at(59)), nodeCrypto)).not.toThrow()
  })
})

describe('read with the rest of its chain', () => {
  const read = (given: readonly ChainLine[]) => {
    const { withheld, refused } = readChain(given, trust, nodeCrypto)
    return { withheld: [...withheld.keys()], refused: refused.map(({ report }) => report.code) }
  }
  const honest = lines([1])

  test('a leaf that a receipt opens is of no other attestation', () => {
    const bent = log.withheld(build!, { index: 2 })
    expect(read([...honest.filter((line) => !('unopened' in line)), bent])).toEqual({
      withheld: [],
      refused: ['withheld-invalid'],
    })
    expect(read(honest)).toEqual({ withheld: [build!.link], refused: [] })
  })

  test('one leaf stands for one attestation, one attestation has one leaf, whatever the order', () => {
    const one = log.withheld(build!)
    const sameLeaf = log.withheld(testing!, { index: 1 })
    const otherLeaf = log.withheld(build!, { index: 0 })
    for (const pair of [
      [one, sameLeaf],
      [one, otherLeaf],
    ]) {
      expect(read(pair)).toEqual({ withheld: [], refused: ['withheld-invalid', 'withheld-invalid'] })
      expect(read(pair.toReversed()).withheld).toEqual([])
    }
    expect(read([one, one])).toEqual({ withheld: [build!.link], refused: [] })
  })

  test('what proves nothing contradicts nobody, wherever it stands', () => {
    const one = log.withheld(build!)
    const { unopened } = log.withheld(testing!, { index: 1 })
    const stranger = logOf({ ...party('server', 'ed25519'), name: who.server.name }, steps)
    const lies = [
      // Of the same leaf, and of another leaf for the same.
      { ...one, unopened: { ...unopened, leaf: { ...unopened.leaf, acceptedAt: at(2.5) } } },
      stranger.withheld(testing!, { index: 1 }),
      stranger.withheld(build!, { index: 0 }),
    ]
    for (const lie of lies) {
      for (const pair of [
        [one, lie],
        [lie, one],
      ]) {
        const { withheld, refused } = read(pair)
        expect([withheld, refused.length]).toEqual([[build!.link], 1])
      }
    }
  })

  test('the log had it before what goes on from it: a leaf that was put there afterwards stands for nothing', () => {
    const late = logOf(who.server, [source!, testing!, deploy!, build!])
    const rest = [source, testing, deploy].flatMap((s, i) => [s!.bundle, late.receipts[i]!])
    expect(read([...rest, late.withheld(build!)])).toEqual({ withheld: [], refused: ['withheld-invalid'] })
  })

  test('the tombstone counts, whichever line is read first', () => {
    const [erased, unshown] = [log.withheld(build!), log.withheld(build!, { tombstone: null })]
    for (const pair of [
      [erased, unshown],
      [unshown, erased],
    ]) {
      const { withheld } = readChain(pair, trust, nodeCrypto)
      expect(withheld.get(build!.link)!.withheld.tombstone).not.toBeNull()
    }
  })
})
