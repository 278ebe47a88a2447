import { createHash } from 'node:crypto'
import { type Fault, lintContract, parseContract } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { writeVkey } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { isMap, isScalar, parse, parseAllDocuments, parseDocument } from 'yaml'
import { contractText, logKeyOf, party, parties } from '../pipeline.ts'

// T-99: a contract that says nothing, or says one thing to its reviewers and another to its readers (GHSA-rgp5,
// GHSA-567m, GHSA-r4fv).

const who = parties()
const good = contractText(who, { countersigned: true })
const lint = (text: string): Fault[] => lintContract(utf8(text))
const codes = (text: string) => lint(text).map((fault) => fault.code)

/** `text` with one thing changed that is there exactly once. */
function changed(from: string, to: string): string {
  expect(good.split(from)).toHaveLength(2)
  return good.replace(from, to)
}

test('control: the contract itself is good', () => {
  expect(lint(good)).toEqual([])
})

describe('empty never means pass', () => {
  const section = (name: string) => new RegExp(`^${name}:\n(?: .*\n)+`, 'm').exec(good)![0]
  test.each([
    ['nothing', ''],
    ['white space', '\n  \n\n'],
    ['a comment', '# allow everything\n'],
    ['an empty document', '---\n'],
    ['null', '~\n'],
    ['an empty mapping', '{}\n'],
    ['no signers', changed(section('signers'), 'signers: {}\n')],
    ['signers of nothing', changed(section('signers'), 'signers:\n')],
    ['no countersigners, said so', changed(/^countersigners: .*\n/m.exec(good)![0], 'countersigners: []\n')],
    ['no steps', changed(section('steps'), 'steps: {}\n')],
    ['steps of nothing', changed(section('steps'), 'steps:\n')],
    ['a step that nobody may sign', changed('signers: [codebuild]', 'signers: []')],
    ['a step that nothing may sign', changed('signers: [codebuild]', 'signers:')],
    ['no products, said so', changed('products: ["dist/app.tgz"]', 'products: []')],
    ['a matrix of no jobs', changed('products: ["dist/app.tgz"]', 'matrix: []')],
  ])('%s', (_, text) => {
    expect(codes(text)).toContain('contract-empty')
    expect(() => parseContract(utf8(text))).toThrow(expect.objectContaining({ code: 'contract-empty' }))
  })

  test.each(['contract', 'pipeline', 'revision', 'signers', 'steps', 'final'])('a contract without %s', (field) => {
    const text = good.replace(new RegExp(`^${field}:.*\n(?: .*\n)*`, 'm'), '')
    expect(text).not.toContain(`\n${field}:`)
    expect(codes(text)[0]).toBe('contract-invalid')
    expect(lint(text)[0]!.what).toContain(`lacks ${field}`)
  })

  test('a step without signers, and one that receives and makes nothing', () => {
    expect(codes(changed('    signers: [codebuild]\n', ''))).toEqual(['contract-invalid'])
    expect(codes(changed('  test:\n    after: [build]\n', '  test:\n    after: [build]\n    materials: []\n'))).toEqual(
      ['contract-invalid'],
    )
  })
})

describe('one text, one contract', () => {
  test('the second of two equal keys', () => {
    const text = changed('signers: [codebuild]', 'signers: [codebuild]\n    signers: [azure]')
    expect(codes(text)).toEqual(['contract-invalid'])
    // Control: readers that let it pass take the last one, others the first.
    const document = parseDocument(text, { uniqueKeys: false })
    expect(document.toJS()).toMatchObject({ steps: { build: { signers: ['azure'] } } })
    expect(document.getIn(['steps', 'build', 'signers', 0])).toBe('codebuild')
  })

  test('a second document', () => {
    for (const text of [`${good}---\n${good}`, `---\n${good}---\nrevision: 2\n`, `${good}...\n# end\n`]) {
      expect(codes(text)).toEqual(['contract-invalid'])
    }
    // Control: one reader sees the first, a stream reader both.
    expect(parseAllDocuments(`${good}---\n${good}`)).toHaveLength(2)
    expect(lint(`---\n${good}`)).toEqual([])
  })

  test('an alias, an anchor, a tag, a merge key', () => {
    expect(codes(changed('signers: [azure]', 'signers: *all'))).toEqual(['contract-invalid'])
    expect(codes(changed('signers: [azure]', 'signers: &all [azure]'))).toEqual(['contract-invalid'])
    expect(codes(changed('signers: [azure]', 'signers: !!seq [azure]'))).toEqual(['contract-invalid'])
    const merge = changed('    signers: [azure]', '    <<: { signers: [github] }\n    signers: [azure]')
    expect(codes(merge)).toEqual(['contract-invalid'])
    // Control: a reader of YAML 1.1 merges what a reader of 1.2 takes for a field.
    const signersAs = (version: '1.1' | '1.2', text: string) =>
      (parse(text, { version }) as { steps: { deploy: { signers?: string[] } } }).steps.deploy.signers
    const hidden = merge.replace('    signers: [azure]\n', '')
    expect(signersAs('1.1', hidden)).toEqual(['github'])
    expect(signersAs('1.2', hidden)).toBe(undefined)
    expect(codes(hidden)).toEqual(['contract-invalid'])
  })

  test('a byte order mark, other line ends, tabs, directives', () => {
    const digest = (text: string) => createHash('sha256').update(text).digest('hex')
    const crlf = good.replaceAll('\n', '\r\n')
    expect(codes(`\ufeff${good}`)).toEqual(['contract-invalid'])
    expect(codes(crlf)).toEqual(['contract-invalid'])
    expect(codes(changed('final: ', 'final:\t'))).toEqual(['contract-invalid'])
    expect(codes(`%YAML 1.1\n---\n${good}`)).toEqual(['contract-invalid'])
    // Control: they mean the same to a reader, and have another digest.
    expect(parse(crlf)).toEqual(parse(good))
    expect(digest(crlf)).not.toBe(digest(good))
    expect(lint(crlf)[0]!.fix).toContain('eol=lf')
  })

  test('text that shows something else than it says (CVE-2021-42574)', () => {
    const control = changed('signers: [azure]', 'signers: [azure] # azure alone')
    expect(lint(control)).toEqual([])
    for (const mark of ['\u202e', '\u2066', '\u200f', '\u2028', '\u0085', '\u001b[8m', '\u0008']) {
      expect(codes(control.replace('# azure', `# ${mark}azure`)), mark).toEqual(['contract-invalid'])
    }
  })

  test('numbers and words as names', () => {
    for (const name of ['1', '1.5', 'on', 'No', 'null', '~', '12:30', '2026-11-01', '0x1']) {
      const text = good.replaceAll('azure', name)
      expect(codes(text), name).toContain('contract-invalid')
      const quoted = good.replaceAll('azure', `"${name}"`)
      if (/^[a-z0-9.-]+$/i.test(name)) expect(lint(quoted), name).toEqual([])
    }
    // Control: readers disagree about them.
    expect(parse('on', { version: '1.1' })).toBe(true)
    expect(parse('on', { version: '1.2' })).toBe('on')
  })

  test('keys that are no text', () => {
    for (const key of ['? a\n', '[a]', '{ a: 1 }', '1', 'true', '~', '*a', '&a b', '!!str a']) {
      expect(codes(`${good}${key}: x\n`), key).toContain('contract-invalid')
    }
  })

  test('__proto__ and its kin are names like any other, or refused', () => {
    for (const field of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
      expect(codes(`${good}${field}: { polluted: true }\n`)).toEqual(['contract-invalid'])
      expect(codes(changed('    signers: [azure]', `    signers: [azure]\n    ${field}: [x]`))).toEqual([
        'contract-invalid',
      ])
    }
    expect(codes(good.replaceAll('deploy', '__proto__'))).toContain('contract-invalid')
    const contract = parseContract(utf8(good.replaceAll('deploy', 'constructor').replaceAll('azure', 'toString')))
    expect(contract.steps.get('constructor')!.signers).toEqual(['toString'])
    expect(codes(changed('after: [test]', 'after: [toString]'))).toEqual(['contract-invalid'])
    expect(({} as Record<string, unknown>)['polluted']).toBe(undefined)
  })
})

describe('a weaker contract cannot be slipped in', () => {
  test('by a version that this reader does not know', () => {
    for (const version of ['v2', 'V1', 'v1.1', '1', '""', 'v0']) {
      expect(codes(changed('contract: v1', `contract: ${version}`)), version).toEqual(['contract-invalid'])
    }
  })

  test('by a field that is not read, where it stands', () => {
    expect(codes(changed('final: deploy', 'final: deploy\nskip: [test]'))).toEqual(['contract-invalid'])
    expect(codes(changed('signers: [azure]', 'signers: [azure]\n    optional: true'))).toEqual(['contract-invalid'])
  })

  test('by one party under two names (T-39)', () => {
    const key = Buffer.from(who.github.publicKey.spki).toString('base64')
    const other = Buffer.from(who.azure.publicKey.spki).toString('base64')
    const server = writeVkey(logKeyOf(who.server))
    expect(codes(changed(other, key))).toEqual(['contract-invalid'])
    expect(codes(changed(server, writeVkey(logKeyOf(who.cloudbuild))))).toEqual(['contract-invalid'])
    const fresh = writeVkey(logKeyOf(party('fresh', 'ed25519')))
    expect(lint(changed(server, fresh))).toEqual([])
  })

  test('by another spelling of the same key', () => {
    const key = Buffer.from(who.github.publicKey.spki).toString('base64')
    const pem = `|\n    -----BEGIN PUBLIC KEY-----\n    ${key}\n    -----END PUBLIC KEY-----`
    const other = Buffer.from(who.azure.publicKey.spki).toString('base64')
    expect(lint(changed(key, pem))).toEqual([])
    expect(codes(changed(other, pem))).toEqual(['contract-invalid'])
  })

  test('by a step that nothing demands', () => {
    const idle = '  audit:\n    after: [build]\n    signers: [azure]\nfinal'
    expect(codes(changed('final', idle))).toEqual(['contract-invalid'])
    expect(lint(changed('final', idle).replace('after: [test]', 'after: [test, audit]'))).toEqual([])
  })
})

test('control: the library reads all of this', () => {
  const document = parseDocument(good)
  expect(document.errors).toEqual([])
  expect(isMap(document.contents) && document.contents.items.every((pair) => isScalar(pair.key))).toBe(true)
})
