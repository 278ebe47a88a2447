import { CodedError } from '@countersign/core'

/** How many items of a list are asked for: 50 where nothing is said. Throws `request-invalid`. */
export function limitOf(text: string | undefined): number {
  if (text === undefined) return 50
  const limit = Number(text)
  if (!/^[0-9]{1,3}$/.test(text) || limit < 1 || limit > 200)
    throw new CodedError('request-invalid', 'limit is from 1 to 200')
  return limit
}
