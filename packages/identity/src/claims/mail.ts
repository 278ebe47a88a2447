import { invalid } from '../jws.ts'
import type { Claims } from './reading.ts'

/** The e-mail address of a token, which the issuer must have verified; null where there is none. */
export function mailOf(it: Claims): string | null {
  const address = it.optional('email')
  if (address === null) return null
  if (it.flag('email_verified') !== true) throw invalid('the issuer did not verify the e-mail address')
  // An IA5String in a certificate, compared as text: no comments, quotes or letters beyond ASCII.
  const good = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+$/.test(address)
  if (!good || address.length > 254) throw invalid('the claim email is no plain address')
  return address
}
