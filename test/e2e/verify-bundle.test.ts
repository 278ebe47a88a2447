import { generateKeyPairSync, sign } from 'node:crypto'
import { utf8 } from '@countersign/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RUN } from '../identity/local-ca.ts'
import { ARTIFACT, LocalSigstore } from '../identity/local-sigstore.ts'
import { Bench } from './cli.ts'

const local = new LocalSigstore()
let bench: Bench
let artifact: string
const WHO = ['--identity', RUN.subject.value, '--issuer', RUN.issuer]

beforeAll(() => {
  bench = new Bench()
  artifact = bench.write('artifact', ARTIFACT)
  bench.write('root.json', JSON.stringify(local.trustedRoot))
  bench.write('good.json', JSON.stringify(local.sign()))
  bench.write('dsse.json', JSON.stringify(local.sign({ content: 'dsse', entries: [{ kind: 'dsse' }], stamps: [{}] })))
})
afterAll(() => bench.remove())

const verify = (bundle: string, ...args: readonly string[]) =>
  bench.cli(bench.root, ['verify-bundle', artifact, '--bundle', bundle, '--sigstore-trust', 'root.json', ...args])

describe('countersign verify-bundle', () => {
  test('says who signed, when, and in which log', () => {
    const { code, out, err } = verify('dsse.json', ...WHO)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    for (const said of [
      RUN.subject.value,
      RUN.issuer,
      'fulcio.example.com, grade A',
      'a statement of type https://slsa.dev/provenance/v1',
      '2026-11-21T12:01:00.000Z by the log rekor.example.com',
      '2026-11-21T12:01:00.000Z by the timestamp tsa.example.com/api/v1/timestamp',
      'rekor.example.com 1000002, dsse 0.0.1, in its tree',
      'by the trust root of root.json',
    ]) {
      expect(out).toContain(said)
    }
    expect(out.trimEnd().endsWith('verified')).toBe(true)
  })

  test('says the same in JSON, and of a digest', () => {
    const digest = `sha256:${Buffer.from(local.digest).toString('hex')}`
    const root = ['--sigstore-trust', 'root.json', '--format', 'json']
    const ran = bench.cli(bench.root, ['verify-bundle', digest, '--bundle', 'good.json', ...root, ...WHO])
    expect(ran).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse(ran.out)).toMatchObject({
      command: 'verify-bundle',
      verdict: 'pass',
      artifact: digest,
      trust: { from: 'root.json', expires: null },
      signer: { identity: { issuer: RUN.issuer, subject: RUN.subject }, grade: 'A', authority: 'fulcio.example.com' },
      predicateType: null,
      times: [{ source: 'log', by: 'rekor.example.com', at: '2026-11-21T12:01:00.000Z' }],
      entries: [{ log: 'rekor.example.com', logIndex: 1_000_002, kind: 'hashedrekord 0.0.1', included: true }],
      findings: [],
    })
  })

  test('what does not verify is 1, with code and way out', () => {
    const other = verify('good.json', '--identity', `${RUN.subject.value}-evil`, '--issuer', RUN.issuer)
    expect(other.code).toBe(1)
    expect(other.out).toContain('signer-unknown')
    const json = verify('good.json', ...WHO, '--fact', 'sourceRepositoryIdentifier=7', '--format', 'json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.out)).toMatchObject({ verdict: 'fail', findings: [{ code: 'signer-unknown' }] })
    expect(verify('good.json', ...WHO, '--fact', 'sourceRepositoryIdentifier=1000000001').code).toBe(0)
    bench.write('torn.json', JSON.stringify(local.sign()).slice(0, -9))
    expect(verify('torn.json', ...WHO)).toMatchObject({ code: 1 })
    expect(verify('good.json', ...WHO, '--min-logs', '2')).toMatchObject({ code: 1 })
    expect(verify('good.json', ...WHO, '--min-timestamps', '1')).toMatchObject({ code: 1 })
    expect(verify('dsse.json', ...WHO, '--min-timestamps', '1')).toMatchObject({ code: 0 })
  })

  test('a key, in a file', () => {
    const pair = generateKeyPairSync('ed25519')
    bench.write('maker.pub', pair.publicKey.export({ type: 'spki', format: 'pem' }) as string)
    const bundle = {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: { publicKey: { hint: 'x' } },
      messageSignature: { signature: sign(null, ARTIFACT, pair.privateKey).toString('base64') },
    }
    bench.write('key.json', JSON.stringify(bundle))
    expect(verify('key.json', '--key', 'maker.pub', '--min-logs', '0')).toMatchObject({ code: 0 })
    expect(verify('key.json', '--key', 'maker.pub').code).toBe(1)
    expect(verify('key.json', ...WHO, '--min-logs', '0').code).toBe(1)
  })

  test.each([
    ['nobody is named', []],
    ['an identity without an issuer', ['--identity', 'a@b.example']],
    ['an issuer alone', ['--issuer', RUN.issuer]],
    ['an empty identity', ['--identity', '', '--issuer', RUN.issuer]],
    ['a key and an identity', ['--key', 'root.json', ...WHO]],
    ['a fact nobody knows', [...WHO, '--fact', 'repo=x']],
    ['a fact without a value', [...WHO, '--fact', 'sourceRepositoryURI=']],
    ['a fact twice', [...WHO, '--fact', 'buildTrigger=a', 'buildTrigger=b']],
    ['the issuer as a fact', [...WHO, '--fact', 'issuer=x']],
    ['no number of logs', [...WHO, '--min-logs', 'many']],
  ])('%s is wrong usage', (_, args) => {
    expect(verify('good.json', ...args)).toMatchObject({ code: 2, out: '' })
  })

  test('without a trust root there is no verdict', () => {
    const ran = bench.cli(bench.root, ['verify-bundle', artifact, '--bundle', 'good.json', ...WHO])
    expect(ran).toMatchObject({ code: 2, out: '' })
    expect(ran.err).toContain('trust-missing')
    bench.write('malformed.json', utf8('{}'))
    const malformed = ['verify-bundle', artifact, '--bundle', 'good.json', ...WHO, '--sigstore-trust', 'malformed.json']
    expect(bench.cli(bench.root, malformed)).toMatchObject({ code: 1 })
  })
})
