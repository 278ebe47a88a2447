import { getBytes, Problem } from '../../api.ts'
import { AnchorMark, wordText } from '../../parts/anchor-words.tsx'
import { Trouble, useWork } from '../../parts/loaded.tsx'
import { Mark } from '../../parts/mark.tsx'
import { parties } from '../../worker/anchors-seen.ts'
import { namedTrust } from '../../worker/gather.ts'
import type { SeenProof, SeenStatement } from '../../worker/messages.ts'
import { verifier } from '../../worker/verifier.ts'
import type { Anchored } from './answers.ts'

/** Has this browser verify a statement and its final anchors; again when the reader pins somebody. */
export function useChecked({ number, anchors }: Anchored): ReturnType<typeof useWork<SeenStatement>> {
  const final = anchors.filter(({ finalAt }) => finalAt !== null).map(({ anchor }) => anchor)
  const pinned = (parties.value ?? []).map(({ kept, word }) => `${word} ${kept}`)
  return useWork<SeenStatement>(
    async (signal) => {
      const proofOf = async (anchor: string) => {
        const path = `/statements/${number}/anchors/${encodeURIComponent(anchor)}`
        return { anchor, bytes: await getBytes(path, signal) }
      }
      const [note, server, trust, proofs] = await Promise.all([
        getBytes(`/statements/${number}`, signal),
        getBytes('/v1/server', signal),
        namedTrust(signal),
        Promise.all(final.map(proofOf)),
      ])
      return verifier({ kind: 'statement', note, server, proofs, trust })
    },
    JSON.stringify([number, final, pinned]),
  )
}

/** What this browser found of the statement itself. */
export function CheckedStatement({ checked }: { readonly checked: ReturnType<typeof useChecked> }) {
  const { value, problem } = checked
  if (problem !== null) return <Trouble problem={problem} again={checked.again} />
  if (value === null) return <span class="quiet">your browser is checking …</span>
  if (value.refused === null) return <Mark tone="good">Your browser verified the log’s signature</Mark>
  return <Trouble problem={problemOf(value.refused)} />
}

/** What this browser found of one anchor. */
export function CheckedAnchor({ proof }: { readonly proof: SeenProof }) {
  const { proved, report } = proof
  if (proved === null) {
    return (
      <p class="checked">
        <Mark tone={report?.code === 'anchor-untrusted' ? 'unknown' : 'bad'}>Does not count</Mark>{' '}
        {report?.what ?? 'it could not be verified'}
      </p>
    )
  }
  return (
    <p class="checked">
      <AnchorMark word={proved.word} /> {proved.by}, {proved.at}. <span class="quiet">{wordText(proved.word)}</span>
    </p>
  )
}

function problemOf(report: NonNullable<SeenStatement['refused']>): Problem {
  return new Problem(0, report)
}
