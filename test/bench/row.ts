/** One figure beside the bare limit measured in the same run. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** The bare limit in the same unit; null where the figure is judged against `target` alone. */
  readonly limit: number | null
  /** value / limit where more is better, limit / value where less is; null without a limit. */
  readonly ratio: number | null
  /** What the figure is held to, in words. */
  readonly target: string
  /** Whether this run held it. */
  readonly held: boolean
}

/** A benchmark of one row: measures the limit and the figure in one run. */
export interface Bench {
  readonly name: string
  run(): Promise<Row>
}

/** Middle value of an odd number of runs. */
export async function median(runs: number, measure: () => Promise<number> | number): Promise<number> {
  const values: number[] = []
  for (let i = 0; i < runs; i++) values.push(await measure())
  return middle(values)
}

export function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
