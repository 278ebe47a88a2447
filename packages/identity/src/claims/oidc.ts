import { invalid } from '../jws.ts'
import { mailOf } from './mail.ts'
import { type ClaimsReader, workload } from './reading.ts'

/** Whoever an OpenID issuer knows: by a verified e-mail address, or by a subject that is a URI. */
export const oidc: ClaimsReader = (it) => {
  const address = mailOf(it)
  if (address !== null) return workload(it, { kind: 'email', value: address })
  const subject = it.text('sub')
  const good = /^[a-z][a-z0-9+.-]*:[\x21-\x7e]+$/.test(subject) && URL.parse(subject)?.href === subject
  if (!good) throw invalid('the token has no e-mail address, and its subject is no URI')
  return workload(it, { kind: 'uri', value: subject })
}
