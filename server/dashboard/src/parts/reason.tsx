import { CATALOGUE } from '@countersign/core'

interface ReasonProps {
  readonly code: string
  /** What happened here; null where nothing more is known. */
  readonly what: string | null
}

/** Why something was refused: the code, what happened, and for who wants it the rule behind it and the way out. */
export function Reason({ code, what }: ReasonProps) {
  const entry = Object.hasOwn(CATALOGUE, code) ? CATALOGUE[code as keyof typeof CATALOGUE] : null
  return (
    <div class="reason">
      <code class="code">{code}</code> {what}
      {entry === null ? null : (
        <details class="reason-more">
          <summary>Why, and what to do</summary>
          <p>{entry.why}</p>
          <p>
            <span class="word">fix</span> {entry.fix}
          </p>
        </details>
      )}
    </div>
  )
}
