import { accessSync, constants, realpathSync, statSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'
import type { Environment } from './environment.ts'
import { isInside } from './link.ts'

/**
 * Directories of `PATH` that may be trusted with finding a tool: absolute ones outside of `root`. What is recorded
 * must not choose the tools that record it.
 */
export function trustedPath(environment: Environment, root: string): string[] {
  const top = realOr(root)
  return (environment['PATH'] ?? '')
    .split(delimiter)
    .filter((directory) => isAbsolute(directory) && !isInside(top, realOr(directory)))
}

/** Absolute path of a tool on the trusted part of `PATH`, null when it has none. */
export function findExecutable(name: string, environment: Environment, root: string): string | null {
  const top = realOr(root)
  for (const directory of trustedPath(environment, root)) {
    const path = join(directory, name)
    try {
      accessSync(path, constants.X_OK)
      // A link on PATH may lead back into the workspace.
      if (statSync(path).isFile() && !isInside(top, realpathSync.native(path))) return path
    } catch {
      // Not here.
    }
  }
  return null
}

function realOr(path: string): string {
  try {
    return realpathSync.native(path)
  } catch {
    return path
  }
}
