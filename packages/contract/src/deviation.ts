import type { Code } from '@countersign/core'

/**
 * What a deviation can excuse: that something the contract asks for is not as it asks. What tells a forgery from the real
 * thing is not here and never will be: signatures, receipts, who may sign, digests, and the binding of a step to its run,
 * its contract and its predecessors.
 */
export const EXCUSABLE: readonly Code[] = [
  'step-skipped',
  'step-order',
  'step-failed',
  'predecessor-failed',
  'matrix-incomplete',
  'edge-empty',
  'material-unexplained',
  'product-missing',
  'product-unexpected',
  'grade-too-low',
  'evidence-missing',
  'tests-failed',
  'vulnerability-found',
  'approval-missing',
  'step-stale',
  'anchor-missing',
  'anchor-late',
  'anchor-pending',
]

export function isExcusable(code: string): code is Code {
  return (EXCUSABLE as readonly string[]).includes(code)
}
