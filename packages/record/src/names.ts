import { CodedError, checkPath, collisionKey } from '@countersign/core'

/**
 * The one name of what a user wrote as a path: relative to the root, `./` in front and `/` behind taken off, in
 * Unicode NFC; the root itself is `.`. Throws `path-invalid` for anything absolute, `..`-holding or otherwise
 * not canonical (CVE-2021-41087).
 */
export function nameOf(written: string): string {
  const name = trim(written).normalize('NFC')
  if (name !== '.') checkPath(name)
  return name
}

/** A written path or pattern without `./` in front and one `/` behind; `.` for the root. */
export function trim(written: string): string {
  let text = written
  while (text.startsWith('./')) text = text.slice(2)
  if (text.endsWith('/') && text !== '/') text = text.slice(0, -1)
  return text === '' && written !== '' ? '.' : text
}

/**
 * Name of a directory entry in NFC, checked as one segment of a path below `parent` (itself checked; '' or
 * ending in `/`). Throws `path-invalid`, also for names that are not UTF-8: they could not be written down.
 */
export function entryName(parent: string, raw: string): string {
  // The common case, decided without a look at each character of the whole path again.
  if (parent.length + raw.length <= 1024 && /^[\w@%+,=~#()[\]{}!$&';^ -][\w@%+,=~#()[\]{}!$&';^ .-]*$/.test(raw))
    return raw
  if (raw.includes('\ufffd')) {
    throw new CodedError('path-invalid', `${JSON.stringify(parent + raw)} has a name that is not UTF-8`)
  }
  const name = raw.normalize('NFC')
  checkPath(parent + name)
  return name
}

/**
 * Throws `name-collision` where two of the names, or of the directories they are in, are one on a file system
 * that folds case or Unicode forms. Names are distinct; a tree's ends in `/`.
 */
export function checkCollisions(names: Iterable<string>): void {
  const spelled = new Map<string, string>()
  let last = ''
  for (const name of names) {
    const whole = name.endsWith('/') ? name.slice(0, -1) : name
    const directory = whole.slice(0, whole.lastIndexOf('/') + 1)
    if (directory !== last) {
      for (let end = whole.indexOf('/'); end >= 0; end = whole.indexOf('/', end + 1))
        check(spelled, whole.slice(0, end))
      last = directory
    }
    check(spelled, whole)
  }
}

function check(spelled: Map<string, string>, path: string): void {
  const key = collisionKey(path)
  const other = spelled.get(key)
  if (other === undefined) spelled.set(key, path)
  else if (other !== path) throw collision(other, path)
}

export function collision(a: string, b: string): CodedError {
  return new CodedError('name-collision', `${JSON.stringify(a)} and ${JSON.stringify(b)} are one name on some systems`)
}
