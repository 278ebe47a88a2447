import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { CodedError, fromUtf8 } from '@countersign/core'
import type { Shape } from '@countersign/formats'

/** Where a settings file is, and what the environment holds; the settings name what of it is theirs. */
export interface Place {
  readonly directory: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What the settings are called in errors: `the anchor settings`. */
  readonly whose: string
}

const MAX_SECRET = 4_096

/** What `{"file": PATH}` or `{"env": NAME}` leads to, without white space around it. Never in an error. */
export function secretOf(it: Shape, place: Place): string {
  const object = it.object([], ['file', 'env'])
  if (object.has('file') === object.has('env')) it.fail('has not one of file and env')
  let text: string
  if (object.has('env')) {
    const name = object.text('env', 100)
    text = place.env[name] ?? ''
    if (text.trim() === '') it.fail(`names the variable ${name}, which is not set`)
  } else {
    const path = resolve(place.directory, object.text('file'))
    text = fromUtf8(readNamed(path, MAX_SECRET, place))
    if (text.trim() === '') it.fail(`names ${path}, which is empty`)
  }
  return text.trim()
}

/** A file that settings name, or their own. Throws `file-missing` and `input-too-large`. */
export function readNamed(path: string, most: number, { whose }: Pick<Place, 'whose'>): Uint8Array {
  let size: number
  try {
    ;({ size } = statSync(path))
    if (size <= most) return new Uint8Array(readFileSync(path))
  } catch (cause) {
    throw new CodedError('file-missing', `${path} cannot be read; ${whose} need it`, { cause })
  }
  throw new CodedError('input-too-large', `${path} is larger than ${most} bytes`)
}
