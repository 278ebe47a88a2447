import { createTransport } from 'nodemailer'
import { CodedError } from '@countersign/core'
import type { Mailer } from './events/channel.ts'
import type { MailSettings } from './mail-settings.ts'

/** For one step of the talk with the mail server; milliseconds. */
const PATIENCE = 15_000

/** Sends mail by the operator's server, to domains that the operator named. */
export function smtpMailer(settings: MailSettings, origin: string): Mailer {
  const { host, port, security, user, password, from, recipients } = settings
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(user === null || password === null ? {} : { auth: { user, pass: password } }),
    connectionTimeout: PATIENCE,
    greetingTimeout: PATIENCE,
    socketTimeout: PATIENCE,
    // What a message says names no file and no address to be fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = /^[a-z0-9.-]+$/i.test(origin) ? origin : 'countersign.local'
  const check = (to: string) => {
    if (recipients.includes(to.slice(to.lastIndexOf('@') + 1).toLowerCase())) return
    throw new CodedError('request-invalid', 'this server sends no mail to that domain', {
      fix: 'Its operator names the domains that may be written to, in the file of --mail.',
    })
  }
  return {
    check,
    async send({ to, id, subject, text }) {
      // Again: the settings may be others by now.
      check(to)
      try {
        await transport.sendMail({ from, to, subject, text, messageId: `<${id}@${domain}>`, headers: AUTOMATIC })
      } catch (error) {
        throw faultOf(error)
      }
    },
  }
}

/** So that nobody's absence answers (RFC 3834). */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated' }

/** Without a cause: that could hold the password. */
function faultOf(error: unknown): CodedError {
  const reply = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : Number.NaN
  if (Number.isInteger(reply)) return new CodedError('service-refused', `the mail server answered ${reply}`)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const reason = /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'the request failed'
  return new CodedError('service-unreachable', `the mail server did not take it: ${reason}`)
}
