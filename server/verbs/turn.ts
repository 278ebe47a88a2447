let turn: Promise<void> | null = null

/**
 * Resolves at the end of this turn of the event loop, for all who asked in it, one after another. Requests that come
 * together then take each step together, and the code of that step stays in the processor's caches.
 */
export function endOfTurn(): Promise<void> {
  turn ??= new Promise((resolve) =>
    setImmediate(() => {
      turn = null
      resolve()
    }),
  )
  return turn
}
