import { describe, expect, test } from 'vitest'
import { trustOf } from '@countersign/verify'
import { honestRun, received, seal, signStep } from '../pipeline.ts'
import { gateRun, shake } from './judging.ts'

const run = honestRun()
const other = honestRun({ who: run.who })

describe('T-21: a step is replayed elsewhere (GHSA-6q78)', () => {
  // What binds a step to its run is inside the signature: changing any of it needs the key.
  const swaps: [string, (text: string) => string][] = [
    ['chain', (text) => text.replace(run.chain.id, other.chain.id)],
    ['pipeline', (text) => text.replace('shop/web', 'shop/wob')],
    ['contract', (text) => text.replace(run.contract.digest, 'f'.repeat(64))],
    ['step', (text) => text.replace('"name":"test"', '"name":"deploy"')],
    ['attempt', (text) => text.replace('"attempt":1', '"attempt":2')],
    ['matrix', (text) => text.replace('"matrix":null', '"matrix":"a"')],
    ['nonce', (text) => text.replace(/"nonce":"[0-9a-f]{32}"/, `"nonce":"${'0'.repeat(32)}"`)],
    ['previous', (text) => text.replace(new RegExp(run.build.link, 'g'), other.build.link)],
    ['finishedAt', (text) => text.replace(/"finishedAt":"2026/, '"finishedAt":"2027')],
    ['exitCode', (text) => text.replace('"exitCode":0', '"exitCode":1')],
  ]
  test.each(swaps)('%s is changed under the old signature', (_field, change) => {
    const { envelope } = run.test.bundle
    const before = new TextDecoder().decode(envelope.payload)
    const after = change(before)
    expect(after).not.toBe(before)
    const forged = { ...run.test.bundle, envelope: { ...envelope, payload: new TextEncoder().encode(after) } }
    const judged = gateRun(run, [run.source, run.build, { bundle: forged }, run.deploy])
    expect(judged).toMatchObject({ verdict: 'fail', refused: ['signature-invalid'] })
    // Red control: signed anew by its own key, the same change is no forgery (and is judged on its merits).
    const resigned = seal(run.who.cloudbuild, forged.envelope.payload)
    expect(gateRun(run, [run.source, run.build, { bundle: resigned }, run.deploy]).refused).toEqual([])
  })

  test('a whole step of another run of the same commit and bytes', () => {
    expect(other.app.digest).toEqual(run.app.digest)
    const judged = gateRun(run, [run.source, run.build, other.test, run.deploy])
    expect(judged.verdict).toBe('fail')
    expect(judged.codes[0]).toBe('previous-missing')
    // Which job an unknown predecessor was, nobody can say.
    expect(judged.codes).not.toContain('matrix-incomplete')
  })

  test('a step goes on from another run', () => {
    const { who, chain, app } = run
    const deploy = signStep(who.azure, {
      chain,
      name: 'deploy',
      previous: [{ link: other.test.link, step: 'test' }],
      materials: [received(app, other.test.link)],
      subject: [app],
      minute: 6,
    })
    expect(shake(run.contract, deploy, [other.test], trustOf(run.contract))).toEqual(['chain-mismatch'])
    expect(shake(run.contract, run.deploy, [run.test], trustOf(run.contract))).toEqual([])
  })
})
