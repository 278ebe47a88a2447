import type { ComponentChildren } from 'preact'

interface SectionProps {
  /** The fragment by which links reach it. */
  readonly id: string
  readonly title: string
  /** At the right of the heading. */
  readonly aside?: ComponentChildren
  readonly children: ComponentChildren
}

/** A part of the page under its heading. */
export function Section({ id, title, aside, children }: SectionProps) {
  return (
    <section class="section" id={id} aria-labelledby={`${id}-title`}>
      <header class="section-head">
        <h2 id={`${id}-title`}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  )
}

/** Pairs of a word and what it is; null is left out. */
export function Facts({ rows }: { readonly rows: readonly (readonly [string, ComponentChildren] | null)[] }) {
  return (
    <dl class="facts">
      {rows.flatMap((row) =>
        row === null
          ? []
          : [
              <div key={row[0]}>
                <dt>{row[0]}</dt>
                <dd>{row[1]}</dd>
              </div>,
            ],
      )}
    </dl>
  )
}

interface HeadProps {
  /** What the page answers. */
  readonly title: ComponentChildren
  readonly children?: ComponentChildren
  readonly aside?: ComponentChildren
}

/** The head of a page; it takes the focus when the page is gone to. */
export function PageHead({ title, children, aside }: HeadProps) {
  return (
    <header class="page-head">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {children === undefined ? null : <div class="page-about quiet">{children}</div>}
      </div>
      {aside === undefined ? null : <div class="page-aside">{aside}</div>}
    </header>
  )
}
