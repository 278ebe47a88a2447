import { resolve } from 'node:path'
import { CodedError, type Crypto } from '@countersign/core'
import {
  type AnchorRoots,
  ANCHOR_KINDS,
  joinAnchorRoots,
  MAX_ANCHOR_TRUST_BYTES,
  NO_ANCHOR_ROOTS,
} from '@countersign/formats/anchor'
import type { AnchorDemand } from '@countersign/verify'
import type { Context } from './context.ts'
import { readBounded } from './files.ts'
import { plain } from './output.ts'

/** What `--require-anchors` demands: kinds that must all be there, or how many different ones. Throws `usage`. */
export function anchorDemands(text: string | undefined): readonly AnchorDemand[] {
  if (text === undefined) return []
  if (/^[1-4]$/.test(text)) return [{ kinds: [], count: Number(text), within: null }]
  const kinds = text.split(',').map((name) => {
    const kind = ANCHOR_KINDS.find((one) => one === name)
    if (kind !== undefined) return kind
    throw new CodedError('usage', `--require-anchors ${plain(text, 80)} is neither kinds of anchors nor their number`, {
      fix: `Name them with commas between: ${ANCHOR_KINDS.join(',')}; or how many different ones: 1 to 4.`,
    })
  })
  if (new Set(kinds).size !== kinds.length) throw new CodedError('usage', '--require-anchors names a kind twice')
  return [{ kinds, count: kinds.length, within: null }]
}

/** Whom to believe among anchors, by the files of `--anchor-trust`; null where none is named. */
export async function readAnchorRootsFrom(
  context: Context,
  files: readonly string[] | undefined,
  crypto: Pick<Crypto, 'sha256'>,
): Promise<AnchorRoots | null> {
  if (files === undefined) return null
  const { parseAnchorTrust } = await import('@countersign/verify/anchors')
  return files
    .map((file) => parseAnchorTrust(readBounded(resolve(context.cwd, file), MAX_ANCHOR_TRUST_BYTES), crypto))
    .reduce(joinAnchorRoots, NO_ANCHOR_ROOTS)
}
