import { resolve } from 'node:path'
import type { CertifiedSigner } from '@countersign/adapters/signer-keyless'
import type { Appended, Client, Spool } from '@countersign/client'
import { CodedError, type ConcurrentCrypto, type ErrorReport, type PublicKey } from '@countersign/core'
import {
  type Attachment,
  type Bundle,
  type ChainLine,
  type Disclosure,
  linkDigest,
  parseStep,
  type Resource,
  type StepRef,
  type StepStatement,
  succeeded,
  writeChainFile,
  writeToken,
} from '@countersign/formats'
import { ancestry, type VerifiedStep } from '@countersign/verify'
import { besides } from './beside.ts'
import type { Context } from './context.ts'
import { nativeCrypto } from './evidence.ts'
import { takeAway, writeWhole } from './files.ts'
import { foreseen, refusedLater } from './foreseen.ts'
import { type Held, HeldByAnother, heldOf, linesBeside, linesIn, withHeld } from './held.ts'
import { type Handover, wayBack } from './handover.ts'
import { short } from './output.ts'
import type { Recorded } from './recorded.ts'
import { type Carriers, carriersOf, chainFor } from './sidecars.ts'

export interface Delivery {
  readonly bundle: Bundle
  readonly statement: StepStatement
  /** `--trust`: whose signature the server may hold in the place of this one. */
  readonly trust: readonly string[]
  /** What opens its sealed fields. Never for the server. */
  readonly disclosures: readonly Disclosure[]
  /** Its reports in full. Never for the server. */
  readonly attachments: readonly Attachment[]
  readonly handover: Handover
  readonly client: Client | null
  /** Where to write the chain instead of beside each subject. */
  readonly chainOut: string | null
  /** The key it is signed with. */
  readonly signer: PublicKey
  /** Who signed by a certificate; null for a key. */
  readonly certified: CertifiedSigner | null
  /** Why the server would not take the signature as it is; null where it may. */
  readonly fault: CodedError | null
  /** What was not told yet. */
  readonly warnings: readonly string[]
}

/**
 * Hands a signed step on: to the server, or to the spool while the server is down; and always, with the whole way
 * back, to chain files beside what it vouches for. The step is on a disk before this returns or throws, unless neither the
 * spool nor a chain file can be written. Throws `file-write-failed` where one of them cannot.
 */
export async function deliver(context: Context, delivery: Delivery): Promise<Recorded> {
  const { bundle, statement, disclosures, attachments, handover, client } = delivery
  const link = linkDigest(bundle.envelope, await nativeCrypto())
  const spool = await openSpool(context)
  // The job may be cancelled while the step is sent, and nobody else has what opens it.
  const opens = client !== null && disclosures.length > 0
  if (opens) await spool.keepDisclosures(link, disclosures).catch(() => null)
  const { appended, held, refused, spooled, unspooled } = await append(context, delivery)
  const crypto = await nativeCrypto()
  const before = wayBack(handover.received, handover.chain)
  const lines = held.reduce<readonly ChainLine[]>((some, one) => withHeld(some, one, crypto), [...before, bundle])
  // Two who approve one thing do not follow one another, nor do two runs: the second must not take the first out of the file.
  const names = handedOn(statement.subject)
  const { chainOut } = delivery
  const old = chainOut === null ? linesBeside(context, names) : linesIn(context, [chainOut])
  const beside = besides(old, lines, statement, crypto)
  const chain = [...beside, ...lines, ...disclosures, ...attachments]
  // A step that the server refused is handed on to nobody.
  const isHandedOn = refused === null && succeededIn(statement)
  const carriers = !isHandedOn ? NOWHERE : chainOut === null ? carriersOf(context, names, chain) : only(chainOut)
  const written = carriers.files
  if (unspooled !== null && written.length === 0) throw unkept(unspooled, written)
  const hidden = written.length === 0 && disclosures.length > 0
  const disclosed = hidden ? await spool.keepDisclosures(link, disclosures) : null
  const parts = { chain, statement, appended, spooled, unspooled, bundle, disclosures }
  const kept = await writeChain(context, carriers, link, parts)
  if (opens && !hidden) await spool.discardDisclosures(link)
  if (unspooled !== null) throw unkept(unspooled, written)
  const token = writeToken({ chain: statement.predicate.chain.id, links: [link] })
  return {
    link,
    statement,
    edges: handover.received.edges,
    appended,
    asSent: appended === null || appended.held === bundle,
    refused,
    spooled: kept,
    chainFiles: written,
    disclosures: disclosed,
    token,
    certified: delivery.certified,
    warnings: [
      ...delivery.warnings,
      ...(carriers.warning === null ? [] : [carriers.warning]),
      ...(appended === null && isHandedOn && delivery.certified === null
        ? foreseenBy(delivery, context.now(), crypto)
        : []),
    ],
  }
}

/** What no server said of the step, and gates will. */
function foreseenBy({ bundle, handover, signer }: Delivery, now: string, crypto: ConcurrentCrypto): readonly string[] {
  const against = foreseen({ bundle, handover, signer, now }, crypto)
  const more = against.length > MAX_FORESEEN ? [`and ${against.length - MAX_FORESEEN} more`] : []
  return [...against.slice(0, MAX_FORESEEN).map(refusedLater), ...more]
}

const MAX_FORESEEN = 8

/** Names of what the chain travels beside: each subject; the checkout only where nothing else is handed on. */
function handedOn(subject: readonly Resource[]): string[] {
  const artifacts = subject.filter(({ digest }) => digest['gitCommit'] === undefined)
  return (artifacts.length > 0 ? artifacts : subject).map(({ name }) => name)
}

const NOWHERE: Carriers = { files: [], shared: false, superseded: [], warning: null }

function only(file: string): Carriers {
  return { ...NOWHERE, files: [file] }
}

function succeededIn({ predicate }: StepStatement): boolean {
  const { exitCode, signal, error } = predicate.invocation
  return error === null && signal === null && (exitCode === null || exitCode === 0)
}

interface Appending {
  readonly appended: Appended | null
  /** It, and those before it that the server lacked, as the server holds them. */
  readonly held: readonly Held[]
  readonly refused: ErrorReport | null
  /** Where the step is kept when the server does not have it. */
  readonly spooled: string | null
  /** Why it is not kept there. */
  readonly unspooled: CodedError | null
}

/** Writes the chain files. A step that only they would have held is spooled before their failure is reported. */
async function writeChain(
  context: Context,
  { files, shared, superseded }: Carriers,
  link: string,
  {
    chain,
    statement,
    appended,
    spooled,
    unspooled,
    bundle,
    disclosures,
  }: Pick<Appending, 'appended' | 'spooled' | 'unspooled'> &
    Pick<Delivery, 'bundle' | 'disclosures' | 'statement'> & { readonly chain: readonly ChainLine[] },
): Promise<string | null> {
  const done: string[] = []
  try {
    const bytes = files.length === 0 ? null : writeChainFile(chain)
    if (spooled !== null && files.length > 0) {
      const carriers = files.map((file) => resolve(context.cwd, file))
      await (await openSpool(context)).keepCarriers(link, carriers)
    }
    const crypto = await nativeCrypto()
    for (const file of files) {
      const old = shared ? linesIn(context, [file]) : []
      const whole = chainFor(context, file, { old, chain, step: statement }, crypto)
      await writeWhole(resolve(context.cwd, file), whole === chain ? bytes! : writeChainFile(whole))
      done.push(file)
    }
    // Only once others hold what they say.
    for (const file of superseded) await takeAway(resolve(context.cwd, file))
  } catch (error) {
    if (unspooled !== null && error instanceof CodedError) throw unkept(nor(unspooled, error), done)
    const spool = await openSpool(context)
    try {
      if (appended === null && spooled === null) await spool.add(bundle)
    } catch (failed) {
      if (!(failed instanceof CodedError && error instanceof CodedError)) throw failed
      throw unkept(nor(failed, error), done)
    }
    if (disclosures.length > 0) await spool.keepDisclosures(link, disclosures)
    throw error instanceof CodedError ? kept(error, appended === null ? spool.directory : null) : error
  }
  if (files.length > 0 || appended !== null || spooled !== null) return spooled
  // A failed step is handed on to nobody, and is kept all the same.
  const spool = await openSpool(context)
  await spool.add(bundle)
  return spool.directory
}

/** A step that waits for the server in the very place of one that is to be recorded: of two it takes the first. A line, or none. */
export async function waitingInPlace(context: Context, chain: string, step: Omit<StepRef, 'nonce'>): Promise<string[]> {
  if (context.settings.url === null) return []
  const spool = await openSpool(context)
  // Where it cannot be read, that is told when something is to be kept in it.
  const { steps } = await spool.waiting().catch(() => ({ steps: [] }))
  for (const one of steps) {
    if (one.chain !== chain || one.step !== step.name) continue
    const { predicate } = parseStep(one.bundle.envelope.payload)
    if (predicate.step.attempt !== step.attempt || predicate.step.matrix !== step.matrix) continue
    const held = `step ${step.name}${succeeded(predicate) ? '' : ', which failed,'} waits in ${spool.directory} to be sent (${short(one.link)})`
    return [`${held}: of two in one place the server takes one. What ran again is another attempt: --attempt N`]
  }
  return []
}

async function openSpool(context: Context): Promise<Spool> {
  const { Spool: Opened } = await import('@countersign/client')
  return new Opened(context.settings.spool, await nativeCrypto())
}

const NOT_ASKED: Appending = { appended: null, held: [], refused: null, spooled: null, unspooled: null }

/** Why there was something to be spooled, and why it was not. */
function because(error: CodedError, { code, what, fix, cause }: CodedError): CodedError {
  return new CodedError(code, `${what}, and the server does not have the step (${error.code}: ${error.what})`, {
    fix,
    cause,
  })
}

/** Nor could a chain file be written. */
function nor({ code, what, fix, cause }: CodedError, error: CodedError): CodedError {
  return new CodedError(code, `${what}; nor could its chain be written (${error.what})`, { fix, cause })
}

/** The step itself is not lost: it is in this directory; null where the server has it. */
function kept({ code, what, fix, cause }: CodedError, directory: string | null): CodedError {
  if (directory !== null) return new CodedError(code, `${what}; the step is in ${directory}`, { fix, cause })
  return new CodedError(code, `${what}; the server has the step`, {
    fix: 'Nothing is to be run again: who asks the server finds the chain. For later steps, check the directory and its rights.',
    cause,
  })
}

/** The step is in the chain files alone, or nowhere. */
function unkept({ code, what, fix, cause }: CodedError, files: readonly string[]): CodedError {
  if (files.length === 0) return new CodedError(code, `${what}; it is lost`, { fix, cause })
  const listed = files.length === 1 ? files[0]! : `${files[0]!} and ${files.length - 1} more`
  return new CodedError(code, `${what}; it is in ${listed} alone`, {
    fix: `Hand that on, and the step that follows sends it. ${fix}`,
    cause,
  })
}

async function append(context: Context, delivery: Delivery): Promise<Appending> {
  const { bundle, client, handover, fault } = delivery
  if (client === null) return NOT_ASKED
  const { mayPass } = await import('@countersign/client')
  const spool = await openSpool(context)
  /** Where the step is kept for this error; where it is not, that is what is told. */
  const keep = async (error: CodedError, kept: () => Promise<string>): Promise<Appending> => {
    try {
      return { ...NOT_ASKED, spooled: await kept() }
    } catch (unspooled) {
      if (!(unspooled instanceof CodedError)) throw unspooled
      return { ...NOT_ASKED, unspooled: because(error, unspooled) }
    }
  }
  const wait = (error: CodedError, waits = false) =>
    keep(error, async () => {
      // Once more: who uploads beside takes out what he has sent, and with it who is to get the receipt.
      await spool.add(bundle).catch((failed: unknown) => {
        if (!waits) throw failed
      })
      return `${spool.directory} (${error.code}); send it with: countersign upload`
    })
  // It is to be signed again, which only takes another certificate.
  if (fault !== null) {
    const kept = await wait(fault)
    return mayPass(fault) && fault.code !== 'identity-unavailable' ? kept : { ...kept, refused: fault.report() }
  }
  // The server did not answer a moment ago: another wait would only delay the build.
  if (handover.unreachable !== null) return wait(handover.unreachable)
  // A job may be cancelled while the server takes its time.
  const link = await spool.add(bundle).catch(() => null)
  const settled = async <T>(result: T): Promise<T> => {
    if (link !== null) await spool.discard(link)
    return result
  }
  try {
    const all = await appendWithAncestors(client, bundle, handover)
    const by = { client, contract: handover.contract, trust: delivery.trust }
    const held: Held[] = []
    for (const { sent, appended } of all) held.push(await heldOf(context, sent, appended, by))
    return await settled({ ...NOT_ASKED, appended: all.at(-1)!.appended, held })
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    // A predecessor that is not there may wait in another machine's spool.
    const passes = mayPass(error) || error.code === 'previous-missing'
    if (passes && !(error instanceof HeldByAnother)) return wait(error, link !== null)
    const report = error.report()
    const kept = await keep(error, () => spool.addRefused(bundle, report))
    if (kept.unspooled === null) return { ...(await settled(kept)), refused: report }
    // It lies where it was while it was sent, and why it is refused is what there is to tell.
    return link === null ? { ...kept, refused: report } : { ...NOT_ASKED, spooled: spool.directory, refused: report }
  }
}

interface Sent {
  readonly sent: Bundle
  readonly appended: Appended
}

/**
 * Appends a step, after those before it that were handed over by file and that the server did not tell of. What it lacks all
 * the same, it says.
 */
async function appendWithAncestors(client: Client, bundle: Bundle, handover: Handover): Promise<Sent[]> {
  const { received, chain, atServer } = handover
  const ends = received.previous.flatMap(({ link }) => chain.steps.get(link) ?? [])
  const before = ancestry(ends, chain.steps)
  const { isAway } = await import('@countersign/client')
  const lacking = before.filter(({ link }) => !atServer.has(link))
  const sent = await appendLate(client, lacking).catch((error: unknown) => {
    // Why one of those is not taken is no reason yet to keep this one back: it may have been erased, or be there already,
    // and a session may send steps of its own identity only.
    if (!(error instanceof CodedError) || isAway(error)) throw error
    return []
  })
  try {
    return [...sent, { sent: bundle, appended: await client.append(bundle) }]
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== 'previous-missing') throw error
    const all = await appendLate(client, before)
    return [...all, { sent: bundle, appended: await client.append(bundle) }]
  }
}

async function appendLate(client: Client, steps: readonly VerifiedStep[]): Promise<Sent[]> {
  const all: Sent[] = []
  for (const { bundle: sent } of steps) all.push({ sent, appended: await client.append(sent, { late: true }) })
  return all
}
