import { CodedError } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type ChainLine, type Coverage, isBundle, type SignedLogStatement } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { proveToy, StatedLog, type ToyAnchor, toyAnchor } from '../../../../test/anchored.ts'
import { at, honestRun, party, type Run, type Signed } from '../../../../test/pipeline.ts'
import { type Chain, readChain } from '../index.ts'
import { trustIn } from '../verify.test-kit.ts'
import { type Anchored, provenBy, verifyAnchored } from './index.ts'

const DAY = 24 * 60

interface World {
  readonly run: Run
  readonly log: StatedLog
  readonly statements: readonly [SignedLogStatement, SignedLogStatement]
  readonly coverage: readonly Coverage[]
}

/** A run of which two steps are stated on the first day, and all four on the second. */
function world(): World {
  const run = honestRun()
  const log = new StatedLog(run.who.server, 3)
  for (const step of run.steps.slice(0, 2)) log.append(step, at(10))
  const first = log.state(at(20))
  for (const step of run.steps.slice(2)) log.append(step, at(DAY))
  const second = log.state(at(20 + DAY))
  const coverage = run.steps.map((step, i) => log.cover(step, i < 2 ? first : second))
  return { run, log, statements: [first, second], coverage }
}

const { run, log, statements, coverage } = world()
const { github, codebuild, cloudbuild, azure, server } = run.who
const trust = trustIn([github, codebuild, cloudbuild, azure], [server])
const receipts = run.steps.map((step) => log.receipt(step))
const chain = readChain([...run.lines.filter(isBundle), ...receipts], trust, portableCrypto)
const both = statements.map((statement) => toyAnchor('ethereum', statement))

function anchored(more: Partial<Parameters<typeof verifyAnchored<ToyAnchor>>[0]> = {}): Anchored {
  return verifyAnchored({ chain, statements, coverage, anchors: both, trust, ...more }, proveToy, portableCrypto)
}

const codes = ({ refused }: Anchored) => refused.map(({ part, report }) => `${part} ${report.code}`)
const numbers = ({ entries }: Anchored, link: string) =>
  (entries.get(link) ?? []).map(({ statement }) => statement.verified.statement.number)

describe('from a step to its anchors', () => {
  test('each step hangs on the statement that covers it', () => {
    const all = anchored()
    expect(codes(all)).toEqual([])
    expect(run.steps.map(({ link }) => numbers(all, link))).toEqual([[0], [0], [1], [1]])
    expect(all.statements.map(({ proved }) => proved.map(({ by }) => by))).toEqual([
      ['ethereum.example'],
      ['ethereum.example'],
    ])
  })

  test('a receipt under a smaller checkpoint than the statement is as good', () => {
    const small = readChain([...run.lines.filter(isBundle), log.receipt(run.source, 4)], trust, portableCrypto)
    const all = anchored({ chain: small, coverage: coverage.slice(0, 1) })
    expect(codes(all)).toEqual([])
    expect(numbers(all, run.source.link)).toEqual([0])
  })

  test('a withheld attestation is covered by its leaf', () => {
    const bundles = run.lines.filter(isBundle).slice(1)
    const closed = readChain([...bundles, log.withheld(run.source), ...receipts.slice(1)], trust, portableCrypto)
    const all = anchored({ chain: closed })
    expect(codes(all)).toEqual([])
    expect(numbers(all, run.source.link)).toEqual([0])
  })

  test('the earliest time counts, and none before the statement was made', () => {
    const anchors = [
      toyAnchor('ethereum', statements[0], { time: at(50) }),
      toyAnchor('rekor', statements[0], { time: at(40), within: 60 }),
      toyAnchor('opentimestamps', statements[0], { time: null }),
    ]
    const entries = anchored({ anchors }).entries.get(run.source.link)!
    expect(new Date(provenBy(entries)!).toISOString()).toBe(at(41))
  })
})

describe('T-85: an anchor whose clock is a day behind', () => {
  test('proves nothing before the statement itself, and is told of', () => {
    const anchors = [toyAnchor('rfc3161', statements[0], { time: at(20 - DAY) })]
    const all = anchored({ anchors })
    expect(new Date(provenBy(all.entries.get(run.source.link)!)!).toISOString()).toBe(at(20))
    expect(all.doubts.map(({ code }) => code)).toEqual(['time-order'])
  })

  test('and one a day ahead proves it a day later', () => {
    const anchors = [toyAnchor('rfc3161', statements[0], { time: at(21 + DAY) })]
    const all = anchored({ anchors })
    expect(new Date(provenBy(all.entries.get(run.source.link)!)!).toISOString()).toBe(at(21 + DAY))
    expect(all.doubts).toEqual([])
  })
})

describe('clocks of a log and an anchor', () => {
  // The statement was made in minute 20, and five minutes are let be.
  test.each([
    ['five minutes apart', at(15), 0, 0],
    ['six', at(14), 0, 1],
    ['six, of an anchor that is right within one', at(14), 60, 0],
    ['six, of one that is right within less', at(14), 59, 1],
  ])('may be %s', (_, time, within, doubts) => {
    const anchors = [toyAnchor('rekor', statements[0], { time, within })]
    expect(anchored({ anchors }).doubts).toHaveLength(doubts)
  })

  test('of two words of one anchor the one counts that proves the earlier time', () => {
    const kept = (...more: readonly (readonly [string | null, number])[]) => {
      const anchors = more.map(([time, within], i) => toyAnchor('rekor', statements[0], { at: `${i}`, time, within }))
      return anchored({ anchors }).statements[0]!.proved.map((one) => one.at)
    }
    expect(kept([at(50), 0], [at(49), 120])).toEqual(['0'])
    expect(kept([at(49), 120], [at(50), 0])).toEqual(['1'])
    expect(kept([at(50), 0], [at(49), 60])).toEqual(['0'])
    expect(kept([at(50), 120], [at(51), 0])).toEqual(['1'])
    expect(kept([null, 0], [at(90), 0])).toEqual(['1'])
    expect(kept([at(90), 0], [null, 0])).toEqual(['0'])
    expect(kept([null, 0], [null, 0])).toEqual(['0'])
  })

  test('prove nothing of an entry before it was accepted, as its receipt says, or the statement made, whichever is earlier', () => {
    const early = (acceptedAt: string) => {
      const own = new StatedLog(server, 3)
      own.append(run.source, acceptedAt)
      const stated = own.state(at(20))
      const read = readChain([run.lines.filter(isBundle)[0]!, own.receipt(run.source)], trust, portableCrypto)
      const all = anchored({
        chain: read,
        statements: [stated],
        coverage: [own.cover(run.source, stated)],
        anchors: [],
      })
      return all.entries.get(run.source.link)!.map((one) => one.acceptedAt)
    }
    expect(early(at(10))).toEqual([at(10)])
    expect(early(at(30))).toEqual([at(20)])
  })

  test('say nothing where no anchor names a time', () => {
    expect(provenBy([])).toBeNull()
    const anchors = [toyAnchor('opentimestamps', statements[0], { time: null })]
    expect(provenBy(anchored({ anchors }).entries.get(run.source.link)!)).toBeNull()
  })
})

test('what is told stands in the order of statements and of who vouches, however it was brought', () => {
  const anchors = [
    toyAnchor('rekor', statements[0], { by: 'b.example' }),
    toyAnchor('rekor', statements[0], { by: 'a.example' }),
    toyAnchor('ethereum', statements[0], { by: 'c.example' }),
    toyAnchor('rekor', statements[0], { by: 'c.example' }),
  ]
  const all = anchored({ statements: statements.toReversed(), coverage: [...coverage, ...coverage], anchors })
  expect(codes(all)).toEqual([])
  expect(all.forked).toEqual([])
  expect(all.statements.map(({ verified }) => verified.statement.number)).toEqual([0, 1])
  expect(all.statements[0]!.proved.map(({ kind, by }) => `${kind} ${by}`)).toEqual([
    'ethereum c.example',
    'rekor a.example',
    'rekor b.example',
    'rekor c.example',
  ])
  // Covered twice is covered once.
  expect(run.steps.map(({ link }) => numbers(all, link))).toEqual([[0], [0], [1], [1]])
})

test('logs of two names are held each against its own statements and keys', () => {
  const second = party('second.example', 'ed25519')
  const both_ = trustIn([github, codebuild, cloudbuild, azure], [second, server])
  const own = new StatedLog(second, 7)
  own.append(run.source, at(5))
  const others = [own.state(at(15)), own.state(at(15 + DAY))]
  const brought = [others[1]!, statements[1], others[0]!, statements[0]]
  const all = anchored({ trust: both_, statements: brought, anchors: [], coverage: [] })
  expect([codes(all), all.forked]).toEqual([[], []])
  const names = all.statements.map(({ verified: { statement } }) => `${statement.origin} ${statement.number}`)
  expect(names).toEqual(names.toSorted())
  expect(names).toHaveLength(4)
})

test('a statement counts where its key was revoked after it was made, and not in that very moment', () => {
  const revokedAt = (time: string) => {
    const countersigners = trust.countersigners.map(({ key }) => ({ key, revokedAt: time }))
    return codes(anchored({ trust: { countersigners }, statements: statements.slice(0, 1), coverage: [], anchors: [] }))
  }
  expect(revokedAt(at(20))).toEqual(['statement signer-revoked'])
  expect(revokedAt(at(20).replace('.000Z', '.001Z'))).toEqual([])
})

test('what fails for no reason of its own is no refusal', () => {
  const fails = () => {
    throw new TypeError('a bug')
  }
  const call = () => verifyAnchored({ chain, statements, coverage, anchors: both, trust }, fails, portableCrypto)
  expect(call).toThrow(TypeError)
})

describe('T-64: who vouches twice', () => {
  const twice = (by: string) => [
    toyAnchor('rekor', statements[0], { at: 'index 1', time: at(40) }),
    toyAnchor('rekor', statements[0], { at: 'index 2', time: at(30), by }),
  ]

  test('counts once, with the earlier time', () => {
    const [first] = anchored({ anchors: twice('rekor.example') }).statements
    expect(first!.proved.map((one) => one.at)).toEqual(['index 2'])
  })

  test('two logs are two', () => {
    expect(anchored({ anchors: twice('other.example') }).statements[0]!.proved.length).toBe(2)
  })
})

describe('what does not verify counts for nothing, and is told', () => {
  const bent = (bytes: Uint8Array) => bytes.map((byte, i) => (i === 0 ? byte ^ 1 : byte))
  const [one] = coverage as [Coverage]

  test('a path under either root', () => {
    for (const tree of ['sha256', 'sha3_256'] as const) {
      const [hash, ...rest] = one[tree]
      const all = anchored({ coverage: [{ ...one, [tree]: [bent(hash!), ...rest] }] })
      expect(codes(all)).toEqual(['coverage proof-invalid'])
      expect(all.entries.size).toBe(0)
    }
  })

  test('coverage of another entry, of a statement that is not there, of an entry without a receipt', () => {
    expect(codes(anchored({ coverage: [{ ...one, index: one.index + 1 }] }))).toEqual(['coverage proof-invalid'])
    expect(codes(anchored({ coverage: [{ ...one, statement: 'ab'.repeat(32) }] }))).toEqual(['coverage proof-invalid'])
    expect(codes(anchored({ coverage: [{ ...one, index: 0 }] }))).toEqual(['coverage proof-invalid'])
  })

  test('a statement that somebody else signed, of a log that is not trusted, or that was signed with a revoked key', () => {
    const other = new StatedLog(server)
    other.append(run.source, at(10))
    const forged = other.state(at(20), {}, party('thief', 'ed25519'))
    expect(codes(anchored({ statements: [forged], coverage: [], anchors: [] }))).toEqual([
      'statement signature-invalid',
    ])
    const strange = { countersigners: [] }
    expect(codes(anchored({ trust: strange, coverage: [], anchors: [] }))).toEqual([
      'statement signer-unknown',
      'statement signer-unknown',
    ])
    const revoked = { countersigners: trust.countersigners.map(({ key }) => ({ key, revokedAt: at(30) })) }
    expect(codes(anchored({ trust: revoked, coverage: [], anchors: [] }))).toEqual(['statement signer-revoked'])
  })

  test('an anchor of no statement, and one that its verifier refuses', () => {
    const anchors = [
      { ...both[0]!, statement: 'ab'.repeat(32) },
      { ...both[0]!, proves: new CodedError('anchor-untrusted', 'who is that') },
    ]
    const all = anchored({ anchors })
    expect(codes(all)).toEqual(['anchor anchor-mismatch', 'anchor anchor-untrusted'])
    expect(all.statements.flatMap(({ proved }) => proved)).toEqual([])
  })
})

describe('a log with two histories', () => {
  test('has no statement that counts', () => {
    const other = world()
    const twin = new StatedLog(server, 3)
    for (const step of run.steps) twin.append(step, at(11))
    const all = anchored({ statements: [...statements, twin.state(at(20))] })
    expect(all.forked.map(({ code }) => code)).toEqual(['statement-forked'])
    expect(all.entries.size).toBe(0)
    expect(other.statements.length).toBe(2)
  })

  test('is found by a checkpoint of one size and another root', () => {
    const twin = new StatedLog(server, 3)
    for (const step of run.steps) twin.append(step, at(11))
    const lying = readChain([...run.lines.filter(isBundle), twin.receipt(run.source)], trust, portableCrypto)
    expect(anchored({ chain: lying }).forked.map(({ code }) => code)).toEqual(['statement-forked'])
  })

  test('and is, whatever else it shows of that size, and be it for what is withheld or erased', () => {
    const twin = new StatedLog(server, 3)
    for (const step of run.steps) twin.append(step, at(11))
    const bundles = run.lines.filter(isBundle)
    const [honest, lying] = [log, twin].map((one) => run.steps.map((step) => one.receipt(step)))
    const read = (...lines: readonly ChainLine[]) => readChain([...bundles.slice(2), ...lines], trust, portableCrypto)
    const forked = (chainRead: Chain) => anchored({ chain: chainRead }).forked.map(({ code }) => code)
    const shown = (first: Signed, second: Signed) => [
      bundles[run.steps.indexOf(first)]!,
      bundles[run.steps.indexOf(second)]!,
    ]
    for (const [one, two] of [
      [run.source, run.build],
      [run.build, run.source],
    ] as const) {
      const [a, b] = [run.steps.indexOf(one), run.steps.indexOf(two)]
      expect(forked(read(...shown(one, two), honest![a]!, lying![b]!))).toEqual(['statement-forked'])
      expect(forked(read(...shown(one, two), lying![b]!, honest![a]!))).toEqual(['statement-forked'])
      expect(forked(read(...shown(one, two), honest![a]!, honest![b]!))).toEqual([])
    }
    expect(forked(read(honest![1]!, twin.withheld(run.source)))).toEqual(['statement-forked'])
    expect(forked(read(honest![1]!, log.withheld(run.source)))).toEqual([])
  })
})
