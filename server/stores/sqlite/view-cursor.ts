import { CodedError } from '@countersign/core'

/** A place in a list that goes by time: rows of one time go by their number. */
export interface Spot {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly id: number
}

export function spotText({ at, id }: Spot): string {
  return `${at}.${id}`
}

/** Where a page begins; without a cursor before everything of a time and later. Throws `request-invalid`. */
export function placeOf(cursor: string | null, until: number): Spot {
  if (cursor === null) return { at: until, id: -1 }
  const [, at, id] = cursor.match(/^(-?[0-9]{1,15})\.(-?[0-9]{1,15})$/) ?? []
  if (at === undefined || id === undefined) {
    throw new CodedError('request-invalid', 'the cursor is not one that a page gave')
  }
  const spot = { at: Number(at), id: Number(id) }
  return spot.at < until ? spot : { at: until, id: -1 }
}

/** The name after which a page begins; empty without a cursor. Throws `request-invalid`. */
export function nameOf(cursor: string | null): string {
  if (cursor === null) return ''
  const name = Buffer.from(cursor.slice(1), 'base64url').toString()
  if (nameText(name) !== cursor) throw new CodedError('request-invalid', 'the cursor is not one that a page gave')
  return name
}

export function nameText(name: string): string {
  return `.${Buffer.from(name).toString('base64url')}`
}

export function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
