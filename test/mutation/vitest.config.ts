import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type Plugin } from 'vitest/config'

/** The copy that is mutated: this file is of it. */
const root = join(import.meta.dirname, '..', '..')

const OUTSIDE = /openTestServer|spawn|execFile|\bBench\b|startServer|listen\(|\bvi\./

/** What these hold is read by no other test, and takes the most of the time. */
const SPECIAL =
  /anchor|ethereum|opentimestamps|rekor|rfc3161|sigstore|x509|certificate|parse\.test|t-(?:26|5[2-5]|76|8[2-8]|92|93)-/
const mutated = process.env['COUNTERSIGN_MUTATED'] ?? ''
const room = mutated.split('/')[1] ?? '*'
const more =
  process.env['COUNTERSIGN_MUTATION_MORE'] === '1' ? ['test/vectors/*.test.ts', 'test/attacks/*.test.ts'] : []

/** What judges in this process: a server or a program that is started has the sources as they are. */
const named = process.env['COUNTERSIGN_MUTATION_TESTS'] ?? ''
const usual = [`packages/${room}/src/**/*.test.ts`, 'test/twins/*.test.ts', ...more]
const include = globSync(named === '' ? usual : named.split(','), { cwd: root }).filter((file) => {
  const text = readFileSync(join(root, file), 'utf8')
  if (SPECIAL.test(file) && !/anchors|sigstore|x509|identity\/|parse|yaml/.test(mutated)) return false
  return /packages|@countersign\/(?:contract|verify)|judging|ruled|twins/.test(`${file} ${text}`) && !OUTSIDE.test(text)
})

/** Rooms are found in the copy: the link in node_modules goes to what is not mutated. */
const rooms: Plugin = {
  name: 'rooms-of-the-copy',
  enforce: 'pre',
  resolveId(id) {
    const [, room, below] = /^@countersign\/([a-z-]+)(\/.+)?$/.exec(id) ?? []
    if (room === undefined) return null
    const folder = join(root, 'packages', room)
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      exports: Readonly<Record<string, string | object>>
    }
    const place = exports[`.${below ?? ''}`]
    return typeof place !== 'string' ? null : join(folder, place)
  },
}

export default defineConfig({
  root,
  plugins: [rooms],
  test: {
    include,
    // Loaded once: else most of the time of each change would go into that.
    isolate: false,
    maxWorkers: 1,
    testTimeout: 30_000,
  },
})
