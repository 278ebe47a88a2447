import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { utf8 } from '@countersign/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RUN } from '../identity/local-ca.ts'
import { ARTIFACT, LocalSigstore, statementOf } from '../identity/local-sigstore.ts'
import { Bench } from './cli.ts'

const local = new LocalSigstore()
const bench = new Bench()
const key = bench.path('build.key')
const trust = ['--trust', `build=${key}.pub`]
const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const WHO = ['--identity', RUN.subject.value, '--issuer', RUN.issuer, '--sigstore-trust', '../root.json']

const bom = (digest: string) =>
  JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    metadata: { component: { name: 'app', hashes: [{ alg: 'SHA-256', content: digest }] } },
    components: [{ name: 'dep' }],
  })
const JUNIT = '<testsuite tests="2"><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>'

beforeAll(() => {
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
  bench.write('root.json', JSON.stringify(local.trustedRoot))
})
afterAll(() => bench.remove())

/** Records a step that makes `app`, with these reports. */
function recorded(name: string, evidence: readonly string[], files: Readonly<Record<string, string>>) {
  const cwd = bench.dir(name)
  for (const [file, content] of Object.entries(files)) writeFileSync(`${cwd}/${file}`, content)
  const args = ['run', '--step', 'build', '--pipeline', 'shop/web', '--key', key, '--no-git', '--json']
  const ran = bench.cli(cwd, [...args, '--products', 'app', '--evidence', ...evidence, '--', 'cp', 'source', 'app'])
  const verified = bench.cli(cwd, ['verify', 'app', ...trust, '--format', 'json'])
  return { cwd, ran, verdict: verified.out === '' ? null : JSON.parse(verified.out) }
}

describe('reports of a step', () => {
  test('are known by what they hold, told by verify, tree and inspect, and carried beside the step', () => {
    const files = { source: 'app\n', 'bom.txt': bom(sha256('app\n')), results: JUNIT, 'build.log': 'done\n' }
    const { cwd, ran, verdict } = recorded('typed', ['bom.txt', 'tests=results', 'log=build.log'], files)
    expect(ran.code).toBe(0)
    expect(verdict).toMatchObject({
      verdict: 'pass',
      steps: [
        {
          evidence: [
            {
              name: 'bom.txt',
              type: 'cyclonedx',
              mediaType: 'application/vnd.cyclonedx+json',
              digest: `sha256:${sha256(files['bom.txt'])}`,
              size: files['bom.txt'].length,
              about: [`sha256:${sha256('app\n')}`],
              facts: { version: '1.6', components: 1, vulnerabilities: 0 },
              signer: null,
              attached: true,
            },
            { name: 'results', type: 'junit', about: [], facts: { tests: 2, failures: 1 }, attached: true },
            { name: 'build.log', type: null, mediaType: 'application/vnd.countersign.evidence.log', attached: false },
          ],
        },
      ],
    })
    expect(bench.cli(cwd, ['verify', 'app', ...trust]).out).toContain('components 1')
    expect(bench.cli(cwd, ['tree', 'app', ...trust]).out).toContain('cyclonedx: components 1, version 1.6')
    expect(bench.cli(cwd, ['inspect', 'app.chain.jsonl']).out).toContain('report: junit')
    const evidence = bench.cli(cwd, ['evidence', 'export', 'app', ...trust])
    expect(evidence.code).toBe(0)
    const judged = bench.cli(cwd, ['verify', '--evidence', 'app.evidence.json', ...trust, '--format', 'json'])
    expect(JSON.parse(judged.out).steps[0].evidence).toEqual(verdict.steps[0].evidence)
  })

  test('that are of another type than they are called, or about something else, fail the step', () => {
    const files = { source: 'app\n', 'sbom.json': JUNIT, 'other.json': bom(sha256('other\n')), log: 'x', good: JUNIT }
    const failed = (name: string, evidence: string) => {
      const { ran, verdict } = recorded(name, [evidence], files)
      expect(ran.code).toBe(1)
      expect(verdict === null || verdict.verdict !== 'pass').toBe(true)
      return ran.err
    }
    expect(failed('laundered', 'sbom=sbom.json')).toContain('report-type')
    expect(failed('stranger', 'other.json')).toContain('report-subject')
    expect(failed('unknown', 'log')).toContain('report-unknown')
    expect(recorded('honest', ['tests=good'], files).verdict.verdict).toBe('pass')
  })

  test('with a secret of the environment in them are recorded by digest alone (T-101)', () => {
    const secret = 'canary-7f3a9b1c5d'
    const cwd = bench.dir('secret')
    const results = `<testsuite><testcase name="a"><failure>${secret}</failure></testcase></testsuite>`
    writeFileSync(`${cwd}/results.xml`, results)
    const args = ['run', '--step', 'build', '--pipeline', 'shop/web', '--key', key, '--no-git', '--products', 'app']
    const recording = (env: Record<string, string>) =>
      bench.cli(cwd, [...args, '--evidence', 'results.xml', '--', 'cp', 'results.xml', 'app'], env)
    expect(recording({ API_TOKEN: secret })).toMatchObject({ code: 0, err: expect.stringContaining('holds a secret') })
    const lines = () =>
      readFileSync(`${cwd}/app.chain.jsonl`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    expect(lines()).toHaveLength(1)
    const { predicate } = JSON.parse(Buffer.from(lines()[0].dsseEnvelope.payload, 'base64').toString())
    expect(predicate.evidence).toEqual([
      { name: 'results.xml', digest: { sha256: sha256(results) }, mediaType: 'application/xml' },
    ])
    // The same text where it is nobody's secret.
    expect(recording({})).toMatchObject({ code: 0 })
    expect(lines()).toHaveLength(2)
  })

  test('that were changed beside the step are not its reports', () => {
    const { cwd } = recorded('changed', ['bom'], { source: 'app\n', bom: bom(sha256('app\n')) })
    const file = `${cwd}/app.chain.jsonl`
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    const at = lines.findIndex((line) => line.startsWith('{"content":'))
    const line = JSON.parse(lines[at]!)
    const content = Buffer.from(Buffer.from(line.content, 'base64').toString().replace('"dep"', '"DEP"')).toString(
      'base64',
    )
    lines[at] = JSON.stringify({ ...line, content })
    writeFileSync(file, `${lines.join('\n')}\n`)
    const verdict = JSON.parse(bench.cli(cwd, ['verify', 'app', ...trust, '--format', 'json']).out)
    expect(verdict).toMatchObject({ verdict: 'pass', steps: [{ evidence: [{ attached: false }] }] })
    expect(verdict.refused).toMatchObject([{ code: 'report-mismatch' }])
  })
})

describe('countersign import', () => {
  const provenance = (artifact: Uint8Array) => ({
    ...statementOf(artifact),
    predicate: {
      buildDefinition: { buildType: 'https://example.com/build', externalParameters: {} },
      runDetails: { builder: { id: 'https://example.com/builder' } },
    },
  })
  const attested = (artifact: Uint8Array = ARTIFACT) =>
    local.sign({ content: 'dsse', entries: [{ kind: 'dsse' }], statement: provenance(artifact) })
  const bundle = attested()
  const importing = (cwd: string, ...args: readonly string[]) =>
    bench.cli(cwd, ['import', 'artifact', '--pipeline', 'shop/web', '--key', key, '--format', 'json', ...args])
  const prepared = (name: string, files: Readonly<Record<string, unknown>>) => {
    const cwd = bench.dir(name)
    writeFileSync(`${cwd}/artifact`, ARTIFACT)
    for (const [file, content] of Object.entries(files)) {
      writeFileSync(`${cwd}/${file}`, typeof content === 'string' ? content : JSON.stringify(content))
    }
    return cwd
  }

  test('takes what whoever is named attested of the artifact', () => {
    const cwd = prepared('import', { 'a.json': bundle })
    const ran = importing(cwd, '--from', 'a.json', ...WHO)
    expect(ran).toMatchObject({ code: 0 })
    expect(JSON.parse(ran.out)).toMatchObject({ refused: [] })
    const verified = bench.cli(cwd, ['verify', 'artifact', ...trust, '--format', 'json'])
    expect(JSON.parse(verified.out)).toMatchObject({
      verdict: 'pass',
      steps: [
        {
          name: 'import',
          evidence: [
            {
              type: 'slsa-provenance',
              attached: true,
              about: [`sha256:${sha256(ARTIFACT)}`],
              signer: { issuer: RUN.issuer, subject: RUN.subject.value },
              // Nobody said here whom to believe of it.
              checked: 'word',
              unchecked: 'trust-missing',
            },
          ],
        },
      ],
    })
    const again = [...trust, '--attester-trust', '../root.json']
    expect(bench.cli(cwd, ['verify', 'artifact', ...again]).out).toContain('(checked here)')
    expect(bench.cli(cwd, ['evidence', 'export', 'artifact', ...trust]).code).toBe(0)
    const judged = bench.cli(cwd, ['verify', '--evidence', 'artifact.evidence.json', ...again, '--format', 'json'])
    expect(JSON.parse(judged.out)).toMatchObject({
      verdict: 'pass',
      steps: [{ evidence: [{ attached: true, checked: 'here', unchecked: null }] }],
    })
  })

  test('of several takes those alone that verify, and tells the others', () => {
    const lines = [bundle, attested(utf8('other'))]
    const cwd = prepared('import-lines', { 'a.jsonl': lines.map((one) => JSON.stringify(one)).join('\n') })
    const ran = importing(cwd, '--from', 'a.jsonl', ...WHO)
    expect(ran.code).toBe(0)
    const told = JSON.parse(ran.out)
    expect(told.imported).toHaveLength(1)
    expect(told.refused).toMatchObject([{ name: 'a.jsonl.2', report: { code: 'artifact-mismatch' } }])
  })

  test('takes nothing of nobody, of somebody else, of another artifact or type', () => {
    const cwd = prepared('import-bad', {
      'a.json': bundle,
      'bare.json': provenance(ARTIFACT),
    })
    const codes = (...args: readonly string[]) => {
      const { code, out } = importing(cwd, ...args)
      const told = JSON.parse(out)
      return [code, told.error?.code ?? told.refused.map(({ report }: { report: { code: string } }) => report.code)]
    }
    expect(codes('--from', 'a.json')).toEqual([2, 'usage'])
    const evil = ['--identity', `${RUN.subject.value}-evil`, ...WHO.slice(2)]
    expect(codes('--from', 'a.json', ...evil)).toEqual([1, ['signer-unknown']])
    expect(codes('--from', 'bare.json', ...WHO)).toEqual([1, ['signature-missing']])
    expect(codes('--from', 'a.json', '--type', 'vsa', ...WHO)).toEqual([1, ['report-type']])
    writeFileSync(`${cwd}/artifact`, 'another\n')
    expect(codes('--from', 'a.json', ...WHO)).toEqual([1, ['artifact-mismatch']])
  })

  test('under a key: envelopes with bare signatures, where no log is demanded', () => {
    const pair = generateKeyPairSync('ed25519')
    const payload = Buffer.from(JSON.stringify(provenance(ARTIFACT)))
    const type = 'application/vnd.in-toto+json'
    const message = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload])
    const envelope = {
      payload: payload.toString('base64'),
      payloadType: type,
      signatures: [{ keyid: '', sig: sign(null, message, pair.privateKey).toString('base64') }],
    }
    const cwd = prepared('import-key', {
      'a.json': envelope,
      'maker.pub': pair.publicKey.export({ type: 'spki', format: 'pem' }) as string,
      'other.pub': generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string,
    })
    const from = ['--from', 'a.json', '--min-logs', '0']
    expect(importing(cwd, ...from, '--attester-key', 'other.pub')).toMatchObject({ code: 1 })
    const ran = importing(cwd, ...from, '--attester-key', 'maker.pub')
    expect(ran.code).toBe(0)
    expect(JSON.parse(ran.out).imported[0].annotations.signer.key).toMatch(/^[0-9a-f]{64}$/)
  })
})

describe('countersign provenance', () => {
  const built = (name: string) => {
    const cwd = bench.dir(name)
    writeFileSync(`${cwd}/source`, 'app\n')
    const args = ['run', '--step', 'build', '--pipeline', 'shop/web', '--key', key, '--no-git', '--materials', 'source']
    const command = ['--products', 'app', '--', 'sh', '-c', 'cat source source > app']
    expect(bench.cli(cwd, [...args, ...command])).toMatchObject({ code: 0 })
    return cwd
  }

  test('says in the words of SLSA what the chain proves, and can be taken in again', () => {
    const cwd = built('provenance')
    const ran = bench.cli(cwd, ['provenance', 'app', ...trust, '--key', key])
    expect(ran).toMatchObject({ code: 0, err: '' })
    const bundle = JSON.parse(readFileSync(`${cwd}/app.provenance.sigstore.json`, 'utf8'))
    const { subject, predicateType, predicate } = JSON.parse(
      Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString(),
    )
    expect(predicateType).toBe('https://slsa.dev/provenance/v1')
    expect(subject).toEqual([{ name: 'app', digest: { sha256: sha256('app\napp\n') } }])
    const { buildDefinition, runDetails } = predicate
    expect(buildDefinition).toMatchObject({
      buildType: 'https://countersign.dev/buildtypes/chain/v1',
      externalParameters: { pipeline: 'shop/web', contract: null },
      resolvedDependencies: [{ name: 'source', digest: { sha256: sha256('app\n') } }],
    })
    expect(runDetails.builder.id).toMatch(/^https:\/\/countersign\.dev\/keys\/[0-9a-f]{64}$/)
    const args = ['--from', 'app.provenance.sigstore.json', '--attester-key', `${key}.pub`, '--min-logs', '0']
    const next = ['import', 'app', '--pipeline', 'shop/web', '--key', key, ...trust, ...args]
    expect(bench.cli(cwd, next)).toMatchObject({ code: 0 })
  })

  test('is of what verifies alone, and of what a step made', () => {
    const cwd = built('unproven')
    writeFileSync(`${cwd}/app`, 'another\n')
    expect(bench.cli(cwd, ['provenance', 'app', ...trust, '--key', key]).code).toBe(1)
    expect(bench.cli(cwd, ['provenance', 'source', ...trust, '--key', key, '--chain', 'app.chain.jsonl']).code).toBe(1)
    expect(existsSync(`${cwd}/app.provenance.sigstore.json`)).toBe(false)
  })

  test('a verdict under a contract is a verification summary, whatever it is', () => {
    const cwd = bench.dir('summary')
    const pem = readFileSync(`${key}.pub`, 'utf8')
    const head = { contract: 'v1', pipeline: 'shop/web', revision: 1, signers: { maker: pem } }
    const contract = { ...head, steps: { build: { signers: ['maker'], products: ['app'] } }, final: 'build' }
    writeFileSync(`${cwd}/contract.yaml`, JSON.stringify(contract))
    const step = [
      'run',
      '--step',
      'build',
      '--contract',
      'contract.yaml',
      '--key',
      key,
      '--no-git',
      '--products',
      'app',
    ]
    expect(bench.cli(cwd, [...step, '--', 'sh', '-c', 'echo made > app'])).toMatchObject({ code: 0 })
    const summed = (artifact: string, ...more: readonly string[]) => {
      const args = ['gate', artifact, '--contract', 'contract.yaml', '--vsa', 'vsa.json', '--vsa-key', key]
      const ran = bench.cli(cwd, [...args, ...more, '--chain', 'app.chain.jsonl'])
      const { payload } = JSON.parse(readFileSync(`${cwd}/vsa.json`, 'utf8'))
      const { subject, predicate } = JSON.parse(Buffer.from(payload, 'base64').toString())
      return { code: ran.code, subject, predicate }
    }
    expect(
      summed('app', '--vsa-verifier', 'https://shop.example/gate', '--vsa-resource', 'pkg:generic/app@1'),
    ).toMatchObject({
      code: 0,
      subject: [{ name: 'app', digest: { sha256: sha256('made\n') } }],
      predicate: {
        verifier: { id: 'https://shop.example/gate' },
        resourceUri: 'pkg:generic/app@1',
        policy: { digest: { sha256: sha256(readFileSync(`${cwd}/contract.yaml`)) } },
        inputAttestations: [{ digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) } }],
        verificationResult: 'PASSED',
        verifiedLevels: ['SLSA_BUILD_LEVEL_1'],
      },
    })
    writeFileSync(`${cwd}/app`, 'swapped\n')
    expect(summed('app')).toMatchObject({
      code: 1,
      subject: [{ digest: { sha256: sha256('swapped\n') } }],
      predicate: { verificationResult: 'FAILED', verifiedLevels: ['FAILED'] },
    })
    expect(bench.cli(cwd, ['gate', 'app', '--vsa', 'no.json', '--vsa-key', key]).code).toBe(2)
  })
})
