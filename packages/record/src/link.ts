import { hash } from 'node:crypto'
import { readlinkSync, realpathSync } from 'node:fs'
import { posix } from 'node:path'
import { CodedError } from '@countersign/core'
import { errno, fileError, listedFileError } from './file-error.ts'

/** True when the real path `path` is `top` or below it. */
export function isInside(top: string, path: string): boolean {
  return path === top || path.startsWith(top.endsWith('/') ? top : `${top}/`)
}

/** Where a link really leads; `symlink-broken` when nowhere, `symlink-escapes` when out of the real path `top`. */
export function resolveLink(file: string, top: string, name: string): string {
  let real: string
  try {
    real = realpathSync.native(file)
  } catch (cause) {
    const code = errno(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new CodedError('symlink-broken', `the link ${name} leads nowhere`, { cause })
    }
    throw fileError(cause, name)
  }
  if (!isInside(top, real))
    throw new CodedError('symlink-escapes', `the link ${name} leads out of the recorded directory`)
  return real
}

/**
 * SHA-256 of a link's target text, for a link inside a tree. The link must lead to something of the same tree, and
 * do so wherever the tree is unpacked: an absolute target, or one that climbs out and in again, is
 * `symlink-escapes` as well. `path` is the link's path in the tree, `top` the tree's real path.
 */
export function hashLink(file: string, path: string, top: string, name: string): string {
  const target = readTarget(file, name)
  const text = target.toString()
  const landing = posix.normalize(posix.join(posix.dirname(path), text))
  if (text.startsWith('/') || landing === '..' || landing.startsWith('../')) {
    throw new CodedError('symlink-escapes', `the link ${name} leads out of the recorded directory`)
  }
  resolveLink(file, top, name)
  return hash('sha256', target)
}

/** SHA-256 of a link's target text, wherever it leads. */
export function hashLinkText(file: string, name: string): string {
  return hash('sha256', readTarget(file, name))
}

function readTarget(file: string, name: string): Buffer {
  try {
    return readlinkSync(file, 'buffer')
  } catch (cause) {
    // EINVAL: it is no link any more.
    if (errno(cause) === 'EINVAL') throw new CodedError('file-changed', `${name} was replaced while it was recorded`)
    throw listedFileError(cause, name)
  }
}
