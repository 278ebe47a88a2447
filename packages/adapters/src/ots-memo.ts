import { base64, CodedError, fromBase64, fromHex, hex, type JsonObject } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { type OtsOp, type OtsPath, otsPaths, otsTree, parseOtsTree, writeOtsTree } from '@countersign/formats/anchor'

const MAX_CALENDARS = 64
const MESSAGE_BYTES = 32

/** What is known of one calendar. All ways begin at the digest that was handed in. */
export interface CalendarMemo {
  readonly url: string
  /** When it took the digest, milliseconds since 1970. */
  readonly since: number
  readonly promises: readonly OtsPath[]
  /** The way to a block whose header was checked. */
  readonly attested: {
    readonly height: number
    /** Merkle root of the block, in internal byte order. */
    readonly digest: Uint8Array
    readonly ops: readonly OtsOp[]
  } | null
}

/** What is kept of a statement on its way. */
export interface OtsMemo {
  readonly nonce: Uint8Array
  readonly calendars: readonly CalendarMemo[]
}

/** Memo as JSON. */
export function writeOtsMemo({ nonce, calendars }: OtsMemo): JsonObject {
  return {
    nonce: base64(nonce),
    calendars: calendars.map(({ url, since, promises, attested }) => ({
      url,
      since,
      promises: base64(writeOtsTree(otsTree(promises), MESSAGE_BYTES)),
      attested: attested === null ? null : { ...wayOf(attested), root: hex(attested.digest) },
    })),
  }
}

/** {@link writeOtsMemo} the other way; throws `anchor-invalid` for a memo that is not ours. */
export function readOtsMemo(memo: JsonObject): OtsMemo {
  const members = new Shape('anchor-invalid', memo, 'memo').object(['nonce', 'calendars'])
  const calendars = members.get('calendars').array(MAX_CALENDARS)
  return {
    nonce: fromBase64(members.text('nonce')),
    calendars: calendars.map((calendar) => {
      const it = calendar.object(['url', 'since', 'promises', 'attested'])
      return {
        url: it.text('url'),
        since: it.integer('since', 0, Number.MAX_SAFE_INTEGER),
        promises: otsPaths(treeIn(it.get('promises'))),
        attested: it.get('attested').nullable(readAttested),
      }
    }),
  }
}

function wayOf({ height, ops }: NonNullable<CalendarMemo['attested']>) {
  return { way: base64(writeOtsTree(otsTree([{ ops, attestation: { kind: 'bitcoin', height } }]), MESSAGE_BYTES)) }
}

function readAttested(shape: Shape): NonNullable<CalendarMemo['attested']> {
  const it = shape.object(['way', 'root'])
  const [way] = otsPaths(treeIn(it.get('way')))
  if (way?.attestation.kind !== 'bitcoin') throw new CodedError('anchor-invalid', 'the memo has no way to a block')
  return { height: way.attestation.height, digest: fromHex(it.hex('root', 64)), ops: way.ops }
}

function treeIn(shape: Shape) {
  return parseOtsTree(fromBase64(shape.string()), MESSAGE_BYTES)
}
