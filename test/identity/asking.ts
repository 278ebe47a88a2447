import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { base64, type JsonObject, publicKeyPem, utf8 } from '@countersign/core'
import { type Bundle, writeStep } from '@countersign/formats'
import { bareIdentity, type Identity } from '@countersign/formats/identity'
import {
  type CertifiedToken,
  type IssuedCertificate,
  issueCertificate,
  proveKey,
} from '../../server/verbs/issue-certificate.ts'
import { file, linkOf, newChainId, type Party, party, seal, type Signed, statement } from '../pipeline.ts'
import type { TestServer } from '../server.ts'

/** `sub` of a token. */
export function subjectOf(token: string): string {
  return (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sub: string }).sub
}

export interface Asking {
  readonly token: string
  /** A new key, PEM, its private half, and base64 of its signature over the subject of the token. */
  readonly publicKey: string
  readonly privateKey: KeyObject
  readonly proof: string
}

/** What a client needs to ask for a certificate. `over`: what it signs in the place of the subject. */
export function asking(token: string, over = subjectOf(token)): Asking {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    token,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
    privateKey,
    proof: base64(new Uint8Array(sign('sha256', utf8(over), privateKey))),
  }
}

/** The request of Fulcio's API. */
export function fulcioRequest({ token, publicKey, proof }: Asking): JsonObject {
  return {
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: { publicKey: { algorithm: 'ECDSA', content: publicKey }, proofOfPossession: proof },
  }
}

/** Somebody who runs in a CI system. */
export const CERTIFIED: CertifiedToken & { readonly identity: Identity } = {
  system: 'github-actions',
  identity: {
    ...bareIdentity('https://ci.example.com', {
      kind: 'uri',
      value: 'https://example.com/acme/shop/build@refs/heads/main',
    }),
    sourceRepositoryURI: 'https://example.com/acme/shop',
    sourceRepositoryDigest: 'c0ffee'.repeat(6),
    runInvocationURI: 'https://example.com/runs/7',
    tokenSubject: 'repo:acme/shop',
  },
  grade: 'A',
  claims: { sub: 'repo:acme/shop', email: 'robot@example.com' },
}

/** Has the server's authority certify somebody, as if a token had said so. */
export async function certify(
  { deps }: Pick<TestServer, 'deps'>,
  {
    tenant = 'acme',
    by = party('ephemeral'),
    token = CERTIFIED,
  }: { tenant?: string; by?: Party; token?: CertifiedToken } = {},
): Promise<IssuedCertificate> {
  const proof = new Uint8Array(sign('sha256', utf8(token.claims['sub'] as string), by.privateKey))
  const key = await proveKey(deps, { kind: 'key', publicKey: publicKeyPem(by.publicKey), proof }, token.claims)
  return issueCertificate(deps, { tenant, token, key })
}

/** A step of somebody whom the server's authority certified, accepted by it. */
export async function certifiedStep(server: TestServer, tenant = 'acme'): Promise<Signed> {
  const by = party('ephemeral')
  const { chain: path } = await certify(server, { tenant, by })
  const chain = { id: newChainId(), pipeline: 'certified', contract: null }
  const made = statement({ chain, name: 'build', subject: [file('certified', 'certified')] })
  const runner = { ...made.predicate.runner, system: CERTIFIED.system }
  const keyed = seal(by, writeStep({ ...made, predicate: { ...made.predicate, runner } }))
  const bundle: Bundle = { ...keyed, key: { kind: 'certificate', chain: [path[0]!] } }
  const reply = await server.append(bundle, { tenant })
  if (reply.status !== 201) throw new Error(await reply.text())
  return { bundle, link: linkOf(bundle), statement: made }
}
