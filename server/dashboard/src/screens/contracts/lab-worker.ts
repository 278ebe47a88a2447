import { reportOf } from '@countersign/core'
import { webCrypto } from '../../worker/web-crypto.ts'
import { lintDraft, replayBoth } from './judging.ts'
import type { LabAnswers, LabAsked, LabMessage } from './messages.ts'

/** Lints and replays beside the page: however many runs there are, the page answers its reader. */

const crypto = webCrypto(() => undefined)
const post = (message: LabMessage) => postMessage(message)

addEventListener('message', ({ data }: MessageEvent<{ id: number; asked: LabAsked }>) => {
  const { id, asked } = data
  answer(asked).then(
    (value) => post({ id, answer: value }),
    (error: unknown) => post({ id, report: reportOf(error) }),
  )
})

async function answer(asked: LabAsked): Promise<LabAnswers[keyof LabAnswers]> {
  return asked.kind === 'lint' ? lintDraft(asked.draft, asked.inForce) : replayBoth(asked, crypto)
}
