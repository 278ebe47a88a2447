import { type Client, type ListedPerson, type Role, ROLES, type SignInLink } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { paintFor, plain, table } from '../output.ts'

interface Format {
  readonly format: string
}

export interface AddOptions extends Format {
  readonly role: Role
  readonly email?: string
}

/** Lets somebody in by a link. It alone goes to stdout. */
export async function personAdd(context: Context, name: string, options: AddOptions): Promise<ExitCode> {
  const { role, email = null, format } = options
  const { link, ...person } = await (await clientFor(context)).addPerson({ name, email, role })
  if (format === 'json') context.stdout(`${JSON.stringify({ ...person, link })}\n`)
  else {
    context.stderr(`${paintFor(context).green('✓')} ${plain(person.name)} is ${person.role}; `)
    showLink(context, link)
  }
  return 0
}

/** Lists who may sign in. */
export async function personList(
  context: Context,
  { all, format }: Format & { readonly all?: boolean },
): Promise<ExitCode> {
  const known = await (await clientFor(context)).people()
  const items = all === true ? known : known.filter(({ removedAt }) => removedAt === null)
  if (format === 'json') context.stdout(`${JSON.stringify({ items })}\n`)
  else context.stdout(table(items.map(rowOf)))
  return 0
}

/** Gives somebody another role. */
export async function personRole(context: Context, text: string, role: string, { format }: Format): Promise<ExitCode> {
  const known = ROLES.find((one) => one === role)
  if (known === undefined) throw new CodedError('usage', `${plain(role, 40)} is none of ${ROLES.join(', ')}`)
  const client = await clientFor(context)
  const { id } = await personNamed(client, text, false)
  const person = await client.setPersonRole(id, known)
  return say(context, format, person, `${plain(person.name)} is ${person.role}`)
}

/** Lets somebody in no more. */
export async function personRemove(context: Context, text: string, { format }: Format): Promise<ExitCode> {
  const client = await clientFor(context)
  const { id, name } = await personNamed(client, text, false)
  await client.removePerson(id)
  return say(context, format, { id, removed: true }, `${plain(name)} is removed, and signed out everywhere`)
}

/** Lets somebody in again. */
export async function personRestore(context: Context, text: string, { format }: Format): Promise<ExitCode> {
  const client = await clientFor(context)
  const person = await client.restorePerson((await personNamed(client, text, true)).id)
  return say(context, format, person, `${plain(person.name)} may sign in again, as ${person.role}`)
}

/** Makes a link. It alone goes to stdout. */
export async function personLink(context: Context, text: string, { format }: Format): Promise<ExitCode> {
  const client = await clientFor(context)
  const { id, name } = await personNamed(client, text, false)
  const link = await client.makeSignInLink(id)
  if (format === 'json') context.stdout(`${JSON.stringify({ id, ...link })}\n`)
  else {
    context.stderr(`${paintFor(context).green('✓')} for ${plain(name)}, `)
    showLink(context, link)
  }
  return 0
}

/** Behind the #: a browser keeps it to itself, and a page posts it. */
function showLink({ stdout, stderr, settings }: Context, { code, url, expiresAt }: SignInLink): void {
  stderr(`a link that signs in once, until ${plain(expiresAt)}; shown this once:\n`)
  stdout(`${plain(url ?? `${settings.url ?? ''}/sign-in#${code}`)}\n`)
}

/** Whom a name means, of those who may sign in or of those who were removed; or an id. Throws `not-found`, `usage`. */
async function personNamed(client: Client, text: string, removed: boolean): Promise<ListedPerson> {
  const known = (await client.people()).filter(({ removedAt }) => (removedAt !== null) === removed)
  const found = known.filter(({ id, name, email }) => [id, name, email].includes(text))
  const [person, other] = found
  if (person === undefined) throw new CodedError('not-found', `there is nobody called ${plain(text, 80)}`)
  if (other === undefined) return person
  const ids = found.map(({ id }) => id).join(', ')
  throw new CodedError('usage', `${plain(text, 80)} are ${found.length} people: ${ids}`, { fix: 'Name one by the id.' })
}

function say(context: Context, format: string, value: object, text: string): ExitCode {
  if (format === 'json') context.stdout(`${JSON.stringify(value)}\n`)
  else context.stdout(`${paintFor(context).green('✓')} ${text}\n`)
  return 0
}

function rowOf({ id, name, role, email, issuer, signedInAt, removedAt }: ListedPerson): string[] {
  const by = issuer === null ? 'link' : plain(issuer)
  const last = removedAt === null ? `signed in ${plain(signedInAt ?? 'never')}` : `removed ${plain(removedAt)}`
  return [id, plain(name), role, plain(email ?? '-'), by, last]
}
