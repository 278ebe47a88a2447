import type { ErrorReport } from '@countersign/core'
import type { ComponentChildren } from 'preact'
import { Trouble } from '../../parts/loaded.tsx'
import { logSeen } from '../../worker/log-seen.ts'
import type { Seen } from '../../worker/messages.ts'
import { Finding } from './step.tsx'
import type { Proof } from './use-proof.ts'

const WORDS = {
  pass: ['good', '✓', 'Your browser verified this'],
  fail: ['bad', '✗', 'It does not hold'],
  unknown: ['unknown', '?', 'Not all of it is known'],
} as const

/** What came of it, in one word: of this browser where it is through, before that how far it is. */
export function Verdict({ proof, about }: { readonly proof: Proof; readonly about: ComponentChildren }) {
  const { seen, checked, problem, tampered, again } = proof
  if (problem !== null) {
    return problem.code === 'evidence-unavailable' ? null : <Trouble problem={problem} again={again} />
  }
  if (seen === null) {
    return (
      <div class="verdict checking" role="status" data-verdict="checking">
        <p class="verdict-word">
          <span class="verdict-mark" aria-hidden="true">
            …
          </span>
          The server says, and your browser is checking
        </p>
        <p class="quiet">
          {checked === null || checked === 0 ? 'Fetching what it says' : `${checked} signatures checked`}
        </p>
      </div>
    )
  }
  const [tone, mark, word] = WORDS[seen.verdict]
  return (
    <div class={`verdict ${tone}`} role="status" data-verdict={seen.verdict}>
      <p class="verdict-word">
        <span class="verdict-mark" aria-hidden="true">
          {mark}
        </span>
        {word}
      </p>
      <p>{about}</p>
      <p class="quiet small">
        {count(seen.signatures, 'signature')} checked in {Math.max(1, Math.round(seen.ms))} ms
        {checked === null ? '' : ', and checking again'}. {logText()}
      </p>
      <ul class="criteria" aria-label="Criteria">
        {seen.criteria.map(({ name, met, detail }) => (
          <li key={name} class={met === null ? 'open' : met ? 'met' : 'unmet'}>
            <span class="criterion" role="img" aria-label={met === null ? 'not known' : met ? 'met' : 'not met'}>
              {met === null ? '?' : met ? '✓' : '✗'}
            </span>
            <strong>{name}</strong>
            <span class="quiet">{detail}</span>
          </li>
        ))}
      </ul>
      {tampered === null ? null : (
        <div class="tampered" role="alert">
          <p>
            <strong>You changed this copy:</strong> {tampered.what}. {tampered.noticed}
          </p>
          <button type="button" class="button" onClick={proof.restore}>
            Take it back
          </button>
        </div>
      )}
    </div>
  )
}

function logText(): string {
  const log = logSeen.value
  if (log === null) return ''
  const { state, from, to } = log.result
  if (state === 'grown')
    return `The log still begins with the ${from} entries that this browser saw before; it has ${to} now.`
  if (state === 'same') return `The log is as this browser saw it before: ${to} entries.`
  if (state === 'new') return `This browser sees this log for the first time, with ${to} entries, and will remember it.`
  return ''
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

const MAX_FINDINGS = 50

/** What is wrong with several steps for one reason is said once; where it is, is said with it. */
function distinct(reports: readonly ErrorReport[]): ErrorReport[] {
  return [...new Map(reports.map((report) => [`${report.code} ${report.what}`, report])).values()]
}

/** Everything that speaks against it. That nobody told this browser whom to believe about an anchor does not: it is shown with them. */
export function Findings({ seen }: { readonly seen: Seen }) {
  const findings = distinct(seen.findings)
  const refused = distinct(seen.refused).filter(({ code }) => code !== 'anchor-untrusted')
  if (findings.length + refused.length === 0) return null
  return (
    <section class="section" aria-labelledby="against">
      <h2 id="against">
        {findings.length === 0
          ? 'What did not verify'
          : seen.verdict === 'unknown'
            ? 'What is open'
            : 'What speaks against it'}
      </h2>
      {findings.slice(0, MAX_FINDINGS).map((report, i) => (
        <Finding key={`${report.code} ${i}`} report={report} seen={seen} />
      ))}
      {refused.length === 0 || findings.length === 0 ? null : (
        <h3>{count(refused.length, 'line')} did not verify, and count for nothing</h3>
      )}
      {refused.slice(0, MAX_FINDINGS).map((report, i) => (
        <Finding key={`refused ${report.code} ${i}`} report={report} seen={null} />
      ))}
      {findings.length + refused.length > 2 * MAX_FINDINGS ? (
        <p class="quiet">and more; all are in the evidence.</p>
      ) : null}
    </section>
  )
}
