import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONTRACT_SCHEMA, lintContract, parseContract } from '@countersign/contract'
import { CATALOGUE } from '@countersign/core'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'

const folder = join(import.meta.dirname, 'contract')
const names = readdirSync(folder)
const bytesOf = (name: string) => new Uint8Array(readFileSync(join(folder, name)))

/** The first line says what is expected: `# expect: ok`, or `# expect: CODE line N`. */
function expected(name: string): { code: string; line: number } | null {
  const [first] = new TextDecoder().decode(bytesOf(name)).split(/\r?\n/)
  if (first === '# expect: ok') return null
  const [, code, line] = /^# expect: ([a-z0-9-]+) line ([0-9]+)$/.exec(first!)!
  return { code: code!, line: Number(line) }
}

describe('contracts', () => {
  test.each(names)('%s', (name) => {
    const faults = lintContract(bytesOf(name))
    const want = expected(name)
    // One mutation is one fault: what follows from it is not said again.
    expect(faults.map(({ code, line }) => ({ code, line }))).toEqual(want === null ? [] : [want])
    if (want === null) expect(parseContract(bytesOf(name)).digest).toMatch(/^[0-9a-f]{64}$/)
    else expect(() => parseContract(bytesOf(name))).toThrow(expect.objectContaining({ code: want.code }))
  })

  test('are many of both kinds, named in plain lower case, with codes of the catalogue', () => {
    expect(names.filter((name) => expected(name) === null).length).toBeGreaterThan(20)
    expect(names.filter((name) => expected(name) !== null).length).toBeGreaterThan(150)
    for (const name of names) {
      expect(name).toMatch(/^[a-z0-9-]+\.yaml$/)
      expect(name.startsWith('good')).toBe(expected(name) === null)
      if (expected(name) !== null) expect(Object.keys(CATALOGUE)).toContain(expected(name)!.code)
    }
  })
})

/** What the schema cannot say of a document, and lets pass. */
const BEYOND_SCHEMA: Readonly<Record<string, string>> = {
  'names that must be those of something else': `
    after-unknown final-unknown step-signer-unknown signer-of-nothing
    material-from-unknown material-from-not-in-after material-from-twice`,
  'who vouches for whom': `
    authorities-missing authority-vouches-for-nobody authority-twice
    identity-authority-unknown identity-workflow-of-anybody minimum-grade-of-keys`,
  'what certificates, names and patterns of text are': `
    authority-no-pem authority-a-leaf authority-root-first authority-without-root
    authority-key-is-a-signer authority-log-is-a-signer
    identity-subject-neither-address-nor-uri identity-glob-of-everything identity-glob-with-stars-inside-a-part`,
  'the graph as a whole': `
    circle-of-one circle-of-three circle-behind-the-final-step
    step-that-nobody-waits-for job-that-nobody-waits-for step-of-nothing
    match-that-nothing-meets match-inside-a-directory`,
  'whether text is a key, and whose': `
    key-cut key-not-base64 key-off-the-curve key-of-small-order key-private key-rsa
    key-twice key-of-a-signer-countersigns countersigner-is-a-witness
    countersigner-of-another-id countersigner-under-two-names`,
  'who approves what, and whom an approval counts': `
    approvals-by-who-made-it approvals-in-a-matrix approvals-of-more-than-may-sign approvals-of-nothing
    approvals-that-make-something people-named-as-a-signer-of-another people-of-nobody people-one-approves-for-two`,
  'what CEL is, and what a condition may ask for': `
    condition-cut condition-member-unknown condition-name-unknown condition-regular-expression
    condition-three-lists condition-too-deep optional-about-the-step`,
  'which steps there are, and which a run needs': `
    evidence-vex-of-a-later-step evidence-vex-of-no-step
    optional-final-step optional-first-step optional-steps-alone-before`,
  'how long a time is': 'anchored-within-more-than-a-year',
  'invisible characters and Unicode forms': `
    escaped-control-character escaped-bidi-override lone-surrogate-escape pattern-not-nfc
    bidi-override-in-a-comment escape-character-in-a-comment line-separator next-line-character
    byte-order-mark carriage-returns carriage-return-alone tab-before-a-comment utf8-overlong-in-a-comment`,
  'YAML that another reader takes otherwise': `
    matrix-truth-value matrix-date matrix-time-of-old-readers pipeline-as-a-date
    revision-as-a-float revision-hexadecimal revision-octal-of-old-readers
    key-that-is-a-number key-that-is-a-truth-value key-of-several-parts
    anchor tag directive document-end identity-revoked-at-a-time-of-yaml`,
}

/** Undefined where the text is no YAML document, so no schema sees it. */
function valueOf(name: string): unknown {
  const document = parseDocument(new TextDecoder().decode(bytesOf(name)), { prettyErrors: false })
  if (document.errors.length > 0 || document.warnings.length > 0) return undefined
  try {
    return document.toJS() ?? null
  } catch (error) {
    // An alias without its anchor.
    if (error instanceof ReferenceError) return undefined
    throw error
  }
}

describe('the JSON Schema', () => {
  const validate = new Ajv2020({ strict: true }).compile(CONTRACT_SCHEMA)
  const bad = names.filter((name) => expected(name) !== null)

  test('accepts every good contract', () => {
    for (const name of names) if (expected(name) === null) expect(validate(valueOf(name)), name).toBe(true)
  })

  test('refuses every bad one that it can express, and we know which it cannot', () => {
    const seen = bad.filter((name) => valueOf(name) !== undefined)
    const accepted = seen.filter((name) => validate(valueOf(name))).map((name) => name.replace('.yaml', ''))
    const known = Object.values(BEYOND_SCHEMA).flatMap((list) => list.trim().split(/\s+/))
    expect(accepted.toSorted()).toEqual(known.toSorted())
    expect(seen.length - accepted.length).toBeGreaterThan(80)
  })
})
