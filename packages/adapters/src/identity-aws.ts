import { CodedError, utf8 } from '@countersign/core'
import { CODEBUILD_BUILD_TAG } from '@countersign/identity'
import type { Environment } from '@countersign/record'
import type { IdentityTokens } from '@countersign/sign'
import { awsCredentials, awsCredentialSource } from './aws-credentials.ts'
import { type AwsCredentials, signAwsRequest } from './aws-sigv4.ts'
import { addressIn, askForToken, isToken, type TokenHttp, type TokenReply, unavailable } from './identity-http.ts'

const ALLOW =
  'Allow sts:GetWebIdentityToken to the role (in CodeBuild: the service role of the project), and enable it once for the account: aws iam enable-outbound-web-identity-federation'
/** Seconds: the least that STS takes is 60; the token is used at once. */
const LIFETIME = '300'

export interface AwsTokensOptions extends TokenHttp {
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/**
 * AWS: `sts:GetWebIdentityToken` of a regional endpoint vouches for the role that runs here (AWS STS API Reference,
 * 2011-06-15). In CodeBuild the token is asked to carry the build's ARN, where the role may have it do so; what a role
 * asks for is its own word, unless a policy forces it.
 */
export function awsTokens(
  system: 'aws-codebuild' | 'aws',
  environment: Environment,
  options: AwsTokensOptions,
): IdentityTokens {
  const build = environment['CODEBUILD_BUILD_ARN'] ?? ''
  const tagged = system === 'aws-codebuild' && /^arn:[\x21-\x7e]{1,250}$/.test(build)
  return {
    system,
    audience: null,
    renewable: true,
    repeats: false,
    run: tagged ? build : null,
    async token(audience) {
      const region = environment['AWS_REGION'] || environment['AWS_DEFAULT_REGION'] || ''
      if (!/^[a-z0-9-]{1,32}$/.test(region)) throw unavailable('AWS_REGION names no region', 'Set AWS_REGION.')
      const url = endpointOf(environment, region)
      const credentials = await credentialsOf(environment, options)
      const ask = (tags: readonly (readonly [string, string])[]) =>
        askSts({ url, region, credentials, tags, audience }, options)
      let reply = await ask(tagged ? [[CODEBUILD_BUILD_TAG, build]] : [])
      // A role that may have a token, but may not say of which build it is.
      if (tagged && reply.status === 403 && errorOf(reply) === 'AccessDenied') reply = await ask([])
      const token = /<WebIdentityToken>\s*([A-Za-z0-9._-]+)\s*<\/WebIdentityToken>/.exec(reply.text)?.[1]
      if (reply.status === 200 && isToken(token)) return token
      throw unavailable(
        `AWS gave no identity token: ${errorOf(reply) ?? 'status'} (${reply.status} of ${url.host})`,
        ALLOW,
      )
    },
  }
}

interface StsQuestion {
  readonly url: URL
  readonly region: string
  readonly credentials: AwsCredentials
  readonly tags: readonly (readonly [key: string, value: string])[]
  readonly audience: string
}

function askSts(
  { url, region, credentials, tags, audience }: StsQuestion,
  { now, ...http }: AwsTokensOptions,
): Promise<TokenReply> {
  const form = new URLSearchParams({
    Action: 'GetWebIdentityToken',
    Version: '2011-06-15',
    'Audience.member.1': audience,
    SigningAlgorithm: 'ES384',
    DurationSeconds: LIFETIME,
  })
  for (const [i, [key, value]] of tags.entries()) {
    form.set(`Tags.member.${i + 1}.Key`, key)
    form.set(`Tags.member.${i + 1}.Value`, value)
  }
  const body = form.toString()
  const headers = [['content-type', 'application/x-www-form-urlencoded; charset=utf-8']] as const
  const added = signAwsRequest(
    { method: 'POST', headers: [['host', url.host], ...headers], body: utf8(body) },
    { region, service: 'sts', credentials, at: now() },
  )
  return askForToken({ url, method: 'POST', headers: [...headers, ...added], body }, http)
}

/** The name of an error; not its message, which may repeat what was sent. */
function errorOf({ text }: TokenReply): string | null {
  return /<Code>([A-Za-z]{1,80})<\/Code>/.exec(text)?.[1] ?? null
}

/** The global endpoint knows no GetWebIdentityToken. */
function endpointOf(environment: Environment, region: string): URL {
  const name = environment['AWS_ENDPOINT_URL_STS'] ? 'AWS_ENDPOINT_URL_STS' : 'AWS_ENDPOINT_URL'
  const named = environment[name] ?? ''
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const url = addressIn(name, named === '' ? `https://sts.${region}.${domain}` : named)
  if (url.pathname !== '/' || url.search !== '') throw unavailable(`${name} has more than a host`, `Mend ${name}.`)
  return url
}

async function credentialsOf(
  environment: Environment,
  { now, fetch, timeoutMs }: AwsTokensOptions,
): Promise<AwsCredentials> {
  try {
    const more = { ...(fetch === undefined ? {} : { fetch }), ...(timeoutMs === undefined ? {} : { timeoutMs }) }
    return await awsCredentials({ source: awsCredentialSource(environment), now, ...more }).current()
  } catch (error) {
    // Told as what it means here; the errors of credentials never hold one.
    throw unavailable(error instanceof CodedError ? error.what : 'there are no credentials for AWS', ALLOW)
  }
}
