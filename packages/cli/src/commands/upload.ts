import type { Keyless } from '@countersign/adapters/signer-keyless'
import type { Appended, Client, Flushed, Spool, Waiting } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { clientFor, clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { carry, contractOf, heldOf } from '../held.ts'
import { paintFor, plain, short } from '../output.ts'

/** Sends what waits in the spool, predecessors first. */
export async function upload(context: Context, options: { format: string }): Promise<ExitCode> {
  const [{ Spool }, crypto] = await Promise.all([import('@countersign/client'), nativeCrypto()])
  const spool = new Spool(context.settings.spool, crypto)
  const { uploaded, refused, waiting, unreadable } = await flush(context, spool)
  if (options.format === 'json') {
    const json = {
      uploaded: uploaded.map(({ step, appended, removed }) => ({
        link: appended.link,
        index: appended.index,
        late: appended.late,
        asSent: appended.held === step.bundle,
        removed,
      })),
      refused: refused.map(({ step, report }) => ({ link: step.link, ...report })),
      waiting: waiting.map(({ step, report }) => ({ link: step.link, ...report })),
      unreadable,
    }
    context.stdout(`${JSON.stringify(json)}\n`)
  } else {
    const paint = paintFor(context)
    const line = (mark: string, step: { step: string; link: string }, text: string) =>
      context.stdout(`${mark} ${plain(step.step)} ${short(step.link)}  ${plain(text)}\n`)
    for (const { step, appended, removed } of uploaded) {
      const before = appended.held === step.bundle ? '' : ', as it was signed before'
      const stays = removed ? '' : '; it stays in the spool, which cannot be written'
      line(paint.green('✓'), step, `receipt ${appended.index}${appended.late ? ', marked late' : ''}${before}${stays}`)
    }
    for (const { step, report } of refused) line(paint.red('✗'), step, `${report.code}: ${report.what}`)
    for (const { step, report } of waiting) line(paint.yellow('…'), step, `waits: ${report.code}: ${report.what}`)
    for (const name of unreadable)
      context.stdout(`${paint.yellow('?')} ${plain(name)} is no attestation and stays where it is\n`)
    if (uploaded.length + refused.length + waiting.length + unreadable.length === 0)
      context.stdout('The spool is empty.\n')
  }
  // It may be a step that a full disk has cut: nobody else says that it is not sent.
  if (waiting.length + unreadable.length > 0) return 2
  return refused.length > 0 ? 1 : 0
}

/** Sends what waits, what this job signed under certificates that have ended signed anew. */
async function flush(context: Context, spool: Spool): Promise<Flushed> {
  const { isEnding, signingAgain } = await import('../sign-again.ts')
  const { steps } = await spool.waiting()
  if (!steps.some((step) => isEnding(context, step))) {
    const client = await clientFor(context)
    return spool.flush(client, { acknowledged: carrying(context, spool, client) })
  }
  const { identitySystemFor, openKeyless } = await import('../keyless.ts')
  const system = await identitySystemFor(context, 'auto')
  let keyless: Keyless | CodedError | null = null
  try {
    if (system !== null) keyless = await openKeyless(context, { system, fulcio: null })
  } catch (error) {
    // What needs no signature is sent all the same, where somebody may send it.
    if (!(error instanceof CodedError) || context.settings.token === null) throw error
    keyless = error
  }
  // One token, of which a job may have just the one, is for both.
  const job = keyless instanceof CodedError ? null : keyless
  const access = job === null ? undefined : () => job.accessToken()
  const client = (await clientOrNull(context, access)) ?? (await clientFor(context))
  return spool.flush(client, {
    ready: signingAgain(context, keyless, client),
    acknowledged: carrying(context, spool, client),
  })
}

/** Puts receipts into the chain files that were written while the server was down, with the signatures that they are about. */
function carrying(context: Context, spool: Spool, client: Client) {
  return async ({ bundle }: Waiting, appended: Appended): Promise<void> => {
    const contract = appended.held === bundle ? null : await contractOf(bundle, client)
    const held = await heldOf(context, bundle, appended, { client, contract, trust: [] })
    await carry(context, await spool.carriers(), held)
  }
}
