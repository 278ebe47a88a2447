import { enableCompileCache } from 'node:module'

// Before anything else is loaded, so that everything else is cached.
enableCompileCache()
const { run } = await import('./program.ts')
process.exitCode = await run(process)
