import { CodedError, fromUtf8, hasControl } from '@countersign/core'
import { Composer, CST, type Document, type ErrorCode, Lexer, type Node, Parser } from 'yaml'
import { Faults, shown } from './fault.ts'
import { Place } from './place.ts'

export const MAX_CONTRACT_BYTES = 256 * 1024

/** The library composes recursively; a contract needs 8 levels. */
const MAX_DEPTH = 32
/** Most lexical tokens: each costs the library about 1 KB and a microsecond. */
const MAX_TOKENS = 100_000

/**
 * The root place of a YAML document (1.2, core schema, one document), or null with the faults that make it
 * unreadable. Aliases, tags, merge keys, directives, duplicate keys and invisible characters are faults: a
 * contract reads the same to every reader, shows everything it says, and cannot unfold into more than it is.
 */
export function readYaml(bytes: Uint8Array): { root: Place | null; faults: Faults } {
  if (bytes.length > MAX_CONTRACT_BYTES) {
    const faults = new Faults('')
    const what = `the contract has ${bytes.length} bytes, more than ${MAX_CONTRACT_BYTES}`
    faults.add(0, 'input-too-large', what, 'Shorten it, or split the pipeline.')
    return { root: null, faults }
  }
  const { text, faults } = readText(bytes)
  if (faults.list.length > 0) return { root: null, faults }
  const document = readDocument(text, faults)
  return { root: document === null ? null : new Place(document.contents as Node | null, 0, '', faults), faults }
}

function readText(bytes: Uint8Array): { text: string; faults: Faults } {
  let text: string
  try {
    text = fromUtf8(bytes)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    const { before, lossy } = readLossy(bytes)
    const faults = new Faults(lossy)
    faults.add(before, error.code, 'the contract is not UTF-8 here', 'Save it as UTF-8.')
    return { text: '', faults }
  }
  const faults = new Faults(text)
  checkCharacters(text, faults)
  return { text, faults }
}

/** The text with its broken bytes replaced, and how much of it stands before the first of them. */
function readLossy(bytes: Uint8Array): { before: number; lossy: string } {
  const lossy = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  const again = new TextEncoder().encode(lossy)
  let same = 0
  while (same < bytes.length && bytes[same] === again[same]) same++
  return { before: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, same)).length, lossy }
}

/** Every character is visible and means itself: no tabs, carriage returns, marks of text direction (CVE-2021-42574). */
function checkCharacters(text: string, faults: Faults): void {
  let start = 0
  let returns = false
  for (const line of text.split('\n')) {
    const i = hasControl(line) ? line.split('').findIndex(hasControl) : -1
    const at = start + i
    start += line.length + 1
    if (i < 0) continue
    const c = line[i]!
    if (c === '\r') {
      if (!returns) {
        const fix = 'Save it with LF line ends (in .gitattributes: *.yaml text eol=lf).'
        faults.add(at, 'contract-invalid', 'the contract has CR line ends, which give it another digest', fix)
      }
      returns = true
    } else if (c === '\ufeff' && at === 0) {
      faults.add(at, 'contract-invalid', 'the contract begins with a byte order mark', 'Save it without one.')
    } else if (c === '\t') faults.add(at, 'contract-invalid', 'here is a tab', 'Use spaces.')
    else {
      const name = `U+${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
      const fix = 'Remove it: a contract shows everything it says.'
      faults.add(at, 'contract-invalid', `here is the invisible character ${name}`, fix)
    }
  }
}

/** Lexes, parses and composes; stops at the first token past a bound, before anything recursive sees it. */
function readDocument(text: string, faults: Faults): Document.Parsed | null {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  let count = 0
  let begun = false
  let scalar = false
  for (const lexeme of new Lexer().lex(text)) {
    const at = parser.offset
    const type: CST.TokenType | null = scalar ? null : CST.tokenType(lexeme)
    scalar = type === 'scalar'
    if (type === 'directive-line' || type === 'doc-end' || (type === 'doc-start' && begun)) {
      const what =
        type === 'directive-line' ? 'here is a YAML directive' : 'here the contract ends, but its text goes on'
      faults.add(at, 'contract-invalid', what, 'Remove the line: a contract is one plain YAML document.')
      return null
    }
    if (type !== null && isUnclosed(type, lexeme)) {
      faults.add(at, 'contract-invalid', 'here begins a quoted text that does not end', 'Close it with the same quote.')
      return null
    }
    if (type === null || !BLANK.has(type)) begun = true
    if (type !== null) checkToken(type, lexeme, at, faults)
    for (const token of parser.next(lexeme)) tokens.push(token)
    if (++count > MAX_TOKENS) {
      faults.add(at, 'input-too-large', `the contract has more than ${MAX_TOKENS} YAML tokens`, 'Split the pipeline.')
      return null
    }
    if (parser.stack.length > MAX_DEPTH) {
      faults.add(at, 'contract-invalid', `here is nested deeper than ${MAX_DEPTH} levels`, 'Nest less.')
      return null
    }
  }
  for (const token of parser.end()) tokens.push(token)
  const composer = new Composer({ version: '1.2', schema: 'core', merge: false, strict: true, uniqueKeys: false })
  const [document] = composer.compose(tokens, true, text.length)
  const errors = [...document!.errors, ...document!.warnings].toSorted((a, b) => a.pos[0] - b.pos[0])
  const before = faults.list.length
  const said = new Set<string>()
  for (const error of errors) {
    if (faults.full) break
    // One slip of the indentation is repeated for every line after it.
    if (said.has(error.message)) continue
    said.add(error.message)
    faults.add(error.pos[0], 'contract-invalid', plain(error.message), FIXES[error.code] ?? 'Mend the YAML here.')
  }
  return faults.list.length === before ? (document as Document.Parsed) : null
}

const BLANK: ReadonlySet<CST.TokenType> = new Set(['doc-mode', 'space', 'comment', 'newline'])

/** The lexer takes the whole rest of the text for a quoted one; its own error points there, to the end. */
function isUnclosed(type: CST.TokenType, lexeme: string): boolean {
  if (type === 'single-quoted-scalar') return lexeme.split("'").length % 2 === 0
  if (type !== 'double-quoted-scalar') return false
  let slashes = 0
  while (lexeme[lexeme.length - 2 - slashes] === '\\') slashes++
  return lexeme.length < 2 || !lexeme.endsWith('"') || slashes % 2 === 1
}

function checkToken(type: CST.TokenType, lexeme: string, at: number, faults: Faults): void {
  if (type === 'alias') {
    const fix = `Quote a pattern: "${shown(lexeme)}"; write any other value out.`
    faults.addUnreadable(at, 'contract-invalid', `${shown(lexeme)} is a YAML alias`, fix)
  } else if (type === 'anchor') {
    faults.addUnreadable(at, 'contract-invalid', `${shown(lexeme)} is a YAML anchor`, 'Remove it, or quote the text.')
  } else if (type === 'tag') {
    faults.addUnreadable(at, 'contract-invalid', `${shown(lexeme)} is a YAML tag`, 'Remove it, or quote the text.')
  } else if (type === 'explicit-key-ind') {
    faults.addUnreadable(at, 'contract-invalid', 'here is a key of several parts', 'Write it as key: value.')
  }
}

/** The library quotes its input in messages: short, and nothing invisible. */
function plain(message: string): string {
  const line = message.split('\n', 1)[0]!.slice(0, 200)
  return line.replace(/[^\x20-\x7e]/g, '?')
}

const FIXES: Partial<Record<ErrorCode, string>> = {
  BAD_INDENT: 'Line it up with the lines it belongs to.',
  BAD_SCALAR_START: 'Quote the text.',
  BAD_DQ_ESCAPE: 'Use single quotes, or write \\\\ for a back-slash.',
  BLOCK_AS_IMPLICIT_KEY: 'Quote text that holds ": ", or begin the mapping on the next line.',
  BLOCK_IN_FLOW: 'Write lists inside brackets with brackets.',
  MISSING_CHAR: 'Add what is missing: the : behind a key, a closing quote or bracket, a comma, or a space before #.',
  MULTILINE_IMPLICIT_KEY: 'Keep the key on one line, with its : behind it.',
  UNEXPECTED_TOKEN: 'Remove what stands here, or quote the text it belongs to.',
}
