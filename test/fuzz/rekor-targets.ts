import { isDeepStrictEqual } from 'node:util'
import { canonicalJson, equal, fromUtf8, hex, parseJson, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { Shape } from '@countersign/formats'
import {
  parseSigningConfig,
  readRekor,
  type RekorEntry,
  rekorEntryJson,
  rekorJson,
  servicesAt,
  writeHashedRekord,
} from '@countersign/formats/anchor'
import { parseRekorVkey, parseTrustedRoot } from '@countersign/verify/anchors'
import { entryOfReplyV1, entryOfReplyV2 } from '../../packages/adapters/src/rekor-replies.ts'
import { vectors } from '../vectors/read.ts'
import type { Target } from './targets.ts'
import { demand, JSON_WORDS, NOTE_WORDS, of, words } from './words.ts'

interface Vector {
  readonly anchor: { readonly entry?: Record<string, unknown> }
}
const entries = vectors<Vector>('anchor-rekor').flatMap(([, { anchor }]) =>
  anchor.entry === undefined ? [] : [anchor.entry],
)
const WORDS = [
  ...JSON_WORDS,
  ...NOTE_WORDS,
  ...words('"integratedTime":"1"', '"logIndex":"0"', '"hashes":[]', '"inclusionPromise":null', '\\n', '\\n\u2014 '),
]

/** What is read of an entry is its one spelling, whatever the log wrote. */
function checkEntry(entry: RekorEntry): void {
  demand(equal(writeHashedRekord(entry.version, entry.record), entry.body), 'two spellings of a leaf')
  demand(entry.treeIndex < entry.checkpoint.size, 'a proof of nothing')
  demand((entry.promise === null) === (entry.version === '0.0.2'), 'a time that nobody signed')
  const anchor = { mediaType: 'application/vnd.countersign.anchor.v1+json', kind: 'rekor', statement: '0'.repeat(64) }
  const json = { ...anchor, entry: rekorEntryJson(entry) }
  demand(isDeepStrictEqual(rekorJson(readRekor(new Shape('anchor-invalid', json, 'anchor'))), json), 'not stable')
}

/** An entry as a v1 log answers. */
function replyV1(entry: Record<string, unknown>): Uint8Array {
  const it = entry as {
    canonicalizedBody?: string
    integratedTime?: string
    logId?: { keyId: string }
    logIndex?: string
    inclusionPromise?: { signedEntryTimestamp: string }
    inclusionProof?: { checkpoint?: { envelope: string }; hashes?: string[]; logIndex?: string }
  }
  const bytes = (text = '') => hex(new Uint8Array(Buffer.from(text, 'base64')))
  const inclusionProof = {
    checkpoint: it.inclusionProof?.checkpoint?.envelope,
    hashes: it.inclusionProof?.hashes?.map(bytes),
    logIndex: Number(it.inclusionProof?.logIndex),
  }
  const verification = { inclusionProof, signedEntryTimestamp: it.inclusionPromise?.signedEntryTimestamp ?? 'AAAA' }
  const integratedTime = Number(it.integratedTime)
  const [logID, logIndex] = [bytes(it.logId?.keyId), Number(it.logIndex)]
  return utf8(JSON.stringify({ aa: { body: it.canonicalizedBody, integratedTime, logID, logIndex, verification } }))
}

/** Readers of what Rekor's logs, and the files that say which to believe, hold. */
export const REKOR_TARGETS: readonly Target[] = [
  {
    name: 'anchor-rekor',
    seeds: of('anchor-rekor', 'anchor'),
    words: WORDS,
    run(input) {
      const value = parseJson(input)
      const anchor = readRekor(new Shape('anchor-invalid', value, 'anchor'))
      demand(equal(canonicalJson(rekorJson(anchor)), canonicalJson(value)), 'two spellings')
      checkEntry(anchor.entry)
    },
  },
  {
    name: 'rekor-reply',
    seeds: entries.map((entry) => utf8(JSON.stringify(entry))),
    words: WORDS,
    run: (input) => checkEntry(entryOfReplyV2(input)),
  },
  {
    name: 'rekor-v1-reply',
    seeds: entries.map(replyV1),
    words: WORDS,
    run: (input) => checkEntry(entryOfReplyV1(input)),
  },
  {
    name: 'rekor-trusted-root',
    seeds: of('rekor-trusted-root', 'trustedRoot'),
    words: [...JSON_WORDS, ...words('"PKIX_ED25519"', '"validFor":{}', '"operator":"a"', '"2026-01-01T00:00:00Z"')],
    run(input) {
      const { logs } = parseTrustedRoot(input, portableCrypto)
      demand(logs.length > 0 && logs.every(({ logId }) => logId.length === 32), 'trust in nobody')
    },
  },
  {
    name: 'rekor-signing-config',
    seeds: of('rekor-signing-config', 'signingConfig'),
    words: [...JSON_WORDS, ...words('"validFor":{}', '"2026-01-01T00:00:00.5Z"', '"majorApiVersion":2')],
    run(input) {
      const services = parseSigningConfig(input)
      const chosen = servicesAt(services, Date.UTC(2026, 10, 20), [1, 2])
      demand(services.length > 0 && chosen.every(({ majorApiVersion: v }) => v === 1 || v === 2), 'a service unknown')
    },
  },
  {
    name: 'rekor-vkey',
    seeds: of('rekor-vkey', 'vkey'),
    words: words('+', '=', 'AA', '00000000', '\u00a0', ' '),
    run(input) {
      const text = fromUtf8(input)
      const { name, logId } = parseRekorVkey(text, portableCrypto)
      demand(text.startsWith(`${name}+${hex(logId.subarray(0, 4))}+`), 'another id')
    },
  },
]
