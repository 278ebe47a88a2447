import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Problem, send } from '../../api.ts'
import { Trouble } from '../../parts/loaded.tsx'
import { setQuery } from '../../router.ts'

interface RevokeProps {
  readonly keyId: string
  /** As of when it is revoked already, and why: it can be moved to an earlier time. Null where it is not. */
  readonly was: { readonly at: string; readonly reason: string | null } | null
  /** As of when, ISO time; null is now. What is in doubt then is shown by whoever has this. */
  readonly since: Signal<string | null>
  readonly close: () => void
  /** It is revoked, as of a time. */
  readonly done: (at: string) => void
}

const REASONS = [
  ['compromised', 'compromised: somebody else may have it'],
  ['retired', 'retired: nobody signs with it any more'],
  ['rotated', 'rotated: another key took its place'],
] as const

/** What revoking a key does, since when and why; and then does it. It cannot be undone. */
export function Revoke({ keyId, was, since, close, done }: RevokeProps) {
  const first = useRef<HTMLSelectElement & HTMLInputElement>(null)
  const now = useSignal(was === null)
  const reason = useSignal(REASONS.some(([value]) => value === was?.reason) ? was!.reason! : '')
  const late = was !== null && since.value !== null && since.value >= was.at
  const busy = useSignal(false)
  const problem = useSignal<Problem | null>(null)
  useEffect(() => first.current?.focus(), [])
  const as = (text: string | null) => {
    // The list of what is in doubt begins anew with each time.
    setQuery({ affected: null })
    since.value = text
  }
  const go = async (event: Event) => {
    event.preventDefault()
    if (busy.value || late || (!now.value && since.value === null)) return
    busy.value = true
    problem.value = null
    try {
      const body = { since: since.value, reason: reason.value }
      const key = await send<{ readonly revokedAt: string }>('POST', `/v1/keys/${keyId}/revoke`, body)
      if (key !== null) done(key.revokedAt)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
    } finally {
      busy.value = false
    }
  }
  return (
    <form
      class="revoke"
      aria-label={was === null ? 'Revoke this key' : 'Revoke it as of an earlier time'}
      onSubmit={(event) => void go(event)}
    >
      <p>
        <strong>It cannot be undone.</strong> What the log had before that time stays good. What it had since counts no
        more, and what comes is refused.
      </p>
      <div class="filters">
        {was === null ? (
          <label>
            As of
            <select
              ref={first}
              value={now.value ? 'now' : 'time'}
              onChange={(event) => {
                now.value = event.currentTarget.value === 'now'
                as(null)
              }}
            >
              <option value="now">now</option>
              <option value="time">a time before</option>
            </select>
          </label>
        ) : null}
        {now.value ? null : (
          <label>
            Time, UTC
            <input
              type="datetime-local"
              step="1"
              required
              {...(was === null ? {} : { ref: first, max: was.at.slice(0, 19) })}
              onChange={(event) => {
                const at = new Date(`${event.currentTarget.value}Z`)
                as(Number.isNaN(at.getTime()) ? null : at.toISOString())
              }}
            />
          </label>
        )}
        <label>
          Why
          <select
            required
            value={reason.value}
            onChange={(event) => {
              reason.value = event.currentTarget.value
            }}
          >
            <option value="">choose</option>
            {REASONS.map(([value, says]) => (
              <option key={value} value={value}>
                {says}
              </option>
            ))}
          </select>
        </label>
      </div>
      {late ? <p role="alert">It is revoked as of {was.at} already: a time before that.</p> : null}
      {!now.value ? null : reason.value === 'compromised' ? (
        <p>
          As of now, all that it signed stays good, also what a thief signed with it. Rather take the time when it may
          have got out.
        </p>
      ) : (
        <p>As of now, nothing that the log has is in doubt.</p>
      )}
      {problem.value === null ? null : <Trouble problem={problem.value} />}
      <div class="acts">
        <button type="submit" class="button danger" disabled={busy.value}>
          {was === null ? 'Revoke it for good' : 'Move it for good'}
        </button>
        <button type="button" class="button" onClick={close}>
          Keep it
        </button>
      </div>
    </form>
  )
}
