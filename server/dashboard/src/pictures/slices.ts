import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

/** A part of a picture, and after how many frames it is drawn: 0 for at once. */
export interface Slice<T> {
  readonly turn: number
  readonly draw: () => T
}

/**
 * What is shown of the parts of a picture: some at once, others after a frame and a frame more, so that nobody waits for
 * what is not in view. Until a part is drawn anew it stays as it was. Parts are the same picture as long as they are the
 * same array.
 */
export function useSlices<T>(parts: readonly Slice<T>[]): {
  readonly shown: readonly (T | null)[]
  readonly isWhole: boolean
} {
  const state = useSignal({ parts, upTo: 0 })
  const drawn = useRef<{ readonly parts: typeof parts; readonly made: Map<number, T> }>({ parts, made: new Map() })
  const before = useRef<readonly (T | null)[]>([])
  const upTo = state.value.parts === parts ? state.value.upTo : 0
  if (drawn.current.parts !== parts) drawn.current = { parts, made: new Map() }
  const { made } = drawn.current
  const shown = parts.map(({ turn, draw }, i) => {
    if (turn <= upTo && !made.has(i)) made.set(i, draw())
    return made.get(i) ?? before.current[i] ?? null
  })
  before.current = shown
  const isWhole = parts.every(({ turn }) => turn <= upTo)
  useEffect(() => {
    if (isWhole) return undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const frame = requestAnimationFrame(() => {
      timer = setTimeout(() => {
        state.value = { parts, upTo: upTo + 1 }
      })
    })
    return () => {
      cancelAnimationFrame(frame)
      clearTimeout(timer)
    }
  }, [parts, upTo])
  return { shown, isWhole }
}
