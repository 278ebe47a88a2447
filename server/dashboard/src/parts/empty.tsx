import type { ComponentChildren } from 'preact'
import { Command } from './command.tsx'

interface EmptyProps {
  /** What is not there, as a sentence. */
  readonly title: string
  readonly children?: ComponentChildren
  /** What to type next, so that something is. */
  readonly command?: string
}

/** Where there is nothing to show: why, and what to do next. */
export function Empty({ title, children, command }: EmptyProps) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children === undefined ? null : <div class="quiet">{children}</div>}
      {command === undefined ? null : <Command text={command} />}
    </div>
  )
}
