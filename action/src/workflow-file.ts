import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { CodedError } from '@countersign/core'
import { readText } from '@countersign/cli/files'
import { parse } from 'yaml'

/** What the workflow files of a checkout say about a job. */
export interface WorkflowFacts {
  /** Every `uses:` that is not of the checkout itself, of all jobs, with what local workflows and actions use. */
  readonly uses: readonly string[]
  /** What this job uploads, downloads and restores by GitHub's own actions: paths, where they are no expressions. */
  readonly uploads: readonly string[]
  readonly downloads: readonly string[]
  readonly caches: readonly string[]
}

export const NO_WORKFLOW: WorkflowFacts = { uses: [], uploads: [], downloads: [], caches: [] }

const MAX_FILE = 1 << 20
/** GitHub's own bound is 10 levels of reusable workflows and of composite actions. */
const MAX_DEPTH = 10
const MAX_FILES = 200
const MAX_USES = 1000

/**
 * Reads the workflow of a run from the checkout. Files that are missing or not YAML say nothing: GitHub ran some other
 * one then. `ref` is `GITHUB_WORKFLOW_REF`, like `acme/shop/.github/workflows/ci.yml@refs/heads/main`.
 */
export function readWorkflow(root: string, ref: string, job: string): WorkflowFacts {
  const path = /^[^/@]+\/[^/@]+\/(\.github\/workflows\/[^/@]+\.ya?ml)@/.exec(ref)?.[1]
  if (path === undefined) return NO_WORKFLOW
  const reading = new Reading(root, job)
  reading.file(path, 0)
  return reading.facts()
}

class Reading {
  readonly #root: string
  readonly #job: string
  readonly #read = new Set<string>()
  readonly #uses = new Set<string>()
  readonly #uploads = new Set<string>()
  readonly #downloads = new Set<string>()
  readonly #caches = new Set<string>()

  constructor(root: string, job: string) {
    this.#root = root
    this.#job = job
  }

  facts(): WorkflowFacts {
    return {
      uses: [...this.#uses].toSorted(),
      uploads: [...this.#uploads],
      downloads: [...this.#downloads],
      caches: [...this.#caches],
    }
  }

  /** A workflow, or the `action.yml` of a local action. */
  file(path: string, depth: number): void {
    if (depth > MAX_DEPTH || this.#read.size >= MAX_FILES || this.#read.has(path)) return
    this.#read.add(path)
    const document = objectIn(this.#parse(path))
    for (const [id, value] of Object.entries(objectIn(document['jobs']))) {
      const job = objectIn(value)
      this.#used(job['uses'], depth)
      this.#steps(job['steps'], id === this.#job, depth)
    }
    this.#steps(objectIn(document['runs'])['steps'], false, depth)
  }

  #parse(path: string): unknown {
    try {
      return parse(readText(join(this.#root, path), MAX_FILE), { maxAliasCount: 100, logLevel: 'silent' })
    } catch {
      return null
    }
  }

  #steps(steps: unknown, own: boolean, depth: number): void {
    for (const value of Array.isArray(steps) ? steps : []) {
      const step = objectIn(value)
      const uses = this.#used(step['uses'], depth)
      if (uses === null || !own) continue
      const name = uses.slice(0, Math.max(uses.indexOf('@'), 0))
      const paths = pathsIn(objectIn(step['with'])['path'])
      const into = {
        'actions/upload-artifact': this.#uploads,
        'actions/download-artifact': this.#downloads,
        'actions/cache': this.#caches,
        'actions/cache/restore': this.#caches,
      }[name]
      for (const path of paths) into?.add(path)
    }
  }

  #used(value: unknown, depth: number): string | null {
    if (typeof value !== 'string' || value === '' || value.length > 400) return null
    if (!value.startsWith('./')) {
      if (this.#uses.size < MAX_USES) this.#uses.add(value)
      return value
    }
    const path = posix.normalize(value)
    if (path.startsWith('..') || path.startsWith('/')) return null
    if (/\.ya?ml$/.test(path)) this.file(path, depth + 1)
    else {
      const named = ['action.yml', 'action.yaml'].map((name) => posix.join(path, name))
      const there = named.find((name) => existsSync(join(this.#root, name)))
      if (there !== undefined) this.file(there, depth + 1)
    }
    return null
  }
}

/** Lines of a `path:`; exclusions and what is only known when the job runs are left out. */
function pathsIn(value: unknown): string[] {
  if (typeof value !== 'string' || value.length > 65_536) return []
  return value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('!') && !line.includes('${{'))
}

function objectIn(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

/** What a `uses:` names in a repository on GitHub. */
export interface Reference {
  /** `OWNER/REPO` */
  readonly repository: string
  readonly ref: string
}

/** The parts of a `uses:` of a repository on GitHub; null for an image or what is no such reference. */
export function referenceIn(uses: string): Reference | null {
  const parts = /^([A-Za-z0-9_.-]+\/[A-Za-z0-9_.-]+)(?:\/[^@]*)?@([^@\s]+)$/.exec(uses)
  return parts === null || uses.startsWith('docker://') ? null : { repository: parts[1]!, ref: parts[2]! }
}

/** The commit or digest that a `uses:` names by itself; null where it is a name that can be moved. */
export function pinOf(uses: string): string | null {
  if (uses.startsWith('docker://')) return /@(sha256:[0-9a-f]{64})$/.exec(uses)?.[1] ?? null
  const ref = referenceIn(uses)?.ref ?? ''
  return /^[0-9a-f]{40}$/.test(ref) ? ref : null
}

/** Throws `action-unpinned` for what can be moved. */
export function requirePinned(uses: readonly string[]): void {
  const loose = uses.filter((one) => pinOf(one) === null)
  if (loose.length === 0) return
  const more = loose.length > 5 ? ` and ${loose.length - 5} more` : ''
  throw new CodedError('action-unpinned', `the workflow uses ${loose.slice(0, 5).join(', ')}${more}`)
}
