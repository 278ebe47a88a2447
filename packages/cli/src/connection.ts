import { httpFetch } from '@countersign/adapters/http-fetch'
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

/**
 * The server's client, null where none is set: chains work from files alone. Without an API token, `access` gives one;
 * without that, the identity of this job does.
 */
export async function clientOrNull(context: Context, access?: () => Promise<string | null>): Promise<Client | null> {
  const { url, allowHttp } = context.settings
  if (url === null) return null
  const token = context.settings.token ?? (access === undefined ? await byIdentity(context) : given(access))
  const { createClient } = await import('@countersign/client')
  const { nodeCrypto } = await import('@countersign/adapters/crypto-node')
  return createClient({ url, token, crypto: nodeCrypto, allowHttp, fetch: httpFetch })
}

async function byIdentity(context: Context): Promise<() => Promise<string>> {
  const { accessByIdentity } = await import('./keyless.ts')
  const access = await accessByIdentity(context)
  if (access !== null) return access
  throw new CodedError('token-missing', 'COUNTERSIGN_URL is set, COUNTERSIGN_TOKEN is not', {
    fix: 'Set COUNTERSIGN_TOKEN, or run in a CI system that the server takes identity tokens of: countersign identity',
  })
}

function given(access: () => Promise<string | null>): () => Promise<string> {
  return async () => {
    const token = await access()
    if (token !== null) return token
    throw new CodedError('token-missing', 'COUNTERSIGN_URL is set, COUNTERSIGN_TOKEN is not')
  }
}
