/** Decisions in a span of time. */
export interface Bucket {
  /** ISO time of its beginning. */
  readonly start: string
  readonly allow: number
  readonly deny: number
  readonly unknown: number
  /** How many of those that were allowed needed a deviation. */
  readonly deviated: number
}

/** A {@link Bucket} of several, with the beginning of the last of them. */
export interface Merged extends Bucket {
  readonly last: string
}

/** Neighbours together, so many that at most `most` are left. The newest are whole: what does not come out even is the oldest. */
export function merged(buckets: readonly Bucket[], most: number): readonly Merged[] {
  const each = Math.max(1, Math.ceil(buckets.length / Math.max(1, most)))
  const out: Merged[] = []
  for (let end = buckets.length; end > 0; end -= each) {
    const some = buckets.slice(Math.max(0, end - each), end)
    const sum = (of: (bucket: Bucket) => number) => some.reduce((total, bucket) => total + of(bucket), 0)
    out.unshift({
      start: some[0]!.start,
      last: some.at(-1)!.start,
      allow: sum(({ allow }) => allow),
      deny: sum(({ deny }) => deny),
      unknown: sum(({ unknown }) => unknown),
      deviated: sum(({ deviated }) => deviated),
    })
  }
  return out
}

/** Bars of one bucket, in pixels from the middle line: up what was let through, down what was not. */
export interface Bars {
  readonly allow: number
  /** Of `allow`, at its top. */
  readonly deviated: number
  readonly deny: number
  /** Below `deny`. */
  readonly unknown: number
}

const LEAST = 3

/** Room above the middle line, and below it. */
export interface Reach {
  readonly up: number
  readonly down: number
}

/** Pixels for the root of one: so that the tallest bar on either side of any line fits, and all are drawn to one measure. */
export function unitOf(lanes: readonly (readonly Bucket[])[], { up, down }: Reach): number {
  let [through, kept] = [1, 1]
  for (const { allow, deny, unknown } of lanes.flat()) {
    through = Math.max(through, allow)
    kept = Math.max(kept, deny + unknown)
  }
  return Math.min(up / Math.sqrt(through), down / Math.sqrt(kept))
}

/** By roots of the counts, so that one refusal is seen beside a thousand that passed; what there is has three pixels at least. */
export function barsOf({ allow, deny, unknown, deviated }: Bucket, unit: number): Bars {
  const tall = (count: number) => (count === 0 ? 0 : Math.max(LEAST, Math.sqrt(count) * unit))
  const [up, down] = [tall(allow), tall(deny + unknown)]
  const part = (count: number, of: number, height: number) => (count === 0 ? 0 : Math.max(LEAST, (count / of) * height))
  const open = part(unknown, deny + unknown, down)
  return {
    allow: up,
    deviated: Math.min(up, part(deviated, allow, up)),
    deny: deny === 0 ? 0 : Math.max(LEAST, down - open),
    unknown: open,
  }
}
