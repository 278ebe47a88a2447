import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectory } from '@countersign/client/make-directory'
import { CodedError, equal, fromBase64, parseJson } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { looseOf } from '@countersign/formats/anchor'
import { parseSigstoreTrust } from '@countersign/verify/sigstore'
import seeds from '@sigstore/tuf/seeds.json' with { type: 'json' }
import { Updater } from 'tuf-js'
import { DownloadHTTPError } from 'tuf-js/dist/error.js'
import { nodeCrypto } from './crypto-node.ts'
import { type KeptTrust, keepTrust, placeOf, readIfThere, type Role, ROLES } from './sigstore-cache.ts'
import { mirrorOf, TUF_LIMITS, TufFetcher, type TufLimits } from './tuf-fetcher.ts'
import { writeWhole } from './whole-file.ts'

export { TUF_LIMITS, type TufLimits }

const TARGET = 'trusted_root.json'
/** The root that trust in a mirror began with. */
const PINNED = 'pinned.json'
const MAX_METADATA_BYTES = 4_000_000
/** New roots that are followed in one update; the public repository makes two to four a year. */
const MAX_ROOTS = 64

export interface TrustUpdate {
  /** Address of the TUF repository, `https`, or `http` to this machine. */
  readonly mirror: string
  /** Where what is fetched is kept: the newest metadata too, without which an old one could be passed off as new. */
  readonly directory: string
  /** Where trust begins: a `root.json` from a source that is trusted; null for the one that is built in. */
  readonly root: Uint8Array | null
  /** ISO time. */
  readonly now: string
  readonly limits?: TufLimits
}

/**
 * Fetches Sigstore's trust root by TUF (The Update Framework, specification v1.0) and keeps it. Nothing of what was kept
 * is lost where that fails; only newer metadata that verified is remembered, so that none older counts again.
 *
 * Throws `trust-root-unreachable`; `trust-root-expired` where the mirror has nothing fresh (T-70); `trust-root-refused`
 * for what its root does not vouch for (T-69, T-71); `trust-root-invalid` for a trusted root that nobody could use;
 * `trust-missing` where no root is pinned for the mirror; `usage`; and `file-write-failed`.
 */
export async function updateSigstoreTrust(update: TrustUpdate): Promise<KeptTrust> {
  const mirror = mirrorOf(update.mirror)
  const place = placeOf(update.directory, mirror)
  const { pinned, known } = pinnedRoot(place, mirror, update.root)
  const work = await workIn(place)
  try {
    await begin(place, work, pinned)
    const fetcher = new TufFetcher(mirror, work, update.limits ?? TUF_LIMITS)
    let trustedRoot: Uint8Array
    try {
      trustedRoot = await fetched(mirror, work, fetcher)
    } catch (error) {
      throw fetcher.fault ?? refusal(error)
    } finally {
      // Each is verified before the client writes it; what is new of it counts also where the rest failed. Not the first
      // time: a root that leads to nothing is no beginning.
      if (known) await promote(work, place)
    }
    // Before it takes the place of one that can be used.
    parseSigstoreTrust(trustedRoot, nodeCrypto)
    if (!known) {
      await promote(work, place)
      await writeWhole(join(place, PINNED), pinned, 'owner')
    }
    const kept: KeptTrust = { mirror, fetchedAt: update.now, trustedRoot, ...(await metadataIn(work)) }
    await keepTrust(update.directory, kept)
    return kept
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** The root that trust in a mirror begins with, which never changes: with another one, everything begins anew elsewhere. */
function pinnedRoot(
  place: string,
  mirror: string,
  given: Uint8Array | null,
): { readonly pinned: Uint8Array; readonly known: boolean } {
  const known = readIfThere(join(place, PINNED), MAX_METADATA_BYTES)
  if (known === null) return { pinned: given ?? builtIn(mirror), known: false }
  if (given === null || equal(given, known)) return { pinned: known, known: true }
  throw new CodedError('usage', 'trust in this mirror began with another root', {
    fix: `Name another --cache, or remove ${place} if you mean to begin anew.`,
  })
}

function builtIn(mirror: string): Uint8Array {
  const seed = Object.entries(seeds).find(([url]) => url === mirror)?.[1]
  if (seed !== undefined) return fromBase64(seed['root.json'])
  throw new CodedError('trust-missing', `no root is built in for ${mirror}`, {
    fix: 'Get its root.json from a source you trust, and name it: --root FILE',
  })
}

async function workIn(place: string): Promise<string> {
  try {
    makeDirectory(join(place, 'metadata'), 0o700)
    return await mkdtemp(join(place, 'update-'))
  } catch (cause) {
    throw new CodedError('file-write-failed', `${place} cannot be written`, { cause })
  }
}

/** The client writes into its files as it goes, and a torn one would end all updates: so it works on copies. */
async function begin(place: string, work: string, pinned: Uint8Array): Promise<void> {
  for (const role of ROLES) {
    const known = readIfThere(join(place, 'metadata', `${role}.json`), MAX_METADATA_BYTES)
    if (known !== null) await writeWhole(join(work, `${role}.json`), known, 'owner')
    else if (role === 'root') await writeWhole(join(work, 'root.json'), pinned, 'owner')
  }
}

async function promote(work: string, place: string): Promise<void> {
  for (const role of ROLES) {
    const bytes = readIfThere(join(work, `${role}.json`), MAX_METADATA_BYTES)
    if (bytes !== null) await writeWhole(join(place, 'metadata', `${role}.json`), bytes, 'owner')
  }
}

async function fetched(mirror: string, work: string, fetcher: TufFetcher): Promise<Uint8Array> {
  const updater = new Updater({
    metadataDir: work,
    metadataBaseUrl: mirror,
    targetDir: work,
    targetBaseUrl: `${mirror}/targets`,
    fetcher,
    config: { maxRootRotations: MAX_ROOTS, maxDelegations: 8 },
  })
  await updater.refresh()
  const target = await updater.getTargetInfo(TARGET)
  if (target === undefined) throw new CodedError('trust-root-refused', `the repository has no ${TARGET}`)
  const path = await updater.downloadTarget(target, join(work, 'target'))
  return new Uint8Array(await readFile(path))
}

/** Why the client refused, of which its words tell more than its classes: it wraps most of what it throws. */
function refusal(error: unknown): CodedError {
  if (error instanceof CodedError) return error
  // Nothing is there: most often another address than that of a repository.
  if (error instanceof DownloadHTTPError) return new CodedError('trust-root-unreachable', `the mirror ${error.message}`)
  const what = error instanceof Error ? error.message : 'it cannot be read'
  const code = /\bexpired\b/.test(what) ? 'trust-root-expired' : 'trust-root-refused'
  return new CodedError(code, `what the mirror has is refused: ${what.slice(0, 300)}`, { cause: error })
}

/** Versions of what was verified, and when the first of it expires. */
async function metadataIn(work: string): Promise<Pick<KeptTrust, 'expires' | 'versions'>> {
  const read = async (role: Role) => {
    const value = parseJson(await readFile(join(work, `${role}.json`)), { maxBytes: MAX_METADATA_BYTES })
    const signed = looseOf(new Shape('trust-root-refused', value, role), ['signed']).get('signed')
    const it = looseOf(signed, ['version', 'expires'])
    const expires = Date.parse(it.text('expires', 40))
    if (!Number.isFinite(expires)) it.get('expires').fail('is not a time')
    return { version: it.integer('version', 1, Number.MAX_SAFE_INTEGER), expires }
  }
  const [root, timestamp, snapshot, targets] = [
    await read('root'),
    await read('timestamp'),
    await read('snapshot'),
    await read('targets'),
  ]
  const first = Math.min(...[root, timestamp, snapshot, targets].map(({ expires }) => expires))
  return {
    expires: new Date(first).toISOString(),
    versions: {
      root: root.version,
      timestamp: timestamp.version,
      snapshot: snapshot.version,
      targets: targets.version,
    },
  }
}
