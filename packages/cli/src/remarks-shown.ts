import type { Remark } from '@countersign/formats'
import { type Chain, openDisputes, type StandingRemark, standingRemarks } from '@countersign/verify'
import { type Paint, plain, short, table } from './output.ts'

/** What is said, under signature, about what is judged; it decides nothing. */
export interface RemarksTold {
  readonly standing: readonly StandingRemark[]
  /** How many there are of which nobody who is believed is known to be the author. */
  readonly unknown: number
}

export const NO_REMARKS: RemarksTold = { standing: [], unknown: 0 }

export function remarksIn({ remarks, unknownRemarks, steps }: Chain): RemarksTold {
  const signersOf = (link: string) => {
    const step = steps.get(link)
    return step === undefined ? [] : [step.signer, ...step.cosigners]
  }
  return { standing: standingRemarks(remarks, signersOf), unknown: unknownRemarks.length }
}

/** Those about one step. */
export function remarksAbout({ standing }: RemarksTold, link: string): RemarksTold {
  const own = standing.filter(({ remark }) => remark.remark.about.some(({ digest }) => digest === link))
  return { standing: own, unknown: 0 }
}

/** Notes below a verdict: what is disputed and open first, and marked. */
export function remarksText({ standing, unknown }: RemarksTold, paint: Paint): string {
  if (standing.length + unknown === 0) return ''
  const open = new Set(openDisputes(standing))
  const sorted = standing.toSorted((a, b) => Number(open.has(b.remark)) - Number(open.has(a.remark)))
  const rows = sorted.map((one) => {
    const { remark, signer } = one.remark
    const mark = open.has(one.remark) ? paint.red('✗') : paint.dim('·')
    return [mark, wordOf(one), plain(signer.name), aboutText(remark), plain(remark.text, 400)]
  })
  const head =
    open.size === 0 ? 'Signed notes:' : `Signed notes, ${open.size} open dispute${open.size === 1 ? '' : 's'}:`
  const others = unknown === 0 ? '' : `  ${paint.dim(`${unknown} by nobody who is believed here: countersign notes`)}\n`
  return `\n${paint.dim(head)}\n${table(rows)}${others}`
}

/** `dispute, open`, `note`, `dispute, resolved by 1a2b3c…`. */
export function wordOf({ remark, supersededBy, fault }: StandingRemark): string {
  const { kind } = remark.remark
  if (fault !== null) return `${kind}, which does not count: ${plain(fault)}`
  if (supersededBy !== null) return `${kind}, superseded by ${short(supersededBy)}`
  return kind === 'dispute' ? 'dispute, open' : kind
}

export function aboutText({ about }: Pick<Remark, 'about'>): string {
  const [first] = about
  const more = about.length === 1 ? '' : ` and ${about.length - 1} more`
  return `${first!.kind} ${short(first!.digest)}${more}`
}

/** The same as data. */
export function remarksJson({ standing, unknown }: RemarksTold): object {
  return {
    open: openDisputes(standing).length,
    unknown,
    items: standing.map(({ remark: { id, remark, signer, logged }, supersededBy, fault }) => ({
      id,
      ...remark,
      signer,
      loggedAt: logged?.at ?? null,
      supersededBy,
      fault,
    })),
  }
}
