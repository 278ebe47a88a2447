import { shown } from './fault.ts'
import type { StepRule } from './model.ts'
import type { Place } from './place.ts'

type Steps = ReadonlyMap<string, StepRule>

/** Every step that must have happened before `step`, itself included: what a run may do without is asked of whoever follows it. */
export function required(steps: Steps, step: string): Set<string> {
  return reachable(step, (name) => (steps.get(name)?.after ?? []).filter((one) => steps.get(one)?.optional == null))
}

function reachable(start: string, next: (name: string) => readonly string[]): Set<string> {
  const names = new Set<string>()
  const open = [start]
  while (open.length > 0) {
    const name = open.pop()!
    if (names.has(name)) continue
    names.add(name)
    for (const other of next(name)) open.push(other)
  }
  return names
}

/**
 * Faults of the whole: circles, steps and matrix jobs that nothing demands. `complete` is false when another
 * fault may hide who follows whom; only circles are certain then.
 */
export function lintGraph(place: Place, steps: Steps, final: string | null, complete: boolean): void {
  const circles = findCircles(steps)
  for (const circle of circles) faultCircle(place, circle)
  if (circles.length > 0 || !complete || final === null) return
  const needed = reachable(final, (name) => steps.get(name)?.after ?? [])
  const followers = followersOf(steps)
  const follows = reachable(final, (name) => followers.get(name) ?? [])
  for (const name of steps.keys()) {
    // What follows the final step, such as a deploy behind the gate, is judged when it is recorded.
    if (needed.has(name) || follows.has(name)) continue
    place
      .entries()!
      .get(name)!
      .faultKey(
        `neither leads to the final step ${final} nor follows it, so nothing would demand it`,
        `Add ${name} to the after list of ${final} or of a step before it, or remove it.`,
      )
  }
  lintJobs(place, steps, needed, followers)
}

/** The steps that come right after each step. */
function followersOf(steps: Steps): Map<string, string[]> {
  const followers = new Map<string, string[]>()
  for (const [name, { after }] of steps) {
    for (const before of after) {
      const list = followers.get(before)
      if (list === undefined) followers.set(before, [name])
      else list.push(name)
    }
  }
  return followers
}

/**
 * Circles that share no step, each as its steps in the order they would run, first the one that comes first
 * in the contract. Breaking all of them may show another.
 */
function findCircles(steps: Steps): string[][] {
  const left = new Map(steps)
  const circles: string[][] = []
  for (;;) {
    dropOrdered(left)
    const [start] = left.keys()
    if (start === undefined) return circles
    const circle = walkBack(left, start)
    for (const name of circle) left.delete(name)
    circles.push(circle)
  }
}

/** Kahn: takes away the steps whose predecessors are all taken away. What is left waits for a circle. */
function dropOrdered(left: Map<string, StepRule>): void {
  const followers = followersOf(left)
  const waits = new Map<string, number>()
  for (const [name, { after }] of left) waits.set(name, after.filter((before) => left.has(before)).length)
  const free = [...waits].filter(([, count]) => count === 0).map(([name]) => name)
  for (let name = free.pop(); name !== undefined; name = free.pop()) {
    left.delete(name)
    for (const follower of followers.get(name) ?? []) {
      const count = waits.get(follower)! - 1
      waits.set(follower, count)
      if (count === 0) free.push(follower)
    }
  }
}

/** Each step left waits for another one left, so walking back must come round. */
function walkBack(left: Steps, start: string): string[] {
  const at = new Map<string, number>()
  const path: string[] = []
  let name = start
  while (!at.has(name)) {
    at.set(name, path.length)
    path.push(name)
    name = left.get(name)!.after.find((before) => left.has(before))!
  }
  const circle = path.slice(at.get(name)).toReversed()
  const order = [...left.keys()]
  const first = circle.reduce((a, b) => (order.indexOf(a) <= order.indexOf(b) ? a : b))
  const cut = circle.indexOf(first)
  return [...circle.slice(cut), ...circle.slice(0, cut)]
}

function faultCircle(place: Place, circle: readonly string[]): void {
  const [first] = circle
  const last = circle.at(-1)!
  const after = place.entries()!.get(first!)!.entries()!.get('after')!
  const names = circle.slice(0, 8).map(shown)
  const way = [...names, ...(circle.length > 8 ? ['…'] : []), names[0]].join(' → ')
  after.fault(
    circle.length === 1 ? `makes ${first} wait for itself` : `closes a circle: ${way}`,
    `Remove ${shown(last)} from it, or break the circle elsewhere.`,
  )
}

/** A matrix says that all its jobs are required, so each must be awaited by some step on the way to the final one. */
function lintJobs(
  place: Place,
  steps: Steps,
  needed: ReadonlySet<string>,
  followers: ReadonlyMap<string, readonly string[]>,
): void {
  for (const name of needed) {
    const { matrix } = steps.get(name)!
    const waiting = (followers.get(name) ?? []).filter((follower) => needed.has(follower))
    // The gate counts the jobs of the final step.
    if (matrix === null || waiting.length === 0) continue
    const idle = new Set(matrix)
    for (const follower of waiting) {
      const own = new Set(steps.get(follower)!.matrix)
      const shared = matrix.filter((job) => own.has(job))
      // A job without a partner of its own fans in over all of them.
      const awaited = shared.length === 0 || shared.length < own.size ? matrix : shared
      for (const job of awaited) idle.delete(job)
    }
    if (idle.size === 0) continue
    const jobs = [...idle].slice(0, 8).map(shown).join(', ')
    place
      .entries()!
      .get(name)!
      .entries()!
      .get('matrix')!
      .fault(
        `has jobs that no step waits for: ${jobs}${idle.size > 8 ? ', …' : ''}`,
        `Add them to the matrix of ${waiting.slice(0, 8).map(shown).join(' or ')}, or add ${shown(name)} to the after list of a step without that matrix.`,
      )
  }
}
