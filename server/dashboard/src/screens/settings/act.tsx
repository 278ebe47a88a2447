import { useSignal } from '@preact/signals'
import { Problem } from '../../api.ts'

interface ActProps {
  /** What the button says. */
  readonly word: string
  /** What it says when asked whether it is meant; left out, it is done at once. */
  readonly sure?: string
  readonly act: () => Promise<unknown>
}

/** A button that does something at the server: asked twice where it takes something away, and told why not. */
export function Act({ word, sure, act }: ActProps) {
  const asked = useSignal(false)
  const busy = useSignal(false)
  const problem = useSignal<Problem | null>(null)
  const go = async () => {
    if (sure !== undefined && !asked.value) {
      asked.value = true
      return
    }
    busy.value = true
    problem.value = null
    try {
      await act()
      asked.value = false
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
    } finally {
      busy.value = false
    }
  }
  return (
    <span class="act">
      <button
        type="button"
        class={asked.value ? 'button danger' : 'button'}
        disabled={busy.value}
        onClick={() => void go()}
      >
        {asked.value ? sure : word}
      </button>
      {asked.value ? (
        <button
          type="button"
          class="button"
          onClick={() => {
            asked.value = false
          }}
        >
          Keep it
        </button>
      ) : null}
      {problem.value === null ? null : (
        <span class="act-problem" role="alert">
          <code class="code">{problem.value.code}</code> {problem.value.what}. {problem.value.fix}
        </span>
      )}
    </span>
  )
}
