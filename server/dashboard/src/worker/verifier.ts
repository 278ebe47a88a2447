import type { ErrorReport } from '@countersign/core'
import { Problem } from '../api.ts'
import type { Answers, Asked, Message } from './messages.ts'
import { ownAddress } from './own-address.ts'
import workerUrl from './verify.ts?worker&url'

interface Waiting {
  readonly resolve: (answer: Answers[keyof Answers]) => void
  readonly reject: (error: Problem) => void
  readonly progress: (checked: number) => void
}

const waiting = new Map<number, Waiting>()
let worker: Worker | null = null
let last = 0

function started(): Worker {
  if (worker !== null) return worker
  const fresh = new Worker(ownAddress(workerUrl), { type: 'module', name: 'countersign-verify' })
  fresh.addEventListener('message', ({ data }: MessageEvent<Message>) => {
    const one = waiting.get(data.id)
    if (one === undefined) return
    if ('checked' in data) {
      one.progress(data.checked)
      return
    }
    waiting.delete(data.id)
    if ('report' in data) one.reject(problemOf(data.report))
    else one.resolve(data.answer)
  })
  fresh.addEventListener('error', (event) => {
    event.preventDefault()
    worker = null
    const report = {
      code: 'internal',
      what: 'the verifier stopped',
      why: 'Nothing was verified.',
      fix: 'Load the page again.',
    }
    for (const one of waiting.values()) one.reject(new Problem(0, report))
    waiting.clear()
  })
  worker = fresh
  return fresh
}

function problemOf({ code, what, why, fix }: ErrorReport): Problem {
  return new Problem(0, { code, what, why, fix })
}

/** Has the worker do something. `progress` is told how many signatures were checked so far. Throws `Problem`. */
export function verifier<K extends Asked['kind']>(
  asked: Extract<Asked, { kind: K }>,
  progress: (checked: number) => void = () => undefined,
): Promise<Answers[K]> {
  const id = ++last
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve: (value) => resolve(value as Answers[K]), reject, progress })
    started().postMessage({ id, asked })
  })
}
