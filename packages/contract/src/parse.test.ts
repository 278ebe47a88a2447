import { createHash } from 'node:crypto'
import { CATALOGUE, CodedError, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { contractYaml, keyOf, lint, parse, pointedAt, vkeyOf } from './contract.test-kit.ts'
import { type Fault, lintContract, parseContract, signingKeys } from './index.ts'
import { rounds } from '../../../test/thorough.ts'

const RIVER = `  source:
    signers: [github]
  build:
    after: [source]
    signers: [github, codebuild]
    products: ["dist/*.tgz", "out/"]
    matrix: [linux, macos]
  test:
    after: [build]
    signers: [codebuild]
    materials:
      - from: build
        match: ["dist/*.tgz"]
      - outside: cache/npm.tar
        sha256: ${'a1'.repeat(32)}
      - outside: "tools/**"
  scan:
    after: [test]
    signers: [codebuild]
    materials: []
    products: [report]
`

/** So many steps, each after the one before. */
function inARow(count: number): string {
  const steps = Array.from({ length: count }, (_, i) => `  s${i}:\n    after: [s${i - 1}]\n    signers: [ci]`)
  return steps.join('\n').replace('    after: [s-1]\n', '')
}

/** A step that asks for nothing beyond order and hand-overs. */
const UNDEMANDING = {
  disallow: [],
  runner: null,
  optional: null,
  approvals: null,
  evidence: null,
  fresh: null,
  conditions: [],
}

describe('a good contract', () => {
  const top = `countersigners: ["${vkeyOf('log.example')}"]\nattempts: carry\nclockToleranceSeconds: 7`
  const text = contractYaml(RIVER, { top })
  const contract = parse(text)

  test('has its head', () => {
    expect(contract).toMatchObject({ pipeline: 'shop/web', revision: 1, final: 'scan', attempts: 'carry' })
    expect(contract.clockTolerance).toBe(7000)
    expect(contract.digest).toBe(createHash('sha256').update(text).digest('hex'))
    expect([...contract.signers.keys()]).toEqual(['github', 'codebuild'])
    expect(Buffer.from(signingKeys(contract).get('github')!.spki).toString('base64')).toBe(keyOf('github'))
    expect(contract.countersigners.map(({ name }) => name)).toEqual(['log.example'])
  })

  test('has its steps', () => {
    const plain = [...contract.steps.values()].map((rule) => ({
      ...rule,
      materials: rule.materials.map(({ from, match }) => ({ from, match: match.map((glob) => glob.pattern) })),
      outside: rule.outside.map(({ match, sha256 }) => ({ match: match.pattern, sha256 })),
      products: rule.products?.map((glob) => glob.pattern) ?? null,
    }))
    const step = { ...UNDEMANDING, minimumGrade: null, materials: [], outside: [], products: null, matrix: null }
    expect(plain).toEqual([
      { ...step, name: 'source', after: [], signers: ['github'] },
      {
        ...step,
        name: 'build',
        after: ['source'],
        signers: ['github', 'codebuild'],
        materials: [{ from: 'source', match: ['**'] }],
        products: ['dist/*.tgz', 'out'],
        matrix: ['linux', 'macos'],
      },
      {
        ...step,
        name: 'test',
        after: ['build'],
        signers: ['codebuild'],
        materials: [{ from: 'build', match: ['dist/*.tgz'] }],
        outside: [
          { match: 'cache/npm.tar', sha256: 'a1'.repeat(32) },
          { match: 'tools/**', sha256: null },
        ],
      },
      { ...step, name: 'scan', after: ['test'], signers: ['codebuild'], products: ['report'] },
    ])
  })

  test('left out: one attempt, five minutes, no countersigners', () => {
    const short = parse(contractYaml(RIVER))
    expect(short).toMatchObject({ attempts: 'same', clockTolerance: 300_000 })
    expect(short.countersigners.length).toBe(0)
  })

  test('may have a thousand steps, and no more', () => {
    expect(parse(contractYaml(inARow(1000))).steps.size).toBe(1000)
    expect(lint(contractYaml(inARow(1001))).map((fault) => fault.what)).toEqual(['steps has more than 1000 steps'])
  })
})

describe('faults', () => {
  const text = contractYaml(
    `  source:
    signers: [github, *all]
  build:
    after: [sorce]
    signers: github
    products: [/dist, "dist/"]
  test:
    after: [build]
    signers: [github]
    materials:
      - from: build
        match: ["dist/app.js", 3.10]
      - from: source
    matrix: [20, "20", "20"]
  build:
    signers: []`,
    { final: 'tset' },
  ).replace('revision: 1', 'revision: 1.0\nattempt: same')

  test('are all named in one run, each at its place', () => {
    const faults = lint(text)
    expect(faults.map((fault) => [fault.code, pointedAt(text, fault)])).toEqual([
      ['contract-invalid', '1.0'],
      ['contract-invalid', 'attempt: same'],
      ['contract-invalid', '*all]'],
      ['contract-invalid', 'sorce]'],
      ['contract-invalid', 'github'],
      ['pattern-invalid', '/dist, "dist/"]'],
      ['contract-invalid', '3.10]'],
      ['contract-invalid', 'source'],
      ['contract-invalid', '20, "20", "20"]'],
      ['contract-invalid', '"20"]'],
      ['contract-invalid', 'build:'],
      ['contract-invalid', 'tset'],
    ])
    expect(faults.map((fault) => fault.fix)).toContain('Quote it: "3.10".')
    expect(faults.map((fault) => fault.fix)).toContain('Quote a pattern: "*all"; write any other value out.')
    expect(faults.map((fault) => fault.fix)).toContain('Did you mean test? There is: source, build, test.')
  })

  test('are the same in every run, and the first is what parseContract throws', () => {
    const faults = lint(text)
    expect(lint(text)).toEqual(faults)
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        name: 'CodedError',
        code: faults[0]!.code,
        what: `line ${faults[0]!.line}: ${faults[0]!.what}`,
        fix: faults[0]!.fix,
      }),
    )
  })

  test('are at most a hundred, and short whatever the contract holds', () => {
    const name = 'x'.repeat(500)
    const many = contractYaml(
      `  build:\n    signers: [ci]\n    after: [${Array.from({ length: 300 }, (_, i) => `${name}${i}`).join(', ')}]`,
    )
    const faults = lint(many)
    expect(faults).toHaveLength(100)
    for (const fault of faults) expect(fault.what.length + fault.fix.length).toBeLessThan(400)
  })

  test('show no character that a terminal would obey', () => {
    const text = contractYaml('  build:\n    signers: [ci]').replace('final: build', 'final: "\\e[2K\\u202eok"')
    for (const fault of lint(text)) expect(fault.what + fault.fix).toMatch(/^[ -~]*$/)
    expect(
      lint(text.replace('final: ', 'fi\u00e9nal: '))
        .map((fault) => fault.what)
        .join(),
    ).toMatch(/^[ -~]*$/)
  })
})

test.each([
  ['after: [bulid]', 'Did you mean build? There is: source, build, test.'],
  [
    'afer: [build]',
    'Did you mean after? There is: after, signers, materials, products, disallow, matrix, minimumGrade, runner, optional, approvals, evidence, fresh, conditions.',
  ],
  ['after: [deploy]', 'Use one of: source, build, test.'],
])('%s: the fix names what was meant', (line, fix) => {
  const text = contractYaml(`  source:
    signers: [ci]
  build:
    after: [source]
    signers: [ci]
  test:
    signers: [ci]
    ${line}`)
  expect(lint(text).map((fault) => fault.fix)).toContain(fix)
})

/** Accepts or refuses with coded faults, and both doors agree. */
function judged(bytes: Uint8Array): Fault[] {
  const faults = lintContract(bytes)
  const lines = new TextDecoder().decode(bytes).split('\n').length
  for (const [i, { line, column, code, what, fix }] of faults.entries()) {
    expect(Object.keys(CATALOGUE)).toContain(code)
    expect(line >= 1 && line <= lines && column >= 1, `line ${line} of ${lines}`).toBe(true)
    expect(what.length > 0 && fix.length > 0).toBe(true)
    const before = faults[i - 1]
    if (before !== undefined) expect(before.line < line || (before.line === line && before.column <= column)).toBe(true)
  }
  let thrown: unknown = null
  try {
    parseContract(bytes)
  } catch (error) {
    thrown = error
  }
  if (faults.length === 0) expect(thrown).toBe(null)
  else expect((thrown as CodedError).code).toBe(faults[0]!.code)
  if (thrown !== null) expect(thrown).toBeInstanceOf(CodedError)
  return faults
}

describe('whatever the bytes', () => {
  test('random bytes are refused with a code', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        expect(judged(bytes).length).toBeGreaterThan(0)
      }),
      { numRuns: rounds(100, 500) },
    )
  })

  test('random YAML is refused with a code', () => {
    const words =
      '- |: |:|? |[|]|{|}|,|"|#| #|>-\n|&a |*a|!t |---\n|...\n|%Y\n|<<|steps|signers|contract: v1\n|a|1|~|\\|\t|\r|@'
    const unit = fc.constantFrom('\n', ' ', '  ', "'", '|\n', ...words.split('|'))
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 60 }), (text) => {
        expect(judged(utf8(text)).length).toBeGreaterThan(0)
      }),
      { numRuns: rounds(400, 3000) },
    )
  })

  test('a good contract with anything changed is good or refused with a code', () => {
    const good = utf8(contractYaml(RIVER))
    const edit = fc.record({
      at: fc.nat(good.length),
      cut: fc.nat(12),
      put: fc.oneof(
        fc.uint8Array({ maxLength: 3 }),
        fc.constantFrom('\n', ' ', '[', ']', '{', ': ', '- ', '"', '*', '&', '#', '!!x ', '---\n', 'a').map(utf8),
        fc.tuple(fc.nat(good.length), fc.nat(60)).map(([from, length]) => good.slice(from, from + length)),
      ),
    })
    let accepted = 0
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 3 }), (edits) => {
        let bytes = good
        for (const { at, cut, put } of edits) {
          bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)])
        }
        if (judged(new Uint8Array(bytes)).length === 0) accepted++
      }),
      { numRuns: rounds(300, 2000) },
    )
    expect(accepted).toBeGreaterThan(0)
  })
})

function contractOfJob(key: string): string {
  return contractYaml(`  build:\n    signers: [ci]\n    matrix:\n      - ${key}`)
}

describe('one meaning for every reader', () => {
  test('an unquoted text that is accepted is the same text in YAML 1.1 and 1.2', () => {
    const unit = fc.constantFrom(
      ...'0123456789',
      ...'_:.-+eExboyYnNsSfF=~',
      'yes',
      'no',
      'on',
      'off',
      '2026-11-01',
      'T12',
    )
    let accepted = 0
    fc.assert(
      fc.property(fc.string({ unit, minLength: 1, maxLength: 8 }), (key) => {
        const text = contractOfJob(key)
        if (lint(text).length > 0) return
        accepted++
        for (const version of ['1.1', '1.2'] as const) {
          const read = (parseYaml(text, { version }) as { steps: { build: { matrix: unknown[] } } }).steps.build
            .matrix[0]
          // This library takes e1 for a float in 1.1, which it is not, and gets no number.
          if (!Number.isNaN(read)) expect(read).toBe(key)
        }
      }),
      { numRuns: rounds(600, 5000), seed: 1 },
    )
    expect(accepted).toBeGreaterThan(100)
  })

  test.each(['on', 'No', 'y', '012', '1_000', '12:30', '0x1F', '1e3', '.5', '.inf', '2026-11-01', 'null', '~', '='])(
    '%s is refused, and taken in quotes',
    (key) => {
      expect(lint(contractOfJob(key)).map((fault) => fault.code)).toEqual(['contract-invalid'])
      expect(parse(contractOfJob(`"${key}"`)).steps.get('build')!.matrix).toEqual([key])
    },
  )
})
