// Runs one command after another of the bundled command line, in a thread, as its own process would run it.
import http from 'node:http'
import https from 'node:https'
import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

const require = createRequire(import.meta.url)
const os = require('node:os')
const { program, port } = workerData
const DISPATCHER = Symbol.for('undici.globalDispatcher.1')
let out = ''
let err = ''
let ended
let cwd = process.cwd()

// What a process is given and a thread has of the process that it is in.
process.cwd = () => cwd
os.homedir = () => process.env.HOME
os.tmpdir = () => process.env.TMPDIR ?? '/tmp'

// What is wrapped has the streams of its wrapper, and those of a thread are those of the process that it is in.
const children = require('node:child_process')
const { spawn } = children
let wrapped = []
children.spawn = (file, args, options) => {
  if (options?.stdio !== 'inherit') return spawn(file, args, options)
  const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (err += text))
  wrapped.push(new Promise((done) => child.once('close', done)))
  // What it wrote comes before what is said of its end, as it does where both write into one stream.
  const once = child.once.bind(child)
  child.once = (event, listener) => once(event === 'exit' ? 'close' : event, listener)
  return child
}
const { run } = require(program)
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => {
    err += `${error?.stack ?? error}\n`
    answer(1)
    process.exit()
  })
}
port.on('message', async (call) => {
  out = err = ''
  wrapped = []
  ended = call.ended
  cwd = call.cwd
  for (const name of Object.keys(process.env)) delete process.env[name]
  Object.assign(process.env, call.env)
  const nothing = () => undefined
  const code = await run({
    argv: [process.execPath, call.cli, ...call.args],
    env: process.env,
    cwd: process.cwd,
    stdin: {},
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    on: nothing,
    off: nothing,
  })
  await Promise.all(wrapped)
  hangUp()
  answer(code)
})
// Only its own end keeps it: whoever began it ends it with itself.
parentPort.unref()

function answer(code) {
  port.postMessage({ code, out, err })
  Atomics.store(ended, 0, 1)
  Atomics.notify(ended, 0)
}

/** Connections end with a process, and whoever listens may be gone before the next command. */
function hangUp() {
  const { [DISPATCHER]: agent } = globalThis
  if (agent !== undefined) {
    globalThis[DISPATCHER] = new agent.constructor()
    agent.destroy().catch(() => undefined)
  }
  http.globalAgent.destroy()
  https.globalAgent.destroy()
}
