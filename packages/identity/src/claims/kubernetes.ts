import { invalid } from '../jws.ts'
import { type ClaimsReader, workload } from './reading.ts'

/** A service account of a Kubernetes cluster (projected token). */
export const kubernetes: ClaimsReader = (it) => {
  const within = it.within('kubernetes.io')
  const account = within?.within('serviceaccount') ?? null
  if (within === null || account === null) throw invalid('the token is not of a service account')
  const [namespace, name] = [within.segment('namespace'), account.segment('name')]
  account.uuid('uid')
  if (it.text('sub') !== `system:serviceaccount:${namespace}:${name}`) {
    throw invalid('the claim sub is of another service account')
  }
  const value = `https://kubernetes.io/namespaces/${namespace}/serviceaccounts/${name}`
  return workload(it, { kind: 'uri', value })
}
