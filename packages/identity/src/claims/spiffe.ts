import { invalid } from '../jws.ts'
import { type ClaimsReader, workload } from './reading.ts'

/** A workload with a SPIFFE ID (SPIFFE-ID §2; JWT-SVID §3). */
export const spiffe: ClaimsReader = (it) => {
  const id = it.text('sub')
  const match = /^spiffe:\/\/[a-z0-9._-]{1,255}((?:\/[A-Za-z0-9._-]+)*)$/.exec(id)
  const segments = match?.[1]!.split('/') ?? ['..']
  if (segments.some((one) => one === '.' || one === '..') || match?.[1] === '') {
    throw invalid('the claim sub is no SPIFFE ID of a workload')
  }
  return workload(it, { kind: 'uri', value: id })
}
