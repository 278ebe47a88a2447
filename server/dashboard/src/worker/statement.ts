import { CodedError, type Crypto, reportOf, utf8 } from '@countersign/core'
import { parseLogStatement, type SignedLogStatement, statementDigests, verifyLogStatement } from '@countersign/formats'
import { parseAnchor } from '@countersign/formats/anchor'
import type { CertificateCrypto } from '@countersign/verify/x509'
import { type AnchorBelief, wordOf } from './anchor-belief.ts'
import { logsOf } from './assemble.ts'
import type { Asked, SeenProof, SeenStatement } from './messages.ts'

/** One statement and its anchors, as this browser verifies them. What somebody else wrote throws nothing. */
export function seenStatement(
  { note, server, proofs }: Pick<Extract<Asked, { kind: 'statement' }>, 'note' | 'server' | 'proofs'>,
  belief: AnchorBelief,
  crypto: Crypto & CertificateCrypto,
): SeenStatement {
  let statement: SignedLogStatement
  try {
    statement = parseLogStatement(note)
    const { origin, logs } = logsOf(server, crypto)
    verifyLogStatement(statement, { origin, keys: logs.map(({ key }) => key) }, crypto)
  } catch (error) {
    return { refused: reportOf(error), anchors: [] }
  }
  const { number, origin } = statement
  const { text } = statement.note
  const stated = { text: utf8(text), digests: statementDigests(text, crypto) }
  const anchors = proofs.map(({ anchor, bytes }): SeenProof => {
    try {
      const { word, proved, error } = wordOf(parseAnchor(bytes), stated, belief, crypto)
      if (word === null || proved === null) throw error ?? new CodedError('anchor-untrusted', 'nobody vouches for it')
      const { kind, by, at, time, trusted } = proved
      return { anchor, proved: { statement: number, origin, kind, by, at, time, trusted, word }, report: null }
    } catch (error) {
      return { anchor, proved: null, report: reportOf(error) }
    }
  })
  return { refused: null, anchors }
}
