import type { DeployStrips } from '@countersign/client/views'
import type { Bucket } from '../../pictures/strip-layout.ts'

const HOUR = 3_600_000

/** All buckets of each environment: those that nothing was asked in are left out by the API, and drawn empty. */
export function filled({ since, until, bucket, environments }: DeployStrips): ReadonlyMap<string, readonly Bucket[]> {
  const length = bucket === 'day' ? 24 * HOUR : HOUR
  const starts: string[] = []
  const end = Date.parse(until)
  for (let time = Date.parse(since); time < end; time += length) starts.push(new Date(time).toISOString())
  return new Map(
    environments.map(({ name, buckets }) => {
      const known = new Map(buckets.map((one) => [Date.parse(one.start), one]))
      const none = { allow: 0, deny: 0, unknown: 0, deviated: 0 }
      return [name, starts.map((start) => ({ ...none, ...known.get(Date.parse(start)), start }))]
    }),
  )
}
