import { describe, expect, test } from 'vitest'
import { base64, canonicalJson, type JsonValue, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { writeEnvelope } from '@countersign/formats'
import { at, honestRun, type Party, party, seal, sha256 } from '../../../../test/pipeline.ts'
import { judge } from '../judge.ts'
import { readChain } from '../chain.ts'
import { trustOf } from '../trust.ts'
import { passedSummary, type SummaryDemand } from './read-summary.ts'
import { slsaSummary } from './summary.ts'

const gate = party('gate', 'ed25519')
const run = honestRun()
const artifact = run.app.digest.sha256
const payload = slsaSummary({
  verdict: judge({
    artifact,
    chain: readChain(run.lines, trustOf(run.contract), portableCrypto),
    contract: run.contract,
    now: at(60),
  }),
  contract: run.contract.digest,
  verifier: 'https://gate.example',
  resource: 'pkg:generic/app',
  name: 'app',
  now: at(60),
  version: '0',
})
const demanded: SummaryDemand = {
  keys: [gate.publicKey],
  artifact,
  contract: run.contract.digest,
  now: at(61),
  maxAge: 120_000,
  clockTolerance: 30_000,
}

/** A summary as somebody signs it, with its statement changed. */
function signed(change: (statement: Statement) => void = () => undefined, by: Party = gate): Uint8Array {
  const statement = JSON.parse(new TextDecoder().decode(payload)) as Statement
  change(statement)
  return canonicalJson(writeEnvelope(seal(by, utf8(JSON.stringify(statement))).envelope))
}
interface Statement {
  subject: { name: string; digest: Record<string, string> }[]
  predicateType: string
  predicate: Record<string, JsonValue>
}
const read = (bytes: Uint8Array, more: Partial<SummaryDemand> = {}) =>
  passedSummary(bytes, { ...demanded, ...more }, portableCrypto)
const code = (bytes: Uint8Array, more: Partial<SummaryDemand> = {}) => {
  try {
    read(bytes, more)
    return 'passed'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('a summary', () => {
  test('of a pass is taken, with what it was judged by', () => {
    expect(read(signed())).toEqual({
      deviations: [],
      deviated: false,
      artifact,
      contract: run.contract.digest,
      verifier: 'https://gate.example',
      timeVerified: at(60),
      levels: ['SLSA_BUILD_LEVEL_1'],
      inputs: run.steps.map(({ link }) => link),
    })
    expect(code(signed(), { contract: null })).toBe('passed')
    expect(code(signed(), { keys: [party('old').publicKey, gate.publicKey] })).toBe('passed')
    // Of another tool, which does not say by what it judged.
    expect(read(signed(({ predicate }) => void delete predicate['inputAttestations'])).inputs).toEqual([])
  })

  test.each<[string, string, (statement: Statement) => void]>([
    ['says FAILED', 'summary-refused', ({ predicate }) => (predicate['verificationResult'] = 'FAILED')],
    [
      'says passed in another spelling',
      'summary-refused',
      ({ predicate }) => (predicate['verificationResult'] = 'passed'),
    ],
    ['says PASSED at level FAILED', 'summary-refused', ({ predicate }) => (predicate['verifiedLevels'] = ['FAILED'])],
    ['says PASSED at no level', 'summary-refused', ({ predicate }) => (predicate['verifiedLevels'] = [])],
    ['has no result', 'statement-invalid', ({ predicate }) => delete predicate['verificationResult']],
    ['has no policy', 'statement-invalid', ({ predicate }) => delete predicate['policy']],
    ['names its policy without a digest', 'statement-invalid', ({ predicate }) => (predicate['policy'] = { uri: 'x' })],
    [
      'was made under another contract',
      'contract-mismatch',
      ({ predicate }) => (predicate['policy'] = { digest: { sha256: sha256('x') } }),
    ],
    ['is about another artifact', 'artifact-mismatch', ({ subject }) => (subject[0]!.digest = { sha256: sha256('x') })],
    [
      'is about two artifacts',
      'artifact-mismatch',
      ({ subject }) => void subject.push({ name: 'b', digest: { sha256: sha256('x') } }),
    ],
    [
      'is of another type',
      'predicate-type',
      (statement) => (statement.predicateType = 'https://slsa.dev/provenance/v1'),
    ],
    ['has no verifier', 'statement-invalid', ({ predicate }) => (predicate['verifier'] = {})],
    ['is of no time', 'statement-invalid', ({ predicate }) => (predicate['timeVerified'] = 'now')],
    [
      'is of a time without zone',
      'statement-invalid',
      ({ predicate }) => (predicate['timeVerified'] = '2026-11-01T13:00:00'),
    ],
    [
      'is of a time with a year of six digits',
      'statement-invalid',
      ({ predicate }) => (predicate['timeVerified'] = '+002026-11-01T13:00:00Z'),
    ],
    [
      'is of a time with a remark',
      'statement-invalid',
      ({ predicate }) => (predicate['timeVerified'] = '2026-11-01T13:00:00Z (noon)'),
    ],
    ['has null for a digest', 'statement-invalid', ({ predicate }) => (predicate['policy'] = { digest: null })],
    ['has a text for a digest', 'statement-invalid', ({ predicate }) => (predicate['policy'] = { digest: 'sha256' })],
    ['has a list for a digest', 'statement-invalid', ({ predicate }) => (predicate['policy'] = { digest: ['sha256'] })],
    [
      'names what it was judged by without its digest',
      'statement-invalid',
      ({ predicate }) => (predicate['inputAttestations'] = [{ uri: 'https://countersign.dev/deviations/' }]),
    ],
  ])('that %s is no yes: %s', (_, expected, change) => {
    expect(code(signed(change as (statement: Statement) => void))).toBe(expected)
  })

  test('counts for its time, and not before it', () => {
    expect([code(signed(), { now: at(62) }), code(signed(), { now: at(63) })]).toEqual(['passed', 'summary-expired'])
    expect(code(signed(), { now: at(59) })).toBe('time-future')
    const sooner = (ms: number) => new Date(Date.parse(at(60)) - ms).toISOString()
    const near = [at(60), sooner(30_000), sooner(30_001)].map((now) => code(signed(), { now }))
    expect(near).toEqual(['passed', 'passed', 'time-future'])
    const whole = signed(({ predicate }) => (predicate['timeVerified'] = '2026-11-01T13:00:00Z'))
    expect(read(whole).timeVerified).toBe('2026-11-01T13:00:00Z')
  })

  test('that passed by a deviation says so, by the id of that alone', () => {
    const [id, link] = [sha256('deviation'), sha256('link')]
    const inputs = [
      { uri: `https://countersign.dev/deviations/${id}`, digest: { sha256: id } },
      // Another's name for what is no deviation.
      { uri: `https://countersign.dev/deviations/${id}`, digest: { sha256: link } },
      { digest: { sha256: link } },
    ]
    const by = signed(({ predicate }) => {
      predicate['inputAttestations'] = inputs
      predicate['verifiedLevels'] = ['SLSA_BUILD_LEVEL_1', 'COUNTERSIGN_BY_DEVIATION']
    })
    expect(read(by)).toMatchObject({ deviated: true, deviations: [id], inputs: [link, link] })
  })

  test('has at most 4 MiB, and says where it is wrong', () => {
    const long = (length: number) => signed(({ predicate }) => (predicate['remark'] = 'x'.repeat(length)))
    expect(code(long(2_000_000))).toBe('passed')
    expect(code(long(4_000_000))).toBe('input-too-large')
    expect(() => read(signed(({ predicate }) => (predicate['verifiedLevels'] = 'all')))).toThrow(
      /predicate\.verifiedLevels/,
    )
  })

  test('counts under a key that is believed, over the very bytes', () => {
    expect(code(signed(undefined, party('evil', 'ed25519')))).toBe('signature-invalid')
    expect(code(signed(), { keys: [] })).toBe('signature-invalid')
    const envelope = JSON.parse(new TextDecoder().decode(signed())) as { payload: string; signatures: object[] }
    const bent = (more: object) => utf8(JSON.stringify({ ...envelope, ...more }))
    const other = base64(utf8(new TextDecoder().decode(payload).replace('PASSED', 'PASSEd')))
    expect(code(bent({ payload: other }))).toBe('signature-invalid')
    expect(code(bent({ payloadType: 'application/json' }))).toBe('payload-type')
    expect(code(bent({ signatures: [] }))).toBe('signature-missing')
    expect(code(bent({ signatures: [...envelope.signatures, ...envelope.signatures] }))).toBe('signature-count')
    expect(code(utf8('{}'))).toBe('envelope-invalid')
  })
})
