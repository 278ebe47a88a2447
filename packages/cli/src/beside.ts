import { CodedError, type Crypto } from '@countersign/core'
import {
  type ChainLine,
  isBundle,
  isReceipt,
  isWithheld,
  linkDigest,
  parseStep,
  type StepStatement,
  writeChainLine,
} from '@countersign/formats'

/** Most lines that are kept of a file: an artifact that is deployed again and again has a run more each time. */
const MOST_KEPT = 2_000

/**
 * What chain files hold beside a chain that takes their place: the other steps, and all that is about them, where one of
 * them is of the chain's run or about something that the `step` received and hands on, as it is or made anew in its place;
 * what else it made begins anew. As it stands, verified or not: whoever reads it may believe others than this run does, and
 * has no other copy. Of who held the very place of the step nothing is kept.
 */
export function besides(
  old: readonly ChainLine[],
  chain: readonly ChainLine[],
  step: StepStatement,
  crypto: Pick<Crypto, 'sha256'>,
): ChainLine[] {
  const steps = new Map<string, StepStatement>()
  for (const line of old) {
    if (!isBundle(line)) continue
    const statement = statementIn(line.envelope.payload)
    if (statement !== null) steps.set(linkDigest(line.envelope, crypto), statement)
  }
  const handedOn = new Set(step.subject.flatMap(({ name, digest }) => [name, digest.sha256]))
  const received = step.predicate.materials.filter(
    ({ name, digest }) => handedOn.has(name) || handedOn.has(digest.sha256),
  )
  const own = new Set(received.map(({ digest }) => digest.sha256))
  const isKept = ({ subject, predicate }: StepStatement) =>
    predicate.chain.id === step.predicate.chain.id || subject.some(({ digest }) => own.has(digest.sha256))
  if (![...steps.values()].some(isKept)) return []
  const linkOf = (line: ChainLine) => linkIn(line, crypto)
  const shown = new Set(chain.filter(isBundle).map(linkOf))
  const known = new Set(chain.map(textOf))
  const kept = old.filter((line) => {
    const link = linkOf(line)
    if (known.has(textOf(line)) || (link !== null && shown.has(link))) return false
    const statement = link === null ? undefined : steps.get(link)
    return statement === undefined ? !isBundle(line) : !isSamePlace(statement, step)
  })
  return kept.slice(-MOST_KEPT)
}

/** The step that a line is, or is about; null for what is about no one step. */
function linkIn(line: ChainLine, crypto: Pick<Crypto, 'sha256'>): string | null {
  if (isBundle(line)) return linkDigest(line.envelope, crypto)
  if (isReceipt(line)) return line.opening.link
  if (isWithheld(line)) return line.unopened.link
  return 'link' in line ? line.link : null
}

function textOf(line: ChainLine): string {
  return new TextDecoder().decode(writeChainLine(line))
}

function statementIn(payload: Uint8Array): StepStatement | null {
  try {
    return parseStep(payload)
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}

function isSamePlace({ predicate: { chain, step } }: StepStatement, other: StepStatement): boolean {
  const { chain: run, step: own } = other.predicate
  return chain.id === run.id && step.name === own.name && step.attempt === own.attempt && step.matrix === own.matrix
}
