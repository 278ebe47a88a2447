import type { Environment } from '@countersign/record'
import type { IdentityTokens } from '@countersign/sign'
import { addressIn, askForToken, isBearer, type TokenHttp, tokenIn, unavailable } from './identity-http.ts'

const MAPPING =
  'Map the token of the job into the step: env: { SYSTEM_ACCESSTOKEN: $(System.AccessToken) }. Pipelines of forks may be refused it.'

/** The audience of every token of Azure Pipelines; it takes no other. */
export const AZURE_PIPELINES_AUDIENCE = 'api://AzureADTokenExchange'

/**
 * Azure Pipelines: `POST $SYSTEM_OIDCREQUESTURI` with `SYSTEM_ACCESSTOKEN` (Azure DevOps REST API, Oidctoken, Create),
 * and without a service connection: of the pipeline itself.
 */
export function azurePipelinesTokens(environment: Environment, http: TokenHttp = {}): IdentityTokens {
  return {
    system: 'azure-pipelines',
    audience: AZURE_PIPELINES_AUDIENCE,
    renewable: true,
    repeats: false,
    async token(audience) {
      if (audience !== AZURE_PIPELINES_AUDIENCE) {
        throw unavailable(
          `Azure Pipelines vouches only to ${AZURE_PIPELINES_AUDIENCE}, not to ${audience}`,
          `Unset COUNTERSIGN_AUDIENCE, and give the issuer rule the audience ${AZURE_PIPELINES_AUDIENCE}.`,
        )
      }
      const address = environment['SYSTEM_OIDCREQUESTURI'] ?? ''
      const bearer = environment['SYSTEM_ACCESSTOKEN'] ?? ''
      if (bearer === '') throw unavailable('SYSTEM_ACCESSTOKEN is not mapped into this step', MAPPING)
      if (address === '') {
        throw unavailable(
          'SYSTEM_OIDCREQUESTURI is not set',
          'Run it as a step of a job; Azure DevOps Server has no such tokens: sign with a key there.',
        )
      }
      // An unresolved macro means that the variable is not there.
      if (!isBearer(bearer) || bearer.startsWith('$(')) throw unavailable('SYSTEM_ACCESSTOKEN is malformed', MAPPING)
      const url = addressIn('SYSTEM_OIDCREQUESTURI', address)
      url.searchParams.set('api-version', '7.1-preview.1')
      const headers = [
        ['authorization', `Bearer ${bearer}`],
        ['content-type', 'application/json'],
        ['accept', 'application/json'],
      ] as const
      const reply = await askForToken({ url, method: 'POST', headers, body: '' }, http)
      if (reply.status !== 200) {
        throw unavailable(`Azure Pipelines gave no identity token: status ${reply.status} of ${url.host}`, MAPPING)
      }
      return tokenIn(reply, 'oidcToken', url.host)
    },
  }
}
