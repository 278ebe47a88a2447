import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { get, Problem } from '../api.ts'

/** What was asked for: what came last stays while the next is on its way. */
export interface Answer<T> {
  readonly value: T | null
  readonly problem: Problem | null
  readonly loading: boolean
  /** Asks again. */
  readonly again: () => void
}

/** Asks the server for what a path of its API says; again when the path changes. Null asks for nothing. */
export function useAnswer<T>(path: string | null): Answer<T> {
  return useWork<T>((signal) => (path === null ? null : get<T>(path, signal)), path)
}

/** {@link useAnswer} for whatever takes a while; `key` says what it is about. `work` may return null: nothing to do. */
export function useWork<T>(work: (signal: AbortSignal) => Promise<T> | null, key: string | null): Answer<T> {
  const state = useSignal<Omit<Answer<T>, 'again'>>({ value: null, problem: null, loading: key !== null })
  const round = useSignal(0)
  const asked = round.value
  useEffect(() => {
    const leave = new AbortController()
    const promise = work(leave.signal)
    if (promise === null) {
      state.value = { value: null, problem: null, loading: false }
      return undefined
    }
    state.value = { ...state.peek(), problem: null, loading: true }
    promise.then(
      (value) => {
        if (!leave.signal.aborted) state.value = { value, problem: null, loading: false }
      },
      (error: unknown) => {
        if (!leave.signal.aborted) state.value = { value: null, problem: problemOf(error), loading: false }
      },
    )
    return () => leave.abort()
  }, [key, asked])
  return { ...state.value, again: () => void round.value++ }
}

function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  return new Problem(0, {
    code: 'internal',
    what: error instanceof Error ? error.message : 'something failed',
    why: 'The page met something that it does not know.',
    fix: 'Load the page again.',
  })
}

interface LoadedProps<T> {
  readonly answer: Answer<T>
  readonly children: (value: T) => ComponentChildren
}

/** What came, or how it stands with it. */
export function Loaded<T>({ answer, children }: LoadedProps<T>) {
  const { value, problem, loading, again } = answer
  if (problem !== null) return <Trouble problem={problem} again={again} />
  if (value === null) return loading ? <Waiting /> : null
  return (
    <div class={loading ? 'stale' : 'fresh'} aria-busy={loading}>
      {children(value)}
    </div>
  )
}

export function Waiting({ what = 'Loading' }: { readonly what?: string }) {
  return (
    <p class="waiting quiet" role="status">
      {what} …
    </p>
  )
}

/** Why it did not work, and what to do. */
export function Trouble({ problem, again }: { readonly problem: Problem; readonly again?: () => void }) {
  return (
    <div class="trouble" role="alert">
      <p>
        <code class="code">{problem.code}</code> <strong>{problem.what}</strong>
      </p>
      <p>{problem.why}</p>
      <p>
        <span class="word">fix</span> {problem.fix}
      </p>
      {again === undefined ? null : (
        <button type="button" class="button" onClick={again}>
          Try again
        </button>
      )}
    </div>
  )
}
