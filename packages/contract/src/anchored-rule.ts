import { type AnchorKind, ANCHOR_KINDS } from '@countersign/formats/anchor'
import { readDuration } from './duration.ts'
import type { AnchoredRule } from './model.ts'
import type { Place } from './place.ts'

/** Null where no anchors are asked for, or it is a fault. */
export function readAnchored(place: Place | undefined): AnchoredRule | null {
  const members = place?.members(['within', 'by'], ['within'])
  if (place === undefined || members == null) return null
  const within = readDuration(members.get('within'))
  const by = members.get('by')
  if (by?.isEmpty()) by.fault('is empty', 'Name a kind of anchor, or leave the field out.', 'contract-empty')
  const kinds: AnchorKind[] = []
  for (const item of by?.isEmpty() === false ? (by.items(ANCHOR_KINDS.length) ?? []) : []) {
    const kind = item.text(ANCHOR_KINDS.join(' or '), (text) => isKind(text))
    if (kind === null || !isKind(kind)) continue
    if (kinds.includes(kind)) item.fault(`is ${kind}, which stands there already`, 'Remove one of them.')
    kinds.push(kind)
  }
  return within === null ? null : { within, by: kinds }
}

function isKind(text: string): text is AnchorKind {
  return (ANCHOR_KINDS as readonly string[]).includes(text)
}
