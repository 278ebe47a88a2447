import type { ErrorReport } from '@countersign/core'
import type { Resource } from '@countersign/formats'
import { findCheckout, type Source, SOURCE_NAME } from '@countersign/record'
import type { Handover } from './handover.ts'
import { chainFilesBeside } from './sidecars.ts'

const CLEAN = 'begin runs in a clean checkout (git clean -fdx), or name in .gitignore what steps make'

/** Paths that are looked at: a checkout of many that are not committed is not searched for a hint. */
const MOST = 1_000

/**
 * What runs before made and left in the checkout where a run begins: nobody committed it, so it is of the source, and a
 * step that makes it anew finds another source than the first step did. A line, or none.
 */
export function leftBehind(cwd: string, { received }: Handover, source: Pick<Source, 'changed'> | null): string[] {
  const top = findCheckout(cwd)
  if (source === null || top === null || received.previous.length > 0) return []
  const isMade = (path: string) => chainFilesBeside({ cwd: top }, withAbove(path)).own.length > 0
  const left = source.changed.slice(0, MOST).filter(isMade)
  if (left.length === 0) return []
  const more = left.length === 1 ? '' : ` and ${left.length - 1} more`
  const [named, are] = [`${left[0]}${more}`, more === '' ? 'is' : 'are']
  return [
    `${named}, left here by a run before, ${are} of the source, and steps that make it anew will not fit: ${CLEAN}`,
  ]
}

/** Findings, of which those about another source say so where a step before began with more than was committed. */
export function withLeftBehind({ received, chain }: Handover): readonly ErrorReport[] {
  const isDirty = (resource: Resource) => resource.name === SOURCE_NAME && resource.annotations?.dirty === true
  const began = [...chain.steps.values()].find(
    ({ statement: { subject, predicate } }) =>
      predicate.chain.id === received.chain.id && [...subject, ...predicate.materials].some(isDirty),
  )
  if (began === undefined) return received.findings
  const { name } = began.statement.predicate.step
  const fix = `Step ${name} began in a checkout that was not as its commit. What runs before left there, a step that makes it anew finds no more: ${CLEAN}.`
  return received.findings.map((one) => (one.code === 'material-swapped' && isOfSource(one) ? { ...one, fix } : one))
}

function isOfSource({ what }: ErrorReport): boolean {
  return what.startsWith(`material ${SOURCE_NAME} `)
}

/** A path and the directories that it is in. */
function withAbove(path: string): string[] {
  const parts = path.replace(/\/$/, '').split('/')
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'))
}
