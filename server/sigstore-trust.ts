import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type KeptTrust, PUBLIC_MIRROR, readKeptTrust } from '@countersign/adapters/sigstore-cache'
import { CodedError, equal } from '@countersign/core'
import { parseSigstoreTrust } from '@countersign/verify/sigstore'

/** Whose certificates are taken that no contract could have this server issue. */
export interface SigstoreSettings {
  /** Bytes of each `trusted_root.json` that is named. */
  readonly trustedRoots: readonly Uint8Array[]
  /** Where `countersign trust update` keeps the public instance's; null where that is not believed. */
  readonly publicCache: string | null
}

/** What stands in the place of a file for the public instance. */
const PUBLIC = 'public'

/** Empty names are none. Trust in others is never guessed at: a file that cannot be read ends the start. */
export async function readSigstoreTrust(
  names: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<SigstoreSettings> {
  const files = names.filter((name) => name !== '' && name !== PUBLIC)
  const cache = env['COUNTERSIGN_SIGSTORE_CACHE'] ?? ''
  const state = env['XDG_STATE_HOME'] ?? ''
  const kept = join(state === '' ? join(homedir(), '.local', 'state') : state, 'countersign', 'sigstore')
  return {
    trustedRoots: await Promise.all(files.map(trustedRootIn)),
    publicCache: names.includes(PUBLIC) ? resolve(cache === '' ? kept : cache) : null,
  }
}

async function trustedRootIn(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(resolve(file)))
  } catch (cause) {
    throw new CodedError('file-missing', `the trusted root ${file} cannot be read`, { cause })
  }
}

/** What is believed of the public instance now. */
export interface PublicRoot {
  readonly trustedRoot: Uint8Array
  /** False where newer news may be held back (T-70): what is appended now is not taken under it. */
  readonly isFresh: boolean
  /** ISO time. */
  readonly expires: string
}

/** How often it is looked whether somebody has fetched a newer one; milliseconds. */
const REREAD_MS = 60_000
const UPDATE = 'Fetch it, as who runs the server, and again every day: countersign trust update'

/**
 * The trust root of the public Sigstore, as `countersign trust update` keeps it on this machine: read again while the
 * server runs. One that cannot be read is as if nobody had fetched it: the one before is believed until it is not fresh.
 */
export class PublicSigstore {
  readonly #directory: string
  readonly #now: () => number
  readonly #say: (what: string) => void
  #kept: KeptTrust
  #readAt: number
  #wasFresh = true

  private constructor(directory: string, now: () => number, say: (what: string) => void, kept: KeptTrust) {
    this.#directory = directory
    this.#now = now
    this.#say = say
    this.#kept = kept
    this.#readAt = now()
  }

  /** `now` in milliseconds since 1970. Throws `trust-missing` and `trust-root-invalid`. */
  static open(directory: string, now: () => number, say: (what: string) => void): PublicSigstore {
    const kept = readKept(directory)
    if (kept !== null) return new PublicSigstore(directory, now, say, kept)
    throw new CodedError('trust-missing', `no trust root of the public Sigstore is in ${directory}`, { fix: UPDATE })
  }

  current(): PublicRoot {
    if (Math.abs(this.#now() - this.#readAt) >= REREAD_MS) this.#read()
    const { trustedRoot, expires } = this.#kept
    const isFresh = this.#now() < Date.parse(expires)
    if (this.#wasFresh && !isFresh) this.#say(`the trust root of the public Sigstore was fresh until ${expires}`)
    this.#wasFresh = isFresh
    return { trustedRoot, isFresh, expires }
  }

  #read(): void {
    this.#readAt = this.#now()
    try {
      const kept = readKept(this.#directory)
      if (kept === null) return
      // The same bytes stay the same object: what was made of them need not be made again.
      const { trustedRoot } = this.#kept
      this.#kept = equal(kept.trustedRoot, trustedRoot) ? { ...kept, trustedRoot } : kept
    } catch (error) {
      this.#say(error instanceof CodedError ? error.what : 'the trust root of the public Sigstore cannot be read')
    }
  }
}

/** Null where there is none. Throws `trust-root-invalid` also for one that nobody could use. */
function readKept(directory: string): KeptTrust | null {
  const kept = readKeptTrust(directory, PUBLIC_MIRROR)
  if (kept !== null) parseSigstoreTrust(kept.trustedRoot, nodeCrypto)
  return kept
}
