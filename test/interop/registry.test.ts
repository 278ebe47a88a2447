import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { Bench } from '../e2e/cli.ts'
import { GO_MISSING, goTool } from './go.ts'

const VERSION = 'v0.20.6'
const registry = goTool('registry', 'github.com/google/go-containerregistry/cmd/registry', VERSION)
const crane = goTool('crane', 'github.com/google/go-containerregistry/cmd/crane', VERSION)
const cosign = goTool('cosign', 'github.com/sigstore/cosign/v3/cmd/cosign', 'v3.1.3')
const bench = new Bench()
let running: ChildProcess | null = null

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Starts a registry, and puts an image there. Its name. */
async function started(command: (port: number) => readonly [string, ...string[]]): Promise<string> {
  const port = await freePort()
  const [path, ...args] = command(port)
  running = spawn(path, args, { stdio: 'ignore' })
  const host = `localhost:${port}`
  for (let i = 0; i < 200; i++) {
    if (
      await fetch(`http://${host}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break
    await new Promise((done) => setTimeout(done, 50))
  }
  bench.write('layer.txt', 'content\n')
  spawnSync('tar', ['cf', 'layer.tar', 'layer.txt'], { cwd: bench.root })
  const image = `${host}/shop/web:1.0`
  const appended = spawnSync(crane.path, ['append', '--insecure', '-f', bench.path('layer.tar'), '-t', image], {
    encoding: 'utf8',
  })
  expect(appended.status, appended.stderr).toBe(0)
  return image
}

describe.skipIf(GO_MISSING)('registries of others', () => {
  beforeAll(() => {
    for (const tool of [registry, crane, cosign]) tool.install()
    expect(bench.cli(bench.root, ['key', 'new', 'k.key']).code).toBe(0)
  })
  afterEach(() => {
    running?.kill('SIGKILL')
  })
  afterAll(() => bench.remove())

  test.each([
    ['registry, by the tag', (port: number) => [registry.path, '-port', String(port)] as const],
    [
      'crane, by its list',
      (port: number) => [crane.path, 'registry', 'serve', '--address', `127.0.0.1:${port}`] as const,
    ],
  ])('%s: what is attached is found, and cosign believes the provenance', async (name, command) => {
    const image = await started((port) => [...command(port)] as [string, ...string[]])
    const manifest = spawnSync(crane.path, ['manifest', '--insecure', image], { encoding: 'utf8' }).stdout
    const directory = name.split(',')[0]!
    bench.write(`${directory}/manifest`, manifest)
    const cwd = bench.path(directory)
    const key = ['--key', '../k.key']
    const step = ['run', '--step', 'build', '--pipeline', 'shop/web', ...key, '--no-git', '--products', 'image']
    expect(bench.cli(cwd, [...step, '--', 'cp', 'manifest', 'image'])).toMatchObject({ code: 0 })
    expect(bench.cli(cwd, ['provenance', 'image', '--trust', 'build=../k.key.pub', ...key])).toMatchObject({ code: 0 })
    const attached = bench.cli(cwd, ['attach', image, 'image.chain.jsonl', 'image.provenance.sigstore.json'])
    expect(attached).toMatchObject({ code: 0, err: '' })
    const found = bench.cli(cwd, ['discover', image, '--out', 'found', '--format', 'json'])
    expect(JSON.parse(found.out).found).toMatchObject([{ fault: null }, { fault: null }])
    const args = ['verify-attestation', '--key', bench.path('k.key.pub'), '--type', 'slsaprovenance1']
    const flags = ['--insecure-ignore-tlog', '--allow-http-registry', '--allow-insecure-registry', image]
    const verified = spawnSync(cosign.path, [...args, ...flags], { encoding: 'utf8' })
    expect(verified.status, verified.stderr).toBe(0)
    const other = spawnSync(cosign.path, [...args.with(4, 'slsaprovenance02'), ...flags], { encoding: 'utf8' })
    expect(other.status).not.toBe(0)
  })
})
