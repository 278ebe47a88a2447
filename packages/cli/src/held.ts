import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Appended, Client } from '@countersign/client'
import { CodedError, equal } from '@countersign/core'
import { type Contract, maySign } from '@countersign/contract'
import {
  type Bundle,
  type ChainLine,
  isBundle,
  isReceipt,
  linkDigest,
  MAX_CHAIN_BYTES,
  parseChainFile,
  parseStep,
  type Receipt,
  writeBundle,
  writeChainFile,
} from '@countersign/formats'
import { identityOf, IDENTITY_FACTS } from '@countersign/formats/identity'
import { type Certificate, parseCertificate } from '@countersign/formats/x509'
import { factsOf, readChainConcurrently } from '@countersign/verify'
import type { Context } from './context.ts'
import { believe, nativeCrypto } from './evidence.ts'
import { isNew, readBounded, writeWhole } from './files.ts'
import { short } from './output.ts'
import { chainFilesBeside, isAboutOneOf } from './sidecars.ts'

/** A step as the server holds it: the bundle that its receipt is about. */
export interface Held {
  readonly link: string
  readonly bundle: Bundle
  readonly receipt: Receipt
}

/** What is asked about somebody who has signed our statement before. */
export interface HeldBy {
  readonly client: Client
  /** The contract of its run; null for none. */
  readonly contract: Contract | null
  /** `--trust` */
  readonly trust: readonly string[]
}

/** The server holds a statement of ours by somebody who has no business with it. Sending it again changes nothing. */
export class HeldByAnother extends CodedError {}

/**
 * What the server holds of a step that was sent to it. Mostly that is what was sent. Where the reply to an earlier sending
 * was lost, and it was signed again meanwhile, the server keeps the first signature, and its receipt is about that: it is
 * taken where it verifies, and is by one who may sign the step. Throws `HeldByAnother` where it is not: `signer-not-allowed`,
 * or what the signature or the receipt was refused for; and what asking the server throws.
 */
export async function heldOf(
  context: Context,
  sent: Bundle,
  { link, held: bundle, receipt }: Appended,
  { client, contract, trust }: HeldBy,
): Promise<Held> {
  const held = { link, bundle, receipt }
  if (bundle === sent) return held
  const believed = await believe(context, contract, { trust }, client)
  const chain = await readChainConcurrently([bundle, receipt], believed.trust, await nativeCrypto(), context.now())
  const step = chain.steps.get(link)
  // Whose log is not among those that are believed tells no time, and countersigns nothing; the signature may do without.
  const refused = chain.refused.find(({ report }) => step === undefined || report.code !== 'signer-unknown')
  if (refused !== undefined || step === undefined) {
    const { code, what } = refused!.report
    throw new HeldByAnother(code, `the server holds ${short(link)} as it was signed before, and ${what}`)
  }
  const { name } = step.statement.predicate.step
  const rule = contract?.steps.get(name)
  if (
    contract === null ||
    (rule !== undefined && maySign(contract, rule, factsOf(step.signer), step.statement.predicate.step.matrix))
  )
    return held
  const what = `the server holds ${name} (${short(link)}) as ${step.signer.name} signed it before, who may not`
  throw new HeldByAnother('signer-not-allowed', what)
}

/** The contract that a step is bound to, by its own word; null for none. Throws what asking the server throws. */
export async function contractOf(bundle: Bundle, client: Client): Promise<Contract | null> {
  const { contract } = parseStep(bundle.envelope.payload).predicate.chain
  if (contract === null) return null
  const { parseContract } = await import('@countersign/contract')
  return parseContract(await client.contractByDigest(contract))
}

/**
 * The lines of a chain with a step as the server holds it: its receipt beside it, and where it was signed anew, that
 * signature in the place of the other. Who else signed it stays.
 */
export function withHeld(
  lines: readonly ChainLine[],
  { link, bundle, receipt }: Held,
  crypto: Parameters<typeof linkDigest>[1],
): ChainLine[] {
  const isIts = (line: ChainLine): line is Bundle => isBundle(line) && linkDigest(line.envelope, crypto) === link
  const place = lines.findIndex(isIts)
  if (place < 0) return [...lines]
  const rest = lines.filter(
    (line) => !(isIts(line) && isSigner(line, bundle)) && !(isReceipt(line) && isSame(line, receipt)),
  )
  const kept = new Set(rest)
  const at = lines.slice(0, place).filter((line) => kept.has(line)).length
  return [...rest.slice(0, at), bundle, receipt, ...rest.slice(at)]
}

/** One entry of one log, whatever the checkpoint. */
function isSame({ opening, proof }: Receipt, other: Receipt): boolean {
  const { origin } = proof.checkpoint
  return (
    opening.link === other.opening.link && origin === other.proof.checkpoint.origin && proof.index === other.proof.index
  )
}

/** Whether two bundles of one statement are by one signer: under one key, or certificates that name the same. */
function isSigner(one: Bundle, other: Bundle): boolean {
  if (equal(writeBundle(one), writeBundle(other))) return true
  if (one.key.kind === 'publicKey' || other.key.kind === 'publicKey') {
    return one.key.kind === 'publicKey' && other.key.kind === 'publicKey' && one.key.hint === other.key.hint
  }
  const [a, b] = [one.key.chain[0]!, other.key.chain[0]!].map(identityIn)
  return a !== null && b !== null && a === b
}

function identityIn(der: Uint8Array): string | null {
  let leaf: Certificate
  try {
    leaf = parseCertificate(der, 'certificate-invalid')
    const { identity } = identityOf(leaf)
    return JSON.stringify([
      identity.subject.kind,
      identity.subject.value,
      ...IDENTITY_FACTS.map((fact) => identity[fact]),
    ])
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}

/**
 * Puts a step as the server holds it into the files that its chain was handed on in. A file that is gone, that is no chain
 * file any more or does not hold the step is somebody else's by now, and left as it is. Throws `file-write-failed`.
 */
export async function carry(context: Context, files: readonly string[], held: Held): Promise<void> {
  const crypto = await nativeCrypto()
  for (const file of files.map((one) => resolve(context.cwd, one))) {
    const lines = chainIn(file)
    if (lines === null) continue
    const amended = writeChainFile(withHeld(lines, held, crypto))
    if (!equal(amended, writeChainFile(lines))) await writeWhole(file, amended)
  }
}

/** The lines of chain files, of those with equal bytes once; of one that is gone or is no chain file, none. */
export function linesIn(context: Context, files: readonly string[]): readonly ChainLine[] {
  const seen = new Set<string>()
  return files.flatMap((file) => chainIn(resolve(context.cwd, file), seen) ?? [])
}

/** The same of the chain files that lie beside artifacts. */
export function linesBeside(context: Context, artifacts: readonly string[]): readonly ChainLine[] {
  const { own, shared } = chainFilesBeside(context, artifacts)
  const others = [...shared].flatMap(([file, paths]) => {
    const lines = linesIn(context, [file])
    return isAboutOneOf(lines, paths) ? lines : []
  })
  return [...linesIn(context, own), ...others]
}

function chainIn(file: string, seen = new Set<string>()): readonly ChainLine[] | null {
  if (!existsSync(file)) return null
  try {
    const bytes = readBounded(file, MAX_CHAIN_BYTES)
    return isNew(bytes, seen) ? parseChainFile(bytes) : []
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}
