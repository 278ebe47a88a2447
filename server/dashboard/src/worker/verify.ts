import { CodedError, reportOf, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { parseEvidence, writeEvidence } from '@countersign/evidence'
import { type Examination, examine } from '@countersign/evidence-page'
import { noticed, tamper } from '@countersign/evidence-page/tamper'
import { isBundle, linkDigest } from '@countersign/formats'
import { anchorBelief } from './anchor-belief.ts'
import { draftApproval } from './approval.ts'
import { assemble } from './assemble.ts'
import { unlessUnruled } from './bound.ts'
import type { Answers, Asked, Message, Seen, Tampering } from './messages.ts'
import { readDeviation } from './deviation.ts'
import { readNotes } from './notes.ts'
import { inert, seenOf } from './seen.ts'
import { seenStatement } from './statement.ts'
import { type FetchTile, watch } from './watch.ts'
import { webCrypto } from './web-crypto.ts'

/** Verifies beside the page: however much there is to check, the page answers its reader. */

/** The public Sigstore's `trusted_root.json`, as these pages were built with it. */
const sigstore = utf8(PUBLIC_SIGSTORE)
/** Whom the page's reader believes about anchors. */
let belief = anchorBelief({ named: null, pins: [] }, sigstore, portableCrypto)

/** How often the page is told how far it is. */
const TOLD_EVERY = 25

const post = (message: Message) => postMessage(message)

addEventListener('message', ({ data }: MessageEvent<{ id: number; asked: Asked }>) => {
  const { id, asked } = data
  answer(id, asked).then(
    (value) => post({ id, answer: value }),
    (error: unknown) => post({ id, report: reportOf(error) }),
  )
})

async function answer(id: number, asked: Asked): Promise<Answers[keyof Answers]> {
  const now = new Date().toISOString()
  switch (asked.kind) {
    case 'examine': {
      const crypto = webCrypto(() => undefined)
      // Copies of what is seen here are judged by the same.
      belief = anchorBelief(asked.material.trust, sigstore, crypto)
      const evidence = assemble(asked.material, belief, crypto, now)
      if (evidence === null) throw new CodedError('evidence-unavailable', 'the server has no attestation of it')
      return look(id, writeEvidence(evidence), now)
    }
    case 'again':
      return look(id, asked.evidence, now)
    case 'tamper':
      return tampered(id, asked, now)
    case 'approval': {
      const { examination } = await judged(id, asked.evidence, now)
      return inert(draftApproval(examination, asked.asked, crypto.getRandomValues(new Uint8Array(16))))
    }
    case 'deviation': {
      const { evidence, line, added } = asked
      return inert(readDeviation(parseEvidence(evidence), line, added, portableCrypto, now))
    }
    case 'notes':
      return inert(readNotes(asked.material, portableCrypto))
    case 'watch':
      return watch(
        asked.watched,
        fetchTile,
        webCrypto(() => undefined),
      )
    case 'parties':
      return inert(anchorBelief(asked.trust, sigstore, portableCrypto).parties)
    case 'statement':
      return inert(seenStatement(asked, anchorBelief(asked.trust, sigstore, portableCrypto), portableCrypto))
  }
}

async function look(id: number, evidence: Uint8Array, now: string): Promise<Seen> {
  return (await judged(id, evidence, now)).seen
}

async function judged(
  id: number,
  evidence: Uint8Array,
  now: string,
): Promise<{ readonly examination: Examination; readonly seen: Seen }> {
  let signatures = 0
  const crypto = webCrypto(() => {
    signatures++
    if (signatures % TOLD_EVERY === 0) post({ id, checked: signatures })
  })
  const begun = performance.now()
  const examination = unlessUnruled(await examine(evidence, { crypto, now }))
  const ms = performance.now() - begun
  return { examination, seen: seenOf(examination, evidence, belief, crypto, { signatures, ms }) }
}

/** One bit of one byte changed in this copy, and everything verified again. */
async function tampered(
  id: number,
  { evidence, target, link }: Extract<Asked, { kind: 'tamper' }>,
  now: string,
): Promise<Tampering> {
  const before = await judged(id, evidence, now)
  const read = parseEvidence(evidence)
  const bundles = read.lines.filter(isBundle)
  const wanted = bundles.findIndex(({ envelope }) => linkDigest(envelope, portableCrypto) === link)
  const any = (n: number) => Math.floor(Math.random() * n)
  // Which line comes first, then which byte of it.
  let place = target === 'receipt' || wanted < 0 ? null : wanted
  const changed = tamper(read, target, (n) => {
    const picked = place ?? any(n)
    place = null
    return picked
  })
  const after = await judged(id, changed.bytes, now)
  return { what: changed.what, noticed: noticed(before.examination, after.examination), seen: after.seen }
}

const fetchTile: FetchTile = async (path) => {
  const response = await fetch(`/${path}`).catch(() => null)
  return response?.ok === true ? new Uint8Array(await response.arrayBuffer()) : null
}
