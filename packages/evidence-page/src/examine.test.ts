import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { portableCrypto } from '@countersign/core/portable'
import { type Evidence, writeEvidence } from '@countersign/evidence'
import type { ChainLine } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { evidenceOf } from '../../evidence/src/evidence.test-kit.ts'
import {
  at,
  contractText,
  file,
  honestRun,
  received,
  sha256,
  type Signed,
  signStep,
  source,
} from '../../../test/pipeline.ts'
import { StatedLog } from '../../../test/anchored.ts'
import { examine, type Examination } from './examine.ts'
import { graphOf } from './graph.ts'
import { layout, NODE } from './layout.ts'
import { vouchedName } from './names.ts'
import { noticed, tamper, type Target, targetsOf } from './tamper.ts'

const run = honestRun({ countersigned: true })
const honest = evidenceOf(run)
const look = (evidence: Evidence | Uint8Array): Promise<Examination> =>
  examine(evidence instanceof Uint8Array ? evidence : writeEvidence(evidence), { crypto: nodeCrypto, now: at(60) })
const without = (name: 'source' | 'build' | 'test' | 'deploy') => ({
  ...honest,
  lines: honest.lines.filter((line) => line !== run[name].bundle),
})
const drawn = async (evidence: Evidence | Uint8Array) => {
  const { nodes, lines } = graphOf(await look(evidence), portableCrypto)
  const name = (id: string) => nodes.find((node) => node.id === id)!.name
  return {
    nodes: nodes.map(({ name: of, state }) => `${of} ${state}`),
    lines: lines.map(({ from, to, kind }) => `${name(from)} ${kind} ${name(to)}`),
  }
}

describe('an examination', () => {
  test('passes honest evidence, and knows the artifact by its name', async () => {
    const examination = await look(honest)
    expect(examination.verdict).toMatchObject({ verdict: 'pass', artifact: run.app.digest.sha256 })
    expect(vouchedName(examination, run.app.digest.sha256)).toEqual({ file: 'dist/app.tgz', step: 'deploy' })
    expect(vouchedName(examination, '0'.repeat(64))).toBeNull()
  })

  test('judges under the contract of the file, and a whole run where no artifact is named', async () => {
    const subject = { artifact: null, chains: [run.chain.id] }
    expect((await look({ ...honest, subject })).verdict).toMatchObject({ verdict: 'pass', artifact: null })
    expect((await look({ ...without('deploy'), subject })).verdict.verdict).toBe('fail')
    expect((await look({ ...without('test') })).verdict.verdict).toBe('fail')
    // A contract that demands receipts is kept to.
    const bare = { ...honest, lines: run.steps.map(({ bundle }) => bundle) }
    expect((await look(bare)).verdict.findings.map(({ code }) => code)).toContain('receipt-missing')
  })

  test('refuses a contract that is none', async () => {
    const contracts = [{ digest: sha256('# none'), bytes: new TextEncoder().encode('# none') }]
    await expect(look({ ...honest, contracts })).rejects.toMatchObject({ code: 'contract-empty' })
  })
})

describe('the drawing', () => {
  test('of an honest run is whole', async () => {
    expect(await drawn(honest)).toEqual({
      nodes: ['source good', 'build good', 'test good', 'deploy good'],
      lines: ['source handed build', 'build handed test', 'test handed deploy'],
    })
  })

  test('shows a gap where a step is missing', async () => {
    expect(await drawn(without('build'))).toMatchObject({
      nodes: expect.arrayContaining(['build missing', 'test bad', 'source good']),
      lines: expect.arrayContaining(['build broken test']),
    })
  })

  test('shows a changed step in its place, as what it claims to be', async () => {
    const signature = tamperedAt('build', 'signature')
    expect((await drawn(signature)).nodes).toContain('build refused')
    const text = new TextDecoder().decode(run.build.bundle.envelope.payload)
    const payload = new TextEncoder().encode(text.replace('"linux"', '"minix"'))
    const bundle = { ...run.build.bundle, envelope: { ...run.build.bundle.envelope, payload } }
    const lines = honest.lines.with(honest.lines.indexOf(run.build.bundle), bundle)
    const { nodes, lines: between } = await drawn({ ...honest, lines })
    expect(nodes).toEqual(['source good', 'build refused', 'test bad', 'deploy good'])
    expect(between).toEqual(['source broken build', 'build broken test', 'test handed deploy'])
  })

  test('is dotted where the contract asks for order alone, and broken where nobody asks', async () => {
    const text = contractText(run.who).replace(
      '    after: [test]\n',
      '    after: [build, test]\n    materials: [{ from: build }]\n',
    )
    const { who, app } = run
    const chain = { ...run.chain, contract: sha256(text) }
    const after = (step: Signed, name: string) => ({ link: step.link, step: name })
    const commit = source('first')
    const first = signStep(who.github, { chain, name: 'source', subject: [commit], minute: 0 })
    const built = {
      chain,
      name: 'build',
      previous: [after(first, 'source')],
      materials: [received(commit, first.link)],
    }
    const build = signStep(who.codebuild, { ...built, subject: [app], minute: 2 })
    const report = file('report.txt', 'ok')
    const tested = { chain, name: 'test', previous: [after(build, 'build')], materials: [received(app, build.link)] }
    const checked = signStep(who.cloudbuild, { ...tested, subject: [report], minute: 4 })
    const previous = [after(build, 'build'), after(checked, 'test')]
    const last = { chain, name: 'deploy', previous, materials: [received(app, build.link)], subject: [app] }
    const deploy = signStep(who.azure, { ...last, minute: 6 })
    const lines = [first, build, checked, deploy].map(({ bundle }) => bundle)
    const contracts = [{ digest: chain.contract, bytes: new TextEncoder().encode(text) }]
    const kinds = async (evidence: Evidence) => (await drawn(evidence)).lines
    const whole = ['source handed build', 'build handed test', 'build handed deploy']
    expect(await kinds({ ...honest, lines, contracts })).toEqual([...whole, 'test order deploy'])
    // The one that nothing was handed over from, and no other.
    expect(await kinds({ ...honest, lines, contracts: [] })).toEqual([...whole, 'test broken deploy'])
  })

  test.each(['across', 'down'] as const)(
    '%s puts each step after those before it, in a lane of its own system',
    async (direction) => {
      const graph = graphOf(await look(honest), portableCrypto)
      const parallel = { ...graph.nodes[3]!, id: 'twin', matrix: 'linux', system: 'jenkins' }
      const beside = { ...parallel, id: 'third', matrix: 'arm' }
      const drawing = layout({ nodes: [...graph.nodes, parallel, beside], lines: graph.lines }, direction, 900)
      const { width, height } = NODE[direction]
      const time = direction === 'across' ? 'x' : 'y'
      const places = new Map(drawing.nodes.map((placed) => [placed.node.id, placed]))
      for (const { from, to } of graph.lines) expect(places.get(to)![time]).toBeGreaterThan(places.get(from)![time])
      expect(drawing.lanes.map(({ system }) => system)).toEqual(['local', 'jenkins'])
      for (const a of drawing.nodes) {
        expect(a.x).toBeGreaterThanOrEqual(0)
        expect(a.x + width).toBeLessThanOrEqual(drawing.width)
        expect(a.y + height).toBeLessThanOrEqual(drawing.height)
        const overlaps = drawing.nodes.filter(
          (b) => b !== a && Math.abs(a.x - b.x) < width && Math.abs(a.y - b.y) < height,
        )
        expect(overlaps).toEqual([])
      }
      if (direction === 'across') expect(drawing.width).toBeGreaterThanOrEqual(900)
    },
  )

  test('of steps that claim to go before one another comes to an end', async () => {
    const graph = graphOf(await look(honest), portableCrypto)
    const [a, b] = graph.nodes as [(typeof graph.nodes)[0], (typeof graph.nodes)[0]]
    const circle = [
      { ...a, previous: [{ link: b.id, step: 'b' }] },
      { ...b, previous: [{ link: a.id, step: 'a' }] },
    ]
    expect(layout({ nodes: circle, lines: [] }, 'across', 0).nodes.length).toBe(2)
  })
})

function tamperedAt(name: 'source' | 'build' | 'test' | 'deploy', target: 'payload' | 'signature'): Uint8Array {
  const lines = [run[name].bundle]
  const { bytes } = tamper({ ...honest, lines }, target, () => 0)
  // The one line, in the company of all others.
  const [changed] = (JSON.parse(new TextDecoder().decode(bytes)) as { lines: string[] }).lines
  const whole = JSON.parse(new TextDecoder().decode(writeEvidence(without(name)))) as { lines: string[] }
  whole.lines = [...whole.lines, changed!].toSorted()
  return new TextEncoder().encode(JSON.stringify(whole))
}

describe('one flipped bit', () => {
  test.each(['payload', 'signature', 'receipt'] as const)(
    'of a %s is noticed, wherever it is',
    async (target: Target) => {
      const before = await look(honest)
      expect(targetsOf(before.evidence)).toContain(target)
      // Spread over lines and places.
      for (let turn = 0; turn < 24; turn++) {
        let call = 0
        const { bytes, what } = tamper(before.evidence, target, (n) => (call++ === 0 ? turn % n : (turn * 7919) % n))
        const after = await look(bytes)
        expect([what, after.verdict.verdict, after.chain.refused.length > 0]).toEqual([what, 'fail', true])
        expect(noticed(before, after)).toMatch(/^Noticed/)
      }
    },
  )

  test('anywhere in the file is noticed but where it is the exporter’s word alone, and that is said', async () => {
    const before = await look(honest)
    const text = Buffer.from(writeEvidence(honest))
    const at = (piece: string) => text.indexOf(piece) + piece.length
    const said = async (place: number) => {
      const { bytes } = tamper(before.evidence, 'file', () => place)
      return noticed(before, await look(bytes).catch(() => null))
    }
    expect(await said(at('"text":"contra'))).toMatch(/no evidence any more/)
    expect(await said(at('"name":"git'))).toMatch(/trust root alone/)
    expect(await said(at('payload\\":\\"') + 40)).toMatch(/^Noticed/)
    expect(await said(at('"createdAt":"2026-11-01T13:00:00.00'))).toMatch(/^Not noticed: no signature/)
  })

  test('is the only change', () => {
    const bytes = writeEvidence(honest)
    const { bytes: changed } = tamper(honest, 'file', () => 100)
    expect(changed.map((byte, i) => byte ^ bytes[i]!).filter((byte) => byte !== 0)).toEqual(Uint8Array.of(1))
  })
})

describe('statements and anchors', () => {
  const log = new StatedLog(run.who.server, 3)
  for (const step of run.steps) log.append(step, at(10))
  const statement = log.state(at(20))
  const lines = run.steps.flatMap((step) => [step.bundle, log.receipt(step)])
  const coverage = run.steps.map((step) => log.cover(step, statement))
  const stated: Evidence = { ...honest, lines, statements: [statement], coverage }

  test('lead from each step to the statement that covers it', async () => {
    const { anchored, verdict } = await look(stated)
    expect(verdict.verdict).toBe('pass')
    expect(anchored!.refused).toEqual([])
    const { nodes } = graphOf(await look(stated), portableCrypto)
    expect(nodes.map(({ entries }) => entries.length)).toEqual([1, 1, 1, 1])
  })

  test('are null where there are none, and are told of where they do not verify', async () => {
    expect((await look(honest)).anchored).toBeNull()
    const [first, ...rest] = coverage
    const bent = { ...stated, coverage: [{ ...first!, sha3_256: first!.sha256 }, ...rest] }
    const { anchored, verdict } = await look(bent)
    expect(anchored!.refused.map(({ part }) => part)).toEqual(['coverage'])
    expect(verdict.refused.map(({ code }) => code)).toEqual(['proof-invalid'])
  })

  test('a withheld step is drawn as one, and holds nothing against the step after it', async () => {
    const hidden = run.steps.flatMap((step): ChainLine[] =>
      step === run.build ? [log.withheld(step)] : [step.bundle, log.receipt(step)],
    )
    const view = await drawn({ ...stated, lines: hidden })
    expect(view.nodes).toEqual(expect.arrayContaining(['build withheld', 'test good', 'deploy good']))
    expect(view.lines).toContain('build order test')
    expect((await look({ ...stated, lines: hidden })).verdict.verdict).toBe('unknown')
  })
})
