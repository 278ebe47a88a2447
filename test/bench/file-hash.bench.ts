import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { observe } from '@countersign/record'
import { type Bench, middle } from './row.ts'

const BYTES = 256 * 1024 * 1024
const ROUNDS = 7

/** Recording one file of 256 MB, beside a bare loop that reads and hashes it. */
export default {
  name: 'file-hash',
  async run() {
    const root = mkdtempSync(join(tmpdir(), 'countersign-bench-file-'))
    try {
      const file = join(root, 'large.bin')
      writeFileSync(file, Buffer.alloc(BYTES, 'countersign'))
      const rate = (begun: number) => BYTES / 1e6 / ((performance.now() - begun) / 1000)
      const buffer = new Uint8Array(1024 * 1024)
      const bare = () => {
        const begun = performance.now()
        const hash = createHash('sha256')
        const fd = openSync(file, 'r')
        for (let read = readSync(fd, buffer); read > 0; read = readSync(fd, buffer))
          hash.update(buffer.subarray(0, read))
        closeSync(fd)
        hash.digest()
        return rate(begun)
      }
      const whole = async () => {
        const begun = performance.now()
        await observe({ root, patterns: ['large.bin'] })
        return rate(begun)
      }
      await whole()
      const rounds: { bare: number; whole: number }[] = []
      for (let i = 0; i < ROUNDS; i++) rounds.push({ bare: bare(), whole: await whole() })
      const limit = middle(rounds.map((round) => round.bare))
      const value = middle(rounds.map((round) => round.whole))
      const ratio = value / limit
      return {
        name: 'file-hash',
        value,
        unit: 'MB/s',
        limit,
        ratio,
        target: '≥ 85 % of a bare loop',
        held: ratio >= 0.85,
      }
    } finally {
      rmSync(root, { recursive: true, force: true })
    }
  },
} satisfies Bench
