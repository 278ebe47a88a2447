import { type Code, fromUtf8, utf8 } from '@countersign/core'
import { portableCrypto as crypto } from '@countersign/core/portable'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { statement } from '../../../test/pipeline.ts'
import { isBundle, isDisclosure, isReceipt, isWithheld, parseChainLine, writeChainLine } from './chain-line.ts'
import { MAX_PAYLOAD_BYTES } from './constants.ts'
import { type Disclosure, MAX_DISCLOSURE_BYTES, opens, parseDisclosure, writeDisclosure } from './disclosure.ts'
import { SEALED_FIELDS, sealableFields, type SealableFields, sealedFields, sealValue, withFields } from './sealed.ts'
import { parseStep, type StepPredicate, succeeded, writeStep } from './step.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const salt = new Uint8Array(32).fill(7)
const link = 'ab'.repeat(32)
const step = statement({
  chain: { id: '12'.repeat(16), pipeline: 'p', contract: null },
  name: 'build',
  subject: [{ name: 'a', digest: { sha256: 'cd'.repeat(32) } }],
})
const { predicate } = step
const disclosure: Disclosure = { link, field: 'argv', salt, value: ['make', 'build'] }

const text = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 })
/** What may be a member of JSON, and is no commitment alone. */
const name = text.filter((one) => one !== '__proto__' && one !== 'sealed')
const strings = fc.dictionary(name, fc.string({ unit: 'binary' }), { noNullPrototype: true })
const given: fc.Arbitrary<Disclosure> = fc
  .record({ salt: fc.uint8Array({ minLength: 32, maxLength: 32 }) })
  .chain(({ salt: own }) =>
    fc.oneof(
      fc.array(fc.string({ unit: 'binary' })).map((value) => ({ link, salt: own, field: 'argv' as const, value })),
      text.map((value) => ({ link, salt: own, field: 'directory' as const, value })),
      strings.map((value) => ({ link, salt: own, field: 'environment' as const, value })),
      strings.map((value) => ({ link, salt: own, field: 'tools' as const, value })),
    ),
  )

describe('a disclosure', () => {
  test('read back is what was written, and opens what was sealed with it and nothing else', () => {
    fc.assert(
      fc.property(given, given, (one, other) => {
        const written = writeDisclosure(one)
        const read = parseDisclosure(fromUtf8(written))
        expect(writeDisclosure(read)).toEqual(written)
        const sealed = withFields(predicate, {
          [one.field]: sealValue(one.salt, predicate, one.field, one.value, crypto),
        })
        expect(opens(read, sealed, crypto)).toBe(true)
        const same = Buffer.from(writeDisclosure(other)).equals(Buffer.from(written))
        expect(opens(other, sealed, crypto)).toBe(same)
      }),
      { numRuns: 60 },
    )
  })

  test('is a line of a chain of its own kind', () => {
    const line = parseChainLine(fromUtf8(writeDisclosure(disclosure)))
    expect([isDisclosure(line), isBundle(line), isReceipt(line), isWithheld(line)]).toEqual([true, false, false, false])
    expect(writeChainLine(line)).toEqual(writeDisclosure(disclosure))
  })

  test('is bounded: it holds what a statement could have held', () => {
    const most = (bytes: number) => ({ ...disclosure, value: Array.from({ length: 6 }, () => 'x'.repeat(bytes / 6)) })
    expect(writeDisclosure(most(MAX_PAYLOAD_BYTES - 600)).length).toBeLessThan(MAX_DISCLOSURE_BYTES)
    expect(() => writeDisclosure(most(MAX_PAYLOAD_BYTES + 6000))).toThrow(coded('input-too-large'))
    expect(() => parseDisclosure(new Uint8Array(MAX_DISCLOSURE_BYTES + 1))).toThrow(coded('input-too-large'))
    expect(() => parseDisclosure(' '.repeat(MAX_DISCLOSURE_BYTES + 1))).toThrow(coded('input-too-large'))
  })

  test('is not written where nobody would read it', () => {
    const write = (more: object) => () => writeDisclosure({ ...disclosure, ...more } as Disclosure)
    expect(write({ salt: salt.subarray(1) })).toThrow(coded('disclosure-invalid'))
    expect(write({ value: null })).toThrow(coded('disclosure-invalid'))
    expect(write({ field: 'materials' })).toThrow(coded('disclosure-invalid'))
    expect(write({ link: 'x' })).toThrow(coded('disclosure-invalid'))
  })
})

describe('a sealed field', () => {
  const full: SealableFields = {
    argv: ['make'],
    directory: '.',
    environment: { CI: '1' },
    identity: null,
    tools: { node: '24' },
    evidence: [],
  }

  test('says nothing of its value: each salt makes another commitment of one length', () => {
    const seal = (value: readonly string[], byte: number) =>
      sealValue(new Uint8Array(32).fill(byte), predicate, 'argv', value, crypto).sealed
    const all = [seal([], 1), seal([], 2), seal(['x'.repeat(9999)], 1)]
    expect(new Set(all).size).toBe(3)
    for (const sealed of all) expect(sealed).toMatch(/^[0-9a-f]{64}$/)
    expect(() => sealValue(new Uint8Array(31), predicate, 'argv', [], crypto)).toThrow(coded('disclosure-invalid'))
    expect(() => sealValue(new Uint8Array(33), predicate, 'argv', [], crypto)).toThrow(coded('disclosure-invalid'))
  })

  test('every field of the list has its place, and stays what it was where it is not given', () => {
    const whole = withFields(predicate, full)
    expect(sealableFields(whole)).toEqual(full)
    const commitment = { sealed: '5e'.repeat(32) }
    for (const field of SEALED_FIELDS) {
      const sealed = withFields(whole, { [field]: commitment })
      expect(sealedFields(sealed)).toEqual([field])
      expect(sealableFields(sealed)).toEqual({ ...full, [field]: commitment })
      expect(parseStep(writeStep({ ...step, predicate: sealed })).predicate).toEqual(sealed)
      expect(withFields(sealed, { [field]: full[field] })).toEqual(whole)
    }
    expect(sealedFields(whole)).toEqual([])
  })

  test('does not let a step without exit code pass for one that was recorded without a command', () => {
    const end = (argv: StepPredicate['invocation']['argv'], exitCode: number | null) =>
      succeeded({ invocation: { ...predicate.invocation, argv, exitCode } })
    expect([end(null, null), end({ sealed: '5e'.repeat(32) }, null), end(['make'], null)]).toEqual([true, false, false])
    expect([end({ sealed: '5e'.repeat(32) }, 0), end({ sealed: '5e'.repeat(32) }, 1)]).toEqual([true, false])
  })

  test('is not to be had by a name of the prototype', () => {
    expect(() => parseDisclosure(utf8('{}'))).toThrow(coded('disclosure-invalid'))
    const inherits = Object.create({ sealed: '5e'.repeat(32) }) as object
    expect(sealedFields(withFields(predicate, { environment: inherits as { [name: string]: string } }))).toEqual([])
  })
})
