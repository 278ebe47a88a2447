import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { COMPILED } from './compiled.ts'
import { type Server, startServer } from './demo/world.ts'
import { type LocalIssuer, startIssuer } from './identity/local-issuer.ts'
import { TokenEndpoints } from './identity/token-endpoints.ts'

const ROOT = join(import.meta.dirname, '..')
/** In the order in which they are read: what a later one shows uses what an earlier one made. */
const GUIDES = ['README.md', 'server/README.md', 'packages/cli/README.md'].map((file) => ({
  file,
  text: readFileSync(join(ROOT, file), 'utf8'),
}))
const README = GUIDES[0]!.text

interface Snippet {
  readonly file: string
  readonly line: number
  readonly script: string
  /** The text block right after it, null when there is none. */
  readonly shown: string | null
}

/** Shell blocks of the guides, each with the output it claims. */
const snippets: Snippet[] = GUIDES.flatMap(({ file, text }) =>
  [...text.matchAll(/```sh\n([\s\S]*?)```\n(?:\n```text\n([\s\S]*?)```)?/g)].map((match) => ({
    file,
    line: text.slice(0, match.index).split('\n').length,
    script: match[1]!,
    shown: match[2] ?? null,
  })),
)

// These set a checkout up, or run for ever: CI and the end-to-end tests run them.
const elsewhere = (snippet: Snippet) => /npm (ci|start)|countersign witness /.test(snippet.script)

let directory = ''
let server: Server
/** Of the CI system in which one snippet runs. */
let issuer: LocalIssuer
let endpoints: TokenEndpoints
beforeAll(async () => {
  issuer = await startIssuer()
  endpoints = await new TokenEndpoints().start()
  endpoints.mint('github-actions', (aud) => issuer.token('github-actions', { aud }))
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
  endpoints.stop()
  await issuer.close()
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

for (const snippet of snippets.filter((s) => !elsewhere(s))) {
  test(`the snippet at line ${snippet.line} of ${snippet.file} runs as written`, async () => {
    const child = spawn('bash', ['-ec', snippet.script], {
      cwd: join(directory, 'shop'),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: `${join(directory, 'bin')}:${process.env['PATH'] ?? ''}`,
        HOME: directory,
        ...COMPILED,
        NO_COLOR: '1',
        COUNTERSIGN_URL: server.url,
        COUNTERSIGN_TOKEN: server.token,
        ...(snippet.script.includes('countersign identity') ? endpoints.github() : {}),
      },
    })
    const [printed, said, status] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      new Promise<number | null>((done) => child.once('close', done)),
    ])
    const out = `${printed}${said}`
    expect({ status, out }).toEqual({ status: 0, out })
    if (snippet.shown !== null) expect(out.trimEnd()).toMatch(pattern(snippet.shown))
  })
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += String(chunk)
  return text
}

/** What a guide shows, where `…` stands for what differs from run to run. */
function pattern(shown: string): RegExp {
  const literal = shown.trimEnd().replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${literal.replaceAll('…', '.*?')}$`, 's')
}

test.each(GUIDES)('what $file links to is there', ({ file, text }) => {
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g)].map(([, path]) => path!)
  expect(links.length).toBeGreaterThan(2)
  for (const path of links) expect(existsSync(join(ROOT, dirname(file), path)), path).toBe(true)
})
