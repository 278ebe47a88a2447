import { invalid } from '../jws.ts'
import { mailOf } from './mail.ts'
import { type ClaimsReader, workload } from './reading.ts'

/** A service account of Google Cloud, from the metadata of its machine or of its build. It names no build. */
export const google: ClaimsReader = (it) => {
  const address = mailOf(it)
  if (address === null) throw invalid('the claim email is missing')
  // People have tokens of the same issuer.
  if (!address.endsWith('.gserviceaccount.com')) throw invalid('the claim email is not of a service account')
  it.decimal('sub')
  return workload(it, { kind: 'email', value: address })
}
