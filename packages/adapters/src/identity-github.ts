import type { Environment } from '@countersign/record'
import type { IdentityTokens } from '@countersign/sign'
import { addressIn, askForToken, isBearer, type TokenHttp, tokenIn, unavailable } from './identity-http.ts'

const PERMISSION =
  'Let the job ask for it, in the workflow: permissions: { id-token: write, contents: read }. Pull requests from forks cannot.'

/**
 * GitHub Actions: `GET $ACTIONS_ID_TOKEN_REQUEST_URL&audience=…` with `ACTIONS_ID_TOKEN_REQUEST_TOKEN`
 * (docs.github.com, OpenID Connect reference). Both are there only with the permission `id-token: write`.
 */
export function githubTokens(environment: Environment, http: TokenHttp = {}): IdentityTokens {
  return {
    system: 'github-actions',
    audience: null,
    renewable: true,
    repeats: false,
    async token(audience) {
      const address = environment['ACTIONS_ID_TOKEN_REQUEST_URL'] ?? ''
      const bearer = environment['ACTIONS_ID_TOKEN_REQUEST_TOKEN'] ?? ''
      if (address === '' || bearer === '') throw unavailable('the job may not ask GitHub for an identity', PERMISSION)
      const url = addressIn('ACTIONS_ID_TOKEN_REQUEST_URL', address)
      if (!isBearer(bearer)) throw unavailable('ACTIONS_ID_TOKEN_REQUEST_TOKEN is malformed', PERMISSION)
      url.searchParams.set('audience', audience)
      const headers = [
        ['authorization', `Bearer ${bearer}`],
        ['accept', 'application/json; api-version=2.0'],
      ] as const
      const reply = await askForToken({ url, method: 'GET', headers }, http)
      if (reply.status !== 200) {
        throw unavailable(`GitHub gave no identity token: status ${reply.status} of ${url.host}`, PERMISSION)
      }
      return tokenIn(reply, 'value', url.host)
    },
  }
}
