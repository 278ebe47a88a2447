import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Bench } from '../e2e/cli.ts'
import { GO_MISSING, goProgram, goTool } from './go.ts'

const slsa = goProgram('go-slsa')
const cosign = goTool('cosign', 'github.com/sigstore/cosign/v3/cmd/cosign', 'v3.1.3')
const bench = new Bench()
let directory = ''

describe.skipIf(GO_MISSING)('what we give to tools that read SLSA', () => {
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'countersign-slsa-'))
    slsa.build()
    cosign.install()
    for (const type of ['p256', 'ed25519']) {
      expect(bench.cli(bench.root, ['key', 'new', `${type}.key`, '--type', type]).code).toBe(0)
    }
    const signers = { maker: readFileSync(bench.path('p256.key.pub'), 'utf8') }
    const steps = { build: { signers: ['maker'], products: ['app'] } }
    const contract = { contract: 'v1', pipeline: 'shop/web', revision: 1, signers, steps, final: 'build' }
    bench.write('contract.yaml', JSON.stringify(contract))
    const args = ['run', '--step', 'build', '--contract', 'contract.yaml', '--key', 'p256.key', '--no-git']
    const ran = bench.cli(bench.root, [...args, '--products', 'app', '--', 'sh', '-c', 'echo made > app'])
    expect(ran).toMatchObject({ code: 0 })
  })
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true })
    bench.remove()
  })

  const VERIFIER = 'https://shop.example/gate'
  const RESOURCE = 'pkg:generic/app@1'
  const digest = () =>
    `sha256:${createHash('sha256')
      .update(readFileSync(bench.path('app')))
      .digest('hex')}`
  const judged = (key: string, ...args: readonly string[]) =>
    spawnSync(slsa.path, [bench.path('vsa.json'), bench.path(`${key}.key.pub`), ...args], { encoding: 'utf8' })

  test.each(['p256', 'ed25519'])('slsa-verifier believes our summary under its key: %s', (key) => {
    const summed = [
      '--vsa',
      'vsa.json',
      '--vsa-key',
      `${key}.key`,
      '--vsa-verifier',
      VERIFIER,
      '--vsa-resource',
      RESOURCE,
    ]
    const gate = bench.cli(bench.root, ['gate', 'app', '--contract', 'contract.yaml', ...summed])
    expect(gate.code).toBe(0)
    const good = [digest(), VERIFIER, RESOURCE, 'SLSA_BUILD_LEVEL_1'] as const
    expect(judged(key, ...good)).toMatchObject({ status: 0, stderr: '' })
    // Each of them is looked at.
    const others = [`sha256:${'a1'.repeat(32)}`, 'https://other.example', 'pkg:generic/other', 'SLSA_BUILD_LEVEL_3']
    for (const [i, other] of others.entries()) expect(judged(key, ...good.with(i, other)).status).toBe(1)
    expect(judged(key === 'p256' ? 'ed25519' : 'p256', ...good).status).toBe(1)
  })

  test.each(['p256', 'ed25519'])('cosign believes our provenance under its key: %s', (key) => {
    const args = ['provenance', 'app', '--contract', 'contract.yaml', '--key', `${key}.key`, '--out', 'prov.json']
    expect(bench.cli(bench.root, args)).toMatchObject({ code: 0 })
    const verify = (type: string, blob: string) =>
      spawnSync(
        cosign.path,
        ['verify-blob-attestation', '--bundle', bench.path('prov.json'), '--key', bench.path(`${key}.key.pub`)].concat([
          '--insecure-ignore-tlog',
          '--type',
          type,
          blob,
        ]),
        { encoding: 'utf8' },
      )
    expect(verify('slsaprovenance1', bench.path('app')).stderr).toContain('Verified OK')
    expect(verify('slsaprovenance02', bench.path('app')).status).not.toBe(0)
    const other = join(directory, 'other')
    writeFileSync(other, 'other\n')
    expect(verify('slsaprovenance1', other).status).not.toBe(0)
  })
})
