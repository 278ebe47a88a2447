import type { ErrorReport } from '@countersign/core'
import type { AnchorKind } from '@countersign/formats/anchor'
import type { Anchored, AnchoredStatement } from '@countersign/verify/anchors'
import type { Examination } from '../examine.ts'
import { timeText } from './banner.ts'
import { digest, facts, h, section } from './dom.ts'

const KINDS: Readonly<Record<AnchorKind, string>> = {
  rekor: 'Sigstore Rekor',
  rfc3161: 'Timestamp authority',
  ethereum: 'Ethereum',
  opentimestamps: 'Bitcoin, by OpenTimestamps',
}

/** What outside parties vouch for, statement by statement; null where none was brought forward. */
export function anchors({ anchored }: Examination): HTMLElement | null {
  if (anchored === null) return null
  const bad = anchored.refused.filter(({ part }) => part === 'anchor')
  return section(
    'anchors',
    'Anchored outside',
    h(
      'p',
      {},
      'At the end of a period the log signs a statement over all that it holds. From when others vouch for that, nobody could change it unseen, its operator included.',
    ),
    ...anchored.doubts.map(warning),
    ...anchored.statements.map((one) => statement(one, anchored)),
    ...bad.map(({ kind, report }) =>
      h(
        'p',
        { class: 'anchor refused' },
        h('span', { class: 'mark bad', 'aria-label': 'does not count' }, '✗'),
        h('span', {}, h('strong', {}, kind === null ? 'An anchor' : KINDS[kind]), ` does not count: ${report.what}`),
      ),
    ),
  )
}

function warning({ what }: ErrorReport): HTMLElement {
  return h('p', { class: 'revoked' }, what)
}

function statement(one: AnchoredStatement, { entries }: Anchored): HTMLElement {
  const { number, origin, size, start, end, time } = one.verified.statement
  const covered = [...entries.values()].filter((all) => all.some((entry) => entry.statement === one)).length
  return h(
    'article',
    { class: 'statement' },
    h('h3', {}, `Statement ${number} of ${origin}`),
    facts(
      ['period', `${timeText(start)} – ${timeText(end)}`],
      ['made', timeText(time)],
      ['covers', `${covered} ${covered === 1 ? 'step' : 'steps'} shown here, of ${size} entries`],
      ['sha256', digest(one.id, 32)],
    ),
    one.proved.length === 0 ? h('p', { class: 'quiet' }, 'No anchor that verifies vouches for it.') : null,
    ...one.proved.map(({ kind, by, at, time: when, within, trusted }) =>
      h(
        'div',
        { class: 'anchor' },
        h('span', { class: 'mark good', 'aria-label': 'verified' }, '✓'),
        h(
          'div',
          {},
          h('p', {}, h('strong', {}, KINDS[kind]), ` ${by}`),
          h(
            'p',
            {},
            when === null ? 'names no time' : `existed by ${timeText(when)}`,
            within === 0 ? '' : h('span', { class: 'quiet' }, ` ± ${marginText(within)}`),
          ),
          h('p', { class: 'quiet where' }, at),
          h('ul', { class: 'quiet' }, ...trusted.map((sentence) => h('li', {}, sentence))),
        ),
      ),
    ),
  )
}

function marginText(seconds: number): string {
  if (seconds % 3600 === 0) return `${seconds / 3600} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`
}
