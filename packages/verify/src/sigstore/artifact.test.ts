import { createHash } from 'node:crypto'
import { type Code, type JsonValue, utf8 } from '@countersign/core'
import { expect, test } from 'vitest'
import { checkDigest, checkSubject } from './artifact.ts'

const bytes = utf8('the artifact\n')
const hash = (name: string, of: Uint8Array = bytes) => new Uint8Array(createHash(name).update(of).digest())
const hexOf = (of: Uint8Array) => Buffer.from(of).toString('hex')
const KNOWN = { sha256: hash('sha256'), sha512: hash('sha512') }
const ALONE = { sha256: hash('sha256'), sha512: null }
const [sha256, sha512] = [hexOf(KNOWN.sha256), hexOf(KNOWN.sha512)]
const OTHER = { sha256: 'e'.repeat(64), sha512: 'e'.repeat(128) }

const statement = (subject: JsonValue, more: object = {}) =>
  utf8(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject,
      predicateType: 'https://a.example/1',
      ...more,
    }),
  )
function said(payload: Uint8Array, artifact: Parameters<typeof checkSubject>[1] = KNOWN): string {
  try {
    return checkSubject(payload, artifact)
  } catch (error) {
    return (error as { code: Code }).code
  }
}
const TYPE = 'https://a.example/1'

test.each<[string, JsonValue, string, string]>([
  // Beside both digests of the artifact, and beside SHA-256 alone.
  ['by both digests', { sha256, sha512 }, TYPE, TYPE],
  ['by SHA-256 alone', { sha256 }, TYPE, TYPE],
  ['by SHA-512 alone', { sha512 }, TYPE, 'artifact-mismatch'],
  ['by SHA-256, and another by SHA-512', { sha256, sha512: OTHER.sha512 }, 'artifact-mismatch', TYPE],
  ['by SHA-512, and another by SHA-256', { sha256: OTHER.sha256, sha512 }, 'artifact-mismatch', 'artifact-mismatch'],
  ['by a digest beside others that nobody knows', { sha1: 'a'.repeat(40), gitCommit: 'x', sha256 }, TYPE, TYPE],
  ['by nothing', {}, 'artifact-mismatch', 'artifact-mismatch'],
  [
    'by a weak digest',
    { sha1: hexOf(hash('sha1')), md5: hexOf(hash('md5')) },
    'artifact-mismatch',
    'artifact-mismatch',
  ],
  ['in upper case', { sha256: sha256.toUpperCase() }, 'artifact-mismatch', 'artifact-mismatch'],
  ['in base64', { sha256: Buffer.from(KNOWN.sha256).toString('base64') }, 'artifact-mismatch', 'artifact-mismatch'],
  ['by its first half', { sha256: sha256.slice(0, 32) }, 'artifact-mismatch', 'artifact-mismatch'],
  ['by a list', { sha256: [sha256] }, 'artifact-mismatch', 'artifact-mismatch'],
  ['by null', { sha256: null }, 'artifact-mismatch', 'artifact-mismatch'],
  ['by SHA-256 under the name of SHA-512', { sha512: sha256 }, 'artifact-mismatch', 'artifact-mismatch'],
])('a statement about an artifact %s', (_, digest, known, alone) => {
  const about = statement([
    { name: 'other', digest: OTHER },
    { name: 'artifact', digest },
  ])
  expect([said(about), said(about, ALONE)]).toEqual([known, alone])
})

test('a statement that is about nothing, or is none', () => {
  const good = [{ digest: { sha256 } }]
  const refused: Record<string, [Uint8Array, Code]> = {
    'no subjects': [statement([]), 'subject-missing'],
    'no list of subjects': [
      utf8(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', predicateType: TYPE })),
      'subject-missing',
    ],
    'subjects that are no list': [statement({ sha256 }), 'statement-invalid'],
    'null for subjects': [statement(null), 'statement-invalid'],
    'a subject without digests': [statement([{ name: 'artifact' }]), 'statement-invalid'],
    'a subject that is none': [statement(['artifact']), 'statement-invalid'],
    'digests that are a text': [statement([{ digest: sha256 }]), 'statement-invalid'],
    'another type': [statement(good, { _type: 'https://in-toto.io/Statement/v2' }), 'statement-invalid'],
    'a type in another case': [statement(good, { _type: 'https://in-toto.io/statement/v1' }), 'statement-invalid'],
    'no type': [utf8(JSON.stringify({ subject: good, predicateType: TYPE })), 'statement-invalid'],
    'no predicate type': [
      utf8(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject: good })),
      'statement-invalid',
    ],
    'a predicate type that is none': [statement(good, { predicateType: 1 }), 'statement-invalid'],
    'a predicate type of 513 letters': [statement(good, { predicateType: 'a'.repeat(513) }), 'statement-invalid'],
    'no object': [utf8('[]'), 'statement-invalid'],
    'no JSON': [utf8('{'), 'statement-invalid'],
    'one name twice': [utf8('{"_type":"https://in-toto.io/Statement/v1","_type":"x"}'), 'statement-invalid'],
    nothing: [new Uint8Array(), 'statement-invalid'],
  }
  for (const [name, [payload, code]] of Object.entries(refused)) expect([name, said(payload)]).toEqual([name, code])
  expect(said(statement(good, { predicateType: 'a'.repeat(512) }))).toBe('a'.repeat(512))
  // Both versions that there have been; what else it holds is the matter of others.
  expect(said(statement(good, { _type: 'https://in-toto.io/Statement/v0.1', more: 1 }))).toBe(TYPE)
})

test('a statement has at most 10,000 subjects and 8 MiB', () => {
  const many = (count: number) =>
    statement([...Array.from({ length: count - 1 }, () => ({ digest: {} })), { digest: { sha256 } }])
  expect(said(many(10_000))).toBe(TYPE)
  expect(said(many(10_001))).toBe('statement-invalid')
  const sized = (size: number) => {
    const bare = statement([{ digest: { sha256 } }], { more: '' })
    return statement([{ digest: { sha256 } }], { more: 'a'.repeat(size - bare.length) })
  }
  expect(sized(8 * 1024 * 1024).length).toBe(8 * 1024 * 1024)
  expect(said(sized(8 * 1024 * 1024))).toBe(TYPE)
  expect(said(sized(8 * 1024 * 1024 + 1))).toBe('statement-invalid')
})

test('a digest that came with a signature is that of the artifact, where one came', () => {
  expect(() => checkDigest(null, KNOWN)).not.toThrow()
  expect(() => checkDigest(hash('sha256'), KNOWN)).not.toThrow()
  for (const other of [hash('sha256', utf8('x')), hash('sha512'), new Uint8Array(), KNOWN.sha256.subarray(1)]) {
    expect(() => checkDigest(other, KNOWN)).toThrow(expect.objectContaining({ code: 'artifact-mismatch' }))
  }
})
