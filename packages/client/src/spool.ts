import { join } from 'node:path'
import {
  canonicalJson,
  CodedError,
  type Crypto,
  type ErrorReport,
  type JsonValue,
  parseJson,
  reportOf,
} from '@countersign/core'
import {
  type Bundle,
  type Disclosure,
  linkDigest,
  parseBundle,
  parseStep,
  writeBundle,
  writeChainFile,
} from '@countersign/formats'
import type { Appended, Client } from './client.ts'
import { mayPass, ServerRefusal } from './problem.ts'
import { diskFiles, type SpoolFiles } from './spool-files.ts'

/** A signed step that waits to be uploaded. */
export interface Waiting {
  readonly link: string
  readonly step: string
  readonly chain: string
  readonly previous: readonly string[]
  /** By the clock of whoever recorded it. */
  readonly finishedAt: string
  readonly bundle: Bundle
}

export interface Uploaded {
  readonly step: Waiting
  readonly appended: Appended
  /** False where it could not be taken out of the spool: it is uploaded again, for the same answer. */
  readonly removed: boolean
}

export interface Flushed {
  readonly uploaded: readonly Uploaded[]
  /** Judged and refused by the server; now in `refused/`, each beside its reason. */
  readonly refused: readonly { readonly step: Waiting; readonly report: ErrorReport }[]
  /** Still in the spool, and why. */
  readonly waiting: readonly { readonly step: Waiting; readonly report: ErrorReport }[]
  /** Files in the spool that are no attestations; left where they are. */
  readonly unreadable: readonly string[]
}

/** What a caller does beside the uploading. Whatever throws leaves its step in the spool, to be uploaded again. */
export interface FlushHooks {
  /** What to send in the place of a step, such as one that was signed again; the spool keeps that. */
  readonly ready?: (step: Waiting) => Promise<Bundle>
  /** Told of what the server has acknowledged, before it leaves the spool. May be told again of the same. */
  readonly acknowledged?: (step: Waiting, appended: Appended) => Promise<void>
}

const REFUSED = 'refused'
const DISCLOSED = 'disclosed'
const CARRIED = 'carried'
/** Most files that are remembered for one step. */
const MAX_CARRIERS = 10_000
const MAX_PATHS_BYTES = 4 * 1024 * 1024

/**
 * A directory of signed steps that the server does not have yet: `<link digest>.json`, one bundle each. An
 * entry leaves it only when the server has acknowledged it, or into `refused/` when the server refused it.
 * Many processes may use one spool at once: adding and uploading the same step twice are the same as once.
 */
export class Spool {
  readonly directory: string
  readonly #crypto: Pick<Crypto, 'sha256'>
  readonly #files: SpoolFiles

  constructor(directory: string, crypto: Pick<Crypto, 'sha256'>, files: SpoolFiles = diskFiles) {
    this.directory = directory
    this.#crypto = crypto
    this.#files = files
  }

  /** Keeps a signed step; it is on the disk when this returns. Throws `file-write-failed`; nothing is half there then. */
  async add(bundle: Bundle): Promise<string> {
    const link = linkDigest(bundle.envelope, this.#crypto)
    await this.#attempt(async () => {
      await this.#files.makeDirectory(this.directory)
      await this.#put(this.directory, `${link}.json`, writeBundle(bundle))
    })
    return link
  }

  /** Keeps a step that the server refused, with the reason, out of the way of the others. Returns where. Throws `file-write-failed`. */
  async addRefused(bundle: Bundle, report: ErrorReport): Promise<string> {
    const link = linkDigest(bundle.envelope, this.#crypto)
    const directory = join(this.directory, REFUSED)
    await this.#attempt(async () => {
      await this.#files.makeDirectory(directory)
      await this.#put(directory, `${link}.reason.json`, canonicalJson(report as unknown as JsonValue))
      await this.#put(directory, `${link}.json`, writeBundle(bundle))
    })
    return join(directory, `${link}.json`)
  }

  /** Takes out a step that the server has, or that is kept as refused. False where it cannot be removed: it stays. */
  async discard(link: string): Promise<boolean> {
    try {
      await this.#files.remove(join(this.directory, `${link}.json`))
      // Last: while the step is there, it is uploaded again, and its receipt goes to where this says.
      await this.#files.remove(join(this.directory, CARRIED, `${link}.json`))
      return true
    } catch {
      return false
    }
  }

  /**
   * Keeps what opens the sealed fields of a step, where no chain file holds it: a file for whoever looks for it, which
   * is never uploaded. Returns where. Throws `file-write-failed`.
   */
  async keepDisclosures(link: string, disclosures: readonly Disclosure[]): Promise<string> {
    const directory = join(this.directory, DISCLOSED)
    const name = `${link}.chain.jsonl`
    await this.#attempt(async () => {
      await this.#files.makeDirectory(directory)
      await this.#put(directory, name, writeChainFile(disclosures))
    })
    return join(directory, name)
  }

  /** Takes out what opens a step, once a chain file holds it. Where it cannot be removed it stays. */
  async discardDisclosures(link: string): Promise<void> {
    await this.#files.remove(join(this.directory, DISCLOSED, `${link}.chain.jsonl`)).catch(() => undefined)
  }

  /**
   * Keeps in which files (absolute paths) the chain of a waiting step was handed on, so that its receipt gets there when
   * it is uploaded. Throws `file-write-failed`.
   */
  async keepCarriers(link: string, files: readonly string[]): Promise<void> {
    const directory = join(this.directory, CARRIED)
    await this.#attempt(async () => {
      await this.#files.makeDirectory(directory)
      await this.#put(directory, `${link}.json`, canonicalJson(files.slice(0, MAX_CARRIERS)))
    })
  }

  /** The files that carry the chains of all steps that wait: each may hold any of them. A damaged list is none. */
  async carriers(): Promise<readonly string[]> {
    const directory = join(this.directory, CARRIED)
    const files = new Set<string>()
    for (const name of await this.#names(directory)) {
      const bytes = await this.#files.read(join(directory, name)).catch(() => null)
      for (const file of bytes === null ? [] : pathsIn(bytes)) files.add(file)
    }
    return [...files]
  }

  /** What waits, each after its predecessors and else as it was recorded, and the names of files that are no attestations. Throws `file-unreadable`. */
  async waiting(): Promise<{ steps: Waiting[]; unreadable: string[] }> {
    const steps = new Map<string, Waiting>()
    const unreadable: string[] = []
    for (const name of await this.#names(this.directory)) {
      const step = await this.#read(name)
      if (step === 'unreadable') unreadable.push(name)
      else if (step !== 'gone') steps.set(step.link, step)
    }
    return { steps: inOrder(steps), unreadable }
  }

  /**
   * Uploads what waits, predecessors first, marked late. Goes on past refusals; stops where the server is not
   * reached or does not know us, for the rest would fare the same. A failure here loses nothing: an entry that
   * was uploaded and not removed is uploaded again, for the same receipt.
   */
  async flush(client: Pick<Client, 'append'>, { ready, acknowledged }: FlushHooks = {}): Promise<Flushed> {
    const { steps, unreadable } = await this.waiting()
    const uploaded: Uploaded[] = []
    const refused: { step: Waiting; report: ErrorReport }[] = []
    const waiting: { step: Waiting; report: ErrorReport }[] = []
    let stopped: ErrorReport | null = null
    for (const step of steps) {
      if (stopped !== null) {
        waiting.push({ step, report: stopped })
        continue
      }
      let bundle = step.bundle
      try {
        if (ready !== undefined) bundle = await this.#replaced(step, await ready(step))
      } catch (error) {
        waiting.push({ step, report: reportOf(error) })
        continue
      }
      let appended: Appended
      try {
        appended = await client.append(bundle, { late: true })
      } catch (error) {
        const report = reportOf(error)
        if (!(error instanceof CodedError) || (mayPass(error) && !isOfAnother(error))) {
          stopped = report
          waiting.push({ step, report })
        } else if (error.code === 'previous-missing' || isOfAnother(error)) {
          // Its predecessor may wait in another machine's spool; or itself for the job that signed it.
          waiting.push({ step, report })
        } else {
          await this.#moveToRefused({ ...step, bundle }, report)
          refused.push({ step, report })
        }
        continue
      }
      try {
        await acknowledged?.({ ...step, bundle }, appended)
        const removed = await this.discard(step.link)
        uploaded.push({ step: { ...step, bundle }, appended, removed })
      } catch (error) {
        waiting.push({ step, report: reportOf(error) })
      }
    }
    return { uploaded, refused, waiting, unreadable }
  }

  /** The same statement under another signature has the same link, and takes the place of the first. */
  async #replaced(step: Waiting, bundle: Bundle): Promise<Bundle> {
    if (bundle === step.bundle) return bundle
    if (linkDigest(bundle.envelope, this.#crypto) !== step.link) {
      throw new CodedError('sign-failed', `what was signed again is not ${step.link.slice(0, 12)}`)
    }
    await this.add(bundle)
    return bundle
  }

  async #names(directory: string): Promise<string[]> {
    try {
      const names = await this.#files.list(directory)
      return names.filter((name) => name.endsWith('.json') && !name.startsWith('.')).toSorted()
    } catch (cause) {
      throw new CodedError('file-unreadable', `the spool ${this.directory} cannot be read`, { cause })
    }
  }

  /** `gone`: another process has uploaded it since it was listed. One bad file holds up no other. */
  async #read(name: string): Promise<Waiting | 'gone' | 'unreadable'> {
    try {
      const bytes = await this.#files.read(join(this.directory, name))
      if (bytes === null) return 'gone'
      const bundle = parseBundle(bytes)
      const link = linkDigest(bundle.envelope, this.#crypto)
      if (name !== `${link}.json`) return 'unreadable'
      const { predicate } = parseStep(bundle.envelope.payload)
      const previous = predicate.previous.map((before) => before.link)
      const { finishedAt } = predicate.invocation
      return { link, step: predicate.step.name, chain: predicate.chain.id, previous, finishedAt, bundle }
    } catch {
      return 'unreadable'
    }
  }

  /** The reason first: a crash between leaves the step waiting, to be refused again. */
  async #moveToRefused(step: Waiting, report: ErrorReport): Promise<void> {
    try {
      await this.addRefused(step.bundle, report)
    } catch {
      return
    }
    await this.discard(step.link)
  }

  /** A file under its name is whole: it is written and synced under another one first. */
  async #put(directory: string, name: string, bytes: Uint8Array): Promise<void> {
    const temporary = join(directory, `.${name}.${globalThis.crypto.randomUUID()}`)
    try {
      await this.#files.write(temporary, bytes)
      await this.#files.rename(temporary, join(directory, name))
    } catch (error) {
      try {
        await this.#files.remove(temporary)
      } catch {
        // Hidden names are never read.
      }
      throw error
    }
    await this.#files.syncDirectory(directory)
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (cause) {
      if (cause instanceof CodedError) throw cause
      const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
      throw new CodedError('file-write-failed', `the spool ${this.directory} could not be written${reason}`, {
        fix: 'Set COUNTERSIGN_SPOOL to a directory that can be written, on a disk with free space.',
        cause,
      })
    }
  }
}

/** Whether a session may not send this very step, of which findings tell; that a token may send none has none. */
function isOfAnother(error: CodedError): boolean {
  return error instanceof ServerRefusal && error.code === 'token-scope' && error.findings.length > 0
}

function pathsIn(bytes: Uint8Array): string[] {
  try {
    const paths = parseJson(bytes, { maxBytes: MAX_PATHS_BYTES })
    return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string').slice(0, MAX_CARRIERS) : []
  } catch {
    return []
  }
}

/** Each step after those of its predecessors that wait too. Links are hashes of what names them: no circle can be made. */
function inOrder(steps: ReadonlyMap<string, Waiting>): Waiting[] {
  const order: Waiting[] = []
  const seen = new Set<string>()
  // Of two that took one place the first keeps it, as it would have had at the server: a failure is not undone by a success.
  const starts = [...steps.values()].toSorted((a, b) => Date.parse(a.finishedAt) - Date.parse(b.finishedAt))
  for (const start of starts) {
    const stack = [{ step: start, next: 0 }]
    while (stack.length > 0) {
      const top = stack.at(-1)!
      if (top.next === 0) {
        if (seen.has(top.step.link)) {
          stack.pop()
          continue
        }
        seen.add(top.step.link)
      }
      const before = top.step.previous[top.next++]
      if (before === undefined) {
        order.push(top.step)
        stack.pop()
        continue
      }
      const waiting = steps.get(before)
      if (waiting !== undefined && !seen.has(before)) stack.push({ step: waiting, next: 0 })
    }
  }
  return order
}
