import { readFileSync } from 'node:fs'
import { canonicalJson, fromUtf8, type JsonObject, parseJson, utf8 } from '@countersign/core'
import { parseEvidence, trustRootOf } from '@countersign/evidence'
import { type ChainLine, isReceipt, writeBundle, writeChainFile, writeVkey } from '@countersign/formats'
import { afterAll, describe, expect, test } from 'vitest'
import { nodeCryptoFor } from '@countersign/adapters/crypto-node'
import { examine } from '../../packages/evidence-page/src/index.ts'
import { LocalAuthority, LOG } from '../identity/local-ca.ts'
import { authorityYaml, CA, keylessContract, keylessRun, pemOf, SERVER, WORKFLOWS, workflow } from '../keyless.ts'
import { at, logKeyOf } from '../pipeline.ts'
import { Bench } from './cli.ts'

// A run that is signed under certificates alone, by files alone: verified, gated, drawn, exported, and refused after
// each change.

const bench = new Bench()
afterAll(() => bench.remove())

const run = keylessRun()
const contract = bench.write('contract.yaml', run.contractBytes)
const chain = bench.write('app.chain.jsonl', writeChainFile(run.lines))
const artifact = `sha256:${run.app.digest.sha256}`

interface Said {
  readonly verdict: string
  readonly believed: string
  readonly steps: readonly {
    readonly name: string
    readonly signer: { readonly name: string; readonly grade: string; readonly identity: JsonObject | null }
    readonly claimed: readonly string[]
  }[]
  readonly findings: readonly { readonly code: string }[]
  readonly refused: readonly { readonly code: string }[]
}
const ran = (args: readonly string[]) => {
  const { code, out } = bench.cli(bench.root, [...args, '--format', 'json'])
  return { code, ...(JSON.parse(out) as Said) }
}

describe('a run under certificates', () => {
  test('is verified, and says who signed, and by whose word', () => {
    const said = ran(['verify', artifact, '--contract', contract, '--chain', chain])
    expect(said).toMatchObject({ code: 0, verdict: 'pass', believed: 'the keys and authorities of the contract' })
    expect(said.steps.map(({ signer }) => [signer.name, signer.grade])).toEqual([
      ['source', 'A'],
      ['build', 'A'],
      ['deploy', 'A'],
    ])
    expect(said.steps[1]!.signer).toMatchObject({
      identity: { sourceRepositoryURI: 'https://github.com/acme/shop' },
      authority: 'ours',
      certificate: { system: 'github-actions', signedAt: at(4), notBefore: at(3), notAfter: at(13) },
    })
    expect(said.steps.map(({ claimed }) => claimed)).toEqual([[], [], []])
    const { out } = bench.cli(bench.root, ['verify', artifact, '--contract', contract, '--chain', chain])
    expect(out).toContain('build   github.com/acme/shop@main · build.yml · run 7000000001/1, by ours')
    expect(out).toContain('build (A)')
  })

  test('passes the gate, is drawn and inspected', () => {
    expect(ran(['gate', artifact, '--contract', contract, '--chain', chain])).toMatchObject({ code: 0 })
    const tree = bench.cli(bench.root, ['tree', chain, '--contract', contract])
    expect(tree).toMatchObject({ code: 0 })
    expect(tree.out).toContain('as github.com/acme/shop@main · deploy.yml')
    const seen = bench.cli(bench.root, ['inspect', chain])
    expect(seen.out).toContain('https://token.actions.githubusercontent.com')
    expect(seen.out).toContain('github.com/acme/shop@main · source.yml · run 7000000001/1 (A)')
  })

  test('is believed without a contract where its authority is named, and without it is not', () => {
    const server = bench.write('server.vkey', writeVkey(logKeyOf(SERVER)))
    const authority = bench.write('ca.pem', `${LOG.vkey}\n${pemOf(CA.intermediate!.der, CA.root.der)}`)
    const bare = (...trust: string[]) => ran(['verify', artifact, '--chain', chain, '--trust', ...trust])
    expect(bare(`ours=${authority}`, server)).toMatchObject({ code: 0, verdict: 'pass' })
    // The server's log tells the time; that of the authority could, and did not countersign.
    expect(bare(`ours=${authority}`).refused.map(({ code }) => code)).toContain('time-untrusted')
    expect(bare(server)).toMatchObject({ code: 1, verdict: 'fail' })
    const silent = bench.write('silent.pem', pemOf(CA.intermediate!.der, CA.root.der))
    expect(bench.cli(bench.root, ['verify', artifact, '--chain', chain, '--trust', silent])).toMatchObject({ code: 2 })
  })
})

describe('exported as evidence', () => {
  const out = bench.path('app.evidence.json')
  const html = bench.path('app.html')
  const exported = bench.cli(bench.root, [
    'evidence',
    'export',
    artifact,
    '--contract',
    contract,
    '--chain',
    chain,
    '--offline',
    '--out',
    out,
    '--html',
    html,
  ])
  const evidence = () => new Uint8Array(readFileSync(out))

  test('it verifies by itself, under its own trust root, under the contract, and in the page', async () => {
    expect(exported.code).toBe(0)
    const root = trustRootOf(parseEvidence(evidence()))
    for (const more of [[], ['--trust-root', root], ['--contract', contract]]) {
      expect(ran(['verify', artifact, '--evidence', out, ...more])).toMatchObject({ code: 0, verdict: 'pass' })
    }
    expect(ran(['gate', artifact, '--evidence', out, '--trust-root', root])).toMatchObject({ code: 0 })
    const { verdict, chain: read } = await examine(evidence(), { crypto: nodeCryptoFor(1), now: at(600) })
    expect(verdict.verdict).toBe('pass')
    expect([...read.steps.values()].map(({ signer }) => signer.authority)).toEqual(['ours', 'ours', 'ours'])
    expect(readFileSync(html, 'utf8')).toContain('<html')
  })

  test('another authority is another trust root', () => {
    const other = new LocalAuthority({ name: 'ours', seed: 'another' })
    const value = parseJson(evidence()) as { trust: { authorities: { certificates: string[] }[] } } & JsonObject
    const [authority] = value.trust.authorities
    authority!.certificates = [other.intermediate!.der, other.root.der].map((der) =>
      Buffer.from(der).toString('base64'),
    )
    const forged = bench.write('forged.json', canonicalJson(value))
    const root = trustRootOf(parseEvidence(evidence()))
    expect(bench.cli(bench.root, ['verify', artifact, '--evidence', forged, '--trust-root', root]).code).toBe(1)
    expect(ran(['verify', artifact, '--evidence', forged])).toMatchObject({ code: 1, verdict: 'fail' })
    // The caller's own contract does not ask what the file believes.
    expect(ran(['verify', artifact, '--evidence', forged, '--contract', contract])).toMatchObject({ code: 0 })
  })
})

describe('refused is a run', () => {
  const judged = (name: string, changed: { lines?: readonly ChainLine[]; contract?: string }) => {
    const files = {
      contract: changed.contract === undefined ? contract : bench.write(`${name}.yaml`, utf8(changed.contract)),
      chain: changed.lines === undefined ? chain : bench.write(`${name}.jsonl`, writeChainFile(changed.lines)),
    }
    const { code, verdict, findings, refused } = ran([
      'gate',
      artifact,
      '--contract',
      files.contract,
      '--chain',
      files.chain,
    ])
    return { code, verdict, codes: [...findings, ...refused].map((one) => one.code) }
  }
  /** The run that was made otherwise, under the very contract of the honest one. */
  const remade = (options: Parameters<typeof keylessRun>[0]) => keylessRun({ ...options, chain: run.chain.id }).lines
  const [, build] = run.steps
  const swap = (line: ChainLine) => run.lines.map((one) => (one === build!.bundle ? line : one))
  const flipped = build!.bundle.envelope.signature.with(20, build!.bundle.envelope.signature[20]! ^ 1)

  test.each<[string, string, { lines?: readonly ChainLine[]; contract?: string }, string]>([
    ['without-receipts', 'without receipts', { lines: run.lines.filter((line) => !isReceipt(line)) }, 'time-untrusted'],
    [
      'late',
      'that was accepted after its certificates had ended',
      { lines: remade({ accepted: (_, minute) => minute + 30 }) },
      'certificate-expired',
    ],
    [
      'signature',
      'with a signature that does not verify',
      { lines: swap({ ...build!.bundle, envelope: { ...build!.bundle.envelope, signature: flipped } }) },
      'signature-invalid',
    ],
    [
      'certificate-swapped',
      'with the certificate of another step',
      { lines: swap({ ...build!.bundle, key: run.steps[0]!.bundle.key }) },
      'signature-invalid',
    ],
    [
      'certificate-cut',
      'with a certificate that is none',
      {
        lines: swap({ ...build!.bundle, key: { kind: 'certificate', chain: [run.certificates[1]!.der.slice(0, -9)] } }),
      },
      'certificate-invalid',
    ],
    [
      'repository',
      'of a repository of the same name (T-16)',
      { lines: remade({ issue: (name) => ({ identity: workflow(name, { sourceRepositoryIdentifier: '7' }) }) }) },
      'signer-unknown',
    ],
    [
      'issuer',
      'that another issuer vouches for (T-58)',
      { lines: remade({ issue: (name) => ({ identity: workflow(name, { issuer: 'https://gitlab.com' }) }) }) },
      'signer-unknown',
    ],
    [
      'authority',
      'of another authority of the same name (T-61)',
      { lines: remade({ issue: () => ({ by: new LocalAuthority({ name: 'ours', seed: 'forged' }) }) }) },
      'certificate-untrusted',
    ],
    [
      'secret',
      'of certificates that were issued in secret',
      { lines: remade({ issue: () => ({ proof: null }) }) },
      'issuance-unproven',
    ],
    [
      'claims',
      'that claims to be of another commit (T-14)',
      {
        lines: remade({
          claims: () => ({
            system: 'github-actions',
            identity: {
              issuer: null,
              sourceRepositoryURI: null,
              sourceRepositoryDigest: 'f'.repeat(40),
              sourceRepositoryRef: null,
              sourceRepositoryIdentifier: null,
              buildConfigURI: null,
              buildTrigger: null,
              runInvocationURI: null,
              runnerEnvironment: null,
            },
          }),
        }),
      },
      'identity-mismatch',
    ],
    [
      'system',
      'that claims to be of another CI system (T-14)',
      { lines: remade({ claims: () => ({ system: 'jenkins' }) }) },
      'identity-mismatch',
    ],
  ])('%s: %s', (name, _, changed, code) => {
    const denied = judged(name, changed)
    expect(denied).toMatchObject({ code: 1, verdict: 'fail' })
    expect(denied.codes).toContain(code)
  })

  test('control: made again, or read again, it passes', () => {
    expect(judged('again', { lines: remade({}) })).toMatchObject({ code: 0, codes: [] })
    expect(judged('order', { lines: run.lines.toReversed() })).toMatchObject({ code: 0, codes: [] })
    expect(fromUtf8(writeBundle(build!.bundle))).toContain('"certificate"')
  })

  // Another contract is one that the run is not bound to, so each has a run of its own.
  test.each<[string, string, string, string]>([
    [
      'grade',
      'that is known less well than the contract asks',
      keylessContract({ step: '    minimumGrade: B' }),
      'grade-too-low',
    ],
    [
      'revoked',
      'of an identity that was revoked by then (T-67)',
      keylessContract({ signers: { ...WORKFLOWS, build: `${WORKFLOWS.build}\n    revokedSince: "${at(4)}"` } }),
      'signer-revoked',
    ],
    [
      'authority-revoked',
      'under an authority that was revoked by then (T-67)',
      keylessContract({ authorities: `  ours:\n${authorityYaml()}\n    revokedSince: "${at(4)}"` }),
      'signer-revoked',
    ],
  ])('%s: %s', (name, _, text, code) => {
    const other = keylessRun({ contract: text, issue: () => ({ grade: 'C' }) })
    const denied = judged(name, { contract: text, lines: other.lines })
    expect(denied.code).toBe(1)
    expect(denied.codes).toContain(code)
  })

  test('control: of that grade where none is asked for and nobody was revoked, it passes', () => {
    const other = keylessRun({ issue: () => ({ grade: 'C' }) })
    expect(judged('control', { lines: other.lines })).toMatchObject({ code: 0, codes: [] })
  })
})
