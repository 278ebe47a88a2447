import { CodedError } from '@countersign/core'
import { expect, test } from 'vitest'
import { paintFor } from './output.ts'
import { refusedText } from './refused-shown.ts'

const paint = paintFor({ colour: false })
const report = (code: ConstructorParameters<typeof CodedError>[0], what: string) => new CodedError(code, what).report()

test('a line a code, with how many there are and what is wrong with the first', () => {
  const refused = [
    report('signature-invalid', 'the signature of a'),
    report('statement-invalid', 'no\u001bstatement'),
    report('signature-invalid', 'the signature of b'),
  ]
  expect(refusedText(refused, paint)).toBe(
    '\n! 2 lines of what was handed over are not believed: signature-invalid: the signature of a\n' +
      '! 1 line of what was handed over is not believed: statement-invalid: no\ufffdstatement\n',
  )
})

test.each([
  'signer-unknown',
  'certificate-untrusted',
  'trust-missing',
  'receipt-invalid',
  'deviation-invalid',
  'deviation-expired',
  'disclosure-mismatch',
  'report-mismatch',
] as const)('nothing of %s: it is for others, or told elsewhere', (code) => {
  expect(refusedText([report(code, 'x')], paint)).toBe('')
})
