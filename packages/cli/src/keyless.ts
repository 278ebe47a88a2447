import { resolve } from 'node:path'
import { httpFetch } from '@countersign/adapters/http-fetch'
import type { IdentitySystem } from '@countersign/adapters/identity-detect'
import type { Access, SessionFiles } from '@countersign/adapters/session-files'
import type { KeyAuthority, Keyless } from '@countersign/adapters/signer-keyless'
import type { TransportOptions } from '@countersign/client'
import { CodedError } from '@countersign/core'
import type { IdentityTokens } from '@countersign/sign'
import type { Context } from './context.ts'
import { plain } from './output.ts'

/** The audience of every Fulcio, unless its operators say otherwise. */
const SIGSTORE = 'sigstore'

/**
 * The system that vouches for this job: the named one, or with `auto` the one whose environment this is; null where
 * that is none. Throws `usage` for a name that is none.
 */
export async function identitySystemFor(context: Context, name: string): Promise<IdentitySystem | null> {
  const { detectIdentitySystem, IDENTITY_SYSTEMS, identitySystem } = await import(
    '@countersign/adapters/identity-detect'
  )
  if (name === 'auto') return detectIdentitySystem(context.environment)
  const system = identitySystem(name)
  if (system !== null) return system
  throw new CodedError('usage', `${plain(name, 60)} is no system that gives identity tokens`, {
    fix: `Name one of: auto, ${IDENTITY_SYSTEMS.join(', ')}.`,
  })
}

export async function tokensOf(context: Context, system: IdentitySystem): Promise<IdentityTokens> {
  const { identityTokens } = await import('@countersign/adapters/identity-detect')
  const { environment, cwd: root } = context
  return identityTokens(system, { environment, root, now: clockOf(context) })
}

/** Whom a token is for: what was set, else what the system is bound to, else what the server says. */
export async function audienceFor(context: Context, tokens: IdentityTokens): Promise<string> {
  const known = context.settings.audience ?? tokens.audience
  if (known !== null) return known
  const { sessionAudience } = await import('@countersign/client')
  return sessionAudience(serverOf(context))
}

/** What a connection to the server needs beside a token. Throws `usage` where no server is set. */
export function serverOf({ settings }: Context): Omit<TransportOptions, 'token'> {
  const { url, allowHttp } = settings
  if (url === null) {
    throw new CodedError('usage', 'no server is set', { fix: 'Set COUNTERSIGN_URL to your server.' })
  }
  return { url, allowHttp, fetch: httpFetch }
}

/** Where the sessions of this job are kept; null where each of its processes is given a token of its own. */
async function sessionsOf(context: Context, tokens: IdentityTokens): Promise<SessionFiles | null> {
  if (!tokens.repeats) return null
  const { SessionFiles } = await import('@countersign/adapters/session-files')
  const { cwd: workspace, settings } = context
  const places = settings.sessions.map((place) => resolve(workspace, place))
  const server = serverOf(context).url.replace(/\/+$/, '')
  return new SessionFiles({ places, workspace, server, now: clockOf(context) })
}

/** Milliseconds since 1970, by the clock of the door. */
export function clockOf(context: Context): () => number {
  return () => Date.parse(context.now())
}

export interface KeylessChoice {
  readonly system: IdentitySystem
  /** Null for the server's own authority. */
  readonly fulcio: string | null
}

/** Has this job certified. Throws before anything is run what `Keyless.open` throws. */
export async function openKeyless(context: Context, { system, fulcio }: KeylessChoice): Promise<Keyless> {
  const adapter = await import('@countersign/adapters/signer-keyless')
  const tokens = await tokensOf(context, system)
  let authority: KeyAuthority
  let audience: string
  if (fulcio === null) {
    authority = adapter.countersignAuthority(serverOf(context))
    audience = await explained(audienceFor(context, tokens))
  } else {
    authority = adapter.fulcioAuthority({ url: fulcio })
    audience = context.settings.audience ?? SIGSTORE
  }
  const sessions = fulcio === null ? await sessionsOf(context, tokens) : null
  return explained(adapter.Keyless.open({ tokens, audience, authority, sessions, now: clockOf(context) }))
}

/** Said before the command runs: its step could not be signed. */
async function explained<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (cause) {
    if (!(cause instanceof CodedError) || cause.code !== 'server-unreachable') throw cause
    throw new CodedError('server-unreachable', `without the server this job gets no certificate: ${cause.what}`, {
      fix: 'Wait until the server answers, or sign with a key that is enrolled: --key FILE.',
      cause,
    })
  }
}

/**
 * An API token for as long as it is needed, by the identity of this job: had when it is asked for first, and anew when
 * it ends. Null where no system vouches for this job.
 */
export async function accessByIdentity(context: Context): Promise<(() => Promise<string>) | null> {
  const system = await identitySystemFor(context, 'auto')
  if (system === null) return null
  const now = clockOf(context)
  let asked: Promise<Access> | null = null
  const open = async (): Promise<Access> => {
    const { openSession } = await import('@countersign/client')
    const tokens = await tokensOf(context, system)
    const sessions = await sessionsOf(context, tokens)
    const opened = async (token: string, kept: Access | null): Promise<{ readonly access: Access }> => {
      if (kept !== null) return { access: kept }
      const request = { token, run: tokens.run ?? null, key: null }
      const { accessToken, expiresAt } = await openSession(serverOf(context), request)
      return { access: { token: accessToken, expiresAt } }
    }
    const { showToken } = await import('@countersign/adapters/token-again')
    const shown = (token: string) =>
      sessions === null ? opened(token, null) : sessions.within(token, (kept) => opened(token, kept))
    return (await showToken(tokens, await audienceFor(context, tokens), shown)).access
  }
  return async () => {
    if (asked !== null && (await asked).expiresAt - now() > MARGIN) return (await asked).token
    asked = open()
    asked.catch(() => {
      asked = null
    })
    return (await asked).token
  }
}

/** Before its end at which access is asked for anew; milliseconds. */
const MARGIN = 30_000
