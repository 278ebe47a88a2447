import { Problem } from '../../api.ts'
import { ownAddress } from '../../worker/own-address.ts'
import workerUrl from './lab-worker.ts?worker&url'
import type { LabAnswers, LabAsked, LabMessage } from './messages.ts'

interface Waiting {
  readonly resolve: (answer: LabAnswers[keyof LabAnswers]) => void
  readonly reject: (error: Problem) => void
}

/** A worker with its questions; whoever opens it closes it. */
export interface Lab {
  /** Throws `Problem`. */
  ask<K extends LabAsked['kind']>(asked: Extract<LabAsked, { kind: K }>): Promise<LabAnswers[K]>
  close(): void
}

export function openLab(): Lab {
  const waiting = new Map<number, Waiting>()
  let last = 0
  const worker = new Worker(ownAddress(workerUrl), { type: 'module', name: 'countersign-lab' })
  worker.addEventListener('message', ({ data }: MessageEvent<LabMessage>) => {
    const one = waiting.get(data.id)
    waiting.delete(data.id)
    if ('report' in data) one?.reject(new Problem(0, data.report))
    else one?.resolve(data.answer)
  })
  worker.addEventListener('error', (event) => {
    event.preventDefault()
    const stopped = {
      code: 'internal',
      what: 'the lab stopped',
      why: 'Nothing was judged.',
      fix: 'Load the page again.',
    }
    for (const one of waiting.values()) one.reject(new Problem(0, stopped))
    waiting.clear()
  })
  return {
    ask<K extends LabAsked['kind']>(asked: Extract<LabAsked, { kind: K }>) {
      const id = ++last
      return new Promise<LabAnswers[K]>((resolve, reject) => {
        waiting.set(id, { resolve: (value) => resolve(value as LabAnswers[K]), reject })
        worker.postMessage({ id, asked })
      })
    },
    close() {
      worker.terminate()
      waiting.clear()
    },
  }
}
