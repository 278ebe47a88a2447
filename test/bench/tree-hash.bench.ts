import { hash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { observe } from '@countersign/record'
import { type Bench, middle } from './row.ts'

const FILES = 20_000
const ROUNDS = 7

/** The fastest walk there is in Node: no order, no checks, no manifest. */
function readAll(directory: string): number {
  let files = 0
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = `${directory}/${entry.name}`
    if (entry.isDirectory()) files += readAll(path)
    else {
      hash('sha256', readFileSync(path))
      files++
    }
  }
  return files
}

/** Recording a tree of 20,000 files of 4 kB as one resource, beside a bare walk that reads and hashes each. */
export default {
  name: 'tree-hash',
  async run() {
    const root = mkdtempSync(join(tmpdir(), 'countersign-bench-tree-'))
    try {
      for (let i = 0; i < FILES; i++) {
        const dir = join(root, 'tree', `d${i % 100}`)
        if (i < 100) mkdirSync(dir, { recursive: true })
        writeFileSync(join(dir, `file-${i}`), Buffer.alloc(4096, i))
      }
      const bare = () => {
        const begun = performance.now()
        const files = readAll(join(root, 'tree'))
        if (files !== FILES) throw new Error(`${files} files`)
        return FILES / ((performance.now() - begun) / 1000)
      }
      const whole = async () => {
        const begun = performance.now()
        await observe({ root, patterns: ['tree'] })
        return FILES / ((performance.now() - begun) / 1000)
      }
      await whole()
      const rounds: { bare: number; whole: number }[] = []
      for (let i = 0; i < ROUNDS; i++) rounds.push({ bare: bare(), whole: await whole() })
      const limit = middle(rounds.map((round) => round.bare))
      const value = middle(rounds.map((round) => round.whole))
      const ratio = value / limit
      return {
        name: 'tree-hash',
        value,
        unit: 'files/s',
        limit,
        ratio,
        target: '≥ 70 % of a bare walk',
        held: ratio >= 0.7,
      }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  },
} satisfies Bench
