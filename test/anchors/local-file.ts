import { createHash, randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Anchor, AnchorJob, AnchorMove } from '@countersign/anchor'
import { CodedError, hex, type JsonObject, parseJson, utf8 } from '@countersign/core'
import { ANCHOR_MEDIA_TYPE, type AnchorKind } from '@countersign/formats/anchor'

/** Lines that are only ever added. */
export interface Ledger {
  lines(): readonly string[]
  append(line: string): void
}

/** A ledger in a file: a line counts when it is whole, and on the disk. */
export function fileLedger(path: string): Ledger {
  const text = () => (existsSync(path) ? readFileSync(path, 'utf8') : '')
  return {
    lines: () => text().split('\n').slice(0, -1),
    append(line) {
      const torn = text() !== '' && !text().endsWith('\n')
      const file = openSync(path, 'a')
      try {
        writeSync(file, `${torn ? '\n' : ''}${line}\n`)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
    },
  }
}

export function memoryLedger(): { lines(): string[]; append(line: string): void } {
  const lines: string[] = []
  return { lines: () => lines, append: (line) => void lines.push(line) }
}

export interface LedgerAnchorOptions {
  readonly ledger: Ledger
  readonly name?: string
  readonly kind?: AnchorKind
  /** Milliseconds for which a line has to stand before it counts; 0 by default. */
  readonly settles?: number
  /** Called before anything is asked of the ledger: throws where it is down, or refuses the statement. */
  readonly before?: (job: AnchorJob) => void | Promise<void>
}

/**
 * The smallest anchor there is: a line in a ledger nobody of this house can change. A line has an id of its own, which
 * is durable before the line is written, so that a move that is made twice writes one line. Costs one `line`.
 */
export function ledgerAnchor(options: LedgerAnchorOptions): Anchor {
  const { ledger, name = 'ledger', kind = 'rekor', settles = 0, before } = options
  const find = (id: string) => ledger.lines().findIndex((line) => line.startsWith(`${id} `))
  return {
    kind,
    name,
    async move(job): Promise<AnchorMove> {
      const { text, state, now } = job
      const { memo } = state
      const digest = createHash('sha256').update(text).digest('hex')
      if (memo === null) return moved('pending', { id: randomBytes(8).toString('hex') }, 0)
      await before?.(job)
      const id = String(memo['id'])
      const line = find(id)
      if (line < 0) {
        // Not there yet, or fallen out: the same line again.
        ledger.append(`${id} ${digest}`)
        return moved('submitted', { id }, 0)
      }
      if (state.phase === 'pending') return moved('submitted', { id }, 0)
      if (state.phase === 'submitted') {
        return { ...moved('included', { id, since: now }, settles), costs: [{ unit: 'line', amount: '1' }] }
      }
      // The clock may have been set back meanwhile.
      const since = Math.min(now, Number(memo['since']))
      if (now - since < settles) return moved('included', { id, since }, settles - (now - since))
      if (ledger.lines()[line] !== `${id} ${digest}`) {
        throw new CodedError('anchor-refused', `line ${line} of the ledger is of another statement`)
      }
      const proof = { mediaType: ANCHOR_MEDIA_TYPE, kind, statement: digest, ledger: { line, id } }
      return { ...moved('final', null, 0), proof: utf8(JSON.stringify(proof)) }
    },
    async check() {
      const found = `the ledger has ${ledger.lines().length} lines`
      return [{ name: 'reachable', ok: true, found, code: null }]
    },
  }
}

/** Throws unless the proof is that of this statement's line in the ledger. */
export function verifyLine(proof: Uint8Array, text: Uint8Array, ledger: Ledger): void {
  const { statement, ledger: place } = parseJson(proof) as { statement: string; ledger: JsonObject }
  const digest = hex(new Uint8Array(createHash('sha256').update(text).digest()))
  if (statement !== digest || ledger.lines()[Number(place['line'])] !== `${String(place['id'])} ${digest}`) {
    throw new CodedError('anchor-mismatch', 'the line is of another statement')
  }
}

/**
 * The mistake that the port forbids: an id that is made when it is sent, and so another one when the same move is made
 * again. For red controls.
 */
export function carelessAnchor(options: LedgerAnchorOptions): Anchor {
  const { ledger } = options
  const careful = ledgerAnchor(options)
  return {
    ...careful,
    async move(job) {
      if (job.state.memo !== null) return careful.move(job)
      const id = randomBytes(8).toString('hex')
      ledger.append(`${id} ${createHash('sha256').update(job.text).digest('hex')}`)
      return moved('submitted', { id }, 0)
    },
  }
}

function moved(phase: AnchorMove['state']['phase'], memo: JsonObject | null, again: number): AnchorMove {
  return { state: { phase, memo }, proof: null, again, costs: [] }
}
