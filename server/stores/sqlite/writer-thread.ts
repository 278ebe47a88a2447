import { parentPort, workerData } from 'node:worker_threads'
import { type Failure, failureOf } from './rows.ts'
import { Writer } from './writer.ts'

/** A call of one of the writer's methods, answered in order. */
export interface Call {
  readonly id: number
  readonly method: Exclude<keyof Writer, never>
  readonly args: readonly unknown[]
}

export type Reply = { readonly id: number } & ({ readonly value: unknown } | { readonly failure: Failure })

const port = parentPort!
let writer: Writer | null = null

port.on('message', ({ id, method, args }: Call) => {
  port.postMessage(
    answer(id, () => {
      // Opened by the first call, so that a database that cannot be opened is an answer like any other.
      writer ??= new Writer((workerData as { file: string }).file)
      return (writer[method] as (...given: readonly unknown[]) => unknown)(...args)
    }),
  )
})

function answer(id: number, work: () => unknown): Reply {
  try {
    return { id, value: work() }
  } catch (error) {
    return { id, failure: failureOf(error) }
  }
}
