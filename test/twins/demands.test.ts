import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { utf8 } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import type { Facts, ReportRef, Resource } from '@countersign/formats'
import { handshake, judge, readChain, trustOf } from '@countersign/verify'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { at, file, newChainId, party, received, sha256, type Signed, signStep } from '../pipeline.ts'
import { handshakeSlowly, judgeSlowly } from './judge.ts'
import { type Choose, choices } from './run.ts'

// triage → build → approve, audit → deploy, under random demands, with random reports and approvals.

const who = new Map(['ci', 'ana', 'ann', 'ben', 'sec'].map((name) => [name, party(name, 'ed25519')]))
const IDS = ['CVE-1', 'CVE-2', 'CVE-3']

function contractOf(choose: Choose) {
  const maybe = (percent: number, line: string) => (choose.chance(percent) ? [line] : [])
  const evidence = [
    ...maybe(50, choose.one(['tests: passed', 'tests: { atLeast: 2, skipped: 0 }'])),
    ...maybe(30, choose.one(['sbom: present', 'sbom: products'])),
    ...maybe(
      60,
      `vulnerabilities: { below: ${choose.one(['high', 'medium'])}${choose.one(['', ', tools: [T]'])}${choose.one(['', ', vex: [triage]', ', vex: [build, triage]'])} }`,
    ),
    ...maybe(20, 'reports: [vsa]'),
  ]
  const build = [
    'after: [triage]',
    'signers: [ci]',
    'materials: [{ from: triage }]',
    'products: [app]',
    ...(evidence.length === 0 ? [] : [`evidence: { ${evidence.join(', ')} }`]),
    ...maybe(20, 'fresh: 10m'),
    ...maybe(10, 'disallow: [triage]'),
    ...maybe(5, 'runner: hosted'),
    ...maybe(
      30,
      `conditions: [${choose.one(['step.attempt == 1', 'size(products) > 1', '"products.all(p, p.name == \\"app\\")"', 'step.matrix > 1'])}]`,
    ),
  ]
  const optional = choose.one([
    '',
    ', optional: always',
    ', optional: { unless: signer.grade == "D" }',
    ', optional: { unless: signer.grade == "A" }',
    ', optional: { unless: signer.identity.subject == "x" }',
  ])
  const keys = [...who].map(([name, { publicKey }]) => `${name}: ${Buffer.from(publicKey.spki).toString('base64')}`)
  const ends = choose.chance(20)
  return parseContract(
    utf8(`contract: v1
pipeline: p
revision: 1
signers: { ${keys.join(', ')} }
people: { an: [ana, ann] }
steps:
  triage: { signers: [sec], products: [triage] }
  build: { ${build.join(', ')} }
  audit: { after: [build], signers: [sec]${optional} }
  deploy: { after: [build, audit${ends ? '' : ', approve'}], signers: [ci], materials: [{ from: build }] }
  approve: { after: [${ends ? 'build, deploy' : 'build'}], signers: [ana, ann, ben${ends ? '' : ', sec'}], approvals: ${1 + choose.upTo(1)}, materials: [{ from: build }] }
final: ${ends ? 'approve' : 'deploy'}
`),
  )
}

function reportOf(type: string, facts: Facts, about: readonly string[]): ReportRef {
  const digest = { sha256: sha256(JSON.stringify([type, facts, about])) }
  return { name: type, digest, mediaType: 'a/b', annotations: { type, facts, about, signer: null, size: 1 } }
}

function reportsOf(choose: Choose, about: readonly string[]): ReportRef[] {
  const some = <T>(percent: number, make: () => T): T[] => (choose.chance(percent) ? [make()] : [])
  const counts = () => {
    const ids = IDS.slice(0, choose.upTo(2))
    const level = choose.one(['critical', 'high', 'medium', 'low', 'unrated'])
    const none: Record<string, number> = { critical: 0, high: 0, medium: 0, low: 0, unrated: 0 }
    const found = choose.chance(40)
      ? { [level]: ids.length + choose.one([0, 0, 1]), ...(ids.length > 0 ? { [`${level}Ids`]: ids.join(' ') } : {}) }
      : {}
    const { [choose.one(['low', 'low', 'low', 'high'])]: _, ...lacking } = none
    return { ...(choose.chance(90) ? none : lacking), ...found }
  }
  return [
    ...some(80, () =>
      reportOf(
        'junit',
        {
          tests: choose.one([3, 3, 1, 0]),
          failures: choose.one([0, 0, 0, 1]),
          errors: 0,
          ...(choose.chance(90) ? { skipped: choose.one([0, 0, 1]) } : {}),
        },
        [],
      ),
    ),
    ...some(20, () =>
      reportOf('test-result', { result: choose.one(['PASSED', 'PASSED', 'WARNED']), passed: choose.upTo(2) }, []),
    ),
    ...some(70, () =>
      reportOf(
        choose.one(['cyclonedx', 'spdx']),
        choose.one<Facts>([{ components: 2 }, { packages: 2 }, { components: 0 }]),
        choose.chance(70) ? about : [],
      ),
    ),
    ...some(85, () =>
      reportOf('sarif', { tool: choose.one(['T', 'T', 'U']), complete: choose.chance(90), ...counts() }, []),
    ),
    ...some(15, () => reportOf('vulns', { tool: 'T', ...counts() }, [])),
    ...some(60, () => reportOf('vsa', {}, [])),
    ...vexOf(choose, about),
  ]
}

function vexOf(choose: Choose, about: readonly string[]): ReportRef[] {
  if (!choose.chance(50)) return []
  return [
    reportOf(
      choose.one(['openvex', 'cyclonedx-vex', 'vsa']),
      { excused: choose.some(IDS).join(' ') },
      choose.chance(50) ? about : [],
    ),
  ]
}

/** A run under the contract: mostly right, and wrong in what the demands are about. */
function runOf(choose: Choose) {
  const contract = contractOf(choose)
  const chain = { id: newChainId(), pipeline: 'p', contract: contract.digest }
  const app = file('app', 'app')
  const other = file('other', 'other')
  const signed: Signed[] = []
  const step = (
    by: string,
    name: string,
    minute: number,
    after: readonly Signed[],
    hand: readonly (readonly [Resource, Signed])[],
    subject: readonly Resource[],
    more: { matrix?: string | null; evidence?: ReportRef[]; exitCode?: number } = {},
  ) => {
    const one = signStep(who.get(by)!, {
      chain,
      name,
      minute,
      previous: after.map(({ link, statement }) => ({ link, step: statement.predicate.step.name })),
      materials: hand.map(([resource, { link }]) => received(resource, link)),
      subject,
      ...more,
    })
    signed.push(one)
    return one
  }
  const made = file('triage', 'triage')
  const triage = step('sec', 'triage', 0, [], [], [made], {
    evidence: vexOf(choose, [choose.one([made, made]).digest.sha256]),
  })
  const exitCode = choose.chance(5) ? 1 : 0
  const build = step('ci', 'build', 1, [triage], [[made, triage]], [app], {
    evidence: reportsOf(choose, [app.digest.sha256]),
    exitCode,
  })
  const first = contract.final === 'deploy'
  const late = choose.one([3, 3, 3, 30])
  const audit = choose.chance(60) ? [step('sec', 'audit', 2, [build], [[app, build]], [app])] : []
  const approvals = (after: readonly Signed[], minute: number) => {
    const jobs: (readonly [string, string])[] = [
      ['ana', 'an'],
      ['ben', 'ben'],
      ['ann', 'an'],
      ['ana', 'ben'],
      ['ci', 'ben'],
      ['ben', 'nobody'],
      ['sec', 'sec'],
    ]
    const given = choose.chance(60) ? jobs.slice(0, 2) : choose.some(jobs).slice(0, 3)
    return given.map(([by, job]) => step(by, 'approve', minute, after, [[app, build]], [app], { matrix: job }))
  }
  const before = first ? approvals([build], 2) : []
  const deploy = step('ci', 'deploy', late, [build, ...audit, ...before], [[app, build]], [app])
  if (!first) approvals([build, deploy], late + 1)
  const now = at(choose.one([40, 40, 12]))
  return { contract, signed, now, artifact: choose.chance(95) ? app : other }
}

test('demands: the same as the slow twin says, and all of them come up', () => {
  const seen = new Set<string>()
  let passed = 0
  fc.assert(
    fc.property(choices, (choose) => {
      const { contract, signed, now, artifact } = runOf(choose)
      const chain = readChain(
        signed.map(({ bundle }) => bundle),
        trustOf(contract),
        nodeCrypto,
      )
      const steps = [...chain.steps.values()].map(({ link, statement, signer }) => ({
        ...statement,
        link,
        keyIds: [signer.keyId],
      }))
      const asked = { steps, receipts: [], withheld: [], allowWithheld: false, contract, now }
      const { verdict, findings } = judge({ artifact: artifact.digest.sha256, chain, contract, now })
      const codes = [...new Set(findings.map(({ code }) => code))].toSorted()
      expect({ verdict, codes }).toEqual(judgeSlowly({ ...asked, artifact: artifact.digest.sha256 }))
      for (const step of chain.steps.values()) {
        const { findings: own } = handshake({ step, previous: chain.steps, contract, now })
        const slow = handshakeSlowly(steps.find(({ link }) => link === step.link)!, asked)
        expect([...new Set(own.map(({ code }) => code))].toSorted()).toEqual(slow)
      }
      for (const code of codes) seen.add(code)
      if (verdict === 'pass') passed++
    }),
    { numRuns: 200, seed: 7 },
  )
  for (const code of [
    'approval-missing',
    'approval-own',
    'condition-unmet',
    'evidence-missing',
    'name-disallowed',
    'runner-not-allowed',
    'step-skipped',
    'step-stale',
    'step-unknown',
    'signer-not-allowed',
    'tests-failed',
    'vulnerability-found',
    'step-failed',
  ]) {
    expect([...seen], code).toContain(code)
  }
  expect(passed).toBeGreaterThan(10)
})
