import { basename } from 'node:path'
import type { VerifiedStep } from '@countersign/verify'
import type { Handover } from './handover.ts'
import { short } from './output.ts'

/**
 * Materials that came with chain files about other bytes of their name, and are of a run that no file tells of: somebody may
 * have put an artifact of before in their place, which is as proven as the one that was handed over. A line, or none.
 */
export function ofAnotherRun({ received, chain, carried }: Handover): string[] {
  const runOf = ({ statement }: VerifiedStep) => statement.predicate.chain.id
  const told = [...carried].flatMap((link) => chain.steps.get(link) ?? [])
  if (received.previous.length === 0 || told.some((step) => runOf(step) === received.chain.id)) return []
  const digests = new Set(told.flatMap(({ statement }) => statement.subject.map(({ digest }) => digest.sha256)))
  const runs = new Map(
    told.flatMap((step) => step.statement.subject.map(({ name }) => [basename(name), runOf(step)] as const)),
  )
  const other = received.materials.find(
    ({ name, digest }) =>
      runs.has(basename(name)) && !digests.has(digest.sha256) && !Object.hasOwn(digest, 'gitCommit'),
  )
  if (other === undefined) return []
  const [file, here] = [short(runs.get(basename(other.name))!), short(received.chain.id)]
  return [
    `${other.name} is not what its chain file tells of (run ${file}), but of run ${here}: the step goes on in that`,
  ]
}
