import { batch, signal, useComputed, useSignal } from '@preact/signals'
import type { RunView } from '@countersign/client/views'
import { useEffect } from 'preact/hooks'
import { get, Problem, send } from '../../api.ts'
import { watchPinned } from '../../worker/anchors-seen.ts'
import { gather } from '../../worker/gather.ts'
import { watchReceipts } from '../../worker/log-seen.ts'
import type { Seen, Subject, TamperTarget } from '../../worker/messages.ts'
import { verifier } from '../../worker/verifier.ts'

/** What the reader did to his copy, and what came of it. */
export interface Tampered {
  readonly what: string
  readonly noticed: string
}

export interface Proof {
  /** What the server says of the newest run; null until it did. */
  readonly said: RunView | null
  /** What this browser found; of a changed copy, where somebody changed it. */
  readonly seen: Seen | null
  /** What it found of the copy as it came; null where `seen` is that. */
  readonly before: Seen | null
  readonly problem: Problem | null
  /** Signatures that were checked so far; null while none is. */
  readonly checked: number | null
  readonly tampered: Tampered | null
  readonly flip: (target: TamperTarget, link: string | null) => void
  readonly restore: () => void
  readonly again: () => void
}

/** Asks the server for something, shows what it says, and has the worker verify it. */
export function useProof(subject: Subject): Proof {
  const said = useSignal<RunView | null>(null)
  const original = useSignal<Seen | null>(null)
  const changed = useSignal<Seen | null>(null)
  const problem = useSignal<Problem | null>(null)
  const checked = useSignal<number | null>(0)
  const tampered = useSignal<Tampered | null>(null)
  const round = useSignal(0)
  const seen = useComputed(() => changed.value ?? original.value)
  const key = 'chain' in subject ? subject.chain : subject.artifact
  const failed = (error: unknown) => {
    problem.value = error instanceof Problem ? error : unknown(error)
    checked.value = null
  }
  const asked = round.value
  useEffect(() => {
    const leave = new AbortController()
    batch(() => {
      said.value = null
      original.value = null
      changed.value = null
      tampered.value = null
      problem.value = null
      checked.value = 0
    })
    const unlessLeft =
      <T>(use: (value: T) => void) =>
      (value: T) => {
        if (!leave.signal.aborted) use(value)
      }
    saidOf(subject, leave.signal).then(
      unlessLeft((view: RunView | null) => {
        said.value = view
      }),
      () => undefined,
    )
    gather(subject, leave.signal)
      .then((material) =>
        verifier({ kind: 'examine', material }, (count) => {
          if (!leave.signal.aborted) checked.value = count
        }),
      )
      .then(
        unlessLeft((value: Seen) => {
          original.value = value
          checked.value = null
          void watchReceipts(value.checkpoints).catch(() => undefined)
          void watchPinned().catch(() => undefined)
        }),
        unlessLeft(failed),
      )
    return () => leave.abort()
  }, [key, asked])
  return {
    said: said.value,
    seen: seen.value,
    before: changed.value === null ? null : original.value,
    problem: problem.value,
    checked: checked.value,
    tampered: tampered.value,
    flip: (target, link) => {
      const evidence = original.value?.evidence
      if (evidence === undefined) return
      checked.value = 0
      verifier({ kind: 'tamper', evidence, target, link }, (count) => {
        checked.value = count
      }).then(({ what, noticed, seen: after }) => {
        batch(() => {
          tampered.value = { what, noticed }
          changed.value = after
          checked.value = null
        })
      }, failed)
    },
    restore: () => {
      changed.value = null
      tampered.value = null
    },
    again: () => void round.value++,
  }
}

function unknown(error: unknown): Problem {
  const what = error instanceof Error ? error.message : 'something failed'
  return new Problem(0, { code: 'internal', what, why: 'Nothing was verified.', fix: 'Load the page again.' })
}

/** The newest run, as the server tells it. */
async function saidOf(subject: Subject, leave: AbortSignal): Promise<RunView | null> {
  if ('chain' in subject) return get<RunView>(`/v1/runs/${encodeURIComponent(subject.chain)}`, leave)
  const found = await send<{ chains: readonly { chain: string; index: number }[] }>('POST', '/v1/lookups', {
    digests: [subject.artifact],
  })
  const [newest] = (found?.chains ?? []).toSorted((a, b) => b.index - a.index)
  return newest === undefined ? null : get<RunView>(`/v1/runs/${newest.chain}`, leave)
}

/** Groups of steps that the reader opened; kept while he is on the page. */
export const opened = signal<ReadonlySet<string>>(new Set())
