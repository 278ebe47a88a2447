import { looseOf } from '../anchor/signing-config.ts'
import { type ObjectShape, Shape } from '../shape.ts'
import type { DigestSet } from '../statement.ts'
import type { Reader } from './document.ts'
import { digestSetOf, MAX_ITEMS, textOf } from './reading.ts'
import { excusedFacts } from './vulnerabilities.ts'

const CONTEXT = /^https:\/\/openvex\.dev\/ns\/v(0\.2\.\d{1,2})$/
const STATUSES = {
  affected: 'affected',
  not_affected: 'notAffected',
  fixed: 'fixed',
  under_investigation: 'underInvestigation',
} as const

/** OpenVEX 0.2. */
export const openvex: Reader = {
  name: 'OpenVEX',
  is: (given) => textOf(given['@context']).startsWith('https://openvex.dev/ns'),
  read(given) {
    const it = looseOf(new Shape('report-invalid', given, 'vex'), ['@context', '@id', 'author', 'statements'])
    const version = CONTEXT.exec(it.text('@context'))?.[1]
    if (version === undefined) it.get('@context').fail('is not that of OpenVEX 0.2')
    const statements = it
      .get('statements')
      .array(MAX_ITEMS)
      .map((one) => looseOf(one, ['vulnerability', 'status']))
    if (statements.length === 0) it.get('statements').fail('is empty')
    const counts: Record<string, number> = { affected: 0, notAffected: 0, fixed: 0, underInvestigation: 0 }
    for (const one of statements) {
      const status = STATUSES[one.exactly('status', ...(Object.keys(STATUSES) as (keyof typeof STATUSES)[]))]
      counts[status] = counts[status]! + 1
    }
    return {
      type: 'openvex',
      // None is registered for it (IANA).
      mediaType: 'application/json',
      about: statements.flatMap(productsOf),
      facts: { version: version!, statements: statements.length, ...counts, ...excusedFacts(excusedIn(statements)) },
      attestation: null,
    }
  },
}

function productsOf(statement: ObjectShape): DigestSet[] {
  if (!statement.has('products')) return []
  return statement
    .get('products')
    .array(MAX_ITEMS)
    .flatMap((one) => {
      const product = looseOf(one, [])
      if (!product.has('hashes')) return []
      const hashes = Object.entries(product.get('hashes').members())
      return digestSetOf(hashes.map(([name, value]) => [name, textOf(value)] as const))
    })
}

/**
 * What every statement about it excuses, of everything that the document names by digest: whichever of that is meant here,
 * it is excused for it.
 */
function excusedIn(statements: readonly ObjectShape[]): Set<string> {
  const products = new Set(statements.flatMap(productsOf).map((digests) => JSON.stringify(digests)))
  const excused = new Set<string>()
  const open = new Set<string>()
  for (const one of statements) {
    const status = one.text('status')
    const own = new Set(productsOf(one).map((digests) => JSON.stringify(digests)))
    const whole = own.size === products.size && (status === 'not_affected' || status === 'fixed')
    for (const id of idsOf(one)) (whole ? excused : open).add(id)
  }
  return new Set([...excused].filter((id) => !open.has(id)))
}

/** Its name, and the others that it goes by; of OpenVEX 0.0 a text alone. */
function idsOf(statement: ObjectShape): string[] {
  const vulnerability = looseOf(statement.get('vulnerability'), [])
  const aliases = vulnerability.has('aliases') ? vulnerability.get('aliases').array(1000) : []
  return [...(vulnerability.has('name') ? [vulnerability.text('name')] : []), ...aliases.map((one) => one.text())]
}
