// Runs what a thread would run, once after another, in one thread.
import { createRequire, syncBuiltinESMExports } from 'node:module'

// Not imported by its name, which means another's port from the first module on.
const threads = createRequire(import.meta.url)('node:worker_threads')
const own = threads.parentPort
let count = 0

own.on('message', async ({ module, workerData, port }) => {
  Object.assign(threads, { parentPort: port, workerData })
  syncBuiltinESMExports()
  count += 1
  await import(`${module}?${count}`)
})
