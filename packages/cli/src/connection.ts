import type { Client } from '@countersign/client'
import { CodedError } from '@countersign/core'
import type { Context } from './context.ts'

/** The server's client; throws `usage` where no server is set. */
export async function clientFor(context: Context): Promise<Client> {
  const client = await clientOrNull(context)
  if (client === null) {
    throw new CodedError('usage', 'no server is set', {
      fix: 'Set COUNTERSIGN_URL and COUNTERSIGN_TOKEN to your server.',
    })
  }
  return client
}

/** The server's client, null where none is set: chains work from files alone. */
export async function clientOrNull(context: Context): Promise<Client | null> {
  const { url, token } = context.settings
  if (url === null) return null
  if (token === null) throw new CodedError('token-missing', 'COUNTERSIGN_URL is set, COUNTERSIGN_TOKEN is not')
  return make(context, url, token)
}

/** The server's client for what needs no token. Throws `usage` where no server is set. */
export async function clientWithoutToken(context: Context): Promise<Client> {
  const { url } = context.settings
  if (url !== null) return make(context, url, null)
  throw new CodedError('usage', 'no server is set', { fix: 'Set COUNTERSIGN_URL to the server.' })
}

async function make(context: Context, url: string, token: string | null): Promise<Client> {
  const { createClient } = await import('@countersign/client')
  const { nodeCrypto } = await import('@countersign/adapters/crypto-node')
  return createClient({ url, token, crypto: nodeCrypto, allowHttp: context.settings.allowHttp })
}
