import { randomBytes } from 'node:crypto'
import { createReadStream, rmSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gatherPack, writeArchive } from '@countersign/adapters/audit-pack'
import type { Client } from '@countersign/client'
import { makeDirectory } from '@countersign/client/make-directory'
import { CodedError, type ErrorReport, reportOf } from '@countersign/core'
import type { Actor } from '@countersign/formats'
import type { PeriodFilter } from '../view-store.ts'
import { type Administrator, administer } from './administer.ts'
import type { Deps } from './deps.ts'

/** Packs that are kept for one tenant, and on one server. */
const MAX_KEPT = 3
const MAX_ALL = 12
/** How long a pack waits to be downloaded; milliseconds. */
const KEPT_MS = 60 * 60 * 1000
/** Most bytes of one: two of them are on the disk while it is written. */
const MAX_BYTES = 4 * 1024 * 1024 * 1024

export type PackState = 'making' | 'ready' | 'failed'

/** An audit pack that the server makes, or has made, for somebody. */
export interface Pack {
  readonly id: string
  readonly tenant: string
  readonly by: Actor
  readonly scope: PeriodFilter
  /** ISO time. */
  readonly askedAt: string
  readonly state: PackState
  /** Runs that were fetched, of how many; null until that is known. */
  readonly done: number
  readonly runs: number | null
  /** What came of it, once it is ready. */
  readonly made: PackFacts | null
  /** Why there is none. */
  readonly problem: ErrorReport | null
}

export interface PackFacts {
  /** SHA-256 of its manifest, hex. */
  readonly digest: string
  /** Bytes of the archive. */
  readonly size: number
  readonly files: number
  readonly outcomes: Readonly<Record<'listed' | 'proven' | 'deviating' | 'failed' | 'unknown' | 'missing', number>>
  /** ISO time from which on it is no longer there. */
  readonly until: string
}

interface Held extends Pack {
  state: PackState
  done: number
  runs: number | null
  made: PackFacts | null
  problem: ErrorReport | null
  /** True once nobody wants it any more. */
  dropped: boolean
}

export interface PacksOptions {
  /** Of its own: what an earlier process left in it is deleted. Never in a backup: it holds what the store holds. */
  readonly directory: string
  /** Milliseconds since 1970. */
  readonly clock: () => number
  readonly mostBytes?: number
}

/**
 * The audit packs of a server, made one at a time, in files: a run at a time is in memory. They are of this process and of
 * this hour; whoever wants one after a restart asks again. A pack is made through the API itself, as whoever asked for it:
 * it holds what they may read and nothing else, and ends with their role.
 */
export class Packs {
  readonly #directory: string
  readonly #clock: () => number
  readonly #mostBytes: number
  readonly #held = new Map<string, Held>()
  #making: Promise<void> | null = null

  constructor({ directory, clock, mostBytes = MAX_BYTES }: PacksOptions) {
    this.#directory = directory
    this.#clock = clock
    this.#mostBytes = mostBytes
    rmSync(directory, { recursive: true, force: true })
  }

  /** Those of a tenant, the newest first. */
  list(tenant: string): readonly Pack[] {
    this.#forget()
    return [...this.#held.values()].filter((one) => one.tenant === tenant && !one.dropped).toReversed()
  }

  /** Throws `not-found`. */
  one(tenant: string, id: string): Pack {
    return this.#one(tenant, id)
  }

  /**
   * Begins to make one. `client` asks this server as who is behind `who`. Throws `pack-busy` while another is made, or
   * where too many are kept.
   */
  begin(deps: Deps, who: Administrator, scope: PeriodFilter, client: Client): Pack {
    this.#forget()
    if (this.#making !== null) throw new CodedError('pack-busy', 'another pack is being made')
    for (const one of this.list(who.tenant)) if (one.state === 'failed') this.#held.delete(one.id)
    const own = this.list(who.tenant).length
    if (own >= MAX_KEPT || this.#held.size >= MAX_ALL) {
      throw new CodedError('pack-busy', `${own >= MAX_KEPT ? own : this.#held.size} packs wait to be downloaded`)
    }
    const held: Held = {
      id: randomBytes(8).toString('hex'),
      ...who,
      scope,
      askedAt: deps.now(),
      state: 'making',
      done: 0,
      runs: null,
      made: null,
      problem: null,
      dropped: false,
    }
    this.#held.set(held.id, held)
    this.#making = this.#make(deps, held, client).finally(() => {
      this.#making = null
    })
    return held
  }

  /** The archive, as it is read from the disk. Throws `not-found` where it is not ready. */
  async open(tenant: string, id: string): Promise<{ readonly pack: Pack; readonly body: ReadableStream<Uint8Array> }> {
    const held = this.#one(tenant, id)
    if (held.state !== 'ready') throw new CodedError('not-found', 'the pack is not ready')
    // Opened before it is answered: a pack that is removed meanwhile is read to its end all the same.
    const file = createReadStream(this.#archiveOf(held), { highWaterMark: 256 * 1024 })
    await new Promise<void>((done, failed) => {
      file.once('open', () => done()).once('error', failed)
    })
    return { pack: held, body: Readable.toWeb(file) as ReadableStream<Uint8Array> }
  }

  /** Stops making one, or deletes it. Throws `not-found`. */
  async drop(tenant: string, id: string): Promise<void> {
    await this.#delete(this.#one(tenant, id))
  }

  /** Resolves when none is being made. */
  async settled(): Promise<void> {
    await this.#making
  }

  /** Stops what is being made, and deletes all. */
  async stop(): Promise<void> {
    for (const held of this.#held.values()) held.dropped = true
    await this.#making
    this.#held.clear()
    await rm(this.#directory, { recursive: true, force: true })
  }

  async #make(deps: Deps, held: Held, client: Client): Promise<void> {
    const { scope, by } = held
    const parts = join(this.#directory, held.id)
    try {
      makeDirectory(this.#directory, 0o700)
      const source = {
        client,
        directory: parts,
        anchorRoots: null,
        // What was taken under a root that has run out since was taken all the same.
        rootsOf: () => deps.verified.vouching.heldRoots(),
        crypto: deps.crypto,
        now: held.askedAt,
        version: deps.version,
        most: this.#mostBytes,
        progress: (done: number, runs: number) => Object.assign(held, { done, runs }),
        goOn() {
          if (held.dropped) throw new CodedError('pack-stopped', 'the pack is wanted no more')
        },
      }
      const { pipelines, environments, since, until } = scope
      const wanted = { period: { since, until }, pipelines, environments }
      const signing = { by, signer: () => Promise.resolve(deps.gate.signer) }
      const { digest, files, figures } = await gatherPack(source, wanted, signing, [])
      source.goOn()
      const path = this.#archiveOf(held)
      await writeArchive(path, files)
      await rm(parts, { recursive: true, force: true })
      const { size } = await stat(path)
      source.goOn()
      // Told before anybody can have it. Nothing of it leaves where that fails.
      await administer(deps, held, { act: 'pack.exported', digest, scope })
      const ends = new Date(this.#clock() + KEPT_MS).toISOString()
      const { listed, proven, deviating, failed, unknown, missing } = figures.runs
      const outcomes = { listed, proven, deviating, failed, unknown, missing }
      held.made = { digest, size, files: files.length, outcomes, until: ends }
      held.state = 'ready'
    } catch (error) {
      await this.#clean(held)
      held.problem = reportOf(error)
      held.state = 'failed'
    }
    if (held.dropped) await this.#delete(held)
  }

  #one(tenant: string, id: string): Held {
    this.#forget()
    const held = this.#held.get(id)
    if (held === undefined || held.tenant !== tenant || held.dropped)
      throw new CodedError('not-found', 'there is no such pack')
    return held
  }

  /** Those whose time is over. One that failed is told of as long. */
  #forget(): void {
    const now = this.#clock()
    for (const held of this.#held.values()) {
      const until = held.made === null ? Date.parse(held.askedAt) + KEPT_MS : Date.parse(held.made.until)
      if (held.state !== 'making' && now >= until) void this.#delete(held)
    }
  }

  async #delete(held: Held): Promise<void> {
    held.dropped = true
    // Whoever makes it sees that it is to stop, and deletes it.
    if (held.state === 'making') return
    this.#held.delete(held.id)
    await this.#clean(held)
  }

  async #clean(held: Held): Promise<void> {
    const gone = [this.#archiveOf(held), join(this.#directory, held.id)]
    await Promise.all(gone.map((path) => rm(path, { recursive: true, force: true }).catch(() => undefined)))
  }

  #archiveOf({ id }: Held): string {
    return join(this.#directory, `${id}.tar`)
  }
}
