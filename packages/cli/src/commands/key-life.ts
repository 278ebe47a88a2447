import type { ListedEvent, ListedKey, ShownKey } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { isRevocationReason, REVOCATION_REASONS, writeRevocations } from '@countersign/formats'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { enrolledKey, secondsOf, timeOf } from '../enrolled.ts'
import { paintFor, plain, table } from '../output.ts'
import { revocationsOf } from '../revoking.ts'
import { keyWithProof } from './key.ts'

export interface InviteOptions {
  readonly name: string
  readonly for: string
  readonly uses: string
  readonly format: string
}

export interface RotateOptions {
  readonly overlap: string
  readonly format: string
}

export interface RevokeOptions {
  readonly since?: string
  readonly reason?: string
  readonly format: string
}

/** Makes a code that lets a key in, and shows it this once. */
export async function keyInvite(context: Context, options: InviteOptions): Promise<ExitCode> {
  const lifetime = secondsOf('--for', options.for)
  if (!/^[1-9][0-9]{0,3}$/.test(options.uses)) throw new CodedError('usage', '--uses is not a number from 1 to 1000')
  const client = await clientFor(context)
  const invited = await client.invite(options.name, lifetime, Number(options.uses))
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify(invited)}\n`)
    return 0
  }
  const paint = paintFor(context)
  const { code, name, expiresAt, uses } = invited
  const keys = uses === 1 ? 'one key' : `${uses} keys`
  context.stdout(`${paint.green('✓')} ${keys} may be enrolled as ${plain(name)} until ${expiresAt}\n`)
  context.stdout(
    table([
      ['code', `${plain(code)}      shown this once`],
      ['use', `COUNTERSIGN_URL=${plain(context.settings.url!)} countersign key enroll FILE --code ${plain(code)}`],
    ]),
  )
  return 0
}

/** Shows the enrolled keys, or writes the revoked ones as a list. */
export async function keyList(context: Context, options: { revoked?: boolean; format: string }): Promise<ExitCode> {
  const client = await clientFor(context)
  const keys = await client.keys()
  if (options.revoked === true) {
    context.stdout(`${new TextDecoder().decode(writeRevocations(revocationsOf(keys)))}\n`)
    return 0
  }
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify(keys.map((key) => keyJson(context, key)))}\n`)
    return 0
  }
  if (keys.length === 0) context.stdout('no key is enrolled; see: countersign key invite --help\n')
  else {
    const paint = paintFor(context)
    const rows = keys.map((key) => [
      plain(key.name),
      key.keyId.slice(0, 16),
      stateText(context, key),
      key.enrolledAt,
      key.lastUsedAt ?? 'never',
      String(key.steps),
    ])
    const head = ['NAME', 'KEY', 'STATE', 'SINCE', 'LAST USED', 'STEPS'].map((text) => paint.dim(text))
    context.stdout(table([head, ...rows], ''))
  }
  return 0
}

/** Shows what happened to an enrolled key. */
export async function keyTimeline(context: Context, what: string, format: string): Promise<ExitCode> {
  const client = await clientFor(context)
  const { keyId } = await enrolledKey(client, what)
  const key = await client.key(keyId)
  if (format === 'json') context.stdout(`${JSON.stringify({ ...keyJson(context, key), events: key.events })}\n`)
  else context.stdout(timelineText(context, key))
  return 0
}

/** Enrols a key in the place of another. */
export async function keyRotate(
  context: Context,
  what: string,
  file: string,
  options: RotateOptions,
): Promise<ExitCode> {
  const overlap = secondsOf('--overlap', options.overlap)
  const { key, proof } = await keyWithProof(context, file, null)
  const client = await clientFor(context)
  const old = await enrolledKey(client, what)
  const from = await client.rotate(old.keyId, key, overlap, proof)
  if (options.format === 'json') {
    const json = { name: from.name, from: from.keyId, to: key.keyId, revokedAt: from.revokedAt }
    context.stdout(`${JSON.stringify(json)}\n`)
    return 0
  }
  const paint = paintFor(context)
  context.stdout(
    `${paint.green('✓')} ${plain(from.name)} signs with key ${key.keyId.slice(0, 16)}…; ${from.keyId.slice(0, 16)}… counts until ${from.revokedAt}\n`,
  )
  return 0
}

/** Revokes a key as of a time. */
export async function keyRevoke(context: Context, what: string, options: RevokeOptions): Promise<ExitCode> {
  const { reason } = options
  const since = options.since === undefined ? {} : { since: timeOf('--since', options.since) }
  if (reason !== undefined && !isRevocationReason(reason)) {
    throw new CodedError('usage', `--reason ${plain(reason, 40)} is none of ${REVOCATION_REASONS.join(', ')}`)
  }
  const client = await clientFor(context)
  const { keyId } = await enrolledKey(client, what)
  const key = await client.revoke(keyId, { ...since, ...(reason === undefined ? {} : { reason }) })
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify(keyJson(context, key))}\n`)
    return 0
  }
  const paint = paintFor(context)
  const why = key.reason === null ? '' : ` (${key.reason})`
  context.stdout(
    `${paint.green('✓')} the key of ${plain(key.name)} is revoked as of ${key.revokedAt}${why}\n  ${paint.dim(`what that is about: countersign key affected ${keyId.slice(0, 16)}`)}\n`,
  )
  return 0
}

function keyJson(context: Context, { publicKey, ...key }: ListedKey | ShownKey): object {
  const { keyId, name, enrolledAt, revokedAt, reason, steps, lastUsedAt } = key
  const { algorithm } = publicKey
  const state = stateOf(context, key.revokedAt)
  return { keyId, name, algorithm, state, enrolledAt, revokedAt, reason, steps, lastUsedAt }
}

function stateOf(context: Context, revokedAt: string | null): 'active' | 'ending' | 'revoked' {
  if (revokedAt === null) return 'active'
  return revokedAt > context.now() ? 'ending' : 'revoked'
}

function stateText(context: Context, { revokedAt, reason }: ListedKey): string {
  const state = stateOf(context, revokedAt)
  const why = reason === null ? '' : ` (${reason})`
  return state === 'active' ? state : `${state === 'ending' ? 'until' : 'revoked as of'} ${revokedAt}${why}`
}

function timelineText(context: Context, key: ShownKey): string {
  const paint = paintFor(context)
  const rows = [
    ['key', key.keyId],
    ['algorithm', key.publicKey.algorithm],
    ['state', stateText(context, key)],
    ['steps', key.lastUsedAt === null ? '0' : `${key.steps}, the last at ${key.lastUsedAt}`],
  ]
  const events = key.events.map((event) => [event.at, eventText(event), paint.dim(`by ${plain(event.by)}`)])
  const facts = table(rows.map(([name, value]) => [paint.dim(name!), value!]))
  return `${paint.bold(plain(key.name))}\n${facts}${table(events)}`
}

function eventText(event: ListedEvent): string {
  if (event.kind === 'rotated') return `rotated: ${event.to.slice(0, 16)}… follows, this one counts until ${event.asOf}`
  if (event.kind === 'revoked') return `revoked as of ${event.asOf}${event.reason === null ? '' : ` (${event.reason})`}`
  const proven = event.proven ? 'proven to hold its private half' : 'on somebody’s word'
  return `enrolled, ${proven}${event.replaces === null ? '' : `; follows ${event.replaces.slice(0, 16)}…`}`
}
