import type { Contract } from '@countersign/contract'
import { outsideOf } from '@countersign/contract'
import { isTree, type Resource } from '@countersign/formats'
import type { Find, Receiving } from './handshake.ts'
import type { VerifiedStep } from './types.ts'

/**
 * Whether what a step received is what its predecessors handed over: bytes, every digest, kind, mode and name. What
 * the contract expects from whom, `evaluate` judges. `hidden` holds the predecessors that are withheld: what the step
 * says to be from them is taken on its word.
 */
export function checkMaterials(
  step: Receiving,
  received: ReadonlySet<string>,
  before: readonly VerifiedStep[],
  hidden: ReadonlySet<string>,
  contract: Contract | null,
  find: Find,
): void {
  const made = indexProducts(received, before, find)
  const rule = contract?.steps.get(step.step.name)
  // Only a step that does not fit, or renames, needs to be told what it should have received.
  let namesakes: Namesakes | null = null
  for (const material of step.materials) {
    const same = made.get(material.digest.sha256)
    const from = material.annotations?.from ?? null
    if (same !== undefined) {
      checkSameResource(material, same, find)
      if (!hasName(same, material.name)) {
        namesakes ??= indexNamesakes(before)
        const maker = namesakes.names.get(plain(material.name)) ?? namesakeOf(material, same, namesakes)
        // Two files that changed places are both swapped, though every byte is somebody's product.
        if (maker !== undefined)
          find('material-swapped', `material ${material.name} is another product of step ${maker}`)
      }
      // A wrong `from` is a lie about the way, even where the bytes are somebody's product.
      if (from !== null && !madeBy(same, from) && before.some(({ link }) => link === from)) {
        find('material-unexplained', `material ${material.name} is not a product of the step it is said to be from`)
      }
      continue
    }
    if (from !== null && hidden.has(from)) continue
    namesakes ??= indexNamesakes(before)
    const outside = rule === undefined ? null : outsideOf(rule, material)
    const swapped = findSwapped(material, namesakes, outside)
    // Without a contract only the first step of a chain may bring something in; with one, the contract says what
    // else may come in, and that came from nobody.
    const claimed = contract === null ? from !== null || step.previous.length > 0 : from !== null && outside !== null
    if (swapped !== null) find('material-swapped', `material ${material.name} is not what step ${swapped} handed over`)
    else if (claimed) {
      find('material-unexplained', `material ${material.name} was made by no predecessor`)
    }
  }
}

/** A product of a predecessor, and all other products with the same SHA-256. */
interface Made {
  readonly product: Resource
  readonly link: string
  /** What they all say together; null while there is but one. */
  merged: Merged | null
}

interface Merged {
  /** Every digest that one of them names, by algorithm. */
  readonly digests: Map<string, string>
  readonly links: Set<string>
  readonly traits: Traits
  /** Those of each name: what has the name of one is held against that one. */
  readonly named: Map<string, Traits>
  /** Whether two of them contradict one another, which is told once. */
  conflict: boolean
}

interface Traits {
  readonly modes: Set<string | null>
  readonly trees: Set<boolean>
}

/**
 * Products by SHA-256, merged, so that looking at each material costs the same however many share its bytes; only
 * those that were received: many steps may follow one that made a great deal.
 */
function indexProducts(
  received: ReadonlySet<string>,
  before: readonly VerifiedStep[],
  find: Find,
): ReadonlyMap<string, Made> {
  const bySha256 = new Map<string, Made>()
  if (received.size === 0) return bySha256
  for (const { link, statement } of before) {
    for (const product of statement.subject) {
      const { sha256 } = product.digest
      if (!received.has(sha256)) continue
      const made = bySha256.get(sha256)
      if (made === undefined) bySha256.set(sha256, { product, link, merged: null })
      else {
        made.merged ??= merge(newMerged(), made.product, made.link, find)
        merge(made.merged, product, link, find)
      }
    }
  }
  return bySha256
}

function newMerged(): Merged {
  return { digests: new Map(), links: new Set(), traits: newTraits(), named: new Map(), conflict: false }
}

function newTraits(): Traits {
  return { modes: new Set(), trees: new Set() }
}

function merge(merged: Merged, product: Resource, link: string, find: Find): Merged {
  const { digest } = product
  const name = plain(product.name)
  merged.links.add(link)
  let named = merged.named.get(name)
  if (named === undefined) {
    named = newTraits()
    merged.named.set(name, named)
  }
  for (const traits of [merged.traits, named]) {
    traits.modes.add(modeOf(product))
    traits.trees.add(isTree(product))
  }
  for (const algorithm of Object.keys(digest)) {
    const other = merged.digests.get(algorithm)
    if (other === undefined) merged.digests.set(algorithm, digest[algorithm]!)
    else if (other !== digest[algorithm] && !merged.conflict) {
      merged.conflict = true
      find('digest-conflict', `product ${product.name} has the sha256 of another product but another ${algorithm}`)
    }
  }
  return merged
}

function hasName({ product, merged }: Made, name: string): boolean {
  return product.name === name || merged?.named.has(plain(name)) === true || plain(product.name) === plain(name)
}

/** The step whose product a material passes itself off as by the last part of its name, which no product of its bytes has. */
function namesakeOf({ name }: Resource, { product, merged }: Made, { basenames }: Namesakes): string | undefined {
  const own = basename(name)
  const names = merged === null ? [product.name] : [...merged.named.keys()]
  return names.some((other) => basename(other) === own) ? undefined : basenames.get(own)
}

function madeBy({ link, merged }: Made, from: string): boolean {
  return link === from || merged?.links.has(from) === true
}

/** Equal SHA-256 is not enough: every algorithm both sides name must agree, and so must kind and mode. */
function checkSameResource(material: Resource, { product, merged }: Made, find: Find): void {
  for (const algorithm of Object.keys(material.digest)) {
    const other = merged === null ? digestOf(product, algorithm) : merged.digests.get(algorithm)
    if (other !== undefined && other !== material.digest[algorithm]) {
      find('digest-conflict', `material ${material.name} has the sha256 of a product but another ${algorithm}`)
    }
  }
  const tree = isTree(material)
  const mode = modeOf(material)
  // Empty files are equal in bytes, and one may be executable: held against its own namesake first.
  const traits = merged === null ? null : (merged.named.get(plain(material.name)) ?? merged.traits)
  if (traits === null ? isTree(product) !== tree : !traits.trees.has(tree)) {
    // The digest of a tree is that of a text, its manifest, and anybody may have a file with that text made.
    const kinds = tree ? 'a tree, it was handed over as a file' : 'a file, it was handed over as a tree'
    find('material-swapped', `material ${material.name} is ${kinds}`)
    return
  }
  if (mode === null) return
  const fits =
    traits === null
      ? modeOf(product) === mode || modeOf(product) === null
      : traits.modes.has(mode) || traits.modes.has(null)
  if (!fits) {
    const other = traits === null ? modeOf(product) : [...traits.modes][0]
    find('material-swapped', `material ${material.name} has mode ${mode}, it was handed over with ${other}`)
  }
}

function digestOf({ digest }: Resource, algorithm: string): string | undefined {
  return Object.hasOwn(digest, algorithm) ? digest[algorithm] : undefined
}

function modeOf({ annotations }: Resource): string | null {
  return annotations?.mode ?? null
}

/** The products of the predecessors by what they can be mistaken for; each entry names its step. */
interface Namesakes {
  readonly names: ReadonlyMap<string, string>
  readonly basenames: ReadonlyMap<string, string>
  /** By algorithm and digest. */
  readonly digests: ReadonlyMap<string, string>
}

function indexNamesakes(before: readonly VerifiedStep[]): Namesakes {
  const names = new Map<string, string>()
  const basenames = new Map<string, string>()
  const digests = new Map<string, string>()
  for (const { statement } of before) {
    const maker = statement.predicate.step.name
    for (const { name, digest } of statement.subject) {
      names.set(plain(name), maker)
      basenames.set(basename(name), maker)
      for (const algorithm of Object.keys(digest)) digests.set(`${algorithm} ${digest[algorithm]}`, maker)
    }
  }
  return { names, basenames, digests }
}

/**
 * The predecessor that made something of the same name, or of the same weak digest, with other bytes. Where the
 * contract lets the material in from outside, only its whole name tells; where it gives the very bytes, no name does.
 */
function findSwapped(
  { name, digest }: Resource,
  { names, basenames, digests }: Namesakes,
  outside: 'bytes' | 'name' | null,
): string | null {
  for (const algorithm of Object.keys(digest)) {
    const maker = digests.get(`${algorithm} ${digest[algorithm]}`)
    if (maker !== undefined) return maker
  }
  if (outside === 'bytes') return null
  return (outside === 'name' ? names.get(plain(name)) : basenames.get(basename(name))) ?? null
}

function basename(name: string): string {
  const path = plain(name)
  return path.slice(path.lastIndexOf('/') + 1)
}

/** A tree `dist/` and a file `dist` have one name. */
function plain(name: string): string {
  return name.endsWith('/') ? name.slice(0, -1) : name
}
