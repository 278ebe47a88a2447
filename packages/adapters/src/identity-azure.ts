import type { Environment } from '@countersign/record'
import type { IdentityTokens } from '@countersign/sign'
import { addressIn, askForToken, isBearer, type TokenHttp, tokenIn, unavailable } from './identity-http.ts'

/** The instance metadata service, which the platform answers on the machine itself. */
const IMDS = '169.254.169.254'
const FIX =
  'Give the machine or app a managed identity, and set COUNTERSIGN_AUDIENCE to the Application ID URI of an app in Entra ID, with the same audience in the issuer rule.'

/**
 * Azure: the managed identity of a machine (IMDS, api-version 2018-02-01), or of an app where `IDENTITY_ENDPOINT` and
 * `IDENTITY_HEADER` are set (2019-08-01). `AZURE_CLIENT_ID` chooses among several.
 */
export function azureTokens(environment: Environment, http: TokenHttp = {}): IdentityTokens {
  return {
    system: 'azure',
    audience: null,
    renewable: true,
    repeats: true,
    async token(audience) {
      const { url, headers } = endpointOf(environment)
      url.searchParams.set('resource', audience)
      const client = environment['AZURE_CLIENT_ID'] ?? ''
      if (client !== '') url.searchParams.set('client_id', client)
      const reply = await askForToken({ url, method: 'GET', headers }, http)
      if (reply.status !== 200) throw unavailable(`${url.host} gave no identity token: status ${reply.status}`, FIX)
      return tokenIn(reply, 'access_token', url.host)
    },
  }
}

function endpointOf(environment: Environment): { url: URL; headers: [string, string][] } {
  const endpoint = environment['IDENTITY_ENDPOINT'] ?? ''
  const secret = environment['IDENTITY_HEADER'] ?? ''
  if (endpoint !== '' && secret !== '') {
    if (!isBearer(secret)) throw unavailable('IDENTITY_HEADER is malformed', FIX)
    // App Service answers in clear on an address of the sandbox alone.
    const own = URL.parse(endpoint)?.hostname ?? ''
    const url = addressIn('IDENTITY_ENDPOINT', endpoint, /^(169\.254|172\.16)\.\d+\.\d+$/.test(own) ? [own] : [])
    url.searchParams.set('api-version', '2019-08-01')
    return { url, headers: [['x-identity-header', secret]] }
  }
  const host = (environment['AZURE_POD_IDENTITY_AUTHORITY_HOST'] ?? '') || `http://${IMDS}`
  const base = addressIn('AZURE_POD_IDENTITY_AUTHORITY_HOST', host, [IMDS])
  const url = new URL('/metadata/identity/oauth2/token?api-version=2018-02-01', base)
  return { url, headers: [['metadata', 'true']] }
}
