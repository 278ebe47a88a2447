import { systemName } from '@countersign/evidence-page/names'
import type { ComponentChildren } from 'preact'

/** How something stands. Shape and word say it; colour says it again. */
export type Tone = 'good' | 'bad' | 'warn' | 'unknown' | 'info'

const SHAPE: Readonly<Record<Tone, string>> = { good: '✓', bad: '✗', warn: '!', unknown: '?', info: '·' }

/** A word with its shape before it. */
export function Mark({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <span class={`mark ${tone}`}>
      <span class="mark-shape" aria-hidden="true">
        {SHAPE[tone]}
      </span>
      {children}
    </span>
  )
}

const GRADES: Readonly<Record<string, string>> = {
  A: 'CI identity with repository, commit and run',
  B: 'identity confirmed by the provider',
  C: 'workload identity only',
  D: 'enrolled key',
}

/** How well the identity behind a signature is known. */
export function Grade({ grade }: { readonly grade: string | null }) {
  const known = grade !== null && Object.hasOwn(GRADES, grade) ? GRADES[grade] : null
  return (
    <span class={`grade grade-${known === null ? 'none' : grade!.toLowerCase()}`} title={known ?? 'no grade is known'}>
      <span class="sr">grade </span>
      {known === null ? '–' : grade}
    </span>
  )
}

/** The name of a CI system as people write it. */
export function System({ name }: { readonly name: string | null }) {
  return <span class="system">{systemName(name)}</span>
}
