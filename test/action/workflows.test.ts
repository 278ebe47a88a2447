import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'

const FOLDER = join(import.meta.dirname, '..', '..', '.github', 'workflows')
interface Workflow {
  readonly permissions: object
  readonly jobs: Record<
    string,
    {
      readonly permissions?: object
      readonly 'timeout-minutes'?: number
      readonly steps: readonly { uses?: string; run?: string }[]
    }
  >
}

describe.each(readdirSync(FOLDER))('.github/workflows/%s', (name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8')
  const { permissions, jobs } = parse(text) as Workflow

  test('uses nothing that can be moved', () => {
    const uses = Object.values(jobs).flatMap(({ steps }) => steps.flatMap((step) => step.uses ?? []))
    expect(uses.length).toBeGreaterThan(0)
    expect(
      uses.filter((one) => !['./', './countersign'].includes(one) && !/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/.test(one)),
    ).toEqual([])
    // Each says the version that its commit is of.
    expect(text.match(/uses: [^.\s]+@[0-9a-f]{40}$/m)).toBeNull()
  })

  test('may do nothing but what a job asks for, and ends', () => {
    expect(permissions).toEqual({})
    for (const job of Object.values(jobs)) {
      expect(job.permissions).toBeDefined()
      expect(job['timeout-minutes']).toBeGreaterThan(0)
    }
  })

  test('puts no text of others into a script (T-05)', () => {
    const scripts = Object.values(jobs).flatMap(({ steps }) => steps.flatMap((step) => step.run ?? []))
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([])
  })
})
