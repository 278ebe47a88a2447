import { invalid } from '../jws.ts'
import { type ClaimsReader, workload } from './reading.ts'

/** A managed identity or an application of Entra ID, named by the ids of its directory and of itself. */
export const azure: ClaimsReader = (it) => {
  const kind = it.optional('idtyp')
  // People have tokens of the same issuer; without the claim, who is an application is its own subject.
  const isPerson = kind === null ? it.text('sub') !== it.text('oid') : kind !== 'app'
  if (isPerson) throw invalid('the token is not of a managed identity or an application')
  const [directory, object] = [it.uuid('tid'), it.uuid('oid')].map((id) => id.toLowerCase())
  return workload(it, { kind: 'uri', value: `https://login.microsoftonline.com/${directory}/identities/${object}` })
}
