import { publicKeyPem } from '@countersign/core'
import { type Evidence, trustRootOf, writeEvidence } from '@countersign/evidence'
import { writeVkey } from '@countersign/formats'
import { afterAll, describe, expect, test } from 'vitest'
import { evidenceOf } from '../../packages/evidence/src/evidence.test-kit.ts'
import { Bench } from '../e2e/cli.ts'
import { contractText, honestRun, logKeyOf, parties, sha256, signStep } from '../pipeline.ts'

// T-61: evidence that brings its own roots. Anybody can sign a run with keys of their own, and write a file that asks
// to believe these.

const bench = new Bench()
afterAll(() => bench.remove())

const honest = honestRun({ countersigned: true })
// The attacker built something else, calls all parties by their names, and copies contract and log word by word.
const forged = honestRun({ countersigned: true, who: parties(), commit: 'planted' })
const contract = bench.write('contract.yaml', honest.contractBytes)
const good = bench.write('good.json', writeEvidence(evidenceOf(honest)))
const bad = bench.write('bad.json', writeEvidence(evidenceOf(forged)))
const artifact = (run: typeof honest) => `sha256:${run.app.digest.sha256}`
const root = trustRootOf(evidenceOf(honest))

const ran = (args: readonly string[]) => {
  const { code, out } = bench.cli(bench.root, [...args, '--format', 'json'])
  const said = JSON.parse(out) as {
    verdict?: string
    trust?: { from: string; root: string }
    error?: { code: string }
    findings?: { code: string }[]
    refused?: { code: string }[]
  }
  return { code, ...said }
}
const files = Object.values(honest.who).map((by) =>
  by === honest.who.server
    ? bench.write('server.vkey', writeVkey(logKeyOf(by)))
    : `${by.name}=${bench.write(`${by.name}.pub`, publicKeyPem(by.publicKey))}`,
)

describe('T-61: a forger’s evidence, with keys of its own', () => {
  test('passes only where nothing was pinned, and is shown as its own word', () => {
    const own = ran(['verify', artifact(forged), '--evidence', bad])
    expect(own).toMatchObject({ code: 0, verdict: 'pass', trust: { from: 'evidence' } })
    expect(own.trust!.root).not.toBe(`sha256:${root}`)
    const { out } = bench.cli(bench.root, ['verify', artifact(forged), '--evidence', bad])
    expect(out).toContain('VERIFIED, BUT ONLY UNDER ITS OWN KEYS')
    expect(out).not.toContain('✓ VERIFIED  ')
    expect(out).toContain('Whoever made the evidence chose whom it asks you to believe')
  })

  test.each([
    ['a contract of the caller’s own', ['--contract', contract]],
    ['keys of the caller’s own', ['--trust', ...files]],
  ])('does not verify under %s', (_, args) => {
    const denied = ran(['verify', artifact(forged), '--evidence', bad, ...args])
    expect(denied).toMatchObject({ code: 1, verdict: 'fail' })
    expect(new Set(denied.refused!.map(({ code }) => code))).toContain('signer-unknown')
    expect(ran(['verify', artifact(honest), '--evidence', good, ...args])).toMatchObject({ code: 0, verdict: 'pass' })
  })

  test('does not have the trust root that was pinned', () => {
    for (const command of ['verify', 'gate']) {
      const pinned = [command, '--trust-root', `sha256:${root}`]
      expect(ran([...pinned, artifact(forged), '--evidence', bad])).toMatchObject({
        code: 1,
        error: { code: 'trust-root-mismatch' },
      })
      expect(ran([...pinned, artifact(honest), '--evidence', good])).toMatchObject({
        code: 0,
        trust: { from: 'pinned' },
      })
    }
  })

  test('a gate believes nothing that came with the file', () => {
    for (const [run, file] of [
      [forged, bad],
      [honest, good],
    ] as const) {
      expect(ran(['gate', artifact(run), '--evidence', file])).toMatchObject({
        code: 2,
        error: { code: 'trust-missing' },
      })
    }
    expect(ran(['gate', artifact(forged), '--evidence', bad, '--contract', contract])).toMatchObject({ code: 1 })
    expect(ran(['gate', artifact(honest), '--evidence', good, '--contract', contract])).toMatchObject({ code: 0 })
  })
})

describe('T-61: honest evidence with something of the forger’s in it', () => {
  const of = (name: string, change: Partial<Evidence>, trust: Partial<Evidence['trust']> = {}) => {
    const evidence = evidenceOf(honest)
    return bench.write(
      `${name}.json`,
      writeEvidence({ ...evidence, ...change, trust: { ...evidence.trust, ...trust } }),
    )
  }
  const evil = parties()
  const { chain, app, test: tested } = honest
  const after = [{ link: tested.link, step: 'test' }]
  const planted = { ...app, digest: { sha256: 'e'.repeat(64) } }
  const deploy = signStep(evil.azure, { chain, name: 'deploy', previous: after, subject: [planted], minute: 6 })
  const key = { name: 'azure', key: evil.azure.publicKey, revokedAt: null }
  const weak = new TextEncoder().encode(contractText(evil))

  test.each<[string, string]>([
    ['a key', of('key', {}, { signers: [...evidenceOf(honest).trust.signers, key] })],
    ['a log', of('log', {}, { logs: [{ key: logKeyOf(evil.server), revokedAt: null }] })],
    [
      'a revocation',
      of(
        'revocation',
        {},
        { signers: evidenceOf(honest).trust.signers.map((one) => ({ ...one, revokedAt: '2026-12-01T00:00:00.000Z' })) },
      ),
    ],
    ['no contract', of('bare', { contracts: [] })],
    ['a weaker contract', of('weak', { contracts: [{ digest: sha256(contractText(evil)), bytes: weak }] })],
  ])('%s more or less is another trust root', (_, file) => {
    expect(ran(['verify', '--evidence', file, '--trust-root', root]).error).toMatchObject({
      code: 'trust-root-mismatch',
    })
  })

  test('a line more, of a key that is not believed, changes nothing and proves nothing', () => {
    const file = of('line', { lines: [...honest.lines, deploy.bundle] })
    expect(ran(['verify', artifact(honest), '--evidence', file, '--trust-root', root])).toMatchObject({ code: 0 })
    const swapped = ran(['verify', `sha256:${planted.digest.sha256}`, '--evidence', file, '--trust-root', root])
    expect(swapped).toMatchObject({ code: 1, verdict: 'fail', refused: [{ code: 'signer-unknown' }] })
  })

  test('a subject of the forger’s choice is not what the caller asked about', () => {
    const file = of('subject', { subject: { artifact: planted.digest.sha256, chains: [chain.id] } })
    expect(ran(['verify', '--evidence', file, '--contract', contract])).toMatchObject({ code: 1 })
    expect(ran(['verify', artifact(honest), '--evidence', file, '--contract', contract])).toMatchObject({ code: 0 })
  })
})
