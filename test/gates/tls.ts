import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { request } from 'node:https'
import { der, derOid, derSequence } from '@countersign/formats/x509'
import { certificate, extension, type TestCertificate, type TestKey } from '../anchors/certificates.ts'

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2'

/** A certificate for TLS, with its key; PEM. */
export interface TlsParty {
  readonly cert: string
  readonly key: string
}

/** An authority of its own for one test. */
export class TlsAuthority {
  readonly #root: TestCertificate
  readonly cert: string

  constructor(name = 'tls') {
    const { key } = pair()
    this.#root = certificate({ name: `${name} root`, key, issuer: null, ca: true })
    this.cert = pem('CERTIFICATE', this.#root.der)
  }

  /** For `localhost`, or whoever asks. */
  issue(name = 'localhost'): TlsParty {
    const { key, privateKey } = pair()
    // dNSName (RFC 5280 §4.2.1.6).
    const names = extension('2.5.29.17', false, derSequence(der(0x82, new TextEncoder().encode(name))))
    const purposes = [SERVER_AUTH, CLIENT_AUTH]
    const made = certificate({
      name,
      key,
      issuer: this.#root,
      serial: 2,
      purposes,
      purposesCritical: false,
      more: [names],
    })
    return {
      cert: pem('CERTIFICATE', made.der),
      key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    }
  }
}

function pair(): { readonly key: TestKey; readonly privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key: TestKey = {
    spki: new Uint8Array(publicKey.export({ type: 'spki', format: 'der' })),
    algorithm: derSequence(derOid('1.2.840.10045.4.3.2')),
    hash: 'sha256',
    sign: (message) => new Uint8Array(sign('sha256', message, privateKey)),
  }
  return { key, privateKey }
}

function pem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** A request over TLS to this machine, by whoever trusts the authority. */
export function ask(
  port: number,
  path: string,
  body: string | Uint8Array | null,
  { ca, party, method = 'POST' }: { ca: string; party?: TlsParty; method?: string },
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        servername: 'localhost',
        port,
        path,
        method,
        ca,
        agent: false,
        ...party,
        headers: { 'content-type': 'application/json' },
      },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (chunk) => (text += String(chunk)))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      },
    )
    sent.on('error', reject)
    sent.end(body ?? '')
  })
}
