import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isBundle, isDisclosure, parseChainFile, parseStep } from '@countersign/formats'
import { bundleFromJSON } from '@sigstore/bundle'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startServer, type Server } from '../demo/world.ts'
import { Bench } from './cli.ts'

const SECRET = 'customer-acme'
const FIELDS = ['argv', 'environment']

const bench = new Bench()
const key = bench.path('build.key')
let server: Server
let env: Record<string, string>
let repo: string
let next: string

interface Told {
  readonly field: string
  readonly value: unknown
}
interface Judged {
  readonly verdict: string
  readonly steps: readonly { readonly name: string; readonly sealed: readonly Told[] }[]
  readonly findings: readonly { readonly code: string }[]
  readonly refused: readonly { readonly code: string }[]
}

beforeAll(async () => {
  server = await startServer(bench.dir('server'))
  env = {
    COUNTERSIGN_URL: server.url,
    COUNTERSIGN_TOKEN: server.token,
    COUNTERSIGN_SPOOL: bench.path('spool'),
    CUSTOMER: SECRET,
  }
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
  expect(bench.cli(bench.root, ['key', 'enroll', `${key}.pub`, '--name', 'build'], env).code).toBe(0)
  repo = bench.checkout('repo', { 'a.txt': 'built\n' })
  const options = ['--pipeline', 'p', '--products', 'a.txt', '--env', 'CUSTOMER', '--seal', 'argv,environment']
  const ran = record(repo, 'build', options, ['echo', SECRET])
  expect(ran).toMatchObject({ sealed: FIELDS, disclosures: null })
  next = bench.dir('next')
  for (const file of ['a.txt', 'a.txt.chain.jsonl']) cpSync(join(repo, file), join(next, file))
  record(next, 'test', ['--materials', 'a.txt'], ['true'])
  const headers = { authorization: `Bearer ${server.token}` }
  const { vkey } = (await (await fetch(`${server.url}/v1/server`, { headers })).json()) as { vkey: string }
  bench.write('log.vkey', `${vkey}\n`)
})
afterAll(async () => {
  await server.stop()
  bench.remove()
})

function record(cwd: string, step: string, more: readonly string[], command: readonly string[], code = 0): object {
  const ran = bench.cli(cwd, ['run', '--json', '--step', step, '--key', key, ...more, '--', ...command], env)
  expect([ran.code, ran.err]).toEqual([code, expect.stringContaining('"link"')])
  return JSON.parse(ran.err) as object
}

const trust = () => ['--trust', `build=${key}.pub`, bench.path('log.vkey'), '--offline']
function verify(more: readonly string[]): Judged & { code: number | null } {
  const ran = bench.cli(next, ['verify', 'a.txt', '--format', 'json', ...more], env)
  return { ...(JSON.parse(ran.out) as Judged), code: ran.code }
}
const sealedOf = ({ steps }: Judged, name = 'build') => steps.find((step) => step.name === name)!.sealed
const text = (file: string) => readFileSync(join(next, file), 'utf8')
/** Whether the secret stands in a chain file, in a payload of it too. */
const isTold = (file: string) => {
  const bytes = readFileSync(join(next, file))
  const payloads = parseChainFile(bytes).flatMap((line) => (isBundle(line) ? [line.envelope.payload] : []))
  return [bytes, ...payloads].some((one) => Buffer.from(one).includes(SECRET))
}
const CLOSED = FIELDS.map((field) => ({ field, value: null }))

describe('a step recorded with sealed fields', () => {
  test('goes on to the next step with what opens them, and verifies with its values shown', () => {
    const lines = parseChainFile(readFileSync(join(next, 'a.txt.chain.jsonl')))
    expect(lines.filter(isDisclosure).map(({ field }) => field)).toEqual(FIELDS)
    const judged = verify(trust())
    expect([judged.code, judged.verdict, judged.refused]).toEqual([0, 'pass', []])
    expect(sealedOf(judged)).toEqual([
      { field: 'argv', value: ['echo', SECRET] },
      { field: 'environment', value: expect.objectContaining({ CUSTOMER: SECRET }) as unknown },
    ])
    expect(sealedOf(judged, 'test')).toEqual([])
    const shown = bench.cli(next, ['verify', 'a.txt', ...trust()], env)
    expect(shown.out).toContain(`echo ${SECRET} (disclosed)`)
  })

  test('is at the server without its values: neither it nor who asks it is told', () => {
    const remote = bench.dir('remote')
    cpSync(join(next, 'a.txt'), join(remote, 'a.txt'))
    const ran = bench.cli(remote, ['verify', 'a.txt', '--format', 'json'], env)
    expect(ran.code).toBe(0)
    expect(sealedOf(JSON.parse(ran.out) as Judged)).toEqual(CLOSED)
    expect(ran.out).not.toContain(SECRET)
    const tree = bench.cli(remote, ['tree', 'a.txt'], env)
    expect([tree.code, tree.out]).toEqual([0, expect.stringContaining('argv: sealed')])
    // All that was sent is in the reply: the payload that was signed.
    const [line] = parseChainFile(readFileSync(join(next, 'a.txt.chain.jsonl'))).filter(isBundle)
    expect(Buffer.from(line!.envelope.payload).includes(SECRET)).toBe(false)
    // Nothing waits to be sent.
    expect(readdirSync(bench.path('spool'), { recursive: true })).toEqual(['disclosed'])
  })

  test('is read by others as any bundle: its payload is the same JSON with an object more', () => {
    const [line] = text('a.txt.chain.jsonl').split('\n')
    const bundle = bundleFromJSON(JSON.parse(line!))
    const { payload } = (bundle.content as { dsseEnvelope: { payload: Buffer } }).dsseEnvelope
    const { predicate } = parseStep(new Uint8Array(payload))
    expect(predicate.invocation.argv).toEqual({ sealed: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
  })
})

describe('countersign withhold --field', () => {
  test('leaves out what opens the field; all still verifies, and says that it is sealed', () => {
    const out = bench.cli(next, [
      'withhold',
      'a.txt.chain.jsonl',
      '--step',
      'build',
      '--field',
      'argv',
      '-o',
      'one.jsonl',
    ])
    expect([out.code, out.out]).toEqual([0, expect.stringContaining('argv of build')])
    const judged = verify(['--chain', 'one.jsonl', ...without()])
    expect([judged.code, judged.verdict, judged.findings]).toEqual([0, 'pass', []])
    expect(sealedOf(judged).map(({ value }) => value === null)).toEqual([true, false])
    restore()
    // Both fields of every step that has them sealed; the other step shows what it shows, and must be left aside.
    const all = ['withhold', 'a.txt.chain.jsonl', '--field', 'argv,environment', '-o', 'all.jsonl']
    const refused = bench.cli(next, all)
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('argv of step test is not sealed')])
    expect(readdirSync(next)).not.toContain('all.jsonl')
    expect(bench.cli(next, [...all, '--step', 'build']).code).toBe(0)
    expect([isTold('a.txt.chain.jsonl'), isTold('one.jsonl'), isTold('all.jsonl')]).toEqual([true, true, false])
    const closed = verify(['--chain', 'all.jsonl', ...without()])
    restore()
    expect([closed.verdict, sealedOf(closed)]).toEqual(['pass', CLOSED])
    const seen = bench.cli(next, ['inspect', 'all.jsonl'])
    expect([seen.code, /argv\s+sealed/.test(seen.out), seen.out.includes(SECRET)]).toEqual([0, true, false])
    expect(bench.cli(next, ['inspect', 'a.txt.chain.jsonl']).out).toContain(`echo ${SECRET} (disclosed)`)
  })

  test('asks for a field that can be sealed, and a step that is there', () => {
    const withhold = (...more: string[]) => bench.cli(next, ['withhold', 'a.txt.chain.jsonl', ...more, '-o', 'x.jsonl'])
    expect([withhold('--field', 'materials').code, withhold('--field', '').code]).toEqual([2, 2])
    expect(withhold('--field', 'argv', '--step', 'biuld').code).toBe(1)
    expect(withhold('--field', 'evidence').code).toBe(1)
    expect(readdirSync(next)).not.toContain('x.jsonl')
  })

  test('withholding the whole step leaves out what opens it too', () => {
    expect(bench.cli(next, ['withhold', 'a.txt.chain.jsonl', '--step', 'build', '-o', 'step.jsonl']).code).toBe(0)
    expect(parseChainFile(readFileSync(join(next, 'step.jsonl'))).filter(isDisclosure)).toEqual([])
    expect(isTold('step.jsonl')).toBe(false)
  })
})

test('a value that is not what was signed is said to be that, and the verdict stays', () => {
  const whole = text('a.txt.chain.jsonl')
  const lie = whole.replace(/("field":"argv".*?"value":\["echo",")[^"]*/, '$1somebody-else')
  expect(lie).not.toBe(whole)
  writeFileSync(join(next, 'lie.jsonl'), lie)
  const judged = verify(['--chain', 'lie.jsonl', ...without()])
  const shown = bench.cli(next, ['verify', 'a.txt', '--chain', 'lie.jsonl', ...trust()], env)
  restore()
  expect([judged.code, judged.verdict, judged.refused.map(({ code }) => code)]).toEqual([
    0,
    'pass',
    ['disclosure-mismatch'],
  ])
  expect(sealedOf(judged)[0]).toEqual({ field: 'argv', value: null })
  expect([shown.out.includes('disclosure-mismatch'), shown.out.includes('somebody-else')]).toEqual([true, false])
  const seen = bench.cli(next, ['inspect', 'lie.jsonl', '--format', 'json'])
  const [step] = JSON.parse(seen.out) as { sealed: readonly Told[] }[]
  expect(step!.sealed[0]).toEqual({ field: 'argv', value: null })
})

test('evidence carries what is disclosed, and of a copy without it what is not', () => {
  const exported = (file: string, more: readonly string[]) => {
    const ran = bench.cli(next, ['evidence', 'export', 'a.txt', '-o', file, ...more, ...trust()], env)
    expect(ran.code).toBe(0)
    const read = bench.cli(next, ['verify', '--evidence', file, '--trust', `build=${key}.pub`, '--format', 'json'])
    expect(read.code).toBe(0)
    return sealedOf(JSON.parse(read.out) as Judged).map(({ value }) => value === null)
  }
  expect(exported('open.json', [])).toEqual([false, false])
  const said = bench.cli(next, ['evidence', 'export', 'a.txt', '-o', 'open.json', ...trust()], env)
  expect(said.out).toContain('it tells 2 sealed values')
  hide()
  expect(exported('closed.json', ['--chain', 'all.jsonl'])).toEqual([true, true])
  restore()
  expect([text('open.json').includes(SECRET), text('closed.json').includes(SECRET)]).toEqual([true, false])
})

describe('where no chain file is written', () => {
  test('what opens the fields of a failed step is kept beside the spool, and is not uploaded', () => {
    const failed = bench.dir('failed')
    cpSync(join(next, 'a.txt'), join(failed, 'a.txt'))
    const more = ['--pipeline', 'other', '--no-git', '--materials', 'a.txt', '--seal', 'argv', '--offline']
    const options = [...more, '--trust', `build=${key}.pub`]
    const said = record(failed, 'break', options, ['sh', '-c', `exit 3 # ${SECRET}`], 3) as { disclosures: string }
    expect(said.disclosures).toContain(bench.path('spool', 'disclosed'))
    const lines = parseChainFile(readFileSync(said.disclosures))
    expect(lines.filter(isDisclosure).map(({ value }) => value)).toEqual([['sh', '-c', `exit 3 # ${SECRET}`]])
    const sent = bench.cli(failed, ['upload', '--format', 'json'], env)
    expect([sent.code, sent.out]).toEqual([0, expect.stringContaining('"unreadable":[]')])
    expect((JSON.parse(sent.out) as { uploaded: unknown[] }).uploaded.length).toBe(1)
    expect(readFileSync(said.disclosures, 'utf8')).toContain(SECRET)
  })

  test('a field that cannot be sealed is refused before anything runs', () => {
    const args = ['run', '--step', 'x', '--key', key, '--seal', 'materials', '--', 'touch', 'ran']
    const ran = bench.cli(next, args, env)
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('argv, directory, environment')])
    expect(readdirSync(next)).not.toContain('ran')
  })
})

/** Else what is beside the artifact would be read as well, and tell it. */
function hide(): void {
  writeFileSync(bench.path('kept.jsonl'), text('a.txt.chain.jsonl'))
  rmSync(join(next, 'a.txt.chain.jsonl'))
}
function without(): string[] {
  hide()
  return trust()
}
function restore(): void {
  cpSync(bench.path('kept.jsonl'), join(next, 'a.txt.chain.jsonl'))
}
