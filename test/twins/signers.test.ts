import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { utf8 } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import { type ChainLine, writeStep, writeVkey } from '@countersign/formats'
import { GRADES, type Grade, type Identity } from '@countersign/formats/identity'
import { handshake, readChain, trustOf } from '@countersign/verify'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LocalAuthority, RUN } from '../identity/local-ca.ts'
import { authorityYaml, claiming, issued, sealUnder, SERVER } from '../keyless.ts'
import { at, countersign, linkOf, logKeyOf, newChainId, party, seal, source } from '../pipeline.ts'
import { type Choose, choices } from './run.ts'
import { type Asked, type Made, type Rule, signersSlowly, type Told } from './signers.ts'
import { rounds } from '../thorough.ts'

const AUTHORITIES = ['ours', 'other', 'unknown'].map((name) => new LocalAuthority({ name, seed: `twin ${name}` }))
const KEYS = ['alice', 'bob', 'mallory'].map((name) => party(name, 'ed25519'))
const STRANGER = party('stranger', 'ed25519')
const ISSUERS = [RUN.issuer, `${RUN.issuer}/`]
const REPOSITORIES = ['1000000001', '1000000009']
const REFS = ['refs/heads/main', 'refs/heads/main-evil', 'refs/heads/main/a']
const WINDOWS = [
  [1, 11],
  [20, 30],
] as const
const MINUTES = [0, 1, 5, 11, 12, 25, 40]

const identityOf = (choose: Choose): Identity => ({
  ...RUN,
  issuer: choose.one([ISSUERS[0]!, ISSUERS[0]!, ISSUERS[1]!]),
  sourceRepositoryIdentifier: choose.one([REPOSITORIES[0]!, REPOSITORIES[0]!, REPOSITORIES[1]!]),
  sourceRepositoryRef: choose.one([REFS[0]!, ...REFS]),
})

function madeBy(choose: Choose): Made {
  if (choose.chance(25)) return { by: 'key', key: choose.one(KEYS).name }
  const [from, until] = choose.one(WINDOWS)
  return {
    by: 'certificate',
    authority: choose.one(['ours', 'ours', 'ours', 'other', 'unknown']),
    logged: !choose.chance(8),
    identity: identityOf(choose),
    grade: choose.one(['A', 'A', 'B', 'C'] as const),
    system: choose.one(['github-actions', 'github-actions', 'github-actions', 'gitlab-ci']),
    from,
    until,
  }
}

const certificates = new Map<string, ReturnType<typeof issued>>()
/** Each is made once: it is what takes the time. */
function certificateOf(made: Made & { by: 'certificate' }) {
  const name = JSON.stringify(made)
  const known = certificates.get(name)
  if (known !== undefined) return known
  const { identity, grade, system, from, logged } = made
  const by = AUTHORITIES.find((one) => one.name === made.authority)!
  const one = issued({ by, identity, grade: grade as 'A', system, minute: from, ...(logged ? {} : { proof: null }) })
  certificates.set(name, one)
  return one
}

function rulesOf(choose: Choose): Rule[] {
  const identity = (name: string): Rule => ({
    name,
    key: null,
    issuer: choose.one([ISSUERS[0]!, ISSUERS[0]!, ISSUERS[0]!, ISSUERS[1]!]),
    repository: choose.one([REPOSITORIES[0]!, REPOSITORIES[0]!, REPOSITORIES[1]!]),
    ref: choose.one([null, { exact: REFS[0]! }, { prefix: REFS[0]! }]),
    grade: choose.one([null, null, ...GRADES]),
    authorities: choose.one([['ours', 'other'], ['ours'], ['ours'], ['other']]),
    revoked: choose.one([null, null, null, 5, 25]),
  })
  const rules = [identity('one'), identity('two'), { name: 'alice', key: 'alice' }, { name: 'bob', key: 'bob' }]
  return choose.chance(50) ? rules : rules.toReversed()
}

/** The contract of these rules. */
function contractOf({ rules, signers, minimumGrade, authorities }: Omit<Asked, 'accepted' | 'made' | 'claims'>) {
  const keyOf = (name: string) => Buffer.from(KEYS.find((one) => one.name === name)!.publicKey.spki).toString('base64')
  const since = (minute: number | null) => (minute === null ? [] : [`    revokedSince: "${at(minute)}"`])
  const text = [
    'contract: v1',
    'pipeline: p',
    'revision: 1',
    'signers:',
    ...rules.flatMap((rule) =>
      rule.key !== null
        ? [`  ${rule.name}: ${keyOf(rule.key)}`]
        : [
            `  ${rule.name}:`,
            `    issuer: ${rule.issuer}`,
            `    sourceRepositoryIdentifier: "${rule.repository}"`,
            ...(rule.ref === null
              ? []
              : 'exact' in rule.ref
                ? [`    sourceRepositoryRef: ${rule.ref.exact}`]
                : [`    sourceRepositoryRef: { prefix: ${rule.ref.prefix} }`]),
            ...(rule.grade === null ? [] : [`    grade: ${rule.grade}`]),
            `    authority: [${rule.authorities.join(', ')}]`,
            ...since(rule.revoked),
          ],
    ),
    'authorities:',
    ...[...authorities].flatMap(([name, revoked]) => [
      `  ${name}:`,
      authorityYaml(AUTHORITIES.find((one) => one.name === name)),
      ...since(revoked),
    ]),
    `countersigners: ["${writeVkey(logKeyOf(SERVER))}"]`,
    'steps:',
    `  source: { signers: [${signers.join(', ')}]${minimumGrade === null ? '' : `, minimumGrade: ${minimumGrade}`} }`,
    `  last: { after: [source], signers: [${rules.map(({ name }) => name).join(', ')}], products: [x] }`,
    'final: last',
    '',
  ].join('\n')
  return parseContract(utf8(text))
}

const ABOUT_SIGNERS = ['signer-not-allowed', 'signer-revoked', 'grade-too-low', 'identity-mismatch']

function askedBy(choose: Choose): { asked: Asked; lines: ChainLine[]; contract: ReturnType<typeof contractOf> } {
  const rules = rulesOf(choose)
  const signers = choose.some(rules.map(({ name }) => name))
  const keysAlone = signers.every((name) => rules.find((rule) => rule.name === name)!.key !== null)
  const minimumGrade: Grade | null = choose.one([null, null, ...(keysAlone ? (['D'] as const) : GRADES)])
  const named = new Set(rules.flatMap((rule) => (rule.key === null ? rule.authorities : [])))
  const authorities = new Map(['ours', 'other'].map((name) => [name, choose.one([null, null, null, 5, 25])]))
  for (const name of authorities.keys()) if (!named.has(name)) authorities.delete(name)
  const contract = contractOf({ rules, signers, minimumGrade, authorities })
  const made = Array.from({ length: choose.one([1, 1, 2, 3]) }, () => madeBy(choose))
  const claims = {
    system: choose.one(['github-actions', 'github-actions', 'github-actions', 'gitlab-ci']),
    ref: choose.one([null, null, ...REFS]),
  }
  const step = claiming(
    {
      chain: { id: newChainId(), pipeline: 'p', contract: contract.digest },
      name: 'source',
      subject: [source('first')],
    },
    {
      system: claims.system,
      identity: {
        issuer: null,
        sourceRepositoryURI: null,
        sourceRepositoryDigest: null,
        sourceRepositoryRef: claims.ref,
        sourceRepositoryIdentifier: null,
        buildConfigURI: null,
        buildTrigger: null,
        runInvocationURI: null,
        runnerEnvironment: null,
      },
    },
  )
  const payload = writeStep(step)
  const bundles = made.map((one) =>
    one.by === 'key'
      ? seal(KEYS.find(({ name }) => name === one.key)!, payload)
      : sealUnder(certificateOf(one), payload),
  )
  const link = linkOf(bundles[0]!)
  const signedAs = (as: Made) => ({ bundle: bundles[made.indexOf(as)]!, link, statement: step })
  // Mostly the log took the signature that is told of first, as a server does that holds one of each statement.
  const accepted = Array.from({ length: choose.one([0, 1, 1, 2, 3]) }, () => ({
    minute: choose.one(MINUTES),
    as: choose.one([made[0]!, made[0]!, ...made]),
  }))
  const receipts = accepted.map(({ minute, as }, i) => countersign(SERVER, signedAs(as), i, { acceptedAt: at(minute) }))
  const strange = choose.chance(20) ? [countersign(STRANGER, signedAs(made[0]!), 0, { acceptedAt: at(5) })] : []
  const lines = [...bundles, ...receipts, ...strange]
  const asked = { rules, signers, minimumGrade, authorities, accepted, made, claims }
  return { asked, lines: choose.chance(50) ? lines : lines.toReversed(), contract }
}

function told({ lines, contract }: ReturnType<typeof askedBy>): Told {
  const chain = readChain(lines, trustOf(contract), nodeCrypto)
  const isBundle = (index: number) => 'envelope' in lines[index]!
  const refused = chain.refused.filter(({ index }) => isBundle(index)).map(({ report }) => report.code)
  const [step] = chain.steps.values()
  if (step === undefined) return { refused: refused.toSorted(), signer: null, findings: [] }
  const { findings } = handshake({ step, previous: chain.steps, contract, now: at(600) })
  const codes = findings.map(({ code }) => code).filter((code) => ABOUT_SIGNERS.includes(code))
  return { refused: refused.toSorted(), signer: step.signer.name, findings: [...new Set(codes)].toSorted() }
}

test('who signed, and whether he may: the same as the slow twin says', () => {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(choices, (choose) => {
      const one = askedBy(choose)
      const opinion = told(one)
      expect(opinion, JSON.stringify(one.asked.made)).toEqual(signersSlowly(one.asked))
      const good = opinion.signer !== null && opinion.findings.length === 0 ? ['good'] : []
      for (const code of [...opinion.refused, ...opinion.findings, ...good]) seen.set(code, (seen.get(code) ?? 0) + 1)
    }),
    { numRuns: rounds(200, 400), seed: 11 },
  )
  const codes = [
    'certificate-expired',
    'certificate-untrusted',
    'good',
    'grade-too-low',
    'identity-mismatch',
    'issuance-unproven',
    'signer-not-allowed',
    'signer-revoked',
    'signer-unknown',
    'time-untrusted',
  ]
  expect([...seen.keys()].toSorted()).toEqual(codes)
  for (const [code, times] of seen) expect(times, code).toBeGreaterThan(rounds(0, 3))
})
