import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CodedError } from '@countersign/core'
import { BaseFetcher } from 'tuf-js'
import { DownloadHTTPError } from 'tuf-js/dist/error.js'

const CODE = 'trust-root-unreachable'
const LOOPBACK = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/

/** Bounds of an update of a trust root. */
export interface TufLimits {
  /** Longest time for one file, its body included; milliseconds. */
  readonly fileMs: number
  /** Longest time for all of them. */
  readonly wholeMs: number
  /** Most bytes of one file, whatever the repository says of its length. */
  readonly fileBytes: number
  /** Most bytes of all files. */
  readonly wholeBytes: number
}

export const TUF_LIMITS: TufLimits = {
  fileMs: 15_000,
  wholeMs: 60_000,
  fileBytes: 4_000_000,
  wholeBytes: 16_000_000,
}

/** Address of a mirror: `https`, or `http` to this machine, without a slash at its end. Throws `usage`. */
export function mirrorOf(text: string): string {
  const url = URL.parse(text)
  const plain = url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  if (!plain || !safe) throw new CodedError('usage', 'the address of a mirror is an https URL of a host and a path')
  return url.origin + url.pathname.replace(/\/+$/, '')
}

/**
 * How a TUF client gets the files of one mirror: none from elsewhere, no redirects, each and all of them within the
 * limits. What the mirror did wrong is kept, because the client tells it as text alone.
 */
export class TufFetcher extends BaseFetcher {
  readonly #mirror: string
  readonly #directory: string
  readonly #limits: TufLimits
  readonly #whole: AbortSignal
  #left: number
  #files = 0
  /** Why a file could not be had; null where each that is there was. */
  fault: CodedError | null = null

  constructor(mirror: string, directory: string, limits: TufLimits) {
    super()
    this.#mirror = mirror
    this.#directory = directory
    this.#limits = limits
    this.#whole = AbortSignal.timeout(limits.wholeMs)
    this.#left = limits.wholeBytes
  }

  /** Only what this class overrides calls it. */
  override fetch(): Promise<never> {
    return Promise.reject(new CodedError(CODE, 'files are fetched whole'))
  }

  override async downloadBytes(url: string, maxLength: number): Promise<Buffer> {
    try {
      return await this.#get(url, Math.min(maxLength, this.#limits.fileBytes, this.#left))
    } catch (error) {
      // The client takes it for the end of the roots.
      if (error instanceof DownloadHTTPError && [403, 404].includes(error.statusCode)) throw error
      this.fault = error instanceof CodedError ? error : new CodedError(CODE, `the mirror ${reasonOf(error)}`)
      throw this.fault
    }
  }

  override async downloadFile<T>(url: string, maxLength: number, handler: (file: string) => Promise<T>): Promise<T> {
    const bytes = await this.downloadBytes(url, maxLength)
    const file = join(this.#directory, `download-${this.#files++}`)
    await writeFile(file, bytes, { flag: 'wx', mode: 0o600 })
    return handler(file)
  }

  async #get(url: string, max: number): Promise<Buffer> {
    if (!url.startsWith(`${this.#mirror}/`))
      throw new CodedError('trust-root-refused', 'a name leads out of the mirror')
    const signal = AbortSignal.any([this.#whole, AbortSignal.timeout(this.#limits.fileMs)])
    const response = await fetch(url, { redirect: 'manual', signal })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new DownloadHTTPError(`answered with status ${response.status}`, response.status)
    }
    const parts: Uint8Array[] = []
    let size = 0
    for await (const part of response.body ?? []) {
      size += part.length
      // Counted after unpacking: a small body can unpack to an endless one (T-71).
      if (size > max) throw new CodedError('trust-root-refused', `the mirror sends more than ${max} bytes for one file`)
      parts.push(part)
    }
    this.#left -= size
    return Buffer.concat(parts)
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DownloadHTTPError) return error.message
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'did not answer in time'
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  return `did not answer: ${/^[A-Z0-9_]{1,60}$/.test(code) ? code : 'the request failed'}`
}
