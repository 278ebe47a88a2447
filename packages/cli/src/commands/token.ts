import type { TokenScope } from '@countersign/client'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { paintFor, plain, table } from '../output.ts'

interface Format {
  readonly format: string
}

export interface TokenNewOptions extends Format {
  readonly scope: readonly TokenScope[]
}

/** Makes an API token. It alone goes to stdout, so that it can go into a secret. */
export async function tokenNew(context: Context, { scope, format }: TokenNewOptions): Promise<ExitCode> {
  const made = await (await clientFor(context)).makeToken([...new Set(scope)])
  if (format === 'json') {
    context.stdout(`${JSON.stringify(made)}\n`)
    return 0
  }
  context.stderr(
    `${paintFor(context).green('✓')} token ${plain(made.id)} may ${made.scopes.join(', ')}; shown this once:\n`,
  )
  context.stdout(`${plain(made.token)}\n`)
  return 0
}

/** Lists the API tokens. */
export async function tokenList(context: Context, { format }: Format): Promise<ExitCode> {
  const items = await (await clientFor(context)).tokens()
  if (format === 'json') context.stdout(`${JSON.stringify({ items })}\n`)
  else context.stdout(table(items.map(({ id, scopes, createdAt }) => [plain(id), scopes.join(', '), plain(createdAt)])))
  return 0
}

/** Revokes an API token. */
export async function tokenRevoke(context: Context, id: string, { format }: Format): Promise<ExitCode> {
  await (await clientFor(context)).revokeToken(id)
  if (format === 'json') context.stdout(`${JSON.stringify({ id, revoked: true })}\n`)
  else context.stdout(`${paintFor(context).green('✓')} token ${plain(id)} is revoked\n`)
  return 0
}
