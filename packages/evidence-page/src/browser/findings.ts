import type { ErrorReport } from '@countersign/core'
import type { Examination } from '../examine.ts'
import { h, section } from './dom.ts'

const MAX_SHOWN = 200

/** One reason against it, with the way out. */
export function reportOf({ code, what, why, fix }: ErrorReport): HTMLElement {
  return h(
    'article',
    { class: 'finding' },
    h('p', {}, h('code', { class: 'code' }, code), h('strong', {}, what)),
    h('p', {}, h('span', { class: 'word' }, 'why'), why),
    h('p', {}, h('span', { class: 'word' }, 'fix'), fix),
  )
}

/** Everything that speaks against it, and what did not verify; null where that is nothing. */
export function findings({ verdict }: Examination): HTMLElement | null {
  const { findings: against, refused } = verdict
  if (against.length + refused.length === 0) return null
  const more = (count: number) => (count > MAX_SHOWN ? h('p', {}, `and ${count - MAX_SHOWN} more`) : null)
  return section(
    'findings',
    against.length === 0
      ? 'What did not verify'
      : verdict.verdict === 'unknown'
        ? 'What is open'
        : 'What speaks against it',
    ...against.slice(0, MAX_SHOWN).map(reportOf),
    more(against.length),
    refused.length === 0
      ? null
      : h(
          'div',
          { class: 'refused' },
          h('h3', {}, `Did not verify, and counts for nothing: ${refused.length}`),
          ...refused.slice(0, MAX_SHOWN).map(reportOf),
          more(refused.length),
        ),
  )
}
