import { EventEmitter } from 'node:events'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'

const idle: Worker[] = []

/**
 * A thread as `Worker` begins one, but in one that was begun before and has ended its work: beginning one takes as much
 * as all else that a server does to start, and the tests start thousands.
 */
export class KeptThread extends EventEmitter {
  readonly #host: Worker
  readonly #port: MessagePort

  constructor(module: URL, { workerData }: { readonly workerData: unknown }) {
    super()
    const host = idle.pop() ?? new Worker(new URL('./kept-thread-host.js', import.meta.url))
    const { port1, port2 } = new MessageChannel()
    this.#host = host
    this.#port = port1
    port1.on('message', (reply) => this.emit('message', reply))
    const failed = (cause: unknown) => this.emit('error', cause)
    const died = () => port1.close()
    host.on('error', failed).on('exit', died)
    // What it runs ends by closing its port.
    port1.once('close', () => {
      host.off('error', failed).off('exit', died)
      host.unref()
      if (host.threadId !== -1) idle.push(host)
      this.emit('exit')
    })
    host.ref()
    host.postMessage({ module: module.href, workerData, port: port2 }, [port2])
  }

  postMessage(message: unknown): void {
    this.#port.postMessage(message)
  }

  async terminate(): Promise<void> {
    await this.#host.terminate()
  }
}
