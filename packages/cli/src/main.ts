import { existsSync, lstatSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { makeDirectory } from '@countersign/client/make-directory'

// Before anything else is loaded, so that everything else is cached.
const cache = compileCache(process.env['XDG_CACHE_HOME'])
// Node 20 has none; everything else works there too.
if (cache !== null && 'enableCompileCache' in module) module.enableCompileCache(cache)
void import('./program.ts').then(async ({ run, untold }) => {
  // Whoever was to be told is gone, or has no room: what was done, and how it ended, stays as it is.
  process.stderr.on('error', () => undefined)
  // Whoever reads the output may have seen enough of it (`… | head`): this ends as a process does that SIGPIPE ends.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 141 : untold(process, error))
  })
  process.exitCode = await run(process)
})

/**
 * A directory that only we can write: compiled code is run as it is found, and Node's default is below the shared
 * temporary directory, where somebody else may have been first. Null where there is none.
 */
function compileCache(base: string | undefined): string | null {
  try {
    const home = base === undefined || base === ''
    // A home that is not there is not ours to make.
    if (home && !existsSync(homedir())) return null
    const directory = join(home ? join(homedir(), '.cache') : base, 'countersign')
    makeDirectory(directory, 0o700)
    const { uid, mode } = lstatSync(directory)
    const alone = process.getuid === undefined || (uid === process.getuid() && (mode & 0o077) === 0)
    return alone ? directory : null
  } catch {
    return null
  }
}
