import { spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bench, CLI } from './cli.ts'

const bench = new Bench()
const key = (name: string) => bench.path(`${name}.key`)
const trust = ['--trust', ...['build', 'test', 'deploy'].map((name) => `${name}=${key(name)}.pub`)]

beforeAll(() => {
  for (const [name, type] of [
    ['build', 'p256'],
    ['test', 'ed25519'],
    ['deploy', 'p256'],
  ] as const) {
    expect(bench.cli(bench.root, ['key', 'new', key(name), '--type', type]).code).toBe(0)
  }
})
afterAll(() => bench.remove())

/** Builds in a checkout of its own and hands the artifact, with its chain, to a directory of the next step. */
function build(name: string): string {
  const repo = bench.checkout(`${name}-build`, { 'main.js': 'console.log(1)\n' })
  const args = [
    'run',
    '--step',
    'build',
    '--pipeline',
    'shop/web',
    '--key',
    key('build'),
    '--products',
    'app.tgz',
    '--',
    'tar',
    'czf',
    'app.tgz',
    'main.js',
  ]
  const ran = bench.cli(repo, args)
  expect(ran).toMatchObject({ code: 0, out: '' })
  const next = bench.dir(`${name}-next`)
  for (const file of ['app.tgz', 'app.tgz.chain.jsonl']) cpSync(join(repo, file), join(next, file))
  return next
}

const step = (name: string, command: readonly string[], more: readonly string[] = []) => [
  'run',
  '--step',
  name,
  '--key',
  key(name),
  ...trust,
  '--materials',
  'app.tgz',
  ...more,
  '--',
  ...command,
]

describe('a chain from files alone', () => {
  test('three steps, verified offline, drawn, inspected', () => {
    const cwd = build('three')
    expect(bench.cli(cwd, step('test', ['tar', 'tzf', 'app.tgz']))).toMatchObject({ code: 0, out: 'main.js\n' })
    expect(bench.cli(cwd, step('deploy', ['echo', 'deployed']))).toMatchObject({ code: 0, out: 'deployed\n' })
    const verified = bench.cli(cwd, ['verify', 'app.tgz', ...trust, '--format', 'json'])
    expect(verified.code).toBe(0)
    const verdict = JSON.parse(verified.out) as {
      verdict: string
      steps: { name: string; signer: { name: string } }[]
      edges: { strength: string }[]
    }
    expect(verdict.verdict).toBe('pass')
    expect(verdict.steps.map((s) => [s.name, s.signer.name])).toEqual([
      ['build', 'build'],
      ['test', 'test'],
      ['deploy', 'deploy'],
    ])
    expect(verdict.edges.map((e) => e.strength)).toEqual(['strong', 'strong'])
    const drawn = bench.cli(cwd, ['tree', 'app.tgz', ...trust])
    expect(drawn.code).toBe(0)
    expect(drawn.out).toMatch(/└─ ✓ build.*\n {3}└─ ✓ test.*\n {6}└─ ✓ deploy/)
    expect(bench.cli(cwd, ['inspect', 'app.tgz.chain.jsonl']).out).toContain('step deploy, attempt 1')
  })

  test('one changed byte stops the next step before its command runs', () => {
    const cwd = build('swapped')
    appendFileSync(join(cwd, 'app.tgz'), 'x')
    const ran = bench.cli(cwd, step('test', ['touch', 'ran'], ['--json']))
    expect(ran.code).toBe(1)
    const said = JSON.parse(ran.err) as { error: { code: string }; findings: { code: string }[] }
    expect(said.error.code).toBe('handover-refused')
    expect(said.findings[0]!.code).toBe('material-swapped')
    expect(existsSync(join(cwd, 'ran'))).toBe(false)
    expect(bench.cli(cwd, ['verify', 'app.tgz', ...trust]).code).toBe(1)
  })

  test('a chain that nobody trusted signed stops it as well', () => {
    const cwd = build('foreign')
    const ran = bench.cli(cwd, [
      'run',
      '--step',
      'test',
      '--pipeline',
      'shop/web',
      '--key',
      key('test'),
      '--materials',
      'app.tgz',
      '--',
      'touch',
      'ran',
    ])
    expect(ran.code).toBe(1)
    expect(ran.err).toContain('signer-unknown')
    expect(existsSync(join(cwd, 'ran'))).toBe(false)
  })

  test('what was built from a checkout that is not as its commit is said to be, by all', () => {
    const repo = bench.checkout('dirty', { 'main.js': 'console.log(1)\n' })
    const make = ['--key', key('build'), '--products', 'app.tgz', '--', 'tar', 'czf', 'app.tgz', 'main.js']
    const made = () => bench.cli(repo, ['run', '--step', 'build', '--pipeline', 'shop/web', ...make]).err
    const told = () =>
      [
        ['verify', 'app.tgz', ...trust],
        ['inspect', 'app.tgz.chain.jsonl'],
      ].map((args) => bench.cli(repo, args).out)
    for (const clean of [made(), ...told()]) expect(clean).not.toContain('not as its commit')
    writeFileSync(join(repo, 'main.js'), 'console.log(2)\n')
    for (const dirty of [made(), ...told()]) expect(dirty).toContain('not as its commit')
  })

  test('a step that is run again does not take it for another run, nor what it was handed for something from outside', () => {
    const cwd = build('again')
    const file = join(cwd, 'app.tgz.chain.jsonl')
    const run = (...more: readonly string[]) =>
      bench.cli(cwd, step('test', ['touch', 'ran'], ['--pipeline', 'shop/web', '--json', ...more]))
    expect(run().code).toBe(0)
    const before = readFileSync(file, 'utf8')
    rmSync(join(cwd, 'ran'))
    const again = run()
    expect(again.code).toBe(1)
    expect(JSON.parse(again.err)).toMatchObject({ findings: [{ code: 'place-taken' }] })
    expect(existsSync(join(cwd, 'ran'))).toBe(false)
    expect(readFileSync(file, 'utf8')).toBe(before)
    // As another attempt it may, and nothing is lost of the steps before.
    expect(run('--attempt', '2').code).toBe(0)
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toEqual(
      expect.arrayContaining(before.trimEnd().split('\n')) as string[],
    )
    const { out } = bench.cli(cwd, ['verify', 'app.tgz', ...trust])
    expect(out).toContain('but for app.tgz for step test, from outside')
  })

  test('another run of a step, as CI says, takes nothing out of the chain file of what it was handed', () => {
    const cwd = build('other-run')
    const file = join(cwd, 'app.tgz.chain.jsonl')
    const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n')
    const inRun = (id: string) => {
      const env = { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: id, GITHUB_RUN_ATTEMPT: '1' }
      expect(bench.cli(cwd, step('deploy', ['true'], ['--pipeline', 'shop/web']), env).code).toBe(0)
    }
    inRun('1')
    const before = lines()
    expect(before).toHaveLength(2)
    inRun('2')
    expect(lines()).toEqual([...before, expect.any(String)])
    // Nor does one that believes nobody but who deploys.
    const alone = bench.write(
      'deploy-alone.yaml',
      `contract: v1
pipeline: shop/web
revision: 1
signers:
  deploy: ${JSON.stringify(readFileSync(`${key('deploy')}.pub`, 'utf8').trim())}
steps:
  deploy: { signers: [deploy], materials: [{ outside: app.tgz }] }
final: deploy
`,
    )
    const by = [
      'run',
      '--step',
      'deploy',
      '--contract',
      alone,
      '--key',
      key('deploy'),
      '--no-git',
      '--materials',
      'app.tgz',
    ]
    const env = { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '3', GITHUB_RUN_ATTEMPT: '1' }
    const three = lines()
    expect(bench.cli(cwd, [...by, '--', 'true'], env).code).toBe(0)
    expect(new Set(lines())).toEqual(new Set([...three, lines().at(-1)]))
    expect(bench.cli(cwd, ['verify', 'app.tgz', ...trust]).code).toBe(0)
    // What is about other bytes goes: the file is beside those that there are.
    writeFileSync(join(cwd, 'main.js'), 'console.log(3)\n')
    const again = ['run', '--step', 'build', '--pipeline', 'shop/web', '--key', key('build'), '--products', 'app.tgz']
    expect(bench.cli(cwd, [...again, '--', 'tar', 'czf', 'app.tgz', 'main.js']).code).toBe(0)
    expect(lines()).toHaveLength(1)
  })

  test('its newest step changed stops the next one: it does not go on from the step before', () => {
    const cwd = build('newest')
    expect(bench.cli(cwd, step('test', ['true'])).code).toBe(0)
    const file = join(cwd, 'app.tgz.chain.jsonl')
    const whole = readFileSync(file, 'utf8')
    const bundles = whole.trimEnd().split('\n')
    const newest = JSON.parse(bundles.pop()!) as { dsseEnvelope: { signatures: { sig: string }[] } }
    const [signature] = newest.dsseEnvelope.signatures
    const bytes = Buffer.from(signature!.sig, 'base64')
    bytes[bytes.length - 1]! ^= 1
    signature!.sig = bytes.toString('base64')
    writeFileSync(file, [...bundles, JSON.stringify(newest), ''].join('\n'))
    const ran = bench.cli(cwd, step('deploy', ['touch', 'ran'], ['--json']))
    expect(ran.code).toBe(1)
    const said = JSON.parse(ran.err) as { findings: { code: string; what: string }[] }
    expect(said.findings[0]).toMatchObject({ code: 'signature-invalid', what: expect.stringContaining('test') })
    expect(existsSync(join(cwd, 'ran'))).toBe(false)
    // Red control: the same file as it was.
    writeFileSync(file, whole)
    expect(bench.cli(cwd, step('deploy', ['touch', 'ran'])).code).toBe(0)
    expect(existsSync(join(cwd, 'ran'))).toBe(true)
  })

  test('a chain file with one changed character does not verify', () => {
    const cwd = build('tampered')
    const file = join(cwd, 'app.tgz.chain.jsonl')
    const bundle = JSON.parse(readFileSync(file, 'utf8')) as { dsseEnvelope: { payload: string } }
    const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replace('shop/web', 'shop/wob')
    bundle.dsseEnvelope.payload = Buffer.from(payload).toString('base64')
    writeFileSync(file, `${JSON.stringify(bundle)}\n`)
    const ran = bench.cli(cwd, ['verify', 'app.tgz', ...trust])
    expect(ran.code).toBe(1)
    expect(ran.out).toContain('signature-invalid')
  })

  test.each([
    ['empty', '', 'it is empty'],
    ['no text', Buffer.from([0xff, 0x0a]), 'utf8-invalid: '],
    ['no chain', 'nothing\n', 'line 1: '],
  ])('a chain file that is %s is named, and nothing is begun beside it', (name, content, what) => {
    const cwd = build(name.replace(' ', '-'))
    writeFileSync(join(cwd, 'app.tgz.chain.jsonl'), content)
    for (const args of [step('test', ['touch', 'ran']), ['verify', 'app.tgz', ...trust]]) {
      const ran = bench.cli(cwd, args)
      expect(ran).toMatchObject({ code: 1, out: '' })
      expect(ran.err).toContain(`chain-file-invalid: app.tgz.chain.jsonl: ${what}`)
    }
    expect(existsSync(join(cwd, 'ran'))).toBe(false)
  })

  test('a gate wants a contract, and without evidence there is no verdict', () => {
    const cwd = bench.dir('bare')
    writeFileSync(join(cwd, 'app.tgz'), 'bare')
    expect(bench.cli(cwd, ['gate', 'app.tgz'])).toMatchObject({ code: 2 })
    const ran = bench.cli(cwd, ['verify', 'app.tgz', ...trust])
    expect(ran.code).toBe(2)
    expect(ran.out).toMatch(/evidence-unavailable: .* no server is set\n[^]*--chain FILE, or set COUNTERSIGN_URL\./)
    const offline = bench.cli(cwd, ['verify', 'app.tgz', ...trust, '--offline'], {
      COUNTERSIGN_URL: 'http://127.0.0.1:1',
    })
    expect(offline.code).toBe(2)
    expect(offline.out).toMatch(/no server is asked \(--offline\)\n[^]*or leave out --offline\./)
  })
})

test.each(['e\u0301.tgz', 'e\u0301/a\u0308', 'e\u0301/'])(
  'what has %s for a name on disk has its chain beside it',
  (name) => {
    const cwd = bench.dir(`decomposed-${Buffer.from(name).toString('hex')}`)
    bench.write(join(cwd, name.endsWith('/') ? `${name}x` : name).slice(bench.root.length), 'x')
    const record = ['record', '--no-git', '--pipeline', 'p', '--step', 'build', '--key', key('build')]
    const ran = bench.cli(cwd, [...record, '--products', name, '--json'])
    const file = `${name.replace(/\/$/, '')}.chain.jsonl`
    expect(JSON.parse(ran.err)).toMatchObject({ chainFiles: [file] })
    expect(existsSync(join(cwd, file))).toBe(true)
    expect(bench.cli(cwd, ['verify', name, '--offline', ...trust])).toMatchObject({ code: 0 })
    const next = ['run', '--no-git', '--step', 'test', '--key', key('test'), ...trust, '--json']
    for (const form of [name, name.normalize('NFC')]) {
      const handed = bench.cli(cwd, [...next, '--materials', form, '--', 'true'])
      expect((JSON.parse(handed.err) as { previous: unknown[] }).previous).toHaveLength(1)
      writeFileSync(join(cwd, file), readFileSync(join(cwd, file), 'utf8').split('\n')[0]!)
    }
  },
)

describe('the wrapped command is left alone', () => {
  test('its exit code, its output and its standard input', () => {
    const cwd = bench.checkout('alone', { 'a.txt': 'a\n' })
    const args = ['run', '--step', 'build', '--pipeline', 'p', '--key', key('build'), '--']
    expect(bench.cli(cwd, [...args, 'sh', '-c', 'cat; echo err >&2; exit 7'], {}, 'in')).toMatchObject({
      code: 7,
      out: 'in',
    })
    expect(bench.cli(cwd, [...args, 'sh', '-c', 'kill -TERM $$']).code).toBe(143)
  })

  test('a failed step is recorded and hands nothing over', () => {
    const cwd = build('failing')
    const ran = bench.cli(cwd, step('test', ['false'], ['--chain-out', 'failed.chain.jsonl', '--json']))
    expect(ran.code).toBe(1)
    const said = JSON.parse(ran.err) as { exitCode: number; chainFiles: string[] }
    expect(said).toMatchObject({ exitCode: 1, signal: null, chainFiles: [] })
    const killed = bench.cli(cwd, step('test', ['sh', '-c', 'kill -TERM $$'], ['--json']))
    expect(killed.code).toBe(143)
    expect(JSON.parse(killed.err)).toMatchObject({ exitCode: null, signal: 'SIGTERM', error: null })
  })

  test('its exit code is kept where nothing of it can be recorded', () => {
    const cwd = bench.dir('nothing')
    const run = (...command: readonly string[]) =>
      bench.cli(cwd, ['run', '--step', 'x', '--pipeline', 'p', '--key', key('build'), '--no-git', '--', ...command])
    const told = expect.stringContaining('nothing-recorded: ') as string
    expect(run('sh', '-c', 'exit 7')).toMatchObject({ code: 7, err: told })
    expect(run('sh', '-c', 'kill -TERM $$')).toMatchObject({ code: 143, err: told })
    expect(run('no-such-command')).toMatchObject({ code: 127, err: expect.stringContaining('command-unstartable') })
    expect(run('true')).toMatchObject({ code: 1, err: told })
    const json = ['run', '--step', 'x', '--pipeline', 'p', '--key', key('build'), '--no-git', '--json', '--']
    const ran = bench.cli(cwd, [...json, 'sh', '-c', 'echo out; exit 7'])
    expect(ran).toMatchObject({ code: 7, out: 'out\n' })
    expect(JSON.parse(ran.err)).toMatchObject({ error: { code: 'nothing-recorded' } })
  })

  test('what went wrong is never in the output of the command, whose options are its own', () => {
    const cwd = bench.dir('outputs')
    const args = ['run', '--step', 'x', '--pipeline', 'p', '--key', key('build'), '--no-git']
    const plain = bench.cli(cwd, [...args, '--', 'echo', '--json'])
    expect(plain).toMatchObject({ code: 1, out: '--json\n', err: expect.stringMatching(/^✗ nothing-recorded: /) })
    const json = bench.cli(cwd, [...args, '--json', '--products', 'none', '--', 'echo', 'out'])
    expect(json).toMatchObject({ code: 1, out: 'out\n' })
    expect(JSON.parse(json.err)).toMatchObject({ error: { code: 'file-missing' } })
    const wrong = bench.cli(cwd, ['run', '--json', '--nonsense', '--', 'echo'])
    expect(wrong).toMatchObject({ code: 2, out: '' })
    expect(JSON.parse(wrong.err)).toMatchObject({ error: { code: 'usage' } })
  })

  test('a command that is not there', () => {
    const cwd = bench.checkout('nocommand', { 'a.txt': 'a\n' })
    const ran = bench.cli(cwd, [
      'run',
      '--step',
      'build',
      '--pipeline',
      'p',
      '--key',
      key('build'),
      '--',
      'no-such-command',
    ])
    expect(ran.code).toBe(127)
    expect(ran.err).toContain('command-unstartable')
  })

  test('signals reach it, and the step is recorded all the same', async () => {
    const cwd = bench.checkout('signalled', { 'a.txt': 'a\n' })
    const script = "trap 'echo caught; exit 3' TERM; echo ready; while :; do sleep 0.05; done"
    const child = bench.start(cwd, [
      'run',
      '--step',
      'build',
      '--pipeline',
      'p',
      '--key',
      key('build'),
      '--json',
      '--',
      'sh',
      '-c',
      script,
    ])
    let out = ''
    let err = ''
    child.stderr.on('data', (chunk) => (err += String(chunk)))
    child.stdout.on('data', (chunk) => {
      if (!out.includes('ready')) setImmediate(() => child.kill('SIGTERM'))
      out += String(chunk)
    })
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect(code).toBe(3)
    expect(out).toBe('ready\ncaught\n')
    expect(JSON.parse(err)).toMatchObject({ exitCode: 3 })
  })

  test('a material that it changes is found out', () => {
    const cwd = build('changing')
    const ran = bench.cli(cwd, step('test', ['sh', '-c', 'echo x >> app.tgz']))
    expect(ran.code).toBe(1)
    expect(ran.err).toContain('material-changed')
  })
})

describe('keys', () => {
  test('a passphrase locks the key, and only it opens it', () => {
    const cwd = bench.checkout('locked', { 'a.txt': 'a\n' })
    const locked = bench.path('locked.key')
    expect(bench.cli(cwd, ['key', 'new', locked], { COUNTERSIGN_KEY_PASSPHRASE: 'open sesame' }).code).toBe(0)
    expect(readFileSync(locked, 'utf8')).toContain('ENCRYPTED PRIVATE KEY')
    const args = ['run', '--step', 'build', '--pipeline', 'p', '--key', locked, '--', 'true']
    expect(bench.cli(cwd, args, { COUNTERSIGN_KEY_PASSPHRASE: 'open sesame' }).code).toBe(0)
    for (const env of [{}, { COUNTERSIGN_KEY_PASSPHRASE: 'wrong' }]) {
      const ran = bench.cli(cwd, args, env)
      expect(ran).toMatchObject({ code: 1 })
      expect(ran.err).toContain('key-passphrase')
    }
  })

  test.runIf(process.platform !== 'win32')('that others can use are used, and told of', () => {
    const cwd = bench.dir('loose')
    bench.cli(cwd, ['key', 'new', 'loose.key'])
    writeFileSync(join(cwd, 'a.txt'), 'a\n')
    const args = ['run', '--step', 'build', '--pipeline', 'p', '--no-git', '--key', 'loose.key', '--products', 'a.txt']
    for (const [mode, others] of [
      [0o644, 'read'],
      [0o666, 'change'],
    ] as const) {
      chmodSync(join(cwd, 'loose.key'), mode)
      const warning = `others on this machine can ${others} the key loose.key (mode 0${mode.toString(8)}); fix: chmod 600 loose.key`
      const ran = bench.cli(cwd, [...args, '--', 'true'])
      expect([ran.code, ran.err.split('\n')[0]]).toEqual([0, `! ${warning}`])
      const json = bench.cli(cwd, [...args, '--json', '--', 'true'])
      expect(JSON.parse(json.err)).toMatchObject({ warnings: [warning] })
    }
    for (const mode of [0o600, 0o440]) {
      chmodSync(join(cwd, 'loose.key'), mode)
      expect(bench.cli(cwd, [...args, '--', 'true']).err).not.toContain('others')
    }
  })

  test('are never overwritten', () => {
    const before = readFileSync(key('build'))
    expect(bench.cli(bench.root, ['key', 'new', key('build')])).toMatchObject({ code: 1 })
    expect(readFileSync(key('build'))).toEqual(before)
  })
})

test('whoever has read enough ends the output without a word', () => {
  const script = '"$0" "$1" contract schema | true; echo "${PIPESTATUS[0]}"'
  const ran = spawnSync('bash', ['-c', script, process.execPath, CLI], { encoding: 'utf8' })
  expect(ran).toMatchObject({ stdout: '141\n', stderr: '' })
})
