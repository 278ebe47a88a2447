import { useSignal } from '@preact/signals'
import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

/** Pixels across that there are for a picture; 0 until it is known. */
export function useRoom(): { readonly frame: RefObject<HTMLDivElement | null>; readonly room: number } {
  const frame = useRef<HTMLDivElement>(null)
  const room = useSignal(0)
  useEffect(() => {
    const measure = () => {
      room.value = frame.current?.clientWidth ?? 0
    }
    measure()
    const watcher = new ResizeObserver(measure)
    if (frame.current !== null) watcher.observe(frame.current)
    return () => watcher.disconnect()
  }, [])
  return { frame, room: room.value }
}

/** A picture that is told how wide it may be. */
export function Fit({ children }: { readonly children: (room: number) => ComponentChildren }) {
  const { frame, room } = useRoom()
  return <div ref={frame}>{room === 0 ? null : children(room)}</div>
}
