import { resolve } from 'node:path'
import type { Appended, Client } from '@countersign/client'
import { CodedError, type ErrorReport } from '@countersign/core'
import {
  type Bundle,
  linkDigest,
  type Resource,
  type StepStatement,
  writeChainFile,
  writeToken,
} from '@countersign/formats'
import type { Context } from './context.ts'
import { nativeCrypto, sidecarOf } from './evidence.ts'
import { writeWhole } from './files.ts'
import { type Handover, wayBack } from './handover.ts'
import type { Recorded } from './recorded.ts'

export interface Delivery {
  readonly bundle: Bundle
  readonly statement: StepStatement
  readonly handover: Handover
  readonly client: Client | null
  /** Where to write the chain instead of beside each subject. */
  readonly chainOut: string | null
}

/**
 * Hands a signed step on: to the server, or to the spool while the server is down; and always, with the whole way
 * back, to chain files beside what it vouches for. The step is on a disk before this returns or throws.
 */
export async function deliver(context: Context, delivery: Delivery): Promise<Recorded> {
  const { bundle, statement, handover } = delivery
  const link = linkDigest(bundle.envelope, await nativeCrypto())
  const { appended, refused, spooled } = await append(context, delivery)
  const receipts = appended === null ? [] : [appended.receipt]
  const chain = writeChainFile([...wayBack(handover.received, handover.chain), bundle, ...receipts])
  const chainFiles = delivery.chainOut === null ? sidecarsOf(statement.subject) : [delivery.chainOut]
  // A step that the server refused is handed on to nobody.
  const written = refused === null && succeededIn(statement) ? chainFiles : []
  for (const file of written) await writeWhole(resolve(context.cwd, file), chain, link)
  const token = writeToken({ chain: statement.predicate.chain.id, links: [link] })
  return { link, statement, edges: handover.received.edges, appended, refused, spooled, chainFiles: written, token }
}

/** The files the chain travels in: beside each subject; beside the checkout only where nothing else is handed on. */
function sidecarsOf(subject: readonly Resource[]): string[] {
  const artifacts = subject.filter(({ digest }) => digest['gitCommit'] === undefined)
  return [...new Set((artifacts.length > 0 ? artifacts : subject).map(({ name }) => sidecarOf(name)))]
}

function succeededIn({ predicate }: StepStatement): boolean {
  const { exitCode, signal, error } = predicate.invocation
  return error === null && signal === null && (exitCode === null || exitCode === 0)
}

interface Appending {
  readonly appended: Appended | null
  readonly refused: ErrorReport | null
  /** Where the step is kept when the server does not have it. */
  readonly spooled: string | null
}

async function append(context: Context, { bundle, client, handover }: Delivery): Promise<Appending> {
  if (client === null) return { appended: null, refused: null, spooled: null }
  const { mayPass, Spool } = await import('@countersign/client')
  const spool = new Spool(context.settings.spool, await nativeCrypto())
  try {
    // The server did not answer a moment ago: another wait would only delay the build.
    if (handover.unreachable !== null) throw handover.unreachable
    return { appended: await client.append(bundle), refused: null, spooled: null }
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    if (mayPass(error)) {
      await spool.add(bundle)
      return {
        appended: null,
        refused: null,
        spooled: `${spool.directory} (${error.code}); send it with: countersign upload`,
      }
    }
    const report = error.report()
    return { appended: null, refused: report, spooled: await spool.addRefused(bundle, report) }
  }
}
