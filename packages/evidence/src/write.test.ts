import { type Code, parsePublicKey, utf8 } from '@countersign/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { at, honestRun, party, sha256 } from '../../../test/pipeline.ts'
import { evidenceOf } from './evidence.test-kit.ts'
import { type Evidence, MAX_EVIDENCE_BYTES, parseEvidence, trustRootOf, writeEvidence } from './index.ts'
import { THOROUGH } from '../../../test/thorough.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const run = honestRun()

const evidence = evidenceOf(run)

describe('evidence that is written', () => {
  test('is read as what it was, in one order', () => {
    const read = parseEvidence(writeEvidence(evidence))
    expect(read.subject).toEqual(evidence.subject)
    expect(read.contracts).toEqual(evidence.contracts)
    expect(read.lines.length).toBe(run.lines.length)
    for (const line of read.lines) expect(run.lines).toContainEqual(line)
    expect(new Set(read.trust.signers)).toEqual(new Set(evidence.trust.signers))
    expect(read.trust.logs).toEqual(evidence.trust.logs)
  })

  test('is the same bytes, however its parts were ordered and repeated', () => {
    const bytes = writeEvidence(evidence)
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...evidence.lines], { minLength: evidence.lines.length }),
        fc.shuffledSubarray([...evidence.trust.signers], { minLength: 4 }),
        (lines, signers) => {
          const other = { ...evidence, lines: [...lines, lines[0]!], trust: { ...evidence.trust, signers } }
          expect(writeEvidence(other)).toEqual(bytes)
          expect(trustRootOf(other)).toBe(trustRootOf(evidence))
        },
      ),
      { numRuns: 20 },
    )
  })

  test('keeps every byte of a contract', () => {
    const bytes = utf8('# \ufeff \u2028 ü "\\" \t\r\n')
    const contracts = [{ digest: sha256(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)), bytes }]
    expect(parseEvidence(writeEvidence({ ...evidence, contracts })).contracts).toEqual(contracts)
  })

  test.each<[string, Partial<Evidence>, Code]>([
    ['nothing', { lines: [] }, 'evidence-invalid'],
    ['no run', { subject: { artifact: null, chains: [] } }, 'evidence-invalid'],
    [
      'a contract under the digest of another',
      { contracts: [{ digest: 'c0'.repeat(32), bytes: run.contractBytes }] },
      'evidence-invalid',
    ],
    [
      'a contract that is no text',
      { contracts: [{ digest: 'c0'.repeat(32), bytes: Uint8Array.of(0xff) }] },
      'utf8-invalid',
    ],
    [
      'a signer whose name turns around',
      { trust: { ...evidence.trust, signers: [{ name: 'a\u202eb', key: party('x').publicKey, revokedAt: null }] } },
      'evidence-invalid',
    ],
    [
      'one key twice',
      {
        trust: {
          ...evidence.trust,
          signers: [1, 2].map((n) => ({ name: `n${n}`, key: run.who.github.publicKey, revokedAt: null })),
        },
      },
      'evidence-invalid',
    ],
  ])('is refused where no reader would take it: %s', (_, change, code) => {
    expect(() => writeEvidence({ ...evidence, ...change })).toThrow(coded(code))
  })

  test.runIf(THOROUGH)('is refused where it is too large', () => {
    const bundle = run.build.bundle
    const payload = new Uint8Array(6_000_000)
    const lines = Array.from({ length: Math.ceil(MAX_EVIDENCE_BYTES / 8_000_000) + 1 }, (_, i) => {
      payload[0] = i
      return { ...bundle, envelope: { ...bundle.envelope, payload: payload.slice() } }
    })
    expect(() => writeEvidence({ ...evidence, lines })).toThrow(coded('input-too-large'))
  })
})

describe('the trust root', () => {
  const changed = (trust: Partial<Evidence['trust']>, more: Partial<Evidence> = {}) =>
    trustRootOf({ ...evidence, ...more, trust: { ...evidence.trust, ...trust } })
  const [first, ...rest] = evidence.trust.signers

  test('is another for each thing that could be believed', () => {
    const key = parsePublicKey(party('other').publicKey.spki)
    const roots = [
      trustRootOf(evidence),
      changed({ signers: rest }),
      changed({ signers: [{ ...first!, name: 'other' }, ...rest] }),
      changed({ signers: [{ ...first!, key }, ...rest] }),
      changed({ signers: [{ ...first!, revokedAt: at(1) }, ...rest] }),
      changed({ signers: [{ ...first!, revokedAt: at(2) }, ...rest] }),
      changed({ logs: [] }),
      changed({ logs: [{ ...evidence.trust.logs[0]!, revokedAt: at(1) }] }),
      changed({}, { contracts: [] }),
      changed({}, { contracts: [{ digest: 'c0'.repeat(32), bytes: run.contractBytes }] }),
    ]
    expect(new Set(roots).size).toBe(roots.length)
  })

  test('is the same whatever the evidence is of', () => {
    const more = { lines: run.lines.slice(1), createdAt: at(61), subject: { artifact: null, chains: [run.chain.id] } }
    expect(changed({}, more)).toBe(trustRootOf(evidence))
  })
})
