import type { Code, ErrorReport } from '@countersign/core'
import { type Paint, plain } from './output.ts'

/**
 * Codes of what somebody else may believe, or of what is about that: a chain file goes on whole, to readers who believe
 * different signers, logs and contracts.
 */
const FOR_OTHERS: readonly Code[] = [
  'signer-unknown',
  'certificate-untrusted',
  'trust-missing',
  'receipt-invalid',
  'deviation-invalid',
  'deviation-expired',
]
/** What is told where sealed fields and reports are shown. */
const SHOWN: readonly Code[] = ['disclosure-mismatch', 'report-mismatch']
const UNTOLD: ReadonlySet<Code> = new Set([...FOR_OTHERS, ...SHOWN])

/** Warns of lines that were handed over and do not verify, a line a code; '' where all that is left out is for others. */
export function refusedText(refused: readonly ErrorReport[], paint: Paint): string {
  const told = Map.groupBy(
    refused.filter(({ code }) => !UNTOLD.has(code)),
    ({ code }) => code,
  )
  const lines = [...told].map(([code, [first, ...more]]) => {
    const count = more.length === 0 ? '1 line' : `${more.length + 1} lines`
    const are = more.length === 0 ? 'is' : 'are'
    return `${paint.yellow('!')} ${count} of what was handed over ${are} not believed: ${code}: ${plain(first!.what, 400)}\n`
  })
  return lines.length === 0 ? '' : `\n${lines.join('')}`
}
