import { describe, expect, test } from 'vitest'
import { file, party, type Signed } from '../pipeline.ts'
import { Ruled, without } from './ruled.ts'

// T-20: a step is skipped that a run may do without only sometimes, or it is there and did not do what it should have.

const who = ['ci', 'security', 'release'].map((name) => party(name))
const app = file('app', 'app')
const text = (optional: string) => `steps:
  build:
    signers: [ci]
    products: [app]
  audit:
    after: [build]
    signers: [security]
${optional}  deploy:
    after: [build, audit]
    signers: [release]
    materials:
      - from: build
final: deploy
`
const ALWAYS = '    optional: always\n'

function run(optional: string, audited: 'audited' | 'skipped' | 'audited by a stranger') {
  const river = new Ruled(who, text(optional))
  const build = river.step('ci', 'build', [], { makes: [app] })
  const after: Signed[] = [build]
  if (audited !== 'skipped') {
    after.push(river.step(audited === 'audited' ? 'security' : 'ci', 'audit', [build]))
  }
  const deploy = river.step('release', 'deploy', after)
  return { river, judged: river.gate(app), appended: river.append(deploy, after) }
}

describe('T-20: a step that a run may do without', () => {
  test('may be there or not', () => {
    for (const audited of ['audited', 'skipped'] as const) {
      expect(run(ALWAYS, audited)).toMatchObject({ judged: { verdict: 'pass', codes: [] }, appended: [] })
    }
  })

  test('where it is there it must be as it should', () => {
    expect(run(ALWAYS, 'audited by a stranger').judged).toMatchObject({
      verdict: 'fail',
      codes: ['signer-not-allowed'],
    })
  })

  test.each([
    ['is not optional', ''],
    ['is needed by this follower', '    optional: { unless: signer.grade == "D" }\n'],
    ['is needed, as far as anybody knows', '    optional: { unless: signer.identity.sourceRepositoryRef == "main" }\n'],
  ])('one that %s is not skipped', (_, optional) => {
    const { river, judged, appended } = run(optional, 'skipped')
    expect(judged).toMatchObject({ verdict: 'fail' })
    expect(judged.codes).toEqual(['step-skipped'])
    expect(appended).toEqual(['step-skipped'])
    expect(run(optional, 'audited').judged.verdict).toBe('pass')
    // Red control.
    expect(river.gate(app, undefined, without(river.contract, 'audit', { optional: 'always' })).verdict).toBe('pass')
  })

  test('one whose condition does not hold may be skipped', () => {
    expect(run('    optional: { unless: signer.grade == "A" }\n', 'skipped').judged.verdict).toBe('pass')
  })
})
