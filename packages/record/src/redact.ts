import type { Environment } from './environment.ts'
import { looksSecret, PASSWORD_FLAGS, TOKEN_SHAPES } from './secrets.ts'

/**
 * What stands for a secret. A constant: a hash of a short secret would give it away to whoever tries them all, and
 * a length narrows the search.
 */
export const REDACTED = '[redacted]'

/** Longer texts are not searched but replaced as a whole; no operating system passes a longer argument. */
const MAX_TEXT = 256 * 1024
/** Longest name that is looked at before a `=` or `:`. */
const MAX_NAME = 64
/** Values from this length on are looked for inside words. */
const LONG = 8
const SHORT = 4
/** Longest rest of a password after a slash that should have been escaped. */
const MAX_ODD_PASSWORD = 256

/**
 * Takes secrets out of what is about to be signed: the values of all variables that look secret by their name, and
 * whatever has the shape of a secret. Every scan is linear in the text, whatever it holds; no pattern comes from input.
 */
export class Redactor {
  readonly #long: readonly string[]
  readonly #short: readonly string[]

  constructor(environment: Environment) {
    const values = new Set<string>()
    for (const [name, value] of Object.entries(environment)) {
      if (value === undefined || value === '') continue
      if (looksSecret(name)) for (const form of forms(value)) values.add(form)
      for (const password of urlPasswords(value)) values.add(password)
    }
    // Longest first: a secret that holds another must not leave its remains.
    const sorted = [...values].toSorted((a, b) => b.length - a.length)
    this.#long = sorted.filter((value) => value.length >= LONG)
    this.#short = sorted.filter((value) => value.length >= SHORT && value.length < LONG && !isPlainWord(value))
  }

  /** The text with every secret that is found in it replaced. */
  text(text: string): string {
    let clean = text.length > MAX_TEXT ? REDACTED : text.toWellFormed()
    for (const value of this.#short) if (clean.includes(value)) clean = hideWord(clean, value)
    return this.fact(clean)
  }

  /**
   * {@link text} for what is public by nature, such as a repository's address: values of fewer than eight
   * characters are left, since a project key may well be the project's name.
   */
  fact(text: string): string {
    let clean = text.length > MAX_TEXT ? REDACTED : text.toWellFormed()
    for (const value of this.#long) if (clean.includes(value)) clean = clean.replaceAll(value, () => REDACTED)
    return hideTokens(hideSchemes(hideAssignments(hideUserinfo(hidePem(clean)))))
  }

  /** Whether a secret of the environment stands in a text of any length: one that is signed, or handed on, as it is. */
  holds(text: string): boolean {
    return this.#long.some((value) => text.includes(value))
  }

  /** A command line: beside what {@link text} finds, arguments that a flag before them says to be secret. */
  argv(argv: readonly string[]): string[] {
    const program = (argv[0] ?? '').slice((argv[0] ?? '').lastIndexOf('/') + 1)
    const special = Object.hasOwn(PASSWORD_FLAGS, program) ? PASSWORD_FLAGS[program]! : null
    // docker run -p 80:80 is no password.
    const asked =
      special !== null && (special.flag !== '-p' || special.attached || argv.includes('login') || program === 'sshpass')
    return argv.map((argument, i) => {
      const before = i === 0 ? '' : argv[i - 1]!
      if (i === 0) return this.text(argument)
      if (asked && !special.attached && before === special.flag) return REDACTED
      if (asked && special.attached && argument.startsWith(special.flag) && argument.length > special.flag.length) {
        return special.flag + REDACTED
      }
      if (isSecretFlag(before) && !argument.startsWith('-')) return REDACTED
      if (USER_FLAGS.includes(before) && isUserAndPassword(argument)) return REDACTED
      return this.#argument(argument, isScriptFlag(before))
    })
  }

  #argument(argument: string, script: boolean): string {
    const equals = argument.indexOf('=')
    // A whole argument NAME=value: the value is all of the rest, with its spaces and commas.
    if (
      !script &&
      equals > 0 &&
      equals <= MAX_NAME &&
      isName(argument, equals) &&
      looksSecret(argument.slice(0, equals))
    ) {
      return argument.length === equals + 1 ? argument : argument.slice(0, equals + 1) + REDACTED
    }
    if (USER_FLAGS.includes(argument.slice(0, equals)) && isUserAndPassword(argument.slice(equals + 1))) {
      return argument.slice(0, equals + 1) + REDACTED
    }
    return this.text(argument)
  }
}

/** A secret as it may be written elsewhere: as it is, line by line, in URLs, in JSON, in base64. */
function forms(value: string): Set<string> {
  const trimmed = value.trim()
  const found = new Set([value, trimmed])
  for (const line of trimmed.split('\n')) if (line.trim().length >= 2 * LONG) found.add(line.trim())
  if (trimmed.length >= LONG && trimmed.length <= MAX_TEXT) {
    const text = trimmed.toWellFormed()
    found.add(encodeURIComponent(text))
    found.add(JSON.stringify(text).slice(1, -1))
    const bytes = Buffer.from(text)
    found.add(bytes.toString('base64'))
    found.add(bytes.toString('base64url'))
  }
  return found
}

function urlPasswords(value: string): string[] {
  const passwords: string[] = []
  for (let at = value.indexOf('://'); at >= 0; at = value.indexOf('://', at + 3)) {
    const end = userinfoEnd(value, at + 3)
    const colon = end < 0 ? -1 : value.indexOf(':', at + 3)
    if (colon >= 0 && colon < end) passwords.push(value.slice(colon + 1, end))
  }
  return passwords
}

/** Words that stand in every command line; hiding them would hide the command and no secret. */
function isPlainWord(value: string): boolean {
  return /^(?:true|false|none|null|auto|default|enabled|disabled)$/i.test(value)
}

function hideWord(text: string, value: string): string {
  let clean = ''
  let from = 0
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
    const end = at + value.length
    if (isWordCharacter(text, at - 1) || isWordCharacter(text, end)) continue
    clean += text.slice(from, at) + REDACTED
    from = end
  }
  return clean + text.slice(from)
}

function hidePem(text: string): string {
  let clean = ''
  let from = 0
  for (let at = text.indexOf('-----BEGIN '); at >= 0; at = text.indexOf('-----BEGIN ', Math.max(from, at + 11))) {
    if (!text.slice(at + 11, at + 11 + MAX_NAME).includes('PRIVATE KEY')) continue
    const footer = text.indexOf('-----END ', at)
    const end = footer < 0 ? -1 : text.indexOf('-----', footer + 9)
    clean += text.slice(from, at) + REDACTED
    from = end < 0 ? text.length : end + 5
  }
  return clean + text.slice(from)
}

/** `https://user:password@host` → `https://[redacted]@host`. The user `git` alone is no secret. */
function hideUserinfo(text: string): string {
  let clean = ''
  let from = 0
  for (let at = text.indexOf('://'); at >= 0; at = text.indexOf('://', Math.max(from, at + 3))) {
    const end = userinfoEnd(text, at + 3)
    if (end < 0 || text.slice(at + 3, end) === 'git') continue
    clean += text.slice(from, at + 3) + REDACTED
    from = end
  }
  return clean + text.slice(from)
}

/** Where the `@` is that ends the userinfo beginning at `start`; -1 without one. */
function userinfoEnd(text: string, start: number): number {
  let last = -1
  let authority = -1
  for (let i = start; i <= text.length; i++) {
    // Without a bound, a text of nothing but such beginnings would be read over and over.
    if (authority >= 0 && i - authority > MAX_ODD_PASSWORD) return last
    const c = text[i] ?? ' '
    if (c === '@') last = i
    if (authority < 0 && (c === '/' || c === '?' || c === '#')) {
      authority = i
      if (last >= 0) return last
      // A host is followed by digits or nothing: `user:pa/ss@host` goes on.
      const colon = text.lastIndexOf(':', i)
      if (colon < start || /^[0-9]*$/.test(text.slice(colon + 1, i))) return -1
    }
    if (isSpace(c) || isQuote(c) || c === '<' || c === '>') return last
  }
  return last
}

/** `password=x`, `"token": "x"`, `--secret x`, `Authorization: x` inside a text. */
function hideAssignments(text: string): string {
  let clean = ''
  let from = 0
  for (let i = 1; i < text.length; i++) {
    const c = text[i]!
    const assigns = c === '=' || c === ':'
    if (!assigns && c !== ' ') continue
    const name = nameBefore(text, i, from, assigns)
    if (name === '' || (!assigns && !name.startsWith('-')) || !looksSecret(name)) continue
    let start = i + 1
    while (start < text.length && start <= i + 4 && isSpace(text[start]!)) start++
    if (!assigns && text[start] === '-') continue
    const end = valueEnd(text, start, /^(?:proxy-)?authorization$|cookie$/i.test(name))
    if (end.to === end.from) continue
    clean += text.slice(from, end.from) + REDACTED
    from = end.to
    i = Math.max(i, from - 1)
  }
  return clean + text.slice(from)
}

/** The name that ends before `at`, over spaces and quotes where it is assigned to. */
function nameBefore(text: string, at: number, floor: number, assigns: boolean): string {
  let end = at
  if (assigns) while (end > floor && end > at - 4 && (isSpace(text[end - 1]!) || isQuote(text[end - 1]!))) end--
  let start = end
  while (start > floor && end - start < MAX_NAME && isNameCharacter(text.charCodeAt(start - 1))) start--
  return text.slice(start, end)
}

function valueEnd(text: string, start: number, wholeLine: boolean): { from: number; to: number } {
  const quote = text[start] ?? ''
  if (isQuote(quote)) {
    const close = text.indexOf(quote, start + 1)
    return { from: start + 1, to: close < 0 ? text.length : close }
  }
  let to = start
  while (to < text.length) {
    const c = text[to]!
    if (isQuote(c) || c === '\n' || c === '\r') break
    if (!wholeLine && (isSpace(c) || '&;,|)}<>'.includes(c))) break
    to++
  }
  return { from: start, to }
}

/** `Bearer x` and `Basic x` where no header's name is before them. */
function hideSchemes(text: string): string {
  let clean = text
  for (const scheme of ['bearer ', 'basic ', 'token ']) {
    const lower = clean.toLowerCase()
    // Lower case may have another length for a few letters; such a text holds no header.
    if (!lower.includes(scheme) || lower.length !== clean.length) continue
    let hidden = ''
    let from = 0
    for (let at = lower.indexOf(scheme); at >= 0; at = lower.indexOf(scheme, Math.max(from, at + 1))) {
      const start = at + scheme.length
      let end = start
      while (end < clean.length && isTokenCharacter(clean.charCodeAt(end))) end++
      if (end - start < 16 || isWordCharacter(clean, at - 1)) continue
      hidden += clean.slice(from, start) + REDACTED
      from = end
    }
    clean = hidden + clean.slice(from)
  }
  return clean
}

function hideTokens(text: string): string {
  let clean = text
  for (const { prefix, min, whole } of TOKEN_SHAPES) {
    if (!clean.includes(prefix)) continue
    let hidden = ''
    let from = 0
    let end = 0
    for (let at = clean.indexOf(prefix); at >= 0; ) {
      const start = at + prefix.length
      // All that begin in one run of token characters share its end, so each character is read once.
      if (end < start) for (end = start; end < clean.length && isTokenCharacter(clean.charCodeAt(end)); ) end++
      const found = end - start >= min && !(whole === true && isWordCharacter(clean, at - 1))
      if (found) {
        hidden += clean.slice(from, at) + REDACTED
        from = end
      }
      at = clean.indexOf(prefix, found ? end : start)
    }
    clean = hidden + clean.slice(from)
  }
  return clean
}

function isSecretFlag(argument: string): boolean {
  return argument.startsWith('-') && argument.length <= MAX_NAME && !argument.includes('=') && looksSecret(argument)
}

const USER_FLAGS: readonly string[] = ['-u', '-U', '--user', '--proxy-user']

/** `user:password`, but not `1000:1000`. */
function isUserAndPassword(argument: string): boolean {
  return argument.includes(':') && !/^[0-9]*:[0-9]*$/.test(argument) && !argument.includes('://')
}

/** Whether the next argument is a program text, as in `sh -ec`. */
function isScriptFlag(argument: string): boolean {
  return /^-[a-z]{0,6}c$/.test(argument) || argument === '-Command'
}

function isName(text: string, end: number): boolean {
  for (let i = 0; i < end; i++) if (!isNameCharacter(text.charCodeAt(i))) return false
  return true
}

function isNameCharacter(c: number): boolean {
  return isAlphanumeric(c) || c === 0x5f || c === 0x2d || c === 0x2e
}

/** Characters of base64, base64url and of the separators inside tokens. */
function isTokenCharacter(c: number): boolean {
  return (
    isAlphanumeric(c) || c === 0x5f || c === 0x2d || c === 0x2e || c === 0x2b || c === 0x2f || c === 0x3d || c === 0x7e
  )
}

function isWordCharacter(text: string, at: number): boolean {
  return at >= 0 && at < text.length && isAlphanumeric(text.charCodeAt(at))
}

function isAlphanumeric(c: number): boolean {
  return (c >= 0x30 && c <= 0x39) || (c >= 0x41 && c <= 0x5a) || (c >= 0x61 && c <= 0x7a)
}

function isSpace(c: string): boolean {
  return c === ' ' || c === '\t' || c === '\n' || c === '\r'
}

function isQuote(c: string): boolean {
  return c === '"' || c === "'" || c === '`'
}
