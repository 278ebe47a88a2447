import {
  type AccessTokens,
  askForToken,
  askThisMachine,
  formQuestion,
  type FreshToken,
  givenToken,
  keptTokens,
  lineIn,
} from './access-token.ts'
import { addressIn, hostOf, isLoopback, type Question } from './http.ts'
import { isSecretText, type KmsDoor, type KmsFaults, setting } from './kms-door.ts'

/** One of Azure's clouds. */
export interface AzureCloud {
  /** What a token is for: `https://vault.azure.net`. */
  readonly resource: string
  /** Who gives tokens, where the environment does not say otherwise. */
  readonly authority: string
}

const IMDS = 'http://169.254.169.254/metadata/identity/oauth2/token'
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/**
 * Access tokens for Azure, as Azure's own tools look for them: `AZURE_ACCESS_TOKEN`; `AZURE_TENANT_ID` and
 * `AZURE_CLIENT_ID` with `AZURE_CLIENT_SECRET` or `AZURE_FEDERATED_TOKEN_FILE` (workload identity); the managed identity
 * that `IDENTITY_ENDPOINT` and `IDENTITY_HEADER` give (App Service, Container Apps); else that of the machine (IMDS).
 */
export function azureTokens(cloud: AzureCloud, door: KmsDoor, faults: KmsFaults): AccessTokens {
  const given = setting(door, 'AZURE_ACCESS_TOKEN')
  if (given !== null) {
    if (!isSecretText(given)) throw faults.invalid('AZURE_ACCESS_TOKEN is no token')
    return givenToken(given)
  }
  const azure: Azure = { cloud, door, faults, client: clientIn(door, faults) }
  const secret = setting(door, 'AZURE_CLIENT_SECRET')
  const file = setting(door, 'AZURE_FEDERATED_TOKEN_FILE')
  if (secret !== null) return keptTokens(() => fromEntra(azure, { client_secret: secret }), door.now)
  if (file !== null) {
    return keptTokens(async () => {
      // Kubernetes writes it anew before it ends.
      const client_assertion = await lineIn(file, 'AZURE_FEDERATED_TOKEN_FILE', faults)
      return fromEntra(azure, { client_assertion_type: ASSERTION, client_assertion })
    }, door.now)
  }
  const endpoint = setting(door, 'IDENTITY_ENDPOINT')
  const header = setting(door, 'IDENTITY_HEADER')
  if (endpoint !== null && header !== null) return keptTokens(() => fromPlatform(azure, endpoint, header), door.now)
  return keptTokens(() => fromMachine(azure), door.now)
}

interface Azure {
  readonly cloud: AzureCloud
  readonly door: KmsDoor
  readonly faults: KmsFaults
  /** Id of an application, or of a managed identity that the user made. */
  readonly client: string | null
}

function clientIn(door: KmsDoor, faults: KmsFaults): string | null {
  const client = setting(door, 'AZURE_CLIENT_ID')
  if (client !== null && !/^[A-Za-z0-9-]{1,64}$/.test(client)) throw faults.invalid('AZURE_CLIENT_ID is no id')
  return client
}

/** OAuth 2.0 client credentials of Microsoft Entra ID (RFC 6749 §4.4; with an assertion, RFC 7523 §2.2). */
async function fromEntra(azure: Azure, proof: Readonly<Record<string, string>>): Promise<FreshToken> {
  const { cloud, door, faults, client } = azure
  const tenant = setting(door, 'AZURE_TENANT_ID')
  if (client === null || tenant === null || !/^[A-Za-z0-9.-]{1,255}$/.test(tenant)) {
    throw faults.invalid(
      'AZURE_TENANT_ID and AZURE_CLIENT_ID do not both name who asks',
      'Set both, beside the secret or the token file.',
    )
  }
  const authority = addressIn(setting(door, 'AZURE_AUTHORITY_HOST') ?? cloud.authority, { path: false })
  if (typeof authority === 'string') throw faults.invalid(`the address in AZURE_AUTHORITY_HOST ${authority}`)
  const url = new URL(`/${tenant}/oauth2/v2.0/token`, authority)
  const fields = { grant_type: 'client_credentials', client_id: client, scope: `${cloud.resource}/.default`, ...proof }
  return askForToken(url, formQuestion(fields), {
    door,
    faults,
    refused: (status) =>
      faults.invalid(
        `${hostOf(url)} gave no token for the application ${client} (status ${status})`,
        'Check tenant and client id, and that the secret is not expired, or the federated credential names issuer and subject of this run.',
      ),
  })
}

async function fromPlatform(azure: Azure, endpoint: string, header: string): Promise<FreshToken> {
  const url = URL.parse(endpoint)
  const local = url !== null && (isLoopback(url) || url.hostname.startsWith('169.254.'))
  if (url === null || !(url.protocol === 'https:' || (url.protocol === 'http:' && local)) || !isSecretText(header)) {
    throw azure.faults.invalid('IDENTITY_ENDPOINT and IDENTITY_HEADER are none that Azure sets')
  }
  return fromIdentity(azure, url, '2019-08-01', { headers: [['x-identity-header', header]] })
}

async function fromMachine(azure: Azure): Promise<FreshToken> {
  const other = setting(azure.door, 'AZURE_POD_IDENTITY_AUTHORITY_HOST')
  const url = other === null ? new URL(IMDS) : URL.parse('/metadata/identity/oauth2/token', other)
  if (url === null || (other !== null && !isLoopback(url) && url.hostname !== '169.254.169.254')) {
    throw azure.faults.invalid('AZURE_POD_IDENTITY_AUTHORITY_HOST is not on this machine')
  }
  return fromIdentity(azure, url, '2018-02-01', { headers: [['metadata', 'true']] })
}

async function fromIdentity(azure: Azure, url: URL, version: string, question: Question): Promise<FreshToken> {
  const { cloud, door, faults, client } = azure
  url.searchParams.set('api-version', version)
  url.searchParams.set('resource', cloud.resource)
  if (client !== null) url.searchParams.set('client_id', client)
  const otherwise =
    'Set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE, or run where an identity is assigned; AZURE_CLIENT_ID says which of several.'
  return askThisMachine(url, question, {
    door,
    faults,
    refused: (status) =>
      faults.invalid(
        `the machine has no managed identity that ${hostOf(url)} would give a token of (status ${status})`,
        otherwise,
      ),
    otherwise,
  })
}
