import type { TokenScope } from '@countersign/client'
import { clientFor } from '../connection.ts'
import { secondsOf } from '../enrolled.ts'
import type { Context, ExitCode } from '../context.ts'
import { paintFor, plain, table } from '../output.ts'

interface Format {
  readonly format: string
}

export interface TokenNewOptions extends Format {
  readonly scope: readonly TokenScope[]
  readonly expires?: string
}

/** Makes an API token. It alone goes to stdout, so that it can go into a secret. */
export async function tokenNew(context: Context, options: TokenNewOptions): Promise<ExitCode> {
  const { scope, expires, format } = options
  const lifetime = expires === undefined ? null : secondsOf('--expires', expires)
  const made = await (await clientFor(context)).makeToken([...new Set(scope)], lifetime)
  if (format === 'json') {
    context.stdout(`${JSON.stringify(made)}\n`)
    return 0
  }
  context.stderr(
    `${paintFor(context).green('✓')} token ${plain(made.id)} may ${made.scopes.join(', ')}${untilOf(made.expiresAt)}; shown this once:\n`,
  )
  context.stdout(`${plain(made.token)}\n`)
  return 0
}

/** Lists the API tokens. */
export async function tokenList(context: Context, { format }: Format): Promise<ExitCode> {
  const items = await (await clientFor(context)).tokens()
  if (format === 'json') context.stdout(`${JSON.stringify({ items })}\n`)
  else
    context.stdout(
      table(
        items.map(({ id, scopes, createdAt, expiresAt }) => [
          plain(id),
          scopes.join(', '),
          `${plain(createdAt)}${untilOf(expiresAt)}`,
        ]),
      ),
    )
  return 0
}

/** Revokes an API token. */
export async function tokenRevoke(context: Context, id: string, { format }: Format): Promise<ExitCode> {
  await (await clientFor(context)).revokeToken(id)
  if (format === 'json') context.stdout(`${JSON.stringify({ id, revoked: true })}\n`)
  else context.stdout(`${paintFor(context).green('✓')} token ${plain(id)} is revoked\n`)
  return 0
}

function untilOf(expiresAt: string | null): string {
  return expiresAt === null ? '' : ` until ${plain(expiresAt)}`
}
