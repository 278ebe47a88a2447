import { CodedError } from '@countersign/core'
import type { Examination } from '@countersign/evidence-page'
import type { VerifiedStep } from '@countersign/verify'

/** Digests of contracts that some steps are bound to and that are not among those at hand, each once. */
export function lackingOf({ contracts }: Pick<Examination, 'contracts'>, steps: Iterable<VerifiedStep>): string[] {
  const held = new Set(contracts.map(({ digest }) => digest))
  const bound = [...steps].flatMap(({ statement }) => statement.predicate.chain.contract ?? [])
  return [...new Set(bound)].filter((digest) => !held.has(digest)).toSorted()
}

/**
 * Without its contract nothing says what a run should have been, and signatures alone say too little: whoever takes the
 * contract out of the server's answers could drop the steps that it asks for as well. What passed so is `unknown`.
 */
export function unlessUnruled(examination: Examination): Examination {
  const { verdict } = examination
  if (verdict.verdict !== 'pass') return examination
  const lacking = lackingOf(
    examination,
    verdict.steps.map(({ step }) => step),
  )
  if (lacking.length === 0) return examination
  const names = lacking.map((digest) => digest.slice(0, 12)).join(', ')
  const what = `the run is bound to contract ${names}, which the server did not show`
  const { criteria, findings } = verdict
  return {
    ...examination,
    verdict: {
      ...verdict,
      verdict: 'unknown',
      criteria: [...criteria, { name: 'contract', met: null, detail: what }],
      findings: [...findings, new CodedError('contract-unknown', what).report()],
    },
  }
}
