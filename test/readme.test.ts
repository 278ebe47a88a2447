import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Server, startServer } from './demo/world.ts'

const ROOT = join(import.meta.dirname, '..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

interface Snippet {
  readonly line: number
  readonly script: string
  /** The text block right after it, null when there is none. */
  readonly shown: string | null
}

/** Shell blocks of the README, each with the output it claims. */
const snippets: Snippet[] = [...README.matchAll(/```sh\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```)?/g)].map(
  (match) => ({
    line: README.slice(0, match.index).split('\n').length,
    script: match[1]!,
    shown: match[2] ?? null,
  }),
)

// These set a checkout up, or run for ever: CI and the end-to-end tests run them.
const elsewhere = (snippet: Snippet) => /npm (ci|start)|countersign witness /.test(snippet.script)

let directory = ''
let server: Server
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'countersign-readme-'))
  server = await startServer(join(directory, 'server'))
  const shop = join(directory, 'shop')
  mkdirSync(shop)
  mkdirSync(join(directory, 'bin'))
  symlinkSync(join(ROOT, 'packages', 'cli', 'dist', 'countersign.js'), join(directory, 'bin', 'countersign'))
  writeFileSync(join(shop, 'main.js'), 'console.log("hello")\n')
  const git = 'git init -q -b main && git add -A && git -c user.name=a -c user.email=a@b.example commit -qm first'
  expect(spawnSync('sh', ['-c', git], { cwd: shop }).status).toBe(0)
})
afterAll(async () => {
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
})

test('the README has the two commands and CI runs them', () => {
  expect(README).toContain('npm ci && npm run demo\n')
  expect(README).toContain('npm ci && npm test\n')
  const ci = readFileSync(join(ROOT, '.ci', 'run'), 'utf8')
  expect(ci).toMatch(/^npm ci/m)
  expect(ci).toMatch(/^npm test$/m)
  expect(ci).toMatch(/^npm run --silent demo/m)
})

test('there are snippets to run', () => {
  expect(snippets.filter((snippet) => !elsewhere(snippet)).length).toBeGreaterThanOrEqual(3)
})

// In the order of the README: later ones use what earlier ones made.
for (const snippet of snippets.filter((s) => !elsewhere(s))) {
  test(`the snippet at line ${snippet.line} runs as written`, () => {
    const ran = spawnSync('bash', ['-ec', snippet.script], {
      cwd: join(directory, 'shop'),
      encoding: 'utf8',
      env: {
        PATH: `${join(directory, 'bin')}:${process.env['PATH'] ?? ''}`,
        HOME: directory,
        NO_COLOR: '1',
        COUNTERSIGN_URL: server.url,
        COUNTERSIGN_TOKEN: server.token,
      },
    })
    const out = `${ran.stdout}${ran.stderr}`
    expect({ status: ran.status, out }).toEqual({ status: 0, out })
    if (snippet.shown !== null) expect(out.trimEnd()).toMatch(pattern(snippet.shown))
  })
}

/** What the README shows, where `…` stands for what differs from run to run. */
function pattern(shown: string): RegExp {
  const literal = shown.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${literal.replaceAll('…', '.*?')}$`, 's')
}
