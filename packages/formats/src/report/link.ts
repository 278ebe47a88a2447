import { looseOf } from '../anchor/signing-config.ts'
import type { Facts } from '../report-ref.ts'
import { type ObjectShape, Shape } from '../shape.ts'
import type { DigestSet } from '../statement.ts'
import { factText } from './reading.ts'

/** What a link is about, which are its products or, where it has none, its materials; and what it says. */
export interface Link {
  readonly about: readonly DigestSet[]
  readonly facts: Facts
}

/** The signed part of link metadata (in-toto 1.0, §4.4). Throws `report-invalid`. */
export function readLink(shape: Shape): Link {
  const it = looseOf(shape, ['_type', 'name', 'materials', 'products', 'command', 'byproducts'])
  it.exactly('_type', 'link')
  const materials = digestsOf(it.get('materials'))
  const products = digestsOf(it.get('products'))
  return {
    about: products.length > 0 ? products : materials,
    facts: { ...nameOf(it), materials: materials.length, products: products.length, ...endOf(it) },
  }
}

/** Predicates `https://in-toto.io/attestation/link/v0.3` and, in the form before it, `https://in-toto.io/Link/v1`. */
export function readLinkPredicate(shape: Shape): Facts {
  const it = looseOf(shape, ['name'])
  return { ...nameOf(it), materials: it.has('materials') ? countOf(it) : 0, ...endOf(it) }
}

const MAX_FILES = 100_000

/** A list since v0.3, and digests by path before it. */
function countOf(it: ObjectShape): number {
  const list = Array.isArray(it.as<{ readonly materials: unknown }>().materials)
  const materials = it.get('materials')
  return list ? materials.array(MAX_FILES).length : digestsOf(materials).length
}

function digestsOf(shape: Shape): DigestSet[] {
  const files = Object.keys(shape.members())
  if (files.length > MAX_FILES) shape.fail(`has more than ${MAX_FILES} files`)
  const all = looseOf(shape, [])
  return files.map((name) => {
    const digests = all.get(name).members()
    for (const value of Object.values(digests))
      if (typeof value !== 'string') shape.fail('has a digest that is no text')
    return digests as unknown as DigestSet
  })
}

function nameOf(it: ObjectShape): Facts {
  const name = factText(it.text('name'))
  return name === null ? {} : { step: name }
}

/** How the command ended, where the tool says it. */
function endOf(it: ObjectShape): Facts {
  if (!it.has('byproducts') || it.isNull('byproducts')) return {}
  const byproducts = looseOf(it.get('byproducts'), [])
  if (!byproducts.has('return-value')) return {}
  return { exitCode: byproducts.integer('return-value', 0, 255) }
}
