import { type Code, CodedError } from '@countersign/core'

/** What is to be driven, again and again: one anchor's lane. */
export interface Driven {
  readonly name: string
  /** Gives the milliseconds until the next run makes sense; `eager` looks at everything that waits. */
  run(eager: boolean): Promise<number>
  /** Resolves when what is under way is done. */
  stop(): Promise<void>
}

/** Milliseconds until the next run after one that failed. */
const AFTER_FAILURE = 30_000

/** Drives each lane in its own time, from now on; `failed` is told where the store failed one. */
export function keepAnchoring(
  lanes: readonly Driven[],
  failed: (anchor: string, code: Code, error: unknown) => void,
): { look(eager: boolean): void; stop(): Promise<void> } {
  const drivers = lanes.map((lane) => driverOf(lane, failed))
  return {
    look(eager) {
      for (const driver of drivers) driver.look(eager)
    },
    async stop() {
      await Promise.all(drivers.map((driver) => driver.stop()))
    },
  }
}

function driverOf(lane: Driven, failed: (anchor: string, code: Code, error: unknown) => void) {
  let timer: NodeJS.Timeout | null = null
  let running = false
  let stopped = false
  /** What somebody asked for while a run was under way. */
  let wanted: { eager: boolean } | null = null

  const run = async (eager: boolean) => {
    running = true
    timer = null
    let wait: number
    try {
      wait = await lane.run(eager)
    } catch (error) {
      failed(lane.name, error instanceof CodedError ? error.code : 'internal', error)
      wait = AFTER_FAILURE
    }
    running = false
    if (stopped) return
    const again = wanted
    wanted = null
    if (again !== null) void run(again.eager)
    else timer = setTimeout(() => void run(false), wait)
  }
  void run(false)
  return {
    look(eager: boolean) {
      if (stopped) return
      if (running) {
        wanted = { eager: eager || wanted?.eager === true }
        return
      }
      if (timer !== null) clearTimeout(timer)
      void run(eager)
    },
    async stop() {
      stopped = true
      if (timer !== null) clearTimeout(timer)
      await lane.stop()
    },
  }
}
