import { globSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'

export interface Call {
  /** The bundled command line. */
  readonly cli: string
  readonly cwd: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** Milliseconds after which a command that is waited for is taken for one that does not end. */
const PATIENCE = 120_000

const idle: CliThread[] = []

/**
 * The bundled command line in a thread that is kept: of what a process takes for most commands, nine tenths are its
 * start. What it reads of the world are the arguments, the environment and the directory of the call; it has no
 * standard input, and nobody sends it signals.
 */
export function runInThread(call: Call): Ran {
  const thread = idle.pop() ?? new CliThread(call.cli)
  const ran = thread.runSync(call)
  idle.push(thread)
  return ran
}

/** The same, while this thread goes on. */
export async function runInThreadLater(call: Call): Promise<Ran> {
  const thread = idle.pop() ?? new CliThread(call.cli)
  const ran = await thread.run(call)
  idle.push(thread)
  return ran
}

class CliThread {
  readonly #port: MessagePort

  constructor(cli: string) {
    const [program] = globSync(join(dirname(cli), 'program-*.js'))
    const { port1, port2 } = new MessageChannel()
    const workerData = { program, port: port2 }
    new Worker(new URL('./cli-host.js', import.meta.url), { workerData, transferList: [port2] }).unref()
    port1.unref()
    this.#port = port1
  }

  runSync(call: Call): Ran {
    const ended = this.#begin(call)
    if (Atomics.wait(ended, 0, 0, PATIENCE) === 'timed-out') throw new Error(`${call.args.join(' ')} does not end`)
    return receiveMessageOnPort(this.#port)!.message as Ran
  }

  async run(call: Call): Promise<Ran> {
    this.#begin(call)
    return new Promise((done) => this.#port.once('message', done))
  }

  /** What becomes 1 at the end: of this call alone, since the last one's may be told after its answer was read. */
  #begin(call: Call): Int32Array {
    const ended = new Int32Array(new SharedArrayBuffer(4))
    this.#port.postMessage({ ...call, ended })
    return ended
  }
}
