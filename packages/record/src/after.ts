import { CodedError } from '@countersign/core'
import type { Resource } from '@countersign/formats'
import { observeDependencies } from './dependencies.ts'
import { checkCollisions } from './names.ts'
import { observe, recheck } from './observe.ts'
import type { Watch } from './pace.ts'
import { Exclusion } from './selection.ts'
import type { Source } from './source.ts'

export interface AfterInput extends Watch {
  readonly root: string
  /** What the step received, as it was observed before the command ran; the source may be among it. */
  readonly materials: readonly Resource[]
  readonly source: Pick<Source, 'recheck'> | null
  /** Patterns of what the step makes. */
  readonly products: readonly string[]
  /** As the materials were observed with. */
  readonly exclude?: readonly string[]
  /** Lock files, each among the materials: what is installed beside them is held against them. */
  readonly lockfiles?: readonly string[]
  /** False when the command failed: its products are then not looked for. */
  readonly succeeded: boolean
}

/** What a step left behind. */
export interface Aftermath {
  readonly products: readonly Resource[]
  /** Packages that are installed beside a lock file, each a tree. */
  readonly dependencies: readonly Resource[]
  /** Names of materials, and of files of the source, that are not as they were before the command ran. */
  readonly changed: readonly string[]
  /**
   * Why the step failed although its command did not: `material-changed`, `dependency-unlocked`, or what `observe` said
   * of a product (`file-missing`, …), such as that its name collides with that of a material. Null when it did not.
   */
  readonly error: CodedError | null
}

/**
 * Looks again when the command has ended: hashes the products, and every file that was received once more, so that
 * nothing was built from other bytes than were checked (T-08). Files that the step itself names as products may have
 * changed; files that came to be beside the received ones were not received.
 */
export async function observeAfter(input: AfterInput): Promise<Aftermath> {
  const { root, source, products, succeeded } = input
  const watch: Watch = { progress: input.progress, signal: input.signal }
  const exclude = input.exclude ?? []
  const made = new Exclusion(products)
  const received = input.materials.filter(({ name, uri }) => uri === undefined && !made.covers(plain(name)))
  const found = new Set(await recheck({ ...watch, root, exclude }, received))
  if (source !== null) for (const name of await source.recheck(products, watch)) found.add(name)
  const changed = [...found]
  let recorded: Resource[] = []
  const dependencies: Resource[] = []
  const unlocked: string[] = []
  let error: CodedError | null = null
  try {
    if (succeeded && products.length > 0) {
      const found = await observe({ ...watch, root, exclude, patterns: products })
      // One name may be in both lists: what was received was made anew in its place.
      const names = input.materials.filter(({ uri }) => uri === undefined).map(({ name }) => name)
      checkCollisions(new Set([...names, ...found.map(({ name }) => name)]))
      recorded = found
    }
    for (const lockfile of succeeded ? (input.lockfiles ?? []) : []) {
      const found = await observeDependencies({ ...watch, root, lockfile, materials: input.materials })
      dependencies.push(...found.resources)
      unlocked.push(...found.unlocked)
    }
  } catch (cause) {
    if (!(cause instanceof CodedError) || input.signal?.aborted === true) throw cause
    error = cause
  }
  if (unlocked.length > 0)
    error = new CodedError('dependency-unlocked', `installed, and not as locked: ${listed(unlocked)}`)
  if (changed.length > 0) error = new CodedError('material-changed', `${listed(changed)} changed while the step ran`)
  return { products: recorded, dependencies, changed, error }
}

function plain(name: string): string {
  return name.endsWith('/') ? name.slice(0, -1) : name
}

function listed(names: readonly string[]): string {
  const first = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${first} and ${names.length - 5} more` : first
}
