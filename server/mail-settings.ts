import { dirname } from 'node:path'
import { parseJson } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { type Place, readNamed, secretOf } from './secret-setting.ts'

/** How mail is sent. */
export interface MailSettings {
  readonly host: string
  readonly port: number
  /** From the first byte, after a word in clear, or not at all. */
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user: string | null
  /** Never to be shown, kept or logged. */
  readonly password: string | null
  readonly from: string
  /** Domains that may be written to, in lower case. */
  readonly recipients: readonly string[]
}

const CODE = 'provider-setup-invalid'
const MAX_BYTES = 16_384
const PORTS = { tls: 465, starttls: 587, none: 25 } as const
const ADDRESS = /^[^\s<>@"]{1,64}@[A-Za-z0-9.-]{1,253}$/
const DOMAIN = /^[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?$/

/**
 * The mail server that a settings file sets up: strict JSON, `{"host", "from", "recipients": ["example.com"]}`. The password
 * is not in it: it says which file or which variable holds it. Throws `file-missing`, `input-too-large`,
 * `provider-setup-invalid` with the place of the fault, and what `parseJson` throws.
 */
export function readMailSettings(file: string, env: Place['env']): MailSettings {
  const place: Place = { directory: dirname(file), env, whose: 'the mail settings' }
  const it = new Shape(CODE, parseJson(readNamed(file, MAX_BYTES, place)), 'the mail settings').object(
    ['host', 'from', 'recipients'],
    ['port', 'security', 'user', 'password'],
  )
  const given = it.has('security') ? it.text('security', 16) : 'starttls'
  const security = (['tls', 'starttls', 'none'] as const).find((one) => one === given)
  if (security === undefined) return it.get('security').fail('is none of tls, starttls, none')
  if (it.has('user') !== it.has('password')) it.get('host').fail('has one of user and password without the other')
  const password = it.has('password') ? secretOf(it.get('password'), place) : null
  // Everybody on the way would read it.
  if (password !== null && security === 'none') it.get('security').fail('is none, and there is a password')
  const from = it.text('from', 320)
  if (!ADDRESS.test(from)) it.get('from').fail('is not an e-mail address')
  const recipients = it.get('recipients').array(100)
  if (recipients.length === 0) it.get('recipients').fail('is empty: name the domains that may be written to')
  return {
    host: it.text('host', 253),
    port: it.has('port') ? it.integer('port', 1, 65_535) : PORTS[security],
    security,
    user: it.has('user') ? it.text('user', 320) : null,
    password,
    from,
    recipients: recipients.map((one) => {
      const domain = one.text(253)
      return DOMAIN.test(domain) ? domain : one.fail('is not a domain in lower case')
    }),
  }
}
