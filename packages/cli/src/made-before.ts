import { isLiteral } from '@countersign/core'
import { isTree, succeeded } from '@countersign/formats'
import { recheck, type Source } from '@countersign/record'
import type { Handover } from './handover.ts'

/**
 * Names of what steps before made that lies untracked in the checkout of this one, as they made it: no source, wherever
 * several steps share a checkout. What is not as it was made is left among the source, which then is another one.
 */
export async function madeBefore(root: string, source: Source, { received, chain }: Handover): Promise<string[]> {
  if (source.untracked.length === 0) return []
  const { below } = source.save()
  const files = new Set(source.untracked.map((path) => path.normalize('NFC')))
  const directories = new Set([...files].flatMap(directoriesOf))
  const made = new Set<string>()
  for (const { statement } of chain.steps.values()) {
    const { subject, predicate } = statement
    if (predicate.chain.id !== received.chain.id || !succeeded(predicate)) continue
    for (const resource of subject) {
      const { name, uri } = resource
      if (uri !== undefined || made.has(name) || !isLiteral(name)) continue
      const place = below + name
      const lies = (isTree(resource) ? directories : files).has(place)
      if (lies && (await recheck({ root }, [resource])).length === 0) made.add(name)
    }
  }
  return [...made]
}

/** Each directory that a path is below, with a slash at its end. */
function directoriesOf(path: string): string[] {
  const above: string[] = []
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1)) above.push(path.slice(0, end + 1))
  return above
}
