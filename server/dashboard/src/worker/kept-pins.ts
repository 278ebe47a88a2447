import type { KeptPin, SeenParty } from './messages.ts'

/** Of this address alone: another server has other anchors. */
const KEPT = 'countersign-anchors'

/** Whom the reader pinned in this browser. What cannot be read is nobody: nothing counts by it. */
export function keptPins(): readonly KeptPin[] {
  try {
    const value = JSON.parse(localStorage.getItem(KEPT) ?? '[]') as unknown
    return Array.isArray(value) ? value.filter(isPin) : []
  } catch {
    return []
  }
}

function isPin(value: unknown): value is KeptPin {
  const { roots, pinnedAt } = (value ?? {}) as Partial<KeptPin>
  return typeof roots === 'string' && typeof pinnedAt === 'string'
}

/** Takes a party for what it is now, in the place of what it was. */
export function keepPin({ pin, kept }: Pick<SeenParty, 'pin' | 'kept'>): void {
  write([...without(kept), { roots: pin, pinnedAt: new Date().toISOString() }])
}

/** Believes it no longer. */
export function dropPin({ kept }: Pick<SeenParty, 'kept'>): void {
  write(without(kept))
}

function without(kept: string | null): KeptPin[] {
  return keptPins().filter(({ roots }) => roots !== kept)
}

function write(pins: readonly KeptPin[]): void {
  localStorage.setItem(KEPT, JSON.stringify(pins))
}
