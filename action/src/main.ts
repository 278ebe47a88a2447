import { enableCompileCache } from 'node:module'

// For the phases of one job. Whoever can write there can write to the action's own files too.
if (process.env['RUNNER_TEMP'] !== undefined) enableCompileCache(`${process.env['RUNNER_TEMP']}/countersign-cache`)
const { main } = await import('./phases.ts')
process.exitCode = await main(process)
