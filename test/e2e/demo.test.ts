import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { anvilPath } from '../anchors/local-evm.ts'
import { THOROUGH } from '../thorough.ts'

test('the demo ends with four steps accepted and five attacks refused, each for its own reason', {
  timeout: 120_000,
}, () => {
  const main = join(import.meta.dirname, '..', 'demo', 'main.ts')
  const ran = spawnSync(process.execPath, [main, '--json'], { encoding: 'utf8' })
  expect(ran.stderr).toBe('')
  expect(ran.status).toBe(0)
  const summary: unknown = JSON.parse(ran.stdout.trimEnd().split('\n').at(-1)!)
  expect(summary).toEqual({
    steps: 4,
    accepted: 4,
    refused: [
      { attack: 'swap an artifact between two steps', code: 'material-swapped' },
      { attack: 'skip a step', code: 'step-skipped' },
      { attack: 'replay the step of another run', code: 'chain-mismatch' },
      { attack: 'reorder the steps', code: 'step-order' },
      { attack: 'sign with the wrong key', code: 'signer-not-allowed' },
    ],
  })
})

test.runIf(THOROUGH)(
  'with anchors it is proven by others, too, and all of them are demanded',
  { timeout: 180_000 },
  () => {
    const main = join(import.meta.dirname, '..', 'demo', 'main.ts')
    const ran = spawnSync(process.execPath, [main, '--json', '--anchors'], { encoding: 'utf8' })
    expect(ran.stderr).toBe('')
    expect(ran.status).toBe(0)
    const { anchors, accepted } = JSON.parse(ran.stdout.trimEnd().split('\n').at(-1)!) as {
      anchors: { anchor: string; phase: string }[]
      accepted: number
    }
    expect(accepted).toBe(4)
    expect(anchors.map(({ phase }) => phase)).toEqual(anchors.map(() => 'final'))
    const names = ['opentimestamps:regtest', 'rekor', 'tsa:local']
    expect(anchors.map(({ anchor }) => anchor)).toEqual(anvilPath() === null ? names : ['eip155:31337', ...names])
    expect(ran.stdout).toContain(`all steps are anchored in ${anchors.length} ways`)
  },
)
