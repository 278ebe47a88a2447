import { describe, expect, test } from 'vitest'
import { contractYaml, lint, parse } from './contract.test-kit.ts'

const digest = 'a1'.repeat(32)

/** Build, and a deploy that comes after it and has these fields besides; each fault by its code and its words. */
const deploying = (fields: string, build = '    products: [app, "lib/*.js"]\n') =>
  contractYaml(`  build:
    signers: [ci]
${build}  deploy:
    after: [build]
    signers: [ci]
${fields.replace(/^(?=.)/gm, '    ')}`)
const faults = (text: string) => lint(text).map(({ code, what }) => `${code}: ${what}`)
const invalid = (what: string) => [`contract-invalid: ${what}`]

describe('what a step receives', () => {
  const materials = (text: string) => {
    const { materials, outside } = parse(text).steps.get('deploy')!
    return [
      ...materials.map(({ from, match, moved }) => ({ from, match: match.map(({ pattern }) => pattern), moved })),
      ...outside.map(({ match, ...more }) => ({ outside: match.pattern, ...more })),
    ]
  }

  test.each<[string, readonly object[]]>([
    // Without a word: something of every step that it comes after.
    ['', [{ from: 'build', match: ['**'], moved: null }]],
    ['materials: []\nproducts: [x]', []],
    ['materials: [{ from: build }]', [{ from: 'build', match: ['**'], moved: null }]],
    [
      'materials: [{ from: build, match: [app, lib/a.js] }]',
      [{ from: 'build', match: ['app', 'lib/a.js'], moved: null }],
    ],
    [
      'materials: [{ from: build, moved: { of: lib, to: in/there } }]',
      [{ from: 'build', match: ['**'], moved: { of: 'lib', to: 'in/there' } }],
    ],
    [
      'materials: [{ from: build, moved: { of: ".", to: lib/ } }]',
      [{ from: 'build', match: ['**'], moved: { of: '', to: 'lib' } }],
    ],
    ['materials: [{ outside: tool }]', [{ outside: 'tool', sha256: null, contract: null }]],
    [`materials: [{ outside: "t/*", sha256: ${digest} }]`, [{ outside: 't/*', sha256: digest, contract: null }]],
    [`materials: [{ outside: tool, contract: ${digest} }]`, [{ outside: 'tool', sha256: null, contract: digest }]],
    [
      'materials: [{ outside: a }, { outside: a }]',
      [
        { outside: 'a', sha256: null, contract: null },
        { outside: 'a', sha256: null, contract: null },
      ],
    ],
  ])('%j', (fields, expected) => {
    expect(faults(deploying(fields))).toEqual([])
    expect(materials(deploying(fields))).toEqual(expected)
  })

  const at = 'steps.deploy.materials[0]'
  test.each<[string, readonly string[]]>([
    ['{ match: [app] }', invalid(`${at} needs one of from and outside`)],
    ['{}', invalid(`${at} needs one of from and outside`)],
    ['{ from: build, outside: tool }', invalid(`${at} needs one of from and outside`)],
    ['build', invalid(`${at} is not a mapping`)],
    ['{ from: build, mode: x }', invalid(`${at}.mode is not a field here`)],
    [`{ from: build, sha256: ${digest} }`, invalid(`${at}.sha256 goes with outside only`)],
    [`{ from: build, contract: ${digest} }`, invalid(`${at}.contract goes with outside only`)],
    ['{ outside: tool, match: [app] }', invalid(`${at}.match goes with from only`)],
    ['{ outside: tool, moved: { of: a, to: b } }', invalid(`${at}.moved goes with from only`)],
    ['{ from: deploy }', invalid(`${at}.from is deploy, which step deploy does not come after`)],
    ['{ from: biuld }', invalid(`${at}.from is biuld, which is no step`)],
    [`{ outside: tool, sha256: ${digest.slice(1)} }`, invalid(`${at}.sha256 is not 64 lower-case hex digits`)],
    [`{ outside: tool, sha256: ${digest.toUpperCase()} }`, invalid(`${at}.sha256 is not 64 lower-case hex digits`)],
    [`{ outside: tool, contract: ${digest}0 }`, invalid(`${at}.contract is not 64 lower-case hex digits`)],
    ['{ from: build, match: [] }', [`contract-empty: ${at}.match names nothing`]],
    [
      '{ from: build, match: [nothing] }',
      invalid(`${at}.match[0] is nothing, and step build makes nothing of that name`),
    ],
    ['{ from: build, moved: { of: a } }', invalid(`${at}.moved lacks to`)],
    ['{ from: build, moved: { to: a } }', invalid(`${at}.moved lacks of`)],
    ['{ from: build, moved: { of: a, to: b, at: c } }', invalid(`${at}.moved.at is not a field here`)],
    ...[
      '/a',
      '"a/*"',
      '"../a"',
      '"*"',
      '""',
      `"${'x'.repeat(257)}"`,
      '"a\\u0007"',
      '"u\\u0308"',
      '"a//b"',
      '"./a"',
    ].map((name): [string, readonly string[]] => [
      `{ from: build, moved: { of: ${name}, to: b } }`,
      invalid(`${at}.moved.of is not the name of a directory, or a dot`),
    ]),
    [
      '{ from: build, moved: { of: a, to: "b/?" } }',
      invalid(`${at}.moved.to is not the name of a directory, or a dot`),
    ],
  ])('not %s', (material, expected) => {
    expect(faults(deploying(`materials: [${material}]`))).toEqual(expected)
  })

  test('not from one step twice: all its patterns are one list', () => {
    expect(faults(deploying('materials: [{ from: build, match: [app] }, { from: build }]'))).toEqual(
      invalid('steps.deploy.materials[1].from is build for the second time'),
    )
  })

  test('a directory may have a name of 256 characters', () => {
    expect(faults(deploying(`materials: [{ from: build, moved: { of: ${'x'.repeat(256)}, to: b } }]`))).toEqual([])
  })

  test('what a step makes with a fault in it is no reason for another', () => {
    const text = (products: string) =>
      deploying('materials: [{ from: build, match: [other] }]', `    products: ${products}\n`)
    expect(faults(text('[app]'))).toHaveLength(1)
    expect(faults(text('[app, /other]'))).toHaveLength(1)
    expect(faults(text('[app, /other]'))[0]).toMatch(/^pattern-invalid: steps.build.products\[1\]/)
  })
})

describe('a step', () => {
  test.each<[string, readonly string[]]>([
    [
      'materials: []',
      invalid('steps.deploy receives nothing and makes nothing, so there is nothing it could vouch for'),
    ],
    ['materials: []\nproducts: [x]', []],
    ['products: []', ['contract-empty: steps.deploy.products names nothing']],
    ['disallow: []', ['contract-empty: steps.deploy.disallow names nothing']],
    ['disallow: [x, "**/.env"]', []],
    ['minimumGrade: E', invalid('steps.deploy.minimumGrade is not A or B or C or D')],
    ['timeout: 5', invalid('steps.deploy.timeout is not a field here')],
    ['matrix: []', ['contract-empty: steps.deploy.matrix names no job']],
    ['matrix: [a, b, a]', invalid('steps.deploy.matrix[2] is a for the second time')],
    [
      'matrix: [a, "", "b\\n"]',
      [
        'contract-invalid: steps.deploy.matrix[1] is not a matrix key: 1 to 256 printable ASCII characters',
        'contract-invalid: steps.deploy.matrix[2] is not a matrix key: 1 to 256 printable ASCII characters',
      ],
    ],
    ['matrix: a', invalid('steps.deploy.matrix is not a list')],
  ])('with %j', (fields, expected) => {
    expect(faults(deploying(fields))).toEqual(expected)
  })

  test('has the jobs that its matrix names, and names that it disallows', () => {
    const { matrix, disallow } = parse(deploying('matrix: [linux, macos]\ndisallow: [x, "**/.env"]')).steps.get(
      'deploy',
    )!
    expect(matrix).toEqual(['linux', 'macos'])
    expect(disallow.map(({ pattern }) => pattern)).toEqual(['x', '**/.env'])
  })

  test('where a run begins may receive nothing and make nothing: it vouches for the checkout', () => {
    expect(faults(contractYaml('  build:\n    signers: [ci]\n    materials: []'))).toEqual([])
  })

  test.each<[string, readonly string[]]>([
    ['5', invalid('steps.deploy is not a mapping')],
    ['{ after: [build] }', invalid('steps.deploy lacks signers')],
    ['{ after: [build], signers: [] }', ['contract-empty: steps.deploy.signers is empty']],
    ['{ after: [build], signers: }', ['contract-empty: steps.deploy.signers is empty']],
    ['{ after: [build], signers: ci }', invalid('steps.deploy.signers is not a list')],
    ['{ after: [build], signers: [ci, ci] }', invalid('steps.deploy.signers[1] is ci for the second time')],
    ['{ after: [build], signers: [ic] }', invalid('steps.deploy.signers[0] is ic, which is no signer')],
    ['{ after: [build, build], signers: [ci] }', invalid('steps.deploy.after[1] is build for the second time')],
    ['{ after: [biuld], signers: [ci] }', invalid('steps.deploy.after[0] is biuld, which is no step')],
    ['{ after: build, signers: [ci] }', invalid('steps.deploy.after is not a list')],
    ['{ after: [[build]], signers: [ci] }', invalid('steps.deploy.after[0] is not the name of a step')],
  ])('that reads %s', (step, expected) => {
    const text = contractYaml(`  build:\n    signers: [ci]\n  deploy: ${step}\n`)
    // `signers: [` in a flow mapping would be taken for names of signers by the kit.
    expect(faults(text.replace(/^ {2}ic: .*\n/m, ''))).toEqual(expected)
  })

  test('is called by a name', () => {
    const text = contractYaml('  build:\n    signers: [ci]\n')
      .replace('  build:', '  "a b":')
      .replace('final: build', 'final: "a b"')
    expect(faults(text)).toContain('contract-invalid: steps."a b" is not a name')
  })
})

describe('all steps', () => {
  test.each<[string, readonly string[]]>([
    ['steps: {}', ['contract-empty: steps is empty']],
    ['steps:', ['contract-empty: steps is empty']],
    ['steps: [build]', invalid('steps is not a mapping')],
    ['steps: build', invalid('steps is not a mapping')],
  ])('that read %j', (steps, expected) => {
    const text = contractYaml('  build:\n    signers: [ci]\n').replace(/steps:\n.*?(?=final)/s, `${steps}\n`)
    expect(faults(text)).toEqual(expected)
  })

  test('are one set of names: who may sign none is named, once nothing may hide where', () => {
    const with_ = (build: string) =>
      contractYaml(`  build:\n    signers: [ci]\n${build}  test:\n    after: [build]\n    signers: [ci]\n`).replace(
        'signers:\n',
        `signers:\n  spare: ${contractYaml('  x:\n    signers: [spare]\n').match(/spare: (.*)/)![1]}\n`,
      )
    const spare = 'contract-invalid: signers.spare may sign no step'
    expect(faults(with_(''))).toEqual([spare])
    expect(faults(with_('    matrix: []\n'))).toContain(spare)
    for (const hides of [
      '    after: 5\n',
      '    after: [[x]]\n',
      '  check: 5\n',
      '  check: { signers: }\n',
      '  check: { signers: 5 }\n',
    ]) {
      expect(faults(with_(hides)).length, hides).toBeGreaterThan(0)
      expect(faults(with_(hides)), hides).not.toContain(spare)
    }
  })
})
