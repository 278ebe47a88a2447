import { resolve } from 'node:path'
import type { Client, ListedCertificate } from '@countersign/client'
import { base64, CodedError, type Crypto, equal, fromBase64, hex, type JsonValue, parseJson } from '@countersign/core'
import { parseLeaf, Shape, verifyCheckpoint, writeLeaf } from '@countersign/formats'
import { IDENTITY_FACTS, issuanceLeaf } from '@countersign/formats/identity'
import { fsck, type LogHashes } from '@countersign/log'
import { leafHash, TILE_WIDTH, verifyInclusion } from '@countersign/merkle'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { readBounded } from '../files.ts'
import { believeLog } from '../log-trust.ts'
import { paintFor, plain, short, table } from '../output.ts'

interface Format {
  readonly format: string
}

export interface ListOptions extends Format {
  readonly all?: boolean
  readonly authority?: string
  readonly since?: string
  readonly until?: string
}

export interface ShowOptions extends Format {
  readonly trust?: readonly string[]
}

export interface AuditOptions extends ShowOptions {
  readonly known?: readonly string[]
}

const MAX_LIST_BYTES = 256 * 1024 * 1024
const MAX_SHOWN = 100

/** Lists what the authority has issued for the tenant. */
export async function certificateList(context: Context, options: ListOptions): Promise<ExitCode> {
  const client = await clientFor(context)
  const [since, until] = [timeOf(options.since), timeOf(options.until)]
  const wanted = ({ authority, issuedAt }: ListedCertificate) => {
    const at = Date.parse(issuedAt)
    return authority.startsWith(options.authority ?? '') && at >= (since ?? at) && at < (until ?? Infinity)
  }
  // Whoever asks for a part of them wants all of that part.
  const whole = options.all === true || since !== null || until !== null || options.authority !== undefined
  const items = (await listed(client, whole)).filter(wanted)
  if (options.format === 'json') context.stdout(`${JSON.stringify({ items: items.map(jsonOf) })}\n`)
  else if (items.length === 0) context.stdout('No certificate was issued.\n')
  else {
    const rows = items.map((one) => [
      one.serial,
      one.issuedAt,
      plain(one.grade, 1),
      plain(one.system, 24),
      plain(one.identity.subject.value),
    ])
    context.stdout(table(rows, ''))
  }
  return 0
}

function timeOf(text: string | undefined): number | null {
  if (text === undefined) return null
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new CodedError('usage', `${plain(text, 40)} is not a time like 2026-11-21T12:00:00Z`)
  return time
}

async function listed(client: Client, whole: boolean): Promise<ListedCertificate[]> {
  const items: ListedCertificate[] = []
  let cursor: string | null = null
  do {
    const page: { items: readonly ListedCertificate[]; next: string | null } = await client.certificates(cursor)
    items.push(...page.items)
    cursor = whole ? page.next : null
  } while (cursor !== null)
  return items
}

/** Shows one, once its leaf is found under what the log has signed. */
export async function certificateShow(context: Context, serial: string, options: ShowOptions): Promise<ExitCode> {
  if (!/^[0-9a-f]{2,64}$/.test(serial)) throw new CodedError('usage', 'a serial number is lower-case hex')
  const client = await clientFor(context)
  const crypto = await nativeCrypto()
  const { trust, from } = await believeLog(context, options.trust ?? [], client, crypto)
  const { proof, ...certificate } = await client.certificate(serial)
  const { checkpoint } = verifyCheckpoint(proof.checkpoint, { ...trust, witnesses: [] }, crypto)
  const hash = { size: 32, hash: (bytes: Uint8Array) => crypto.sha256(bytes) }
  const leaf = leafHash(entryOf(certificate, crypto), hash)
  verifyInclusion(
    { index: proof.index, size: checkpoint.size, leafHash: leaf, path: proof.hashes },
    checkpoint.root,
    hash,
  )
  if (proof.index !== certificate.index) throw new CodedError('server-answer', 'the proof is of another entry')
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify({ ...jsonOf(certificate), size: checkpoint.size, believing: from })}\n`)
    return 0
  }
  const { identity } = certificate
  const facts = IDENTITY_FACTS.flatMap((fact) => {
    const value = identity[fact]
    return value === null ? [] : [[fact, plain(value)]]
  })
  const paint = paintFor(context)
  context.stdout(`${paint.bold(plain(identity.subject.value))}\n`)
  context.stdout(
    table([
      ...facts,
      ['grade', plain(certificate.grade, 1)],
      ['system', plain(certificate.system, 24)],
      ['valid', `${certificate.issuedAt} to ${certificate.notAfter}`],
      ['key', short(certificate.keyId)],
      ['authority', short(certificate.authority)],
    ]),
  )
  const place = `entry ${certificate.index} of ${plain(trust.origin)}, under a checkpoint of ${checkpoint.size}`
  context.stdout(`${paint.green('✓')} ${place}\n${paint.dim(`  believing ${plain(from)}`)}\n`)
  return 0
}

/** The entry that the log must have for a certificate. */
function entryOf({ tbs, issuedAt }: Pick<ListedCertificate, 'tbs' | 'issuedAt'>, crypto: Crypto): Uint8Array {
  return writeLeaf(issuanceLeaf(tbs, Date.parse(issuedAt), crypto))
}

/**
 * Rebuilds the log from its entries, holds the root against its signed checkpoint, and each certificate in it against the
 * lists of those that are known.
 */
export async function certificateAudit(context: Context, options: AuditOptions): Promise<ExitCode> {
  const client = await clientFor(context)
  const crypto = await nativeCrypto()
  const { trust, from } = await believeLog(context, options.trust ?? [], client, crypto)
  // The log before the lists: what is issued meanwhile is not in the log that is looked at.
  const signed = verifyCheckpoint(await client.log.checkpoint(), { ...trust, witnesses: [] }, crypto).checkpoint
  const found = await entriesOf(client, signed, crypto)
  const others = (options.known ?? []).flatMap((file) => knownIn(resolve(context.cwd, file)))
  const known = new Map<string, number>()
  for (const one of [...(await listed(client, true)), ...others]) {
    known.set(hex(crypto.sha256(entryOf(one, crypto))), one.index)
  }
  const unknown = found.certificates.filter(({ name, index }) => known.get(name) !== index && !found.erased.has(index))
  const erased = found.certificates.filter(({ index }) => found.erased.has(index)).length
  const pass = unknown.length === 0
  const total = found.certificates.length
  if (options.format === 'json') {
    const facts = {
      verdict: pass ? 'pass' : 'fail',
      origin: trust.origin,
      believing: from,
      size: signed.size,
      certificates: total,
      erased,
      unknown: unknown.map(({ index, issuedAt }) => ({ index, issuedAt })),
    }
    context.stdout(`${JSON.stringify(facts)}\n`)
    return pass ? 0 : 1
  }
  const paint = paintFor(context)
  for (const { index, issuedAt } of unknown.slice(0, MAX_SHOWN)) {
    context.stdout(`${paint.red('✗')} entry ${index}: a certificate of ${issuedAt} that is in no list\n`)
  }
  if (unknown.length > MAX_SHOWN) context.stdout(`  and ${unknown.length - MAX_SHOWN} more\n`)
  if (pass) {
    const gone = erased === 0 ? '' : `, ${erased} of them erased`
    context.stdout(`${paint.green('✓')} ${total} certificates in ${signed.size} entries, each of them known${gone}\n`)
  } else {
    context.stdout(
      `  ${paint.dim('fix')}  of other tenants? give their lists with --known; else treat the authority as broken into\n`,
    )
  }
  context.stdout(`${paint.dim(`  of ${plain(trust.origin)}, believing ${plain(from)}`)}\n`)
  return pass ? 0 : 1
}

interface Found {
  readonly certificates: readonly { readonly index: number; readonly issuedAt: string; readonly name: string }[]
  /** Indexes of entries that have a tombstone. */
  readonly erased: ReadonlySet<number>
}

/** What the log has of certificates. Throws `log-forked` or `log-corrupt` where its entries do not give its signed root. */
async function entriesOf(client: Client, signed: { size: number; root: Uint8Array }, crypto: Crypto): Promise<Found> {
  const hashes: LogHashes = {
    sha256: { size: 32, hash: (bytes) => crypto.sha256(bytes) },
    sha3_256: { size: 32, hash: (bytes) => crypto.sha3_256(bytes) },
  }
  const certificates: { index: number; issuedAt: string; name: string }[] = []
  const erased = new Set<number>()
  const rebuilding = fsck({
    size: signed.size,
    locked: null,
    readEntries: async (begin, end) => {
      const entries = (await client.log.entries(begin / TILE_WIDTH, end - begin)) ?? []
      for (const [i, entry] of entries.entries()) {
        const leaf = parseLeaf(entry)
        if (leaf.kind === 'tombstone') erased.add(leaf.erased)
        if (leaf.kind !== 'certificate') continue
        certificates.push({ index: begin + i, issuedAt: leaf.issuedAt, name: hex(crypto.sha256(entry)) })
      }
      return entries
    },
    read: (tree, tile) => client.log.tile(tree, tile),
    hashes,
  })
  let step = await rebuilding.next()
  for (; step.done !== true; step = await rebuilding.next()) throw new CodedError('log-corrupt', step.value.what)
  const { roots } = step.value
  if (roots !== null && equal(roots.sha256, signed.root)) return { certificates, erased }
  throw new CodedError('log-forked', `its ${signed.size} entries do not give the root that it signed`)
}

/** Certificates out of a list that was written with `certificate list --format json`. */
function knownIn(file: string): Pick<ListedCertificate, 'index' | 'issuedAt' | 'tbs'>[] {
  const value: JsonValue = parseJson(readBounded(file, MAX_LIST_BYTES), { maxBytes: MAX_LIST_BYTES })
  const items = (value as { items?: JsonValue } | null)?.items
  return new Shape('usage', items, 'items').array(10_000_000).map((shape) => {
    const it = shape.members()
    return {
      index: new Shape('usage', it['index'], 'index').integer(0, Number.MAX_SAFE_INTEGER),
      issuedAt: new Shape('usage', it['issuedAt'], 'issuedAt').time(),
      tbs: fromBase64(new Shape('usage', it['tbs'], 'tbs').string(65_536)),
    }
  })
}

function jsonOf({ tbs, ...certificate }: ListedCertificate): object {
  return { ...certificate, tbs: base64(tbs) }
}
