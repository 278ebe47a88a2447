import type { RemoteDeviation } from '@countersign/client'
import type { PassedSummary } from '@countersign/verify/slsa'
import { plain, short } from './output.ts'

/** A deviation that the server has signed to have let something through by; its words are null where only its id is known. */
export interface LetThrough {
  readonly id: string
  readonly told: Omit<RemoteDeviation, 'id'> | null
}

/** By what it passed: which there are, the signed summary says; an answer can neither hide one nor make one up. */
export function letThrough({ deviations }: PassedSummary, told: readonly RemoteDeviation[]): readonly LetThrough[] {
  return deviations.map((id) => {
    const own = told.find((one) => one.id === id)
    return { id, told: own === undefined ? null : { ...own } }
  })
}

/** `deviation 1a2b3c4d5e6f until TIME: REASON (CODES)`. */
export function letThroughLine({ id, told }: LetThrough): string {
  if (told === null) return `deviation ${short(id)}`
  const codes = [...new Set(told.findings.map(({ code }) => code))].join(', ')
  return `deviation ${short(id)} until ${told.expiresAt}: ${plain(told.reason, 400)} (${plain(codes)})`
}
