import { CodedError } from '@countersign/core'
import { unknownVerdict } from '@countersign/verify'
import { expect, test } from 'vitest'
import type { Context } from './context.ts'
import { verdictText } from './verdict.ts'

test('what did not verify is told once where it is the same of several', () => {
  const receipt = new CodedError('signer-unknown', 'no key of the log log.example is trusted').report()
  const other = new CodedError('signature-invalid', 'it does not verify').report()
  const missing = new CodedError('artifact-unproven', 'nothing is known of it').report()
  const verdict = { ...unknownVerdict('a'.repeat(64), missing), refused: [receipt, other, receipt, receipt] }
  const text = verdictText({ colour: false } as Context, 'verify', 'app', verdict, 'nobody')
  expect(text).toContain(
    'count:\n  signer-unknown: no key of the log log.example is trusted (3 times)\n  signature-invalid: it does not verify\n',
  )
})
