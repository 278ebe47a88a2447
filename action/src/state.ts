import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readBounded } from '@countersign/cli/files'
import { CodedError, fromUtf8, hex, sha256, utf8 } from '@countersign/core'
import type { Resource } from '@countersign/formats'
import type { SavedSource } from '@countersign/record'
import type { WorkflowFacts } from './workflow-file.ts'

/** What the start of a job leaves for its end. Nothing in it is secret, and nobody is believed by it. */
export interface Begun {
  readonly startedAt: string
  readonly materials: readonly Resource[]
  readonly source: {
    readonly resource: Resource
    readonly changed: readonly string[]
    readonly saved: SavedSource
  } | null
  readonly facts: WorkflowFacts
  readonly actions: Readonly<Record<string, string>>
}

const MAX_BYTES = 256 << 20

/** Writes it to a file; gives the file and its digest, which the runner keeps out of the reach of other steps. */
export function saveBegun(directory: string, begun: Begun): { readonly file: string; readonly sha256: string } {
  const text = JSON.stringify(begun)
  const file = join(directory, `countersign-${randomBytes(8).toString('hex')}.json`)
  writeFileSync(file, text, { flag: 'wx', mode: 0o600 })
  return { file, sha256: hex(sha256(utf8(text))) }
}

/** Throws `material-changed` where the file is not what was written: a step of the job changed what it had received. */
export function loadBegun(file: string, digest: string): Begun {
  const bytes = readBounded(file, MAX_BYTES)
  if (hex(sha256(bytes)) !== digest) {
    throw new CodedError('material-changed', 'the record of what this job received was changed while it ran')
  }
  return JSON.parse(fromUtf8(bytes)) as Begun
}
