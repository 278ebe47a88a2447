import { describe, expect, test } from 'vitest'
import { file, party, seal, type Signed } from '../pipeline.ts'
import { Ruled, without } from './ruled.ts'

// T-39: two people were asked for, and one plays both. By two keys, by two names, by approving twice, by approving what he
// made, or by an approval of something else.

const who = ['ci', 'ana', 'ana-token', 'ben', 'cleo', 'release'].map((name) => party(name))
const app = file('app', 'app')
const PASS = { verdict: 'pass', codes: [], refused: [] }
const TEXT = `people:
  ann: [ana, ana-token]
steps:
  build:
    signers: [ci]
    products: [app]
  approve:
    after: [build]
    signers: [ana, ana-token, ben, cleo]
    approvals: 2
  deploy:
    after: [build, approve]
    signers: [release]
final: deploy
`

/** A build, its approvals by signer and job, and what follows them. */
function approved(...by: readonly (readonly [signer: string, job: string])[]) {
  const run = new Ruled(who, TEXT)
  const build = run.step('ci', 'build', [], { makes: [app] })
  const approvals = by.map(([signer, job]) => run.step(signer, 'approve', [build], { job }))
  const deploy = run.step('release', 'deploy', [build, ...approvals])
  return { run, build, approvals, deploy, appended: run.append(deploy, [build, ...approvals]) }
}

describe('T-39: two people must approve', () => {
  test('two do', () => {
    const { run, appended } = approved(['ana', 'ann'], ['ben', 'ben'])
    expect(run.gate(app)).toEqual(PASS)
    expect(appended).toEqual([])
    expect(approved(['ana-token', 'ann'], ['cleo', 'cleo'], ['ben', 'ben']).run.gate(app)).toEqual(PASS)
  })

  test.each<[string, readonly (readonly [string, string])[], readonly string[]]>([
    ['one alone', [['ana', 'ann']], ['approval-missing']],
    [
      'one, with two keys',
      [
        ['ana', 'ann'],
        ['ana-token', 'ann'],
      ],
      ['place-taken', 'approval-missing'],
    ],
    [
      'one, the second time in the place of another',
      [
        ['ana', 'ann'],
        ['ana-token', 'ben'],
      ],
      ['signer-not-allowed'],
    ],
    [
      'one, by a name that nobody has',
      [
        ['ana', 'ann'],
        ['ben', 'bob'],
      ],
      ['step-unknown', 'signer-not-allowed', 'approval-missing'],
    ],
    [
      'whoever built it',
      [
        ['ana', 'ann'],
        ['ci', 'ben'],
      ],
      ['signer-not-allowed', 'approval-own'],
    ],
  ])('%s is not enough', (_, by, codes) => {
    const { run, build, approvals } = approved(...by)
    const judged = run.gate(app)
    expect(judged.verdict).toBe('fail')
    for (const code of codes) expect(judged.codes).toContain(code)
    // The server refuses either the approval or what follows it.
    const refused = approvals.flatMap((one) => run.append(one, [build]))
    const { appended } = approved(...by)
    expect([...refused, ...appended].length).toBeGreaterThan(0)
  })

  test('nobody approved at all', () => {
    const { run, appended } = approved()
    expect(run.gate(app)).toMatchObject({ verdict: 'fail', codes: ['step-skipped'] })
    expect(appended).toEqual(['step-skipped'])
  })

  test('the approval of another attempt is none of this one', () => {
    const run = new Ruled(who, `attempts: carry\n${TEXT}`)
    const first = run.step('ci', 'build', [], { makes: [app] })
    const approvals = ['ana', 'ben'].map((by) => run.step(by, 'approve', [first], { job: by === 'ana' ? 'ann' : by }))
    const again = run.step('ci', 'build', [], { makes: [file('app', 'other')], attempt: 2, minute: 5 })
    const deploy = run.step('release', 'deploy', [again, ...approvals], { attempt: 2, minute: 7 })
    expect(run.append(deploy, [again, ...approvals])).toContain('approval-missing')
    // Control: what follows the one that was approved.
    const honest = run.step('release', 'deploy', [first, ...approvals], { minute: 9 })
    expect(run.append(honest, [first, ...approvals])).toEqual([])
  })

  test('of a step that a run may do without, nobody has approved what came after the approvals', () => {
    const repack = '  repack:\n    after: [build]\n    signers: [cleo]\n    optional: always\n    products: [image]\n'
    const text = TEXT.replace(', cleo]', ']')
      .replace('  approve:\n    after: [build]', `${repack}  approve:\n    after: [build, repack]`)
      .replace('[build, approve]', '[build, repack, approve]')
    const image = file('image', 'evil')
    const ends = (seen: boolean) => {
      const run = new Ruled(who, text)
      const build = run.step('ci', 'build', [], { makes: [app] })
      const packed = run.step('cleo', 'repack', [build], { makes: [image] })
      const shown = seen ? [build, packed] : [build]
      const approvals = ['ana', 'ben'].map((by) => run.step(by, 'approve', shown, { job: by === 'ana' ? 'ann' : by }))
      const before = [build, packed, ...approvals]
      const deploy = run.step('release', 'deploy', before)
      return [run.gate(image).codes, run.append(deploy, before)]
    }
    expect(ends(false)).toEqual([['approval-missing'], ['approval-missing']])
    // Control: they approved that, too.
    expect(ends(true)).toEqual([[], []])
  })

  test('red control: where one is enough, one is', () => {
    const { run } = approved(['ana', 'ann'])
    const rule = run.contract.steps.get('approve')!
    const lax = without(run.contract, 'approve', { approvals: { ...rule.approvals!, atLeast: 1 } })
    expect(run.gate(app, undefined, lax)).toEqual(PASS)
  })

  test('whose keys are one person’s is one maintainer, too', () => {
    const keyOf = (name: string) => {
      const { publicKey } = who.find((one) => one.name === name)!
      return `    ${name}-m: ${Buffer.from(publicKey.spki).toString('base64')}`
    }
    const maintained = (...names: readonly string[]) =>
      `maintainers:\n  threshold: 2\n  of:\n${names.map(keyOf).join('\n')}\n${TEXT}`
    expect(() => new Ruled(who, maintained('ana', 'ana-token'))).toThrow(/is ann, as ana-m is/)
    // Control: another person's.
    expect(new Ruled(who, maintained('ana', 'ben')).contract.maintainers!.of.size).toBe(2)
  })

  test('at the end of the way they are counted too', () => {
    const text = TEXT.replace(/ {2}deploy:[^]*$/, 'final: approve\n')
    const ends = (...by: readonly (readonly [string, string])[]) => {
      const run = new Ruled(
        who.filter(({ name }) => name !== 'release'),
        text,
      )
      const build: Signed = run.step('ci', 'build', [], { makes: [app] })
      for (const [signer, job] of by) run.step(signer, 'approve', [build], { job })
      return run.gate(app)
    }
    expect(ends(['ana', 'ann'], ['ben', 'ben'])).toEqual(PASS)
    expect(ends(['ana', 'ann'])).toMatchObject({ verdict: 'fail', codes: ['approval-missing'] })
  })

  test('at the end of the way, whoever else signs the approvals too is neither one of them nor in their way', () => {
    const run = new Ruled(
      who.filter(({ name }) => name !== 'release'),
      TEXT.replace(/ {2}deploy:[^]*$/, 'final: approve\n'),
    )
    const build = run.step('ci', 'build', [], { makes: [app] })
    const approvals = [
      run.step('ana', 'approve', [build], { job: 'ann' }),
      run.step('ben', 'approve', [build], { job: 'ben' }),
    ]
    for (const one of approvals) {
      run.signed.push({ ...one, bundle: seal(who[0]!, one.bundle.envelope.payload) })
    }
    expect(run.gate(app)).toEqual(PASS)
  })
})
