import { type Code, CodedError } from '@countersign/core'
import { bareIdentity, type Identity, IDENTITY_FACTS } from '@countersign/formats/identity'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { LocalAuthority, LOG, RUN } from '../../../test/identity/local-ca.ts'
import { authorityYaml, CA, keylessContract, pemOf, WORKFLOWS, workflow } from '../../../test/keyless.ts'
import { keyOf, lint, parse } from './contract.test-kit.ts'
import { CONTRACT_SCHEMA, type Contract, evaluate, maySign, PUBLIC_SIGSTORE, type SignerFacts } from './index.ts'

const ISSUER = RUN.issuer
const ID = 'sourceRepositoryIdentifier: "1000000001"'
/** A contract of which the signer of the first step reads so. */
const withSource = (...lines: readonly string[]) =>
  keylessContract({ signers: { ...WORKFLOWS, source: lines.map((line) => `    ${line}`).join('\n') } })
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(CONTRACT_SCHEMA)

describe('a contract with identities', () => {
  const contract = parse(
    keylessContract({
      signers: {
        ...WORKFLOWS,
        source: [
          `    issuer: ${ISSUER}`,
          '    subject: https://github.com/acme/shop/.github/workflows/source.yml@refs/heads/main',
          `    ${ID}`,
          '    sourceRepositoryRef: { glob: "refs/heads/release-*" }',
          '    buildTrigger: push',
          '    grade: A',
          '    authority: ours',
          '    revokedSince: "2026-11-01T12:00:00.000Z"',
        ].join('\n'),
        deploy: keyOf('deploy'),
      },
    }),
  )

  test('has them beside keys, in their order', () => {
    expect([...contract.signers].map(([name, { kind }]) => [name, kind])).toEqual([
      ['source', 'identity'],
      ['build', 'identity'],
      ['deploy', 'key'],
    ])
    const rule = contract.signers.get('source')
    expect(rule).toMatchObject({ grade: 'A', authorities: ['ours'], revokedAt: '2026-11-01T12:00:00.000Z' })
    if (rule?.kind !== 'identity') throw new Error('a key')
    expect(rule.pattern.issuer).toBe(ISSUER)
    expect(rule.pattern.subject).toMatchObject({ kind: 'uri' })
    expect([...rule.pattern.facts.keys()]).toEqual([
      'sourceRepositoryRef',
      'sourceRepositoryIdentifier',
      'buildTrigger',
    ])
    expect(contract.signers.get('build')).toMatchObject({ grade: null, authorities: ['ours'], revokedAt: null })
  })

  test('has all that it takes to verify its authority', () => {
    const [authority] = contract.authorities.values()
    if (authority?.kind !== 'countersign') throw new Error('another kind')
    expect(authority.certificates.map(({ der }) => der)).toEqual([CA.intermediate!.der, CA.root.der])
    expect(authority.logs.map(({ name }) => name)).toEqual(['ca.example.com/log'])
    expect(authority.id).toMatch(/^[0-9a-f]{64}$/)
  })

  test('pins a trusted root of Sigstore by its digest', () => {
    const { authorities } = parse(keylessContract({ authorities: `  public: { sigstore: "${'ab'.repeat(32)}" }` }))
    expect(authorities.get('public')).toEqual({ kind: 'sigstore', id: 'ab'.repeat(32), revokedAt: null })
  })

  test('or says that it is the public one, whichever that is', () => {
    const text = keylessContract({ authorities: '  world: { sigstore: public }' })
    expect(parse(text).authorities.get('world')).toEqual({ kind: 'sigstore', id: PUBLIC_SIGSTORE, revokedAt: null })
    expect(validate(parseYaml(text))).toBe(true)
    for (const near of ['Public', '"public "', 'publi', 'AB'.repeat(32), 'ab'.repeat(31), '']) {
      const wrong = keylessContract({ authorities: `  world: { sigstore: ${near} }` })
      expect(() => parse(wrong)).toThrow(CodedError)
      expect(validate(parseYaml(wrong))).toBe(false)
    }
    const twice = keylessContract({ authorities: '  a: { sigstore: public }\n  b: { sigstore: public }' })
    expect(() => parse(twice)).toThrow(/same authority/)
  })

  test('is a contract to the schema too', () => {
    expect(validate(parseYaml(keylessContract({ step: '    minimumGrade: A' })))).toBe(true)
    expect(validate(parseYaml(withSource(`issuer: ${ISSUER}`, 'sourceRepositoryRef: x')))).toBe(false)
  })
})

describe('refused is an identity that', () => {
  test.each<[string, string, Code, RegExp]>([
    ['has no issuer', withSource(ID), 'contract-invalid', /lacks issuer/],
    ['is an issuer alone', withSource(`issuer: ${ISSUER}`), 'contract-invalid', /names an issuer and not whom/],
    [
      'is told by a name that may be free again',
      withSource(`issuer: ${ISSUER}`, 'sourceRepositoryURI: https://github.com/acme/shop'),
      'contract-invalid',
      /names an issuer and not whom/,
    ],
    [
      'is told by a part of an id',
      withSource(`issuer: ${ISSUER}`, 'sourceRepositoryIdentifier: { prefix: "100" }'),
      'contract-invalid',
      /is an id, and a part of one/,
    ],
    [
      'is a build definition that anybody may use',
      withSource(`issuer: ${ISSUER}`, 'subject: https://github.com/acme/shop/.github/workflows/a.yml@refs/heads/main'),
      'contract-invalid',
      /not whose run of it/,
    ],
    ['has an unknown fact', withSource(`issuer: ${ISSUER}`, ID, 'sourceRepositoryRev: x'), 'contract-invalid', /no/],
    ['has an empty fact', withSource(`issuer: ${ISSUER}`, ID, 'buildTrigger: ""'), 'contract-empty', /is empty/],
    ['has an empty issuer', withSource('issuer: ""', ID), 'contract-empty', /is empty/],
    ['has an empty subject', withSource(`issuer: ${ISSUER}`, 'subject: ""'), 'contract-empty', /is empty/],
    [
      'has an empty prefix',
      withSource(`issuer: ${ISSUER}`, ID, 'buildConfigURI: { prefix: "" }'),
      'contract-empty',
      /is empty/,
    ],
    [
      'has a pattern of everything',
      withSource(`issuer: ${ISSUER}`, ID, 'buildConfigURI: { glob: "**" }'),
      'contract-invalid',
      /fits whatever/,
    ],
    [
      'has a pattern that is none',
      withSource(`issuer: ${ISSUER}`, ID, 'buildConfigURI: { glob: "a**" }'),
      'pattern-invalid',
      /is no pattern/,
    ],
    [
      'has two patterns for one fact',
      withSource(`issuer: ${ISSUER}`, ID, 'buildConfigURI: { prefix: "a/", glob: "b" }'),
      'contract-invalid',
      /needs one of/,
    ],
    [
      'has a regular expression',
      withSource(`issuer: ${ISSUER}`, ID, 'buildConfigURI: { regexp: ".*" }'),
      'contract-invalid',
      /is not a field here/,
    ],
    [
      'asks for a grade that there is not',
      withSource(`issuer: ${ISSUER}`, ID, 'grade: E'),
      'contract-invalid',
      /A or B/,
    ],
    [
      'names an authority that there is not',
      withSource(`issuer: ${ISSUER}`, ID, 'authority: our'),
      'contract-invalid',
      /is no authority/,
    ],
    ['names nobody', withSource(`issuer: ${ISSUER}`, ID, 'authority: []'), 'contract-empty', /is empty/],
    ['has an issuer that is no URL', withSource('issuer: accounts', ID), 'contract-invalid', /URL of an issuer/],
    [
      'has a subject that is no name',
      withSource(`issuer: ${ISSUER}`, 'subject: acme'),
      'contract-invalid',
      /neither an e-mail address nor a URI/,
    ],
    [
      'is revoked at no time',
      withSource(`issuer: ${ISSUER}`, ID, 'revokedSince: "2026-13-01"'),
      'contract-invalid',
      /time in UTC/,
    ],
    ['nobody may vouch for', keylessContract({ authorities: '' }), 'contract-invalid', /no authority is there/],
  ])('%s', (_, text, code, what) => {
    const faults = lint(text)
    expect(faults.map((fault) => fault.code)).toContain(code)
    expect(faults.map((fault) => `${fault.what} ${fault.fix}`).join('\n')).toMatch(what)
  })

  test('has a fact that is nearly one: it is told which', () => {
    const [fault] = lint(withSource(`issuer: ${ISSUER}`, ID, 'buildConfigUri: x'))
    expect(fault?.fix).toContain('Did you mean buildConfigURI?')
  })
})

describe('refused is an authority that', () => {
  const other = new LocalAuthority({ name: 'other', seed: 'other' })
  const of = (lines: string) => keylessContract({ authorities: lines })
  const pem = (...ders: readonly Uint8Array[]) =>
    `    certificates: |\n${pemOf(...ders).replace(/^(?=.)/gm, '      ')}    log: ${LOG.vkey}`

  test.each<[string, string, Code, RegExp]>([
    ['has no log', of(`  ours:\n${authorityYaml().replace(/\n *log:.*/, '')}`), 'contract-invalid', /lacks log/],
    ['has no certificate', of(`  ours: { log: "${LOG.vkey}" }`), 'contract-invalid', /needs one of/],
    [
      'is of both kinds',
      of(`  ours:\n${authorityYaml()}\n    sigstore: "${'a'.repeat(64)}"`),
      'contract-invalid',
      /needs one of/,
    ],
    ['is pinned by no digest', of('  public: { sigstore: private }'), 'contract-invalid', /SHA-256/],
    [
      'is no certificate',
      of(`  ours:\n    certificates: x\n    log: ${LOG.vkey}`),
      'certificate-invalid',
      /no certificate/,
    ],
    ['does not end in a root', of(`  ours:\n${pem(CA.intermediate!.der)}`), 'certificate-invalid', /end in a root/],
    ['is out of order', of(`  ours:\n${pem(CA.root.der, CA.intermediate!.der)}`), 'certificate-invalid', /in order/],
    ['may issue nothing', of(`  ours:\n${pem(CA.issue().der)}`), 'certificate-invalid', /issue no others/],
    ['is there twice', of(`  ours:\n${authorityYaml()}\n  again:\n${authorityYaml()}`), 'contract-invalid', /the same/],
    [
      'vouches for nobody',
      keylessContract({
        authorities: `  ours:\n${authorityYaml()}\n  other:\n${authorityYaml(other)}`,
        signers: {
          source: `${WORKFLOWS.source}\n    authority: ours`,
          build: `${WORKFLOWS.build}\n    authority: [ours]`,
          deploy: `${WORKFLOWS.deploy}\n    authority: ours`,
        },
      }),
      'contract-invalid',
      /vouches for nobody/,
    ],
    [
      'signs steps (T-39)',
      keylessContract({ signers: { ...WORKFLOWS, deploy: Buffer.from(CA.intermediate!.key.spki).toString('base64') } }),
      'contract-invalid',
      /is the same key as signers.deploy/,
    ],
  ])('%s', (_, text, code, what) => {
    const faults = lint(text)
    expect(faults.map((fault) => fault.code)).toContain(code)
    expect(faults.map((fault) => `${fault.what} ${fault.fix}`).join('\n')).toMatch(what)
  })

  test('none: its log may countersign, and two authorities may share it', () => {
    const signers = { ...WORKFLOWS, source: `${WORKFLOWS.source}\n    authority: [other]` }
    const authorities = `  ours:\n${authorityYaml()}\n  other:\n${authorityYaml(other)}`
    const top = `countersigners: ["${LOG.vkey}"]`
    expect(lint(keylessContract({ signers, authorities, server: null, top }))).toEqual([])
  })
})

describe('a grade that is asked for', () => {
  test('of keys alone, better than D, can be met by nobody', () => {
    const key = (name: string) => keyOf(name)
    const signers = { source: key('a'), build: key('b'), deploy: key('c') }
    const faults = lint(keylessContract({ signers, authorities: '', step: '    minimumGrade: C' }))
    expect(faults.map(({ what }) => what)).toEqual(
      ['source', 'build', 'deploy'].map(
        (name) => `steps.${name}.minimumGrade asks for C, and its signers are keys, of grade D`,
      ),
    )
    expect(lint(keylessContract({ signers, authorities: '', step: '    minimumGrade: D' }))).toEqual([])
  })
})

describe('judged by its signer', () => {
  const facts = (signer: SignerFacts) => ({
    signer,
    step: { name: 'source', attempt: 1, matrix: null, nonce: '0'.repeat(32) },
    previous: [],
    materials: [],
    subject: [],
    succeeded: true,
    ran: null,
    reportsBefore: () => [],
    signersOf: () => [],
  })
  const identityOf = (contract: Contract, more: Partial<SignerFacts> = {}): SignerFacts => ({
    keyId: 'f'.repeat(64),
    identity: workflow('source'),
    grade: 'A',
    authorities: [contract.authorities.get('ours')!.id],
    signedAt: '2026-11-01T12:00:00.000Z',
    ...more,
  })
  const codes = (contract: Contract, signer: SignerFacts) =>
    evaluate(contract, facts(signer), new Map()).map(({ code }) => code)
  const plain = parse(keylessContract())

  test.each<[string, Partial<SignerFacts>, readonly Code[]]>([
    ['who is meant', {}, []],
    ['another workflow', { identity: workflow('build') }, ['signer-not-allowed']],
    ['a workflow of nearly that name', { identity: workflow('source-evil') }, ['signer-not-allowed']],
    [
      'the same of another repository (T-16)',
      { identity: workflow('source', { sourceRepositoryIdentifier: '1000000009' }) },
      ['signer-not-allowed'],
    ],
    [
      'the same of a repository that is not known',
      { identity: workflow('source', { sourceRepositoryIdentifier: null }) },
      ['signer-not-allowed'],
    ],
    [
      'the same by another issuer (T-58)',
      { identity: workflow('source', { issuer: `${ISSUER}/` }) },
      ['signer-not-allowed'],
    ],
    ['the same by another authority', { authorities: ['0'.repeat(64)] }, ['signer-not-allowed']],
    ['the same by no authority', { authorities: [] }, ['signer-not-allowed']],
    ['a key', { identity: null, grade: 'D', authorities: [], signedAt: null }, ['signer-not-allowed']],
  ])('%s', (_, more, expected) => {
    expect(codes(plain, identityOf(plain, more))).toEqual(expected)
    expect(maySign(plain, plain.steps.get('source')!, identityOf(plain, more))).toBe(expected.length === 0)
  })

  const graded = parse(
    keylessContract({
      signers: { ...WORKFLOWS, source: `${WORKFLOWS.source}\n    grade: B` },
      step: '    minimumGrade: C',
    }),
  )
  test.each([
    ['A', []],
    ['B', []],
    ['C', ['grade-too-low']],
    ['D', ['grade-too-low']],
  ] as const)('grade %s where B is asked for', (grade, expected) => {
    expect(codes(graded, identityOf(graded, { grade }))).toEqual(expected)
  })

  const revoked = parse(
    keylessContract({
      signers: { ...WORKFLOWS, source: `${WORKFLOWS.source}\n    revokedSince: "2026-11-01T12:00:00.000Z"` },
    }),
  )
  test.each([
    ['2026-11-01T11:59:59.999Z', []],
    ['2026-11-01T12:00:00.000Z', ['signer-revoked']],
    [null, ['signer-revoked']],
  ] as const)('revoked since noon, signed at %s', (signedAt, expected) => {
    expect(codes(revoked, identityOf(revoked, { signedAt }))).toEqual(expected)
  })

  test('of a Sigstore that it names twice, whoever it believes for longer vouches', () => {
    const [a, b] = ['ab'.repeat(32), PUBLIC_SIGSTORE]
    const named = (first: string, second: string) =>
      parse(keylessContract({ authorities: `  a: { sigstore: "${a}"${first} }\n  b: { sigstore: ${b}${second} }` }))
    const noon = ', revokedSince: "2026-11-01T12:00:00.000Z"'
    const night = ', revokedSince: "2026-11-02T00:00:00.000Z"'
    const signer = (contract: Contract, authorities: readonly string[]) =>
      codes(contract, { ...identityOf(plain), authorities })
    for (const [first, second, either, both] of [
      ['', '', [[], []], []],
      [noon, '', [['signer-revoked'], []], []],
      ['', noon, [[], ['signer-revoked']], []],
      [noon, night, [['signer-revoked'], []], []],
      [noon, noon, [['signer-revoked'], ['signer-revoked']], ['signer-revoked']],
    ] as const) {
      const contract = named(first, second)
      expect([signer(contract, [a]), signer(contract, [b])]).toEqual(either)
      expect(signer(contract, [a, b])).toEqual(both)
    }
  })

  test('a key of the contract is no identity, and an identity no key', () => {
    const contract = parse(keylessContract({ signers: { ...WORKFLOWS, source: keyOf('source') } }))
    const rule = contract.signers.get('source')
    const keyId = rule?.kind === 'key' ? rule.key.keyId : ''
    const bare = { keyId, identity: null, grade: 'D' as const, authorities: [], signedAt: null }
    expect(codes(contract, bare)).toEqual([])
    expect(codes(contract, identityOf(contract, { keyId }))).toEqual(['signer-not-allowed'])
  })
})

test('every fact that an identity has can be asked for', () => {
  const identity: Identity = { ...bareIdentity(ISSUER, RUN.subject) }
  const facts = IDENTITY_FACTS.filter((fact) => fact !== 'issuer')
  const contract = parse(withSource(`issuer: ${ISSUER}`, ...facts.map((fact) => `${fact}: "text of ${fact}"`)))
  const all = facts.reduce<Identity>((one, fact) => ({ ...one, [fact]: `text of ${fact}` }), identity)
  const authorities = [contract.authorities.get('ours')!.id]
  const signer = { keyId: '', grade: 'A' as const, signedAt: null, authorities }
  const rule = contract.steps.get('source')!
  expect(maySign(contract, rule, { ...signer, identity: all })).toBe(true)
  for (const fact of facts) {
    expect(maySign(contract, rule, { ...signer, identity: { ...all, [fact]: null } })).toBe(false)
    expect(maySign(contract, rule, { ...signer, identity: { ...all, [fact]: 'x' } })).toBe(false)
  }
})
