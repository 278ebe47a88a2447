import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'

/**
 * What is shown of the parts of a picture: the first at once, then one after each frame, so that nobody waits for what is
 * not in view. Until a part is drawn anew it stays as it was. Parts are the same picture as long as they are the same array.
 */
export function useSlices<T>(parts: readonly (() => T)[]): {
  readonly shown: readonly (T | null)[]
  readonly isWhole: boolean
} {
  const state = useSignal({ parts, upTo: 1 })
  const drawn = useRef<{ readonly parts: typeof parts; readonly made: T[] }>({ parts, made: [] })
  const before = useRef<readonly (T | null)[]>([])
  const upTo = state.value.parts === parts ? state.value.upTo : 1
  if (drawn.current.parts !== parts) drawn.current = { parts, made: [] }
  const { made } = drawn.current
  for (let i = made.length; i < Math.min(upTo, parts.length); i++) made.push(parts[i]!())
  const shown = parts.map((_, i) => made[i] ?? before.current[i] ?? null)
  before.current = shown
  const isWhole = upTo >= parts.length
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
