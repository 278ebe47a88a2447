import type { Seen } from './messages.ts'

/** Under which contracts something was judged; under which it passed, where that is told. */
export function underText({ contracts, lacking }: Seen, passed: Seen['passed'] = null): string {
  const own = passed === null ? contracts : contracts.filter(({ digest }) => digest === passed.contract)
  const held = own.map(({ pipeline, revision }) => `contract ${pipeline} revision ${revision}`)
  const other = (passed === null ? lacking : []).map(
    (digest) => `contract ${digest.slice(0, 12)}, which the server did not show`,
  )
  if (held.length === 0) return other.length === 0 ? 'bound to no contract' : `bound to ${other.join(', ')}`
  return `under ${[...held, ...other].join(', ')}`
}
