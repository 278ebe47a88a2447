import { get, getBytes, Problem, send } from '../api.ts'
import { keptPins } from './kept-pins.ts'
import type { Material, NamedTrust, Subject } from './messages.ts'

/** Most runs of one artifact that are looked at. */
const MAX_CHAINS = 20
const MAX_PAGES = 50

/** Everything that the server has of something: for the worker, which believes none of it. Throws `Problem`. */
export async function gather(subject: Subject, signal: AbortSignal): Promise<Material> {
  const ids = 'chain' in subject ? [subject.chain] : await chainsOf(subject.artifact)
  const [chains, server, keys, authorities, trust] = await Promise.all([
    Promise.all(ids.map((id) => getBytes(`/v1/chains/${encodeURIComponent(id)}`, signal))),
    getBytes('/v1/server', signal),
    getBytes('/v1/keys', signal),
    unlessMissing(getBytes('/api/v2/trustBundle', signal)),
    namedTrust(signal),
  ])
  const [contracts, outside] = await Promise.all([contractsIn(chains, signal), statedOf(ids, signal)])
  return { subject, chains, contracts, server, keys, authorities, trust, ...outside }
}

/** Whom the server names about its anchors, and whom the reader pinned. Throws `Problem`. */
export async function namedTrust(signal?: AbortSignal): Promise<NamedTrust> {
  return { named: await unlessMissing(getBytes('/v1/anchors/trust', signal)), pins: keptPins() }
}

async function chainsOf(artifact: string): Promise<string[]> {
  const found = await send<{ chains: readonly { chain: string; index: number }[] }>('POST', '/v1/lookups', {
    digests: [artifact],
  })
  const newest = (found?.chains ?? []).toSorted((a, b) => b.index - a.index)
  return [...new Set(newest.map(({ chain }) => chain))].slice(0, MAX_CHAINS)
}

/** The contracts that some chains say they are bound to. What they say is checked later, and in the worker. */
async function contractsIn(chains: readonly Uint8Array[], signal: AbortSignal): Promise<Material['contracts']> {
  const digests = new Set<string>()
  for (const bytes of chains) {
    for (const line of new TextDecoder().decode(bytes).split('\n')) {
      const digest = contractIn(line)
      if (digest !== null) digests.add(digest)
    }
  }
  const asked = [...digests].slice(0, MAX_CHAINS).map(async (digest) => {
    const bytes = await unlessMissing(getBytes(`/v1/contracts/by-digest/${digest}`, signal))
    return bytes === null ? [] : [{ digest, bytes }]
  })
  return (await Promise.all(asked)).flat()
}

function contractIn(line: string): string | null {
  try {
    const { dsseEnvelope } = JSON.parse(line) as { dsseEnvelope?: { payload?: string } }
    if (dsseEnvelope?.payload === undefined) return null
    const text = new TextDecoder().decode(Uint8Array.from(atob(dsseEnvelope.payload), (c) => c.charCodeAt(0)))
    const { predicate } = JSON.parse(text) as { predicate?: { chain?: { contract?: unknown } } }
    const digest = predicate?.chain?.contract
    return typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest) ? digest : null
  } catch {
    return null
  }
}

/** The statements over some chains, and what anchors have of them. */
async function statedOf(ids: readonly string[], signal: AbortSignal): Promise<Pick<Material, 'coverage' | 'anchors'>> {
  const coverage: Uint8Array[] = []
  const numbers = new Set<number>()
  for (const id of ids) {
    let cursor: string | null = null
    for (let page = 0; page < MAX_PAGES; page++) {
      const more: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const bytes = await unlessMissing(getBytes(`/v1/chains/${id}/coverage?limit=200${more}`, signal))
      if (bytes === null) break
      coverage.push(bytes)
      const { statements, next } = JSON.parse(new TextDecoder().decode(bytes)) as {
        statements: readonly string[]
        next: string | null
      }
      for (const note of statements) {
        const number = numberIn(note)
        if (number !== null) numbers.add(number)
      }
      if (next === null) break
      cursor = next
    }
  }
  const proofs = await Promise.all([...numbers].map((number) => proofsOf(number, signal)))
  return { coverage, anchors: proofs.flat() }
}

/** The number of a statement, as its own line says. */
function numberIn(note: string): number | null {
  const number = Number(/^number ([0-9]{1,15})$/m.exec(note)?.[1] ?? Number.NaN)
  return Number.isNaN(number) ? null : number
}

async function proofsOf(number: number, signal: AbortSignal): Promise<Uint8Array[]> {
  const path = `/statements/${number}/anchors`
  const listed = await unlessMissing(get<{ items: readonly { anchor: string; phase: string }[] }>(path, signal))
  const final = (listed?.items ?? []).filter(({ phase }) => phase === 'final')
  const proofs = await Promise.all(
    final.map(({ anchor }) => unlessMissing(getBytes(`${path}/${encodeURIComponent(anchor)}`, signal))),
  )
  return proofs.filter((bytes) => bytes !== null)
}

async function unlessMissing<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Problem && error.status === 404) return null
    throw error
  }
}
