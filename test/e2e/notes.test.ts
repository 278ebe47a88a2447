import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, startServer } from '../demo/world.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
let server: Server
let env: Record<string, string>
let repo: string
let link: string

interface Noted {
  readonly id: string
  readonly index: number
}
interface Listed {
  readonly id: string
  readonly kind: string
  readonly verified: boolean
  readonly supersededBy: string | null
  readonly signer?: { readonly name: string }
}

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token, COUNTERSIGN_SPOOL: bench.path('spool') }
  for (const name of ['build', 'ann', 'bob', 'eve']) {
    expect(bench.cli(bench.root, ['key', 'new', key(name)]).code).toBe(0)
    if (name !== 'eve')
      expect(bench.cli(bench.root, ['key', 'enroll', `${key(name)}.pub`, '--name', name], env).code).toBe(0)
  }
  repo = bench.checkout('repo', { 'a.txt': 'noted\n' })
  const build = ['run', '--json', '--step', 'build', '--key', key('build'), '--pipeline', 'p', '--products', 'a.txt']
  const ran = bench.cli(repo, [...build, '--', 'true'], env)
  expect(ran.code).toBe(0)
  link = (JSON.parse(ran.err) as { link: string }).link
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

const note = (by: string, ...args: readonly string[]) =>
  bench.cli(repo, ['note', '--format', 'json', '--key', key(by), ...args], env)
const said = ({ out, err }: { readonly out: string; readonly err: string }) => `${out}${err}`
const noted = (...given: Parameters<typeof note>) => {
  const ran = note(...given)
  expect([ran.code, ran.err]).toEqual([0, ''])
  return JSON.parse(ran.out) as Noted
}
const notes = (...args: readonly string[]) =>
  JSON.parse(bench.cli(repo, ['notes', '--format', 'json', ...args], env).out) as readonly Listed[]

describe('a dispute, from the command line', () => {
  test('is open, resolved by somebody else, and told beside every verdict, which it does not change', () => {
    const dispute = noted('ann', link, '--dispute', '--text', 'the report is of another build')
    expect(notes('--open')).toMatchObject([{ id: dispute.id, verified: true, signer: { name: 'ann' } }])
    const verify = (...more: readonly string[]) =>
      bench.cli(repo, ['verify', join(repo, 'a.txt'), '--chain', fetched(), ...more], env)
    const text = verify()
    expect(text.code).toBe(0)
    expect(text.out).toContain('1 open dispute')
    expect(text.out).toContain('the report is of another build')
    expect(JSON.parse(verify('--format', 'json').out)).toMatchObject({ verdict: 'pass', notes: { open: 1 } })
    // Whoever signed the step does not resolve what is said of it, and its author does not either.
    for (const by of ['build', 'ann']) {
      const ran = note(by, '--resolve', dispute.id, '--text', 'it is fine')
      expect([by, ran.code, said(ran).includes('remark-supersedes')]).toEqual([by, 1, true])
    }
    const answer = noted('bob', '--resolve', dispute.id, '--text', 'built again as run 42')
    expect(notes('--open')).toEqual([])
    expect(notes(link).map(({ id, kind, supersededBy }) => [id, kind, supersededBy])).toEqual([
      [dispute.id, 'dispute', answer.id],
      [answer.id, 'resolution', null],
    ])
    expect(verify().out).not.toContain('open dispute')
    // In words, too.
    const told = bench.cli(repo, ['notes', link], env)
    expect(told.out).toContain('built again as run 42')
    expect(told.out).toContain('superseded by')
  })

  test('is in evidence, and left out of it where a reader is older', () => {
    noted('build', 'a.txt', '--text', 'kept for the auditor')
    const evidence = (...more: readonly string[]) => {
      const out = bench.path('a.evidence.json')
      expect(bench.cli(bench.root, ['evidence', 'export', digest(), '--out', out, ...more], env).code).toBe(0)
      return out
    }
    const judged = bench.cli(bench.root, ['verify', '--evidence', evidence(), '--format', 'json'])
    const told = JSON.parse(judged.out) as { verdict: string; notes: { unknown: number; items: { text: string }[] } }
    expect(told.verdict).toBe('pass')
    expect(told.notes.items.map(({ text }) => text)).toContain('kept for the auditor')
    expect(readFileSync(evidence('--no-notes'), 'utf8')).not.toContain('countersign.note.v1')
    // Red control: with them it has them.
    expect(readFileSync(evidence(), 'utf8')).toContain('countersign.note.v1')
  })

  test('in files alone, with no server', () => {
    const file = bench.path('offline.chain.jsonl')
    writeFileSync(file, readFileSync(join(repo, 'a.txt.chain.jsonl')))
    const offline = ['--offline', '--to', file]
    const dispute = noted('ann', link, '--dispute', '--text', 'not so', ...offline)
    const trust = ['--trust', `ann=${key('ann')}.pub`, '--trust', `build=${key('build')}.pub`]
    const listed = () => notes('--chain', file, '--offline', ...trust)
    expect(listed()).toMatchObject([{ id: dispute.id, verified: true, supersededBy: null }])
    noted('ann', '--withdraw', dispute.id, '--text', 'I was wrong', ...offline)
    expect(listed().map(({ kind, supersededBy }) => [kind, supersededBy === null])).toEqual([
      ['dispute', false],
      ['withdrawal', true],
    ])
    // Who is not believed is told apart.
    noted('eve', link, '--text', 'mine', ...offline)
    expect(listed().map(({ verified }) => verified)).toEqual([true, true, false])
    // What is of no server is not brought to one.
    const inspected = bench.cli(bench.root, ['inspect', file])
    expect(inspected.out).toContain('I was wrong')
    const tree = bench.cli(bench.root, ['tree', file, ...trust])
    expect([tree.code, tree.out.includes('Signed notes')]).toEqual([0, true])
  })

  test.each([
    [['--text', 'about nothing'], 'about nothing'],
    [[`${'a'.repeat(64)}`], 'says nothing'],
    [['--resolve', 'x', '--text', 'a'], 'no id of a note'],
    [['--dispute', '--withdraw', 'a'.repeat(64), '--text', 'a'], 'is meant'],
  ])('is refused where it does not fit together: %j', (args, says) => {
    const ran = note('ann', ...args)
    expect([ran.code, said(ran).includes(says)]).toEqual([2, true])
  })

  test('does not move a terminal, and is no line of another', () => {
    const ran = note('ann', link, '--text', 'a\u001b[2Jb')
    expect([ran.code, said(ran).includes('remark-invalid')]).toEqual([1, true])
    expect(said(ran)).not.toContain('\u001b')
  })
})

function digest(): string {
  const [line] = readFileSync(join(repo, 'a.txt.chain.jsonl'), 'utf8').split('\n')
  const { dsseEnvelope } = JSON.parse(line!) as { dsseEnvelope: { payload: string } }
  const { subject } = JSON.parse(Buffer.from(dsseEnvelope.payload, 'base64').toString()) as {
    subject: { digest: { sha256: string } }[]
  }
  return `sha256:${subject[0]!.digest.sha256}`
}

/** The chain as the server has it, with the notes. */
function fetched(): string {
  const out = bench.path('fetched.evidence.json')
  expect(bench.cli(bench.root, ['evidence', 'export', digest(), '--out', out], env).code).toBe(0)
  const { evidence = null, lines } = JSON.parse(readFileSync(out, 'utf8')) as {
    evidence?: { lines: string[] } | null
    lines?: string[]
  }
  const file = bench.path('fetched.chain.jsonl')
  writeFileSync(file, (evidence?.lines ?? lines!).map((line) => `${line}\n`).join(''))
  return file
}
