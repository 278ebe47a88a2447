import { Copy } from './copy.tsx'

interface DigestProps {
  /** Hex, with or without the name of its hash before it. */
  readonly value: string
  readonly href?: string
  /** Digits that are shown; all of them are in the title, and copied. */
  readonly length?: number
  /** Shows all of it: what somebody signs has to be told from everything that was made to look like it. */
  readonly whole?: boolean
  readonly copy?: boolean
}

/** A digest or id: as much as tells it apart. */
export function Digest({ value, href, length = 12, whole = false, copy = false }: DigestProps) {
  const text = value.replace(/^[a-z0-9-]+:/, '')
  const shown = !whole && text.length > length ? `${text.slice(0, length)}…` : text
  const chip = (
    <code class="digest" title={value}>
      {shown}
    </code>
  )
  return (
    <span class={whole ? 'digest-chip whole' : 'digest-chip'}>
      {href === undefined ? chip : <a href={href}>{chip}</a>}
      {copy ? <Copy text={value} what={`digest ${shown}`} /> : null}
    </span>
  )
}
