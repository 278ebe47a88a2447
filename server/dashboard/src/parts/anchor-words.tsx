import type { AnchorWord, SeenAnchor } from '../worker/messages.ts'
import { Mark, type Tone } from './mark.tsx'

const KINDS: Readonly<Record<string, string>> = {
  rekor: 'Sigstore Rekor',
  rfc3161: 'Timestamp authority',
  ethereum: 'Ethereum',
  opentimestamps: 'Bitcoin, by OpenTimestamps',
}

/** The same where there is little room. */
const SHORT: Readonly<Record<string, string>> = {
  rekor: 'Rekor',
  rfc3161: 'timestamps',
  ethereum: 'Ethereum',
  opentimestamps: 'Bitcoin',
}

export function shortKind(kind: string): string {
  return Object.hasOwn(SHORT, kind) ? SHORT[kind]! : kind
}

export function kindText(kind: string): string {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind]! : kind
}

/** Whose word it is that the anchor is what it says, in few words and in a sentence. */
const WORDS: Readonly<Record<AnchorWord, readonly [tone: Tone, short: string, whole: string]>> = {
  public: ['good', 'Verified', 'By what these pages know themselves, whatever this server says.'],
  pinned: ['good', 'Verified', 'By a key that you pinned in this browser.'],
  server: ['unknown', 'By this server’s word', 'It calls the block final. Look the block up elsewhere to be sure.'],
  named: ['unknown', 'Does not count yet', 'Only this server says whose key it is. Compare the key, then pin it.'],
  changed: ['bad', 'Changed', 'It was another before.'],
}

export function wordText(word: AnchorWord): string {
  return WORDS[word][2]
}

/** How an anchor stands in this browser. */
export function AnchorMark({ word }: Pick<SeenAnchor, 'word'>) {
  const [tone, short] = WORDS[word]
  return <Mark tone={tone}>{short}</Mark>
}
