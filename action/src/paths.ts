import { existsSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { CodedError, isLiteral } from '@countersign/core'
import type { Resource } from '@countersign/formats'
import { observe } from '@countersign/record'

/** What is recorded of a cache that lies outside of the workspace: not looked at again, since to grow is what it is for. */
const CACHE_URI = 'actions-cache:'

/** A path of a workflow file as a pattern below `root`; null for the whole of it and for what is outside. */
export function patternIn(root: string, path: string): string | null {
  const below = isAbsolute(path) ? relative(root, path) : relative(root, resolve(root, path))
  const pattern = below.replaceAll('\\', '/')
  if (pattern === '' || pattern.startsWith('..') || isAbsolute(pattern) || pattern.startsWith('~')) return null
  // An upload does not keep modes, so the tree is another one on the other side; each file stays what it is.
  return isLiteral(pattern) && isDirectory(join(root, pattern)) ? `${pattern}/**` : pattern
}

/** What the patterns name and is there. A pattern that was found out, and that nobody named to us, may match nothing. */
export async function observeFound(root: string, patterns: readonly string[]): Promise<Resource[]> {
  const found = new Map<string, Resource>()
  for (const pattern of patterns) {
    for (const resource of await observeOrNone(root, pattern)) found.set(resource.name, resource)
  }
  return [...found.values()]
}

export async function observeOrNone(root: string, pattern: string): Promise<readonly Resource[]> {
  try {
    return await observe({ root, patterns: [pattern] })
  } catch (error) {
    if (error instanceof CodedError && (error.code === 'file-missing' || error.code === 'pattern-invalid')) return []
    throw error
  }
}

/** A restored cache: within the workspace by its name there, outside of it by the name that the workflow gives it. */
export async function observeCache(root: string, path: string): Promise<readonly Resource[]> {
  const place = path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(root, path)
  if (!isLiteral(place) || !existsSync(place)) return []
  const below = relative(root, place)
  const inside = below !== '' && !below.startsWith('..') && !isAbsolute(below)
  const found = inside ? await observeOrNone(root, below) : await observeOrNone(dirname(place), basename(place))
  const name = (one: Resource) =>
    inside ? one.name : `cache/${path.replace(/^~?\/+/, '')}${one.name.endsWith('/') ? '/' : ''}`
  return found.map((one) => ({ ...one, name: name(one), uri: `${CACHE_URI}${encodeURIComponent(path)}` }))
}

function isDirectory(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory()
}
