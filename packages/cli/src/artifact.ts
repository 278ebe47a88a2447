import { existsSync, statSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { CodedError, isHex } from '@countersign/core'
import type { Context } from './context.ts'
import { NotThere } from './files.ts'

/** What a user named: a file or directory on disk, or a digest. */
export interface Artifact {
  readonly sha256: string
  /** Path as given; null for a bare digest. */
  readonly path: string | null
  /** Whether it is a directory; unknown for a bare digest. */
  readonly tree?: boolean
}

/** SHA-256 of a file or a tree named on the command line, or the digest itself (`[sha256:]<64 hex>`). Throws `usage`. */
export async function readArtifact(context: Context, text: string): Promise<Artifact> {
  mustBeNamed(text)
  const digest = text.replace(/^sha256:/, '')
  if (isHex(digest, 64) && !existsSync(resolve(context.cwd, text))) return { sha256: digest, path: null }
  const path = resolve(context.cwd, text)
  if (!existsSync(path)) {
    throw new NotThere(`${text} is neither a file nor a sha256 digest`, {
      fix: 'Name a file, a directory, or 64 hex digits.',
    })
  }
  const { observe } = await import('@countersign/record')
  const tree = statSync(path).isDirectory()
  const root = tree && basename(path) === '' ? path : dirname(path)
  const [resource] = await observe({ root, patterns: [basename(path)] })
  return { sha256: resource!.digest.sha256, path: text, tree }
}

/** An empty name would be the current directory: often a variable that is not set. Throws `usage`. */
export function mustBeNamed(text: string): void {
  if (text !== '') return
  throw new CodedError('usage', 'the name of the artifact is empty', {
    fix: 'Name a file, a directory, or 64 hex digits; see whether a variable of the script is not set.',
  })
}
