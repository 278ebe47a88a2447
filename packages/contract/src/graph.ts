import type { StepRule } from './model.ts'
import type { Place } from './yaml.ts'

/** Every step that must have happened before `step`, itself included. */
export function required(steps: ReadonlyMap<string, StepRule>, step: string): Set<string> {
  const names = new Set<string>()
  const open = [step]
  while (open.length > 0) {
    const name = open.pop()!
    if (names.has(name)) continue
    names.add(name)
    open.push(...(steps.get(name)?.after ?? []))
  }
  return names
}

/** Steps of a cycle, or null. */
function findCycle(steps: ReadonlyMap<string, StepRule>): string[] | null {
  // Kahn: take steps whose predecessors are all taken; what is left holds a cycle.
  const left = new Map([...steps].map(([name, rule]) => [name, new Set(rule.after)]))
  for (let moved = true; moved; ) {
    moved = false
    for (const [name, after] of left) {
      if ([...after].some((before) => left.has(before))) continue
      left.delete(name)
      moved = true
    }
  }
  return left.size === 0 ? null : [...left.keys()]
}

/** Faults of the whole: cycles, and steps nobody waits for that are not the final one. */
export function lintGraph(place: Place, steps: ReadonlyMap<string, StepRule>, final: string | null): void {
  const places = place.entries()!
  const cycle = findCycle(steps)
  if (cycle !== null) {
    places.get(cycle[0]!)?.fault(`waits for itself through ${cycle.join(', ')}`, 'Break the circle in after.')
    return
  }
  if (final === null || !steps.has(final)) return
  const needed = required(steps, final)
  for (const name of steps.keys()) {
    // What follows the final step, such as a deploy behind the gate, is judged when it is recorded.
    if (needed.has(name) || required(steps, name).has(final)) continue
    places
      .get(name)
      ?.fault(
        `neither leads to the final step ${final} nor follows it, so nothing would demand it`,
        `Add ${name} to the after list of ${final} or of a step before it, or remove it.`,
      )
  }
}
