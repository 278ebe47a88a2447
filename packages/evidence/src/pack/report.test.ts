import { createHash } from 'node:crypto'
import { parseCheckpoint } from '@countersign/formats'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, newChainId, party, signCheckpoint } from '../../../../test/pipeline.ts'
import { type Cover, type Records, reportOf, type RunFacts, Tally } from './index.ts'

const server = party('server', 'ed25519')
const who = party('auditor')
const run = (more: Partial<RunFacts> = {}): RunFacts => ({
  chain: newChainId(),
  pipeline: 'shop/web',
  contract: { digest: 'c0'.repeat(32), revision: 3 },
  outcome: 'proven',
  reason: null,
  firstAt: at(1),
  lastAt: at(4),
  steps: 4,
  failed: 0,
  withheld: 0,
  refused: 0,
  late: [],
  systems: ['github-actions'],
  signers: [{ name: 'build', keyId: 'aa'.repeat(32), grade: 'D', authority: null, system: null }],
  logs: [{ name: 'server', keyId: server.publicKey.keyId }],
  entries: [0, 1, 2, 3],
  anchors: [],
  forks: [],
  heads: [],
  leaves: [],
  deviations: [],
  disputes: [],
  proves: [],
  ...more,
})
const NOTHING: Records = { contracts: [], coverage: [], decisions: [], keys: [], refusals: [], runs: [] }
const cover: Cover = {
  createdAt: at(60),
  exporter: { key: who.publicKey, by: null, version: '0.1.0' },
  period: { since: '2026-11-01T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' },
  pipelines: [],
  environments: [],
  server: {
    origin: 'server',
    checkpoint: parseCheckpoint(signCheckpoint(server, server, 100, new Uint8Array(32))),
    counts: { acts: null, contracts: 0, decisions: 0, refusals: 0, runs: 0 },
  },
  missing: [],
}
const figuresOf = (runs: readonly RunFacts[], records: Partial<Records> = {}) => {
  const all = {
    ...NOTHING,
    runs: runs.map(({ chain, pipeline, steps }) => ({
      chain,
      pipeline,
      steps,
      contract: null,
      erased: 0,
      late: 0,
      firstAt: at(1),
      lastAt: at(4),
    })),
    ...records,
  }
  const tally = new Tally(all, cover)
  for (const one of runs) tally.add(one)
  return tally.finish(new Set(), null)
}
const drawn = (runs: readonly RunFacts[], records: Partial<Records> = {}) =>
  new TextDecoder().decode(reportOf(cover, figuresOf(runs, records)))

describe('a report', () => {
  test('says first how many runs are not proven', () => {
    expect(drawn([run(), run()])).toContain('>All 2 runs proven<')
    expect(drawn([run()])).toContain('>The one run proven<')
    expect(drawn([run(), run({ outcome: 'deviating' })])).toContain('>All 2 runs proven, 1 by deviation<')
    expect(drawn([run(), run({ outcome: 'failed' }), run({ outcome: 'unknown' })])).toContain(
      '>2 of 3 runs not proven<',
    )
  })

  test('is the same bytes for the same facts, in whatever order runs were added', () => {
    const runs = ['a', 'b', 'c'].map((pipeline, i) => run({ pipeline, outcome: i === 0 ? 'failed' : 'proven' }))
    const one = drawn(runs)
    fc.assert(
      fc.property(fc.shuffledSubarray(runs, { minLength: 3 }), (shuffled) => {
        expect(drawn(shuffled)).toBe(one)
      }),
      { numRuns: 10 },
    )
  })

  test('has no script, no outside address, and one style by its digest', () => {
    const html = drawn([run()])
    const style = /<style>([\s\S]*)<\/style>/.exec(html)![1]!
    expect(html).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`)
    expect(html).toContain("default-src 'none'")
    expect(html).not.toMatch(/<script|javascript:|\ssrc=|\shref=|\sstyle=|\son[a-z]+=|url\(/i)
  })

  test('shows what others wrote as text (T-92)', () => {
    const evil = '<img src=x onerror=alert(1)>&"\'\u202e\u001b[31m'
    const refusal = {
      id: 1,
      at: at(2),
      count: 1,
      code: 'signer-unknown',
      what: evil,
      chain: null,
      step: evil,
      verified: false,
    }
    const decision = {
      id: 1,
      at: at(2),
      decision: 'deny' as const,
      code: evil,
      what: evil,
      artifact: null,
      pipeline: evil,
      contract: null,
      environment: evil,
      by: evil,
      requester: evil,
    }
    const facts = run({
      pipeline: evil,
      outcome: 'failed',
      reason: { code: 'internal', what: evil },
      late: [{ step: evil, at: at(2) }],
      systems: [evil],
      signers: [{ name: evil, keyId: evil, grade: 'A', authority: evil, system: evil }],
      logs: [{ name: evil, keyId: evil }],
      anchors: [{ kind: evil, by: evil }],
      deviations: [{ id: evil, by: [evil], reason: evil, expiresAt: at(3), codes: [evil] }],
    })
    const html = drawn([facts], { refusals: [refusal], decisions: [decision] })
    expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;\ufffd\ufffd[31m')
    expect(html).not.toContain('<img')
    for (const sign of ['\u202e', '\u001b']) expect(html).not.toContain(sign)
  })

  test('tells the newest five hundred incidents, and how many there are', () => {
    const late = Array.from({ length: 600 }, (_, i) => ({ step: `s${i}`, at: at(i) }))
    const { incidents, steps } = figuresOf([run({ late })])
    expect([incidents.total, incidents.shown.length, steps.late]).toEqual([600, 500, 600])
    expect(incidents.shown[0]!.what).toContain('s599')
  })
})

describe('forks', () => {
  const root = (digit: string) => digit.repeat(64)
  const head = (size: number, digit: string, log = 'server') => ({ heads: [{ log, size, root: root(digit) }] })
  const leaf = (index: number, digit: string, log = 'server') => ({ leaves: [{ log, index, link: root(digit) }] })

  test('are findings of their own: within a run, between runs, and with the checkpoint of the pack', () => {
    const place = { code: 'place-taken' as const, what: 'step build was signed twice: 0123 and 4567' }
    const runs = [
      run({ forks: [place], outcome: 'failed' }),
      run({ ...head(7, 'a'), ...leaf(3, 'a') }),
      run({ ...head(7, 'b'), ...leaf(4, 'b') }),
      run({ ...leaf(4, 'c'), ...head(100, 'd') }),
    ]
    const { forks } = figuresOf(runs)
    expect(forks.shown.map(({ what }) => what)).toEqual([
      place.what,
      'server signed two roots for 7 entries',
      'entry 4 of server is two different steps',
      'server signed two roots for 100 entries',
    ])
    expect(forks.shown.map(({ where }) => where)).toEqual([
      `shop/web ${runs[0]!.chain}`,
      `shop/web ${runs[2]!.chain}`,
      `shop/web ${runs[3]!.chain}`,
      'the checkpoint of this pack',
    ])
    const html = drawn(runs)
    expect(html).toContain('4 forks: two of what there is one of')
    expect(html).toContain('<h2>Forks</h2>')
  })

  test('are none where two logs say it, or one says the same twice; then the report says nothing of them', () => {
    const runs = [
      run({ ...head(7, 'a'), ...leaf(4, 'a') }),
      run({ ...head(7, 'a'), ...leaf(4, 'a') }),
      run({ ...head(7, 'b', 'other'), ...leaf(4, 'b', 'other') }),
      run({ ...head(8, 'b'), ...leaf(5, 'b') }),
      run({ ...head(100, '0') }),
    ]
    expect(figuresOf(runs).forks).toEqual({ total: 0, shown: [] })
    expect(drawn(runs)).not.toContain('Forks')
  })
})

describe('figures', () => {
  test('count what each run came to, by pipeline', () => {
    const { runs, pipelines, entries } = figuresOf([
      run({ pipeline: 'a', entries: [7] }),
      run({ pipeline: 'a', outcome: 'failed', entries: [3] }),
      run({ pipeline: 'b', outcome: 'deviating', entries: [] }),
    ])
    expect(runs).toMatchObject({ listed: 3, held: 3, proven: 1, failed: 1, deviating: 1 })
    expect(pipelines).toMatchObject([
      { pipeline: 'a', runs: 2, proven: 1, failed: 1 },
      { pipeline: 'b', runs: 1, deviating: 1 },
    ])
    expect(entries).toEqual({ first: 3, last: 7, shown: 2, size: 100 })
  })

  test('call a deploy proven only by a run of the contract that the gate judged under', () => {
    const artifact = 'ab'.repeat(32)
    const allowed = (contract: string) =>
      ({
        id: 1,
        at: at(5),
        decision: 'allow' as const,
        code: null,
        what: null,
        artifact,
        pipeline: 'shop/web',
        contract,
        environment: 'production',
        by: 'token',
        requester: null,
      }) as const
    const proves = run({ proves: [artifact] })
    expect(figuresOf([proves], { decisions: [allowed('c0'.repeat(32))] }).decisions.backed).toBe(1)
    expect(figuresOf([proves], { decisions: [allowed('c1'.repeat(32))] }).decisions.backed).toBe(0)
    expect(figuresOf([run()], { decisions: [allowed('c0'.repeat(32))] }).decisions.backed).toBe(0)
  })
})
