// Runs what a thread would run, once after another, in one thread.
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const threads = require('node:worker_threads')

threads.parentPort.on('message', ({ module, workerData, port }) => {
  const file = fileURLToPath(module)
  // What is built reads them where it uses them.
  Object.assign(threads, { parentPort: port, workerData })
  delete require.cache[file]
  require(file)
})
