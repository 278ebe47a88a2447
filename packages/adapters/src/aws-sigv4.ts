import { createHash, createHmac } from 'node:crypto'

/** Who asks AWS. The secret key never leaves this machine; the token, where there is one, is sent along. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Null for keys that do not expire. */
  readonly sessionToken: string | null
}

/** A request for `/` without a query, as AWS's JSON protocols have it. */
export interface AwsRequest {
  readonly method: string
  /** In their order, every one of them to be signed, `host` among them; without those that the signature adds. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array
}

export interface AwsScope {
  readonly region: string
  readonly service: string
  readonly credentials: AwsCredentials
  /** Milliseconds since 1970. AWS takes five minutes of difference. */
  readonly at: number
}

/**
 * The headers that sign a request (AWS Signature Version 4, AWS General Reference): `x-amz-date`, `authorization`, and
 * `x-amz-security-token` where there is a token.
 */
export function signAwsRequest(
  request: AwsRequest,
  { region, service, credentials, at }: AwsScope,
): [string, string][] {
  const time = new Date(at).toISOString().replace(/[:-]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const { accessKeyId, secretAccessKey, sessionToken } = credentials
  const added: [string, string][] = [['x-amz-date', time]]
  if (sessionToken !== null) added.push(['x-amz-security-token', sessionToken])
  const headers = canonicalHeaders([...request.headers, ...added])
  const signed = headers.map(([name]) => name).join(';')
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join('')
  const canonical = `${request.method}\n/\n\n${lines}\n${signed}\n${sha256Hex(request.body)}`
  const scope = `${day}/${region}/${service}/aws4_request`
  const toSign = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256Hex(canonical)}`
  const key = [day, region, service, 'aws4_request'].reduce<Uint8Array>(
    (secret, part) => hmac(secret, part),
    Buffer.from(`AWS4${secretAccessKey}`),
  )
  const signature = hmac(key, toSign).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`
  return [...added, ['authorization', authorization]]
}

/** By name, in order; values of one name in the order in which they came, white space in them as one space. */
function canonicalHeaders(headers: AwsRequest['headers']): [string, string][] {
  const byName = new Map<string, string[]>()
  for (const [name, value] of headers) {
    const values = byName.get(name.toLowerCase()) ?? []
    byName.set(name.toLowerCase(), [...values, value.trim().replace(/\s+/g, ' ')])
  }
  return [...byName]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, values]): [string, string] => [name, values.join(',')])
}

function hmac(key: Uint8Array, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
