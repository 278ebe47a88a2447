import { createHash, createHmac, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { base64, fromBase64, hex } from '@countersign/core'
import { p256 } from '@noble/curves/nist.js'
import { secp256k1 } from '@noble/curves/secp256k1.js'

/** What a key service does with requests. From `other-key` on, it lies, or answers with what none answers. */
export type KmsMode =
  | 'honest'
  | 'high-s'
  | 'denied'
  | 'disabled'
  | 'throttled'
  | 'broken'
  | 'proxy'
  | 'expired'
  | 'redirect'
  | 'stall'
  | 'endless'
  | 'other-key'
  | 'malformed-der'
  | 'raw-signature'
  | 'no-base64'
  | 'garbage'
  | 'empty'
  | 'repeats'

export type KmsSpec = 'ECC_NIST_P256' | 'ECC_SECG_P256K1' | 'ECC_NIST_P384' | 'RSA_2048'

export interface LocalKmsCaller {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken: string | null
}

/** A key service on loopback that speaks as AWS KMS does, and takes requests that are signed for it alone. */
export interface LocalKms {
  readonly url: string
  readonly region: string
  mode: KmsMode
  /** Who may ask. */
  caller: LocalKmsCaller
  /** Actions that were asked for, with what each request was; oldest first. */
  readonly asked: { readonly action: string; readonly input: Record<string, unknown> }[]
  /** Whether what is only tried out is signed all the same, as services do that do not know the field. */
  signsDryRuns: boolean
  /** Answers to GetPublicKey are changed by it. */
  change: ((reply: Record<string, unknown>) => Record<string, unknown>) | null
  /** ARN of a new key. */
  create(spec: KmsSpec, alias?: string): string
  /** Takes an alias to another key. */
  move(alias: string, arn: string): void
  close(): Promise<void>
}

interface Held {
  readonly arn: string
  readonly spec: KmsSpec
  readonly spki: Uint8Array
  readonly privateKey: KeyObject
}

const CURVES = { ECC_NIST_P256: 'P-256', ECC_SECG_P256K1: 'secp256k1', ECC_NIST_P384: 'P-384' } as const
const TYPES: Partial<Record<KmsMode, readonly [status: number, type: string]>> = {
  denied: [400, 'AccessDeniedException'],
  disabled: [400, 'com.amazonaws.kms#DisabledException'],
  throttled: [400, 'ThrottlingException'],
  broken: [500, 'KMSInternalException'],
  expired: [400, 'ExpiredTokenException'],
}

export async function startLocalKms(region = 'eu-central-1'): Promise<LocalKms> {
  const keys = new Map<string, Held>()
  const aliases = new Map<string, string>()

  function find(name: string): Held | null {
    const target = aliases.get(name.replace(/^arn:aws:kms:[a-z0-9-]+:\d+:/, '')) ?? name
    return [...keys.values()].find(({ arn }) => arn === target || arn.endsWith(`:key/${target}`)) ?? null
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const action = String(request.headers['x-amz-target']).replace('TrentService.', '')
    const fault = faultOf(request, body, kms.caller, region)
    if (fault !== null) return refuse(response, 400, fault)
    const input = JSON.parse(body.toString()) as Record<string, unknown>
    kms.asked.push({ action, input })
    const { mode } = kms
    if (mode === 'stall') return
    if (mode === 'redirect') return void response.writeHead(307, { location: `${kms.url}/elsewhere` }).end()
    if (mode === 'proxy') return void response.writeHead(403, { 'content-type': 'text/html' }).end('<h1>no</h1>')
    if (mode === 'endless') return endless(response)
    if (mode === 'garbage') return void response.writeHead(200).end('{"KeyId":')
    if (mode === 'empty') return void response.writeHead(200).end('{}')
    // As one would that wants what it was sent to end in a log.
    const echo = JSON.stringify(request.headers)
    if (mode === 'repeats') return void response.writeHead(400).end(JSON.stringify({ __type: echo, message: echo }))
    const told = TYPES[mode]
    if (told !== undefined) return refuse(response, ...told)
    const held = find(String(input['KeyId']))
    if (held === null) return refuse(response, 400, 'NotFoundException')
    if (action === 'GetPublicKey') return answer(response, publicKeyOf(held))
    if (action !== 'Sign') return refuse(response, 400, 'UnknownOperationException')
    const digest = fromBase64(String(input['Message']))
    const good = input['MessageType'] === 'DIGEST' && input['SigningAlgorithm'] === 'ECDSA_SHA_256'
    if (!good || digest.length !== 32) return refuse(response, 400, 'ValidationException')
    if (input['DryRun'] === true && !kms.signsDryRuns) return refuse(response, 412, 'DryRunOperationException')
    const Signature = signatureOf(held, digest, mode)
    answer(response, { KeyId: held.arn, Signature, SigningAlgorithm: 'ECDSA_SHA_256' })
  }

  function publicKeyOf({ arn, spec, spki }: Held): Record<string, unknown> {
    const reply = {
      KeyId: arn,
      KeySpec: spec,
      CustomerMasterKeySpec: spec,
      KeyUsage: 'SIGN_VERIFY',
      SigningAlgorithms: ['ECDSA_SHA_256'],
      PublicKey: base64(spki),
    }
    return kms.change === null ? reply : kms.change(reply)
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const kms: LocalKms = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    region,
    mode: 'honest',
    caller: { accessKeyId: 'AKIALOCAL', secretAccessKey: 'local/secret+key', sessionToken: null },
    asked: [],
    signsDryRuns: false,
    change: null,
    create(spec, alias) {
      const held = make(region, spec, keys.size)
      keys.set(held.arn, held)
      if (alias !== undefined) aliases.set(alias, held.arn)
      return held.arn
    },
    move: (alias, arn) => void aliases.set(alias, arn),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return kms
}

function make(region: string, spec: KmsSpec, number: number): Held {
  const pair =
    spec === 'RSA_2048'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: CURVES[spec] })
  const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
  const arn = `arn:aws:kms:${region}:111122223333:key/${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`
  return { arn, spec, spki, privateKey: pair.privateKey }
}

function signatureOf({ spec, privateKey }: Held, digest: Uint8Array, mode: KmsMode): string {
  const curve = spec === 'ECC_SECG_P256K1' ? secp256k1 : p256
  const scalar = Buffer.from(privateKey.export({ format: 'jwk' }).d!, 'base64url')
  const secret = mode === 'other-key' ? new Uint8Array(32).fill(7) : new Uint8Array(scalar)
  const made = curve.sign(digest, secret, { prehash: false, lowS: true })
  const { r, s } = curve.Signature.fromBytes(made)
  const signature = mode === 'high-s' ? new curve.Signature(r, curve.Point.Fn.ORDER - s) : new curve.Signature(r, s)
  const der = signature.toBytes('der')
  if (mode === 'no-base64') return 'not base64!'
  if (mode === 'raw-signature') return base64(signature.toBytes('compact'))
  return base64(mode === 'malformed-der' ? Uint8Array.of(...der, 0) : der)
}

/**
 * Why a request is not the caller's: Signature Version 4 as AWS describes it, worked out from the bytes that came in.
 * Null where it is good.
 */
function faultOf(request: IncomingMessage, body: Buffer, caller: LocalKmsCaller, region: string): string | null {
  const given = request.headers.authorization ?? ''
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/kms\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/
  const parts = form.exec(given)
  if (parts === null) return 'IncompleteSignatureException'
  const [, id, day, where, signed, signature] = parts as unknown as [string, string, string, string, string, string]
  const token = request.headers['x-amz-security-token'] ?? null
  if (id !== caller.accessKeyId || token !== caller.sessionToken) return 'UnrecognizedClientException'
  const names = signed.split(';')
  const needed = [
    'content-type',
    'host',
    'x-amz-date',
    'x-amz-target',
    ...(token === null ? [] : ['x-amz-security-token']),
  ]
  const time = String(request.headers['x-amz-date'])
  const sorted = names.toSorted().join(';') === signed && needed.every((name) => names.includes(name))
  if (!sorted || where !== region || !time.startsWith(day)) return 'InvalidSignatureException'
  const stamp = time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')
  if (!(Math.abs(Date.parse(stamp) - Date.now()) < 300_000)) return 'InvalidSignatureException'
  const canonical = [
    request.method,
    request.url,
    '',
    ...names.map((name) => `${name}:${String(request.headers[name]).trim()}`),
    '',
    signed,
    createHash('sha256').update(body).digest('hex'),
  ].join('\n')
  const scope = [day, region, 'kms', 'aws4_request']
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), createHash('sha256').update(canonical).digest('hex')].join(
    '\n',
  )
  let key: string | Buffer = `AWS4${caller.secretAccessKey}`
  for (const part of [...scope, text]) key = createHmac('sha256', key).update(part).digest()
  return hex(key as Buffer) === signature ? null : 'InvalidSignatureException'
}

function endless(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
  const more = () => {
    while (!response.destroyed && response.write('x'.repeat(65_536)));
    if (!response.destroyed) response.once('drain', more)
  }
  more()
}

function answer(response: ServerResponse, body: object): void {
  response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
}

function refuse(response: ServerResponse, status: number, type: string): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
  response.end(JSON.stringify({ __type: type, message: 'no' }))
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request as AsyncIterable<Buffer>) parts.push(part)
  return Buffer.concat(parts)
}
