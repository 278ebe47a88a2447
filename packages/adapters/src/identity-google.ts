import type { Environment } from '@countersign/record'
import type { IdentityTokens } from '@countersign/sign'
import { addressIn, askForToken, isToken, type TokenHttp, unavailable } from './identity-http.ts'

/** Names of the metadata server, which the platform answers on the machine itself. */
const METADATA = ['metadata.google.internal', '169.254.169.254', 'metadata']
const PATH = '/computeMetadata/v1/instance/service-accounts/default/identity'

const FIX: Readonly<Record<string, string>> = {
  'google-cloud-build':
    'Give the build a service account of your own (serviceAccount: in cloudbuild.yaml or the trigger): the default one has no identity tokens. It needs roles/iam.serviceAccountOpenIdTokenCreator on itself.',
  gcp: 'Run where a service account is attached; on GKE, bind the Kubernetes service account to one.',
}

/**
 * Google Cloud: the metadata server vouches for the attached service account (cloud.google.com, Verify VM identity);
 * in Cloud Build for the one of the build. `GCE_METADATA_HOST` may name it, as for Google's own libraries.
 */
export function googleTokens(
  system: 'google-cloud-build' | 'gcp',
  environment: Environment,
  http: TokenHttp = {},
): IdentityTokens {
  return {
    system,
    audience: null,
    renewable: true,
    repeats: true,
    run: system === 'google-cloud-build' ? buildOf(environment) : null,
    async token(audience) {
      const host = (environment['GCE_METADATA_HOST'] ?? '') || METADATA[0]!
      const url = addressIn('GCE_METADATA_HOST', `http://${host}${PATH}`, METADATA)
      url.searchParams.set('audience', audience)
      url.searchParams.set('format', 'full')
      const headers = [['metadata-flavor', 'Google']] as const
      const reply = await askForToken({ url, method: 'GET', headers }, http)
      // What is no metadata server may answer whatever is asked of that address.
      if (reply.headers.get('metadata-flavor') !== 'Google') {
        throw unavailable(`${url.host} is no metadata server of Google`, FIX[system])
      }
      const token = reply.text.trim()
      if (reply.status !== 200 || !isToken(token)) {
        throw unavailable(`the metadata server gave no identity token: status ${reply.status}`, FIX[system])
      }
      return token
    },
  }
}

/** The build's name, from what a step has mapped of the substitutions; Cloud Build itself sets nothing. */
function buildOf(environment: Environment): string | null {
  const { PROJECT_ID: project = '', LOCATION: location = '', BUILD_ID: build = '' } = environment
  if (![project, build].every((part) => /^[a-z0-9:.-]{1,100}$/.test(part))) return null
  const region = /^[a-z0-9-]{1,32}$/.test(location) ? location : 'global'
  return `projects/${project}/locations/${region}/builds/${build}`
}
