import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Mutant } from './mutants.ts'

const root = join(import.meta.dirname, '..', '..')

/**
 * Ids of the changes of `file` that the compiler refuses: nobody can make them. Each is a file of its own, which stands
 * in the same folder as far as the compiler knows; what is only no longer used is no error here. Throws where it refuses the
 * file as it is: then it would refuse each change, and none would ever be tried.
 */
export async function refusedByCompiler(file: string, mutants: readonly Mutant[]): Promise<ReadonlySet<string>> {
  if (mutants.length === 0) return new Set()
  const top = join(root, '.stryker-tmp', file.replaceAll(/[^a-z0-9]+/gi, '-'))
  const folder = join(top, dirname(file))
  rmSync(top, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const paths = mutants.map((mutant, i) => {
    const path = join(folder, `${i}-${basename(file)}`)
    writeFileSync(path, mutant.changed())
    return path
  })
  const unchanged = join(folder, `unchanged-${basename(file)}`)
  copyFileSync(join(root, file), unchanged)
  const options = { rootDirs: [root, top], noUnusedLocals: false, noUnusedParameters: false }
  const config = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: options,
    files: [...paths, unchanged],
    include: [],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const run = promisify(execFile)(join(root, 'node_modules', '.bin', 'tsc'), ['-p', folder, '--pretty', 'false'], {
    cwd: root,
    maxBuffer: 1 << 26,
  })
  const { stdout } = await run.catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }))
  rmSync(top, { recursive: true, force: true })
  if (/unchanged-[^/]+\.ts\(\d+,\d+\): error TS/.test(stdout)) throw new Error(`the compiler refuses ${file} as it is`)
  const refused = new Set<string>()
  for (const line of stdout.split('\n')) {
    const [, index] = /(?:^|\/)(\d+)-[^/]+\.ts\(\d+,\d+\): error TS/.exec(line) ?? []
    if (index !== undefined) refused.add(mutants[Number(index)]!.id)
  }
  return refused
}
