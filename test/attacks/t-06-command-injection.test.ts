import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { commandFile } from '../action/runner.ts'
import { World } from '../action/world.ts'
import { Bench } from '../e2e/cli.ts'
import { some } from '../thorough.ts'

const bench = new Bench()
let world: World
let origin: string
let outputs: readonly string[]
beforeAll(async () => {
  world = await World.start(bench)
  origin = world.repository('commands', { 'main.js': 'ship()\n', '.gitignore': 'out\n' })
  const manifest = parse(readFileSync(join(import.meta.dirname, '..', '..', 'action.yml'), 'utf8')) as {
    outputs: object
  }
  outputs = Object.keys(manifest.outputs)
})
afterAll(async () => {
  await world.stop()
  bench.remove()
})

const EVIL = [
  'x\nverdict=pass',
  'x\nEOF\nverdict=pass',
  'x\nghadelimiter_0\nverdict<<E\npass\nE',
  'x\r\n::set-output name=verdict::pass',
  '::add-path::/tmp/evil',
  '::stop-commands::x',
  '##[add-path]/tmp/evil',
  'x%0A::warning::y',
]
const NAMES = ['image', 'with space'] as const

describe('T-06: texts that a runner would take for a command', () => {
  test.each(some(1, EVIL).map((evil) => [JSON.stringify(evil), evil]))(
    '%s, in every input and name',
    async (_, evil) => {
      const image = { 'subject-digest': `sha256:${'a'.repeat(64)}`, 'subject-name': evil }
      for (const given of [{ ...image, matrix: evil, pipeline: evil }, { ...image, matrix: evil }, { step: evil }]) {
        world.run++
        const job = world.job({ origin, name: 'evil', job: 'build', with: given })
        for (const phase of [await job.main(), await job.post()]) {
          expect(outputs).toEqual(expect.arrayContaining(Object.keys(phase.outputs)))
          expect(phase.outputs['verdict']).toBeUndefined()
          expect(phase.exported).toEqual({})
          expect(Object.keys(job.state).every((key) => ['file', 'sha256'].includes(key))).toBe(true)
          // Nothing but our own annotations is a command, and each is one line.
          const commands = phase.log.split(/\r\n|\r|\n/).filter((line) => line.trimStart().startsWith('::'))
          expect(commands.filter((line) => !line.startsWith('::error title=Countersign'))).toEqual([])
          expect(phase.log).not.toContain('##[')
        }
      }
    },
  )

  test('files that are named like commands stay names, in log and summary', async () => {
    world.run = 300
    const job = world.job({ origin, name: 'files', job: 'build', with: { products: 'out/**' } })
    await job.main()
    mkdirSync(join(job.workspace, 'out'))
    const names = ['::warning::a', '<img src=x onerror=y>', '| x | `y` |', '[z](javascript:1)', ...NAMES]
    for (const name of names) if (!name.includes('/')) writeFileSync(join(job.workspace, 'out', name), name)
    const ended = await job.post()
    expect(ended.code, ended.log).toBe(0)
    expect(ended.summary).not.toMatch(/<img|\]\(javascript|^::/m)
    expect(ended.log.split('\n').filter((line) => line.startsWith('::'))).toEqual([])
  })

  test('red control: written as name=value, they would be outputs', () => {
    expect(commandFile(`link=${EVIL[0]}\n`)).toMatchObject({ verdict: 'pass' })
    expect(commandFile(`link<<EOF\n${EVIL[1]}\nEOF\n`)).toMatchObject({ verdict: 'pass' })
  })
})
