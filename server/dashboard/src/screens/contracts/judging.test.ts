import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { utf8 } from '@countersign/core'
import { writeChainFile } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { contractText, honestRun, parties } from '../../../../../test/pipeline.ts'
import { lintDraft, radiusOf, replayBoth } from './judging.ts'

const who = parties()
const inForce = contractText(who)
/** Whoever tests is somebody else now. */
const stricter = contractText(who, { revision: 2 })
  .replace('signers: [azure]', 'signers: [azure, cloudbuild]')
  .replace('signers: [cloudbuild]', 'signers: [azure]')

describe('a draft', () => {
  test('is told what is wrong with it, each fault with its line', () => {
    const { faults, changes, pipeline } = lintDraft(inForce.replace('after: [build]', 'after: [bild]'), inForce)
    expect(faults).toMatchObject([
      { code: 'contract-invalid', line: expect.any(Number), fix: expect.stringContaining('build') },
    ])
    expect({ changes, pipeline }).toEqual({ changes: null, pipeline: null })
  })

  test('is told what it changes', () => {
    const linted = lintDraft(stricter, inForce)
    expect(linted).toMatchObject({
      faults: [],
      pipeline: 'shop/web',
      revision: 2,
      steps: ['source', 'build', 'test', 'deploy'],
    })
    expect(linted.changes).toContainEqual(expect.objectContaining({ where: 'steps.test.signers' }))
  })

  test('that the server would refuse for its revision or pipeline is refused here', () => {
    expect(lintDraft(inForce, inForce).faults).toMatchObject([
      { code: 'contract-superseded', fix: expect.stringContaining('revision: 2') },
    ])
    const another = stricter.replace('pipeline: shop/web', 'pipeline: shop/api')
    expect(lintDraft(another, inForce).faults).toMatchObject([
      { code: 'contract-invalid', what: 'is for pipeline shop/api' },
    ])
    // Control: as they should be.
    expect(lintDraft(stricter, inForce).faults).toEqual([])
    expect(lintDraft(inForce, null).faults).toEqual([])
  })
})

describe('the runs there were', () => {
  const replay = (draft: string, before: string | null, run: ReturnType<typeof honestRun>) =>
    replayBoth({ draft, inForce: before, run: run.chain.id, chain: writeChainFile(run.lines) }, nodeCrypto)

  test('are held against the draft and the contract in force', async () => {
    const run = honestRun({ who })
    const blocked = await replay(stricter, inForce, run)
    expect(blocked).toMatchObject({
      run: run.chain.id,
      before: { passed: true, findings: [] },
      after: { passed: false },
    })
    expect(blocked.after.findings.map(({ code }) => code)).toContain('signer-not-allowed')
    // Nor is a receipt of a log that neither contract asks for a reason.
    expect(blocked.after.findings.map(({ code }) => code)).not.toContain('signer-unknown')
    // Control: a draft that changes nothing blocks nothing.
    const same = await replay(contractText(who, { revision: 2 }), inForce, run)
    expect(same).toMatchObject({ before: { passed: true }, after: { passed: true, findings: [] } })
    expect(await replay(inForce, null, run)).toMatchObject({ before: null, after: { passed: true } })
  })

  test('a run of strangers gets through neither', async () => {
    const run = honestRun({ contract: inForce })
    const replayed = await replay(stricter, inForce, run)
    expect([replayed.before?.passed, replayed.after.passed]).toEqual([false, false])
  })

  test('are counted by what the draft would change for them', async () => {
    const [own, foreign] = [honestRun({ who }), honestRun({ contract: inForce })]
    const all = [
      await replay(stricter, inForce, own),
      await replay(stricter, inForce, foreign),
      await replay(inForce, stricter, own),
    ]
    const radius = radiusOf(all)
    expect(radius).toMatchObject({ runs: 3, blocked: 2, newly: 1, freed: 1 })
    expect(radius.codes.length).toBeGreaterThan(0)
    expect(radiusOf([])).toEqual({ runs: 0, blocked: 0, newly: 0, freed: 0, codes: [] })
  })

  test('what is no chain file is told as such', async () => {
    const run = honestRun({ who })
    const chain = utf8('{}\n')
    await expect(replayBoth({ draft: stricter, inForce, run: run.chain.id, chain }, nodeCrypto)).rejects.toMatchObject({
      code: 'chain-file-invalid',
    })
  })
})
