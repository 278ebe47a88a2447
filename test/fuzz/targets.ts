import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { lintContract, parseContract } from '@countersign/contract'
import {
  base64,
  canonicalJson,
  checkPath,
  CodedError,
  collisionKey,
  equal,
  fromBase64,
  fromUtf8,
  type JsonValue,
  parseGlob,
  parseJson,
  parsePublicKey,
  publicKeyPem,
  rawFromDer,
  readPublicKey,
} from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  hasQuorum,
  isKeyName,
  parseAddCheckpoint,
  parseBundle,
  parseCheckpoint,
  parseCosignature,
  parseHead,
  parseHeadProof,
  parseNote,
  parseLeaf,
  parseLogStatement,
  parseOpening,
  parsePolicy,
  parseStatement,
  parseStep,
  parseSignatureLines,
  parseTlogProof,
  parseTlogSize,
  parseToken,
  parseTree,
  parseVkey,
  treeLine,
  writeAddCheckpoint,
  writeBundle,
  writeCheckpoint,
  writeCosignature,
  writeHead,
  writeHeadProof,
  writeNote,
  writeLeaf,
  writeLogStatement,
  writeOpening,
  writeSignatureLines,
  writeStep,
  writeTlogProof,
  writeTlogSize,
  writeToken,
  writeVkey,
} from '@countersign/formats'
import { parseTilePath, readEntries, tilePath, writeEntries } from '@countersign/merkle'
import { vectors } from '../vectors/read.ts'
import { ANCHOR_TARGETS } from './anchor-targets.ts'
import { REKOR_TARGETS } from './rekor-targets.ts'
import { TIMESTAMP_TARGETS } from './timestamp-targets.ts'
import { IDENTITY_TARGETS } from './identity-targets.ts'
import { REPORT_TARGETS } from './report-targets.ts'
import { SIGSTORE_TARGETS } from './sigstore-targets.ts'
import { ETHEREUM_TARGETS } from './ethereum-targets.ts'
import { OTS_TARGETS } from './ots-targets.ts'
import { CERTIFICATE_TARGETS } from './certificate-targets.ts'
import { CHAIN_TARGETS } from './chain-targets.ts'
import { ENROLMENT_TARGETS } from './enrolment-targets.ts'
import { GATE_TARGETS } from './gate-targets.ts'
import { PASSKEY_TARGETS } from './passkey-targets.ts'
import { demand, JSON_WORDS, NOTE_WORDS, of, ofHex, PATH_WORDS, words } from './words.ts'

/** One reader of hostile input. */
export interface Target {
  readonly name: string
  /** Where mutation begins: good documents, and bad ones near them. */
  readonly seeds: readonly Uint8Array[]
  /** Pieces of its language. */
  readonly words: readonly Uint8Array[]
  /**
   * Reads the input. A `CodedError` is an answer; any other throw is a bug. Where the input is read, what is
   * written from it must be read as the same: `demand` throws where not.
   */
  run(input: Uint8Array): void
}

const contracts = join(import.meta.dirname, '../vectors/contract')

/** Every reader of input from outside. A new one is added here, and both `npm run fuzz` and the tests run it. */
export const TARGETS: readonly Target[] = [
  ...OTS_TARGETS,
  ...IDENTITY_TARGETS,
  ...SIGSTORE_TARGETS,
  ...REPORT_TARGETS,
  ...GATE_TARGETS,
  {
    name: 'json',
    seeds: [...of('json', 'text'), ...of('jcs', 'value'), ...of('step', 'statement').slice(0, 20)],
    words: JSON_WORDS,
    run(input) {
      const value = parseJson(input)
      // What we read, JSON.parse reads as the same; we only refuse more.
      demand(JSON.stringify(value) === JSON.stringify(JSON.parse(fromUtf8(input))), 'JSON.parse reads another value')
      const written = canonicalJson(value)
      demand(equal(canonicalJson(parseJson(written)), written), 'not stable')
    },
  },
  {
    name: 'base64',
    seeds: of('base64', 'text'),
    words: words('=', '==', 'AAAA', '-', '_', ' ', '\n', 'Zg=='),
    run(input) {
      const text = fromUtf8(input)
      demand(base64(fromBase64(text)) === text, 'two texts, same bytes')
    },
  },
  {
    name: 'bundle',
    seeds: of('bundle', 'bundle'),
    words: JSON_WORDS,
    run(input) {
      const written = writeBundle(parseBundle(input))
      demand(equal(writeBundle(parseBundle(written)), written), 'not stable')
    },
  },
  {
    name: 'statement',
    seeds: of('statement', 'statement'),
    words: JSON_WORDS,
    run(input) {
      const statement = parseStatement(input)
      const written = canonicalJson({ _type: 'https://in-toto.io/Statement/v1', ...(statement as object) })
      demand(isDeepStrictEqual(parseStatement(written), statement), 'not stable')
    },
  },
  {
    name: 'step',
    seeds: of('step', 'statement'),
    words: JSON_WORDS,
    run(input) {
      const written = writeStep(parseStep(input))
      demand(equal(writeStep(parseStep(written)), written), 'not stable')
    },
  },
  ...CHAIN_TARGETS,
  ...ENROLMENT_TARGETS,
  ...PASSKEY_TARGETS,
  {
    name: 'leaf',
    seeds: of('leaf', 'leaf'),
    words: JSON_WORDS,
    run(input) {
      demand(equal(writeLeaf(parseLeaf(input)), input), 'has two spellings')
    },
  },
  {
    name: 'opening',
    seeds: of('opening', 'opening'),
    words: JSON_WORDS,
    run(input) {
      demand(equal(writeOpening(parseOpening(input)), input), 'has two spellings')
    },
  },
  {
    name: 'token',
    seeds: of('token', 'token'),
    words: words('cs1', '.', 'a'.repeat(32), 'b'.repeat(64), ' ', '\n'),
    run(input) {
      const text = fromUtf8(input)
      demand(writeToken(parseToken(text)) === text.trim(), 'not stable')
    },
  },
  {
    name: 'tree',
    seeds: of('tree', 'manifest'),
    words: [...PATH_WORDS, ...words('\n', '  ', '100644 ', '120000 ', 'a'.repeat(64))],
    run(input) {
      const text = fromUtf8(input)
      demand(parseTree(text).map(treeLine).join('') === text, 'not stable')
    },
  },
  {
    name: 'path',
    seeds: of('path', 'path'),
    words: PATH_WORDS,
    run(input) {
      const path = fromUtf8(input)
      checkPath(path)
      demand(path.normalize('NFC') === path && !/(^|\/)\.{0,2}(\/|$)|\\/.test(path), 'a hostile path passed')
      demand(collisionKey(collisionKey(path)) === collisionKey(path), 'the collision key is not stable')
    },
  },
  {
    name: 'glob',
    seeds: [...of('glob', 'pattern'), ...of('glob', 'path')],
    words: PATH_WORDS,
    run(input) {
      const [pattern = '', path = pattern] = fromUtf8(input).split('\n')
      const glob = parseGlob(pattern)
      demand(parseGlob(glob.pattern).matches(path) === glob.matches(path), 'not stable')
      demand(!/^[^*?]*$/.test(pattern) || glob.matches(path) === (pattern === path), 'a literal means another path')
    },
  },
  {
    name: 'der',
    seeds: ofHex('der', 'der'),
    words: [[0x30], [0x02], [0x02, 0x01], [0x00], [0x80], [0x02, 0x20], [0x02, 0x21, 0x00]].map((w) =>
      Uint8Array.from(w),
    ),
    run(input) {
      const raw = rawFromDer(input)
      if (raw === null) throw new CodedError('signature-invalid', 'not DER')
      demand(equal(derOf(raw), input), 'two encodings of one signature')
    },
  },
  {
    name: 'key',
    seeds: ofHex('key', 'spki'),
    words: [[0x30], [0x04], [0x03, 0x42, 0x00], [0x00], [0xff]].map((w) => Uint8Array.from(w)),
    run(input) {
      const key = parsePublicKey(input)
      demand(equal(readPublicKey(publicKeyPem(key)).spki, input), 'not stable')
    },
  },
  {
    name: 'key-text',
    seeds: of('key', 'text'),
    words: words('-----BEGIN PUBLIC KEY-----', '-----END PUBLIC KEY-----', '\n', ' ', 'PRIVATE', '='),
    run(input) {
      const key = readPublicKey(input)
      demand(readPublicKey(publicKeyPem(key)).keyId === key.keyId, 'not stable')
    },
  },
  {
    name: 'note',
    seeds: [...of('note', 'note'), ...ofHex('note', 'hex')],
    words: NOTE_WORDS,
    run(input) {
      const note = parseNote(input)
      demand(equal(writeNote(note), input), 'two spellings of one note')
      demand(note.text.endsWith('\n') && note.signatures.length > 0, 'a note without text or signature')
    },
  },
  {
    name: 'vkey',
    seeds: of('vkey', 'vkey'),
    words: NOTE_WORDS,
    run(input) {
      const text = fromUtf8(input)
      demand(writeVkey(parseVkey(text, portableCrypto)) === text, 'two spellings of one key')
    },
  },
  {
    name: 'checkpoint',
    seeds: of('checkpoint', 'note'),
    words: NOTE_WORDS,
    run(input) {
      const checkpoint = parseCheckpoint(input)
      demand(equal(writeNote(checkpoint.note), input), 'two spellings of one note')
      const { origin, extensions, note } = checkpoint
      if (!isKeyName(origin)) return
      const written = writeCheckpoint(checkpoint) + extensions.map((line) => `${line}\n`).join('')
      demand(written === note.text, 'two spellings of one checkpoint')
    },
  },
  {
    name: 'log-statement',
    seeds: [...of('log-statement', 'note'), ...of('checkpoint', 'note').slice(0, 8)],
    words: [
      ...NOTE_WORDS,
      ...words(
        'countersign.dev/log-statement@v1\n',
        'origin ',
        'number ',
        'period ',
        'covers ',
        'size ',
        'sha256 ',
        'sha3-256 ',
        'heads ',
        'previous ',
        'none',
        'time ',
        '2026-11-20T00:00:00.000Z',
      ),
    ],
    run(input) {
      const statement = parseLogStatement(input)
      demand(equal(writeNote(statement.note), input), 'two spellings of one note')
      demand(writeLogStatement(statement) === statement.note.text, 'two spellings of one statement')
      let checkpoint = null
      try {
        checkpoint = parseCheckpoint(input)
      } catch (error) {
        if (!(error instanceof CodedError)) throw error
      }
      demand(checkpoint === null, 'a statement passes for a checkpoint')
    },
  },
  {
    name: 'head',
    seeds: ofHex('head', 'hex'),
    words: [new Uint8Array(8), new Uint8Array(1), Uint8Array.of(0xff), Uint8Array.of(0x01)],
    run(input) {
      demand(equal(writeHead(parseHead(input)), input), 'two encodings of one head')
    },
  },
  {
    name: 'head-proof',
    seeds: vectors<{ proof: JsonValue }>('head-proof').map(([, { proof }]) => canonicalJson(proof)),
    words: [...JSON_WORDS, ...NOTE_WORDS],
    run(input) {
      const proof = parseHeadProof(input)
      demand(equal(writeHeadProof(proof), input), 'two spellings of one proof')
      demand(proof.members.length <= 2, 'more than two neighbours')
    },
  },
  {
    name: 'cosignature',
    seeds: ofHex('cosignature', 'blob'),
    words: [new Uint8Array(8), new Uint8Array(1), Uint8Array.of(0xff), Uint8Array.of(0x80)],
    run(input) {
      demand(equal(writeCosignature(parseCosignature(input)), input), 'two encodings of one cosignature')
    },
  },
  {
    name: 'tlog-proof',
    seeds: of('tlog-proof', 'proof'),
    words: NOTE_WORDS,
    run(input) {
      const proof = parseTlogProof(input)
      demand(equal(writeTlogProof(proof), input), 'two spellings of one proof')
      demand(proof.index < proof.checkpoint.size && proof.hashes.length < 64, 'a proof of nothing')
    },
  },
  {
    name: 'add-checkpoint',
    seeds: of('witness', 'request'),
    words: NOTE_WORDS,
    run(input) {
      demand(equal(writeAddCheckpoint(parseAddCheckpoint(input)), input), 'two spellings of one request')
    },
  },
  {
    name: 'witness-answer',
    seeds: [...of('witness', 'answer'), ...of('witness', 'size')],
    words: NOTE_WORDS,
    run(input) {
      // A size never begins with a dash, so one reader at most takes an answer.
      const written =
        input[0] === 0xe2 ? writeSignatureLines(parseSignatureLines(input)) : writeTlogSize(parseTlogSize(input))
      demand(equal(written, input), 'two spellings of one answer')
    },
  },
  {
    name: 'policy',
    seeds: of('policy', 'policy'),
    words: words('\n', 'log ', 'witness ', 'group ', 'quorum ', 'none', 'any ', 'all ', '2 ', '#', '\t', 'w\n', 'X1 '),
    run(input) {
      const policy = parsePolicy(input, portableCrypto)
      const keyIds = policy.witnesses.map(({ key }) => key.publicKey.keyId)
      demand(new Set(keyIds).size === keyIds.length, 'one key is two witnesses')
      demand(hasQuorum(policy, new Set(keyIds)), 'all witnesses together are too few')
      demand(hasQuorum(policy, new Set()) === (policy.quorum === null), 'nobody is enough')
    },
  },
  {
    name: 'contract',
    seeds: readdirSync(contracts).map((file) => new Uint8Array(readFileSync(join(contracts, file)))),
    words: words(
      '\n',
      '  ',
      '- ',
      ': ',
      '&a',
      '*a',
      '<<: ',
      '!!js/function',
      '|',
      '>',
      '{',
      '[',
      '"',
      '#',
      'steps:',
      '**',
      '? ',
    ),
    run(input) {
      const faults = lintContract(input)
      let contract
      try {
        contract = parseContract(input)
      } catch (error) {
        demand(faults.length > 0, 'refused without a fault')
        throw error
      }
      demand(faults.length === 0 && contract.steps.size > 0, 'accepted with faults, or empty')
    },
  },
  {
    name: 'tile-path',
    seeds: of('merkle/tile-path', 'path'),
    words: words('tile/', 'entries', '/', '000', 'x001/', 'x000/', '.p/', '1', '256', '-', '\n', '..'),
    run(input) {
      const path = fromUtf8(input)
      demand(tilePath(parseTilePath(path)) === path, 'two paths, one tile')
    },
  },
  {
    name: 'entry-bundle',
    // The first byte says how many entries are expected, less one.
    seeds: vectors<{ bundle: string; width: number }>('merkle/entry-bundle').map(([, { bundle, width }]) =>
      Uint8Array.from([width - 1, ...Buffer.from(bundle, 'hex')]),
    ),
    words: [[0x00, 0x00], [0x00, 0x01], [0xff, 0xff], [0x01]].map((w) => Uint8Array.from(w)),
    run(input) {
      const bundle = input.subarray(1)
      const entries = readEntries(bundle, (input[0] ?? 0) + 1)
      demand(entries.length === input[0]! + 1, 'another number of entries')
      demand(equal(writeEntries(entries), bundle), 'not stable')
    },
  },
  ...ANCHOR_TARGETS,
  ...REKOR_TARGETS,
  ...TIMESTAMP_TARGETS,
  ...CERTIFICATE_TARGETS,
  ...ETHEREUM_TARGETS,
]

function derOf(raw: Uint8Array): Uint8Array {
  const integers = [raw.subarray(0, 32), raw.subarray(32)].flatMap((bytes) => {
    const from = bytes.findIndex((byte) => byte !== 0)
    const body = [...bytes.subarray(from)]
    const signed = body[0]! >= 0x80 ? [0, ...body] : body
    return [0x02, signed.length, ...signed]
  })
  return Uint8Array.from([0x30, integers.length, ...integers])
}
