import { reportOf } from '@countersign/core'
import type { Examination } from '../examine.ts'
import { vouchedName } from '../names.ts'
import { digest, facts, h } from './dom.ts'
import { reportOf as reportElement } from './findings.ts'

/** How the trust root stands to the one that the reader has: not compared, equal, or another. */
export type Pin = 'none' | 'equal' | 'other'

const MARK: Readonly<Record<string, string>> = { fail: '✗', unknown: '?' }

/** What came of it, in one word, and of what. */
export function banner(examination: Examination, pin: Pin): HTMLElement {
  const { verdict, evidence, contracts } = examination
  const { artifact, chains } = evidence.subject
  const named = artifact === null ? null : vouchedName(examination, artifact)
  const what = artifact === null ? 'a whole run' : (named?.file ?? 'an artifact')
  const pipelines = new Set(verdict.steps.map(({ step }) => step.statement.predicate.chain.pipeline))
  const own = pin !== 'equal'
  const [kind, word, under] =
    verdict.verdict === 'unknown'
      ? ['unknown', 'Unknown', 'Nothing speaks against it, and not all of it is shown or there yet: see below.']
      : verdict.verdict === 'fail'
        ? ['fail', 'Not verified', 'Something does not hold: see below.']
        : pin === 'other'
          ? ['fail', 'Not the trust root you were given', 'It agrees with itself, and with nobody that you know.']
          : own
            ? [
                'own',
                'Verified, under its own keys',
                'It agrees with itself. Whether you should believe its keys is below.',
              ]
            : ['pass', 'Verified', 'Under the trust root that you were given.']
  return h(
    'header',
    { class: `banner ${kind}`, 'data-verdict': verdict.verdict, role: 'status' },
    h('p', { class: 'brand' }, 'Countersign evidence'),
    h('h1', {}, h('span', { class: 'mark', 'aria-hidden': 'true' }, MARK[kind] ?? '✓'), h('span', {}, word)),
    h('p', { class: 'under' }, under),
    verdict.verdict === 'pass' && verdict.refused.length > 0
      ? h('p', { class: 'under' }, `${verdict.refused.length} of its lines did not verify, and count for nothing.`)
      : null,
    facts(
      ['about', h('strong', {}, what)],
      artifact === null ? null : ['sha256', h('code', { class: 'whole' }, artifact)],
      pipelines.size === 0 ? null : ['pipeline', [...pipelines].join(', ')],
      [chains.length === 1 ? 'run' : 'runs', h('span', {}, ...chains.map((id) => digest(id, 32)))],
      contracts.length === 0
        ? ['contract', 'none in the evidence: who may do what is not judged']
        : ['contract', contracts.map(({ pipeline, revision }) => `${pipeline} revision ${revision}`).join(', ')],
      ['exported', timeText(evidence.createdAt)],
      ['judged', `${timeText(examination.now)}, in this browser`],
    ),
  )
}

/** Evidence that cannot even be read. */
export function unreadable(error: unknown): HTMLElement {
  return h(
    'header',
    { class: 'banner fail', 'data-verdict': 'unreadable', role: 'status' },
    h('p', { class: 'brand' }, 'Countersign evidence'),
    h('h1', {}, h('span', { class: 'mark', 'aria-hidden': 'true' }, '✗'), h('span', {}, 'Not evidence')),
    h('p', { class: 'under' }, 'It cannot be read, so nothing is proven.'),
    reportElement(reportOf(error)),
  )
}

/** While signatures are being checked. */
export function checking(done: number): HTMLElement {
  return h(
    'header',
    { class: 'banner checking', 'data-verdict': 'checking', role: 'status' },
    h('p', { class: 'brand' }, 'Countersign evidence'),
    h('h1', {}, 'Verifying …'),
    h('p', { class: 'under' }, `${done} signatures checked`),
  )
}

/** What was judged, criterion by criterion. */
export function criteria({ verdict }: Examination): HTMLElement {
  return h(
    'ul',
    { class: 'criteria', 'aria-label': 'Criteria' },
    ...verdict.criteria.map(({ name, met, detail }) =>
      h(
        'li',
        { class: met === null ? 'open' : met ? 'met' : 'unmet' },
        h(
          'span',
          { class: 'mark', 'aria-label': met === null ? 'not known' : met ? 'met' : 'not met' },
          met === null ? '?' : met ? '✓' : '✗',
        ),
        h('strong', {}, name),
        h('span', { class: 'detail' }, detail),
      ),
    ),
  )
}

export function timeText(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)} UTC`
}
