import type { Client, ListedAct } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { checkAudit, logKeys, type VerifiedAct, verifyLoggedAct } from '@countersign/verify'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { believeLog } from '../log-trust.ts'
import { paintFor, plain, table } from '../output.ts'

/** Acts that are asked for at once. */
const AT_ONCE = 8

export interface AuditLogOptions {
  readonly trust?: readonly string[]
  readonly format: string
}

/** Shows every administrative act, oldest first, each verified against the log, and that none is missing in between. */
export async function auditLog(context: Context, options: AuditLogOptions): Promise<ExitCode> {
  const client = await clientFor(context)
  const crypto = await nativeCrypto()
  const { trust, from } = await believeLog(context, options.trust ?? [], client, crypto)
  const listed = await all(client)
  const acts: VerifiedAct[] = []
  const believed = { signers: [], countersigners: logKeys(trust.keys) }
  for (let begin = 0; begin < listed.length; begin += AT_ONCE) {
    const some = listed.slice(begin, begin + AT_ONCE)
    const logged = await Promise.all(some.map(({ digest }) => client.loggedAct(digest)))
    for (const [i, one] of logged.entries()) {
      const verified = verifyLoggedAct(one, believed, crypto)
      if (verified.digest !== some[i]!.digest)
        throw new CodedError('audit-broken', `the server shows another act than ${plain(some[i]!.act, 64)}`)
      acts.push(verified)
    }
  }
  checkAudit(acts)
  if (options.format === 'json') {
    const items = acts.map(({ act, digest, index }) => ({ digest, index, ...act }))
    context.stdout(`${JSON.stringify({ verdict: 'pass', origin: trust.origin, believing: from, items })}\n`)
    return 0
  }
  context.stdout(table(acts.map(rowOf)))
  const count = `${acts.length} ${acts.length === 1 ? 'act' : 'acts'}`
  context.stdout(
    `${paintFor(context).green('✓')} ${count}, all in the log ${plain(trust.origin)}, believing ${plain(from)}\n`,
  )
  return 0
}

/** Oldest first. */
async function all(client: Client): Promise<readonly ListedAct[]> {
  const found: ListedAct[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await client.audit(cursor)
    found.push(...page.items)
    cursor = page.next
  }
  return found.toReversed()
}

function rowOf({ act }: VerifiedAct): string[] {
  const { at, by, about, detail } = act
  const who = by.name === null ? `${by.kind} ${by.id}` : `${by.name} (${by.kind} ${by.id})`
  return [plain(at), plain(who, 120), plain(act.act), plain(about, 120), plain(JSON.stringify(detail), 300)]
}
