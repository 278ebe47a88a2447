import { useSignal } from '@preact/signals'
import { Problem } from '../api.ts'

export interface Task {
  readonly busy: boolean
  /** Of the last one. */
  readonly problem: Problem | null
  /** Does one thing after another; a problem is shown, and anything else is thrown. */
  readonly during: (work: () => Promise<void>) => Promise<void>
}

/** What a reader sets going, and waits for. */
export function useTask(): Task {
  const busy = useSignal(false)
  const problem = useSignal<Problem | null>(null)
  const during = async (work: () => Promise<void>) => {
    busy.value = true
    problem.value = null
    try {
      await work()
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      problem.value = error
    } finally {
      busy.value = false
    }
  }
  return { busy: busy.value, problem: problem.value, during }
}
