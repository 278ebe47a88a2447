import { measureAppends } from './append.ts'
import type { Bench } from './row.ts'

/** Appends a second: verified, durable, logged. */
export default {
  name: 'append',
  async run() {
    const { value, limit, p99, bare } = await measureAppends()
    const target = `≥ 2,000/s verified and durable, p99 < 100 ms (p99 ${p99.toFixed(0)} ms; a server that checks and proves nothing: ${Math.round(bare).toLocaleString('en')}/s)`
    const held = value >= 2000 && p99 < 100
    return { name: 'append', value, unit: '1/s', limit, ratio: value / limit, target, held }
  },
} satisfies Bench
