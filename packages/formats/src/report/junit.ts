import { CodedError } from '@countersign/core'
import type { Report } from './report.ts'
import type { Element } from './xml.ts'

const COUNTS = ['tests', 'failures', 'errors', 'skipped'] as const
type Counts = { [C in (typeof COUNTS)[number]]: number }

/**
 * Test results as JUnit writes them. They have no standard: cases are counted, and where a suite says of itself that more
 * failed than it shows, that counts. Throws `report-unknown` for other XML.
 */
export function readJunit(root: Element): Report {
  if (root.name !== 'testsuites' && root.name !== 'testsuite') {
    throw new CodedError('report-unknown', `it is XML of another kind: ${root.name.slice(0, 60)}`)
  }
  return {
    type: 'junit',
    mediaType: 'application/xml',
    about: [],
    facts: { ...countsOf(root) },
    attestation: null,
  }
}

/** Depth is bounded by the reader of XML. */
function countsOf(suite: Element): Counts {
  const counts: Counts = { tests: 0, failures: 0, errors: 0, skipped: 0 }
  for (const child of suite.children) {
    if (child.name === 'testcase') addCase(counts, child)
    if (child.name !== 'testsuite') continue
    const inner = countsOf(child)
    for (const count of COUNTS) counts[count] += inner[count]
  }
  for (const count of ['failures', 'errors'] as const) {
    counts[count] = Math.max(counts[count], declared(suite, count))
  }
  return counts
}

function addCase(counts: Counts, { children }: Element): void {
  const has = (name: string) => children.some((child) => child.name === name)
  counts.tests++
  if (has('failure')) counts.failures++
  else if (has('error')) counts.errors++
  else if (has('skipped')) counts.skipped++
}

function declared({ name, attributes }: Element, count: string): number {
  const text = attributes.get(count)
  if (text === undefined || text === '') return 0
  if (!/^\d{1,9}$/.test(text)) {
    throw new CodedError('report-invalid', `${name} has as ${count} no number: ${JSON.stringify(text.slice(0, 20))}`)
  }
  return Number(text)
}
