import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { ChainLine } from '@countersign/formats'
import { judge, logKeys, readChain, type Trust, trustOf } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { logOf } from '../log-of.ts'
import { file, honestRun, logKeyOf, newChainId, parties, party, received, type Signed, signStep } from '../pipeline.ts'
import { NOW } from './judging.ts'

/**
 * That a step is withheld may be a lie: by the server, which would hide a fork or a failure behind it, or by whoever
 * hands a chain on.
 */

const who = parties()
const run = honestRun({ who, countersigned: true })
const { contract, chain, app, source, build } = run
const trust = trustOf(contract)

function judged(lines: readonly ChainLine[], allowWithheld = false, believed: Trust = trust) {
  const read = readChain(lines, believed, nodeCrypto)
  const { verdict, findings } = judge({ artifact: app.digest.sha256, chain: read, contract, now: NOW, allowWithheld })
  return {
    verdict,
    codes: [...new Set(findings.map(({ code }) => code))],
    refused: read.refused.map(({ report }) => report.code),
  }
}

const shown = (steps: readonly Signed[], log: ReturnType<typeof logOf>, but: Signed) =>
  steps.flatMap((step, i): ChainLine[] => (step === but ? [] : [step.bundle, log.receipts[i]!]))

describe('T-102: nothing passes by being withheld', () => {
  const failed = signStep(who.codebuild, {
    chain,
    name: 'build',
    previous: [{ link: source.link, step: 'source' }],
    materials: [received(source.statement.subject[0]!, source.link)],
    subject: [app],
    exitCode: 1,
    minute: 2,
  })
  const after = (before: Signed, name: string, by = who.cloudbuild, minute = 4) =>
    signStep(by, {
      chain,
      name,
      previous: [{ link: before.link, step: before.statement.predicate.step.name }],
      materials: [received(app, before.link)],
      subject: [app],
      minute,
    })

  test('a step that failed, said to be erased: the gate denies, unless it is told to take the word', () => {
    const testing = after(failed, 'test')
    const steps = [source, failed, testing, after(testing, 'deploy', who.azure, 6)]
    const log = logOf(who.server, steps, { erased: [{ index: 1, ground: 'disk was full' }] })
    const open = steps.flatMap((step, i) => [step.bundle, log.receipts[i]!])
    expect(judged(open)).toMatchObject({ verdict: 'fail' })
    expect(judged(open).codes).toContain('step-failed')
    const hidden = [...shown(steps, log, failed), log.withheld(failed)]
    expect(judged(hidden)).toEqual({ verdict: 'unknown', codes: ['step-withheld'], refused: [] })
    // SECURITY.md says so: what is taken on the word of the next step is as good as that step's signer.
    expect(judged(hidden, true)).toMatchObject({ verdict: 'pass' })
  })

  test('a fork: the other version said to be erased does not excuse the one that is shown', () => {
    const rival = after(source, 'build', who.codebuild, 2)
    const steps = [...run.steps, rival]
    const log = logOf(who.server, steps, { erased: [{ index: 4, ground: 'a mistake' }] })
    const open = steps.flatMap((step, i) => [step.bundle, log.receipts[i]!])
    expect(judged(open).codes).toContain('place-taken')
    // Hidden, it is on nobody's way, and may be anything.
    const hidden = [...shown(steps, log, rival), log.withheld(rival)]
    expect(judged(hidden)).toEqual({ verdict: 'unknown', codes: ['step-withheld'], refused: [] })
    expect(judged(hidden, true)).toMatchObject({ verdict: 'pass' })
    // Where it is the one that is gone on from, there is no pass.
    const testing = after(rival, 'test')
    const forked = [source, build, rival, testing, after(testing, 'deploy', who.azure, 6)]
    const other = logOf(who.server, forked)
    const lines = [...shown(forked, other, rival), other.withheld(rival)]
    expect(judged(lines)).toMatchObject({ verdict: 'unknown', codes: ['step-withheld'] })
  })

  test('a step that never was: the follower names a link of which no leaf tells', () => {
    const invented = { ...build, link: 'ab'.repeat(32) }
    const testing = after(invented, 'test')
    const steps = [source, testing, after(testing, 'deploy', who.azure, 6)]
    const log = logOf(who.server, steps)
    const open = steps.flatMap((step, i) => [step.bundle, log.receipts[i]!])
    // The leaf of a step that is shown cannot stand for it, nor one that came later, nor nothing at all.
    for (const index of [0, 1, 2]) {
      const { verdict, codes, refused } = judged(
        [...open, log.withheld(invented, { index, link: invented.link })],
        true,
      )
      expect([verdict, codes[0], refused]).toEqual(['fail', 'previous-missing', ['withheld-invalid']])
    }
    expect(judged(open, true)).toMatchObject({ verdict: 'fail' })
  })

  test('a leaf of another chain does not stand in this one', () => {
    const other = honestRun({ who, countersigned: true, chain: newChainId() })
    const log = logOf(who.server, [...other.steps, ...run.steps])
    const rest = run.steps.flatMap((step, i): ChainLine[] =>
      step === build ? [] : [step.bundle, log.receipts[4 + i]!],
    )
    const stolen = log.withheld(other.build, { link: build.link })
    expect(judged([...rest, stolen], true)).toMatchObject({ verdict: 'fail' })
    expect(judged([...rest, stolen], true).codes).toContain('chain-mismatch')
    const renamed = log.withheld(other.build, { link: build.link, chain: chain.id })
    expect(judged([...rest, renamed], true).refused).toEqual(['withheld-invalid'])
    // Red control: its own leaf does.
    expect(judged([...rest, log.withheld(build)], true)).toMatchObject({ verdict: 'pass' })
  })

  test('a log that nobody trusts proves nothing, whatever name it has', () => {
    const stranger = party('server', 'ed25519')
    const log = logOf(stranger, run.steps)
    const own = logOf(who.server, run.steps)
    const lines = [...shown(run.steps, own, build), log.withheld(build)]
    expect(judged(lines, true)).toMatchObject({ verdict: 'fail', refused: ['signer-unknown'] })
    // Signed by somebody else in the name of the one that is trusted.
    const forged = logOf(who.server, run.steps, { signedBy: stranger })
    expect(judged([...shown(run.steps, own, build), forged.withheld(build)], true).refused).toEqual([
      'signature-invalid',
    ])
    const both = { ...trust, countersigners: [...trust.countersigners, ...logKeys([logKeyOf(party('b', 'ed25519'))])] }
    expect(judged([...shown(run.steps, own, build), own.withheld(build)], true, both)).toMatchObject({
      verdict: 'pass',
    })
  })

  test('a forged tombstone is found out, and one of another leaf', () => {
    const log = logOf(who.server, run.steps, {
      erased: [
        { index: 1, ground: 'asked for' },
        { index: 2, ground: 'a mistake' },
      ],
    })
    const rest = shown(run.steps, log, build)
    const { tombstone, ...good } = log.withheld(build)
    const forged = { ...tombstone!, leaf: { ...tombstone!.leaf, ground: 'nothing to see here' } }
    for (const bent of [{ ...good, tombstone: forged }, log.withheld(build, { tombstone: 1 })]) {
      const { verdict, refused } = judged([...rest, bent], true)
      expect([verdict, refused.length]).toEqual(['fail', 1])
    }
    expect(judged([...rest, log.withheld(build)], true)).toMatchObject({ verdict: 'pass' })
  })

  test('no contract can say that what is withheld passes', () => {
    expect(Object.keys(contract)).not.toContain('allowWithheld')
    const log = logOf(who.server, run.steps)
    expect(judged([...shown(run.steps, log, build), log.withheld(build)])).toMatchObject({ verdict: 'unknown' })
  })

  test('what was made elsewhere is not let in by the word of the last step alone', () => {
    const foreign = file('dist/app.tgz', 'from elsewhere')
    const deploy = signStep(who.azure, {
      chain,
      name: 'deploy',
      previous: [{ link: run.test.link, step: 'test' }],
      materials: [received(foreign, run.test.link)],
      subject: [foreign],
      minute: 6,
    })
    const steps = [source, build, run.test, deploy]
    const log = logOf(who.server, steps)
    const lines = [...shown(steps, log, build), log.withheld(build)]
    const read = readChain(lines, trust, nodeCrypto)
    const asked = { artifact: foreign.digest.sha256, chain: read, contract, now: NOW, allowWithheld: true }
    expect(judge(asked)).toMatchObject({ verdict: 'fail' })
  })
})
