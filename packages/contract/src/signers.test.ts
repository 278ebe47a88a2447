import { describe, expect, test } from 'vitest'
import { RUN } from '../../../test/identity/local-ca.ts'
import { keylessContract, WORKFLOWS } from '../../../test/keyless.ts'
import { contractYaml, keyOf, lint } from './contract.test-kit.ts'

const ID = 'sourceRepositoryIdentifier: "1000000001"'
/** What is said of a contract in which the signer of the first step reads so. */
const said = (...lines: readonly string[]) =>
  lint(keylessContract({ signers: { ...WORKFLOWS, source: lines.map((line) => `    ${line}`).join('\n') } })).map(
    ({ what }) => what,
  )
const issuer = `issuer: ${RUN.issuer}`

describe('the issuer of an identity', () => {
  test.each(['https://ci.example', 'http://10.0.0.7:8080/ci'])('may be %s', (url) => {
    expect(said(`issuer: ${url}`, ID)).toEqual([])
  })
  test.each(['ci.example', 'my https://ci.example', '"https://ci.example and more"', 'ftp://ci.example', 'https://'])(
    'is not %s',
    (url) => {
      expect(said(`issuer: ${url}`, ID)).toEqual(['signers.source.issuer is not the URL of an issuer'])
    },
  )
})

describe('the subject of an identity', () => {
  test.each([
    'ann@acme.example',
    'a@b',
    'spiffe://acme/ci',
    'urn:x',
    'https://ci.example/run',
    'git+ssh.v-1:repository',
  ])('may be %s', (subject) => {
    expect(said(issuer, `subject: ${subject}`, ID)).toEqual([])
  })
  test.each([
    'ann',
    'ann@acme@eve',
    '"ann bob@acme"',
    'ann/bob@acme',
    '"ann@acme eve"',
    'ann@acme/x',
    '1x:y',
    '"@acme"',
    'ann@',
    '"-x:y"',
  ])('is not %s', (subject) => {
    expect(said(issuer, `subject: ${subject}`, ID)).toEqual([
      'signers.source.subject is neither an e-mail address nor a URI',
    ])
  })

  // Whoever may call it would be let in (T-59).
  test.each(['https', 'http'])(
    'that is a build definition behind %s is not enough without whose run it is',
    (scheme) => {
      const subject = `subject: ${scheme}://git.acme.example/acme/ci/build.yml@refs/heads/main`
      const bare = said(issuer, subject)
      expect(bare).toEqual(['signers.source names a build definition and not whose run of it'])
      expect(said(issuer, subject, ID)).toEqual([])
      expect(said(issuer, subject, 'sourceRepositoryURI: https://git.acme.example/acme/shop')).toEqual([])
    },
  )
})

describe('a fact', () => {
  const fact = (value: string) => said(issuer, ID, `sourceRepositoryRef: ${value}`)

  test('is as long as certificates hold one, and no longer', () => {
    expect(fact('r'.repeat(2048))).toEqual([])
    expect(fact('r'.repeat(2049))).toEqual([
      'signers.source.sourceRepositoryRef is not a text, or a mapping with prefix or glob',
    ])
    expect(fact(`{ glob: "${'r'.repeat(256)}" }`)).toEqual([])
    expect(fact(`{ glob: "${'r'.repeat(257)}" }`)).toEqual([
      'signers.source.sourceRepositoryRef.glob is not a pattern of at most 256 characters',
    ])
  })

  test('has nothing invisible in it', () => {
    for (const text of ['"refs\\theads"', '"refs\\nheads"', '"\\u0007"']) {
      expect(fact(text).join(), text).toContain('sourceRepositoryRef')
      expect(fact(`{ prefix: ${text} }`).join(), text).toContain('sourceRepositoryRef.prefix')
      expect(fact(`{ glob: ${text} }`).join(), text).toContain('sourceRepositoryRef.glob')
    }
  })
})

test('an authority that is not there is told with one that is', () => {
  const [fault] = lint(
    keylessContract({
      signers: { ...WORKFLOWS, source: [`    ${issuer}`, `    ${ID}`, '    authority: our'].join('\n') },
    }),
  )
  expect(fault).toMatchObject({ what: 'signers.source.authority is our, which is no authority' })
  expect(fault!.fix).toContain('ours')
})

test('a key is no longer than any key is', () => {
  const text = contractYaml('  build:\n    signers: [ci]\n')
  const padded = (length: number) => lint(text.replace(keyOf('ci'), `"${keyOf('ci').padEnd(length)}"`))
  expect(padded(4097).map(({ what }) => what)).toEqual([
    'signers.ci is not a public key (PEM, or base64 of its SPKI), a passkey or an identity',
  ])
  // Nothing is said of its length, whatever else is wrong with it.
  expect(padded(4096).map(({ what }) => what)).not.toEqual(padded(4097).map(({ what }) => what))
})
