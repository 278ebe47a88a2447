import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseVkey } from '@countersign/formats'
import { parseCertificates } from '@countersign/formats/x509'
import { type CountersignAuthority, verifyCertificate } from '@countersign/verify/identity'
import { startServer } from '../demo/world.ts'
import { asking, fulcioRequest } from '../identity/asking.ts'
import { type LocalIssuer, ruleFor, startIssuer } from '../identity/local-issuer.ts'
import { Connection } from './connection.ts'
import { type Bench, median } from './row.ts'

const WARM_UP = 1_500
const CERTIFICATES = 3_000
/** As many as one tenant may have on their way. */
const CONNECTIONS = 60

/** Bare P-256 signatures, each verified once, a second on one core. */
function bareSignatures(): number {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const message = Buffer.alloc(1_500, 1)
  const rounds = 3_000
  const begun = performance.now()
  for (let i = 0; i < rounds; i++) {
    if (!verify('sha256', message, publicKey, sign('sha256', message, privateKey))) throw new Error('bad signature')
  }
  return rounds / ((performance.now() - begun) / 1000)
}

const bodiesOf = (issuer: LocalIssuer, count: number) =>
  Array.from({ length: count }, () =>
    Buffer.from(JSON.stringify(fulcioRequest(asking(issuer.token('github-actions'))))),
  )

/** Sends every request, some at a time; gives the replies. */
async function load(url: string, bodies: readonly Buffer[]): Promise<string[]> {
  const replies: string[] = []
  let next = 0
  const worker = async () => {
    const connection = new Connection(url, 'none')
    for (let own = next++; own < bodies.length; own = next++) {
      const { status, text } = await connection.post('/api/v2/signingCert', bodies[own]!)
      if (status !== 200) throw new Error(`${status} ${text}`)
      replies.push(text)
    }
    connection.close()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, worker))
  return replies
}

/**
 * Certificates over real HTTP from a server process of its own: each identity token (RS256) verified, used up and
 * durable, each key proven, each certificate logged, durable and under a signed checkpoint, with an SCT, before it is
 * given away. All are verified afterwards. The limit is what one core can do of bare P-256 signatures with their check.
 */
export default {
  name: 'issue-cert',
  async run() {
    const root = mkdtempSync(join(tmpdir(), 'countersign-bench-issue-'))
    const issuer = await startIssuer({ audience: 'countersign:countersign.local' })
    const server = await startServer(root)
    try {
      const headers = { authorization: `Bearer ${server.token}` }
      const rule = JSON.stringify({ ...ruleFor('github-actions', { issuer: issuer.url }), id: 'ci' })
      const { status } = await fetch(`${server.url}/v1/issuers`, { method: 'POST', headers, body: rule })
      if (status !== 201) throw new Error(`the rule was not added: ${status}`)
      const read = async (path: string) => (await (await fetch(`${server.url}${path}`, { headers })).json()) as object
      const { vkey } = (await read('/v1/server')) as { vkey: string }
      const { chains } = (await read('/api/v2/trustBundle')) as { chains: { certificates: string[] }[] }
      await load(server.url, bodiesOf(issuer, WARM_UP))
      const bodies = bodiesOf(issuer, CERTIFICATES)
      const limit = await median(3, bareSignatures)
      const begun = performance.now()
      const replies = await load(server.url, bodies)
      const value = replies.length / ((performance.now() - begun) / 1000)
      const authority: CountersignAuthority = {
        kind: 'countersign',
        name: 'bench',
        chain: parseCertificates(chains[0]!.certificates.join(''), 'certificate-invalid'),
        validFor: { start: null, end: null },
        logs: [parseVkey(vkey, nodeCrypto)],
      }
      for (const text of replies) {
        const [pem] = (JSON.parse(text) as { signedCertificateEmbeddedSct: { chain: { certificates: string[] } } })
          .signedCertificateEmbeddedSct.chain.certificates
        const [leaf] = parseCertificates(pem!, 'certificate-invalid')
        verifyCertificate({ chain: [leaf!.der], authorities: [authority], at: leaf!.notBefore, crypto: nodeCrypto })
      }
      const target = '≥ 500/s, each verified, logged and durable'
      return { name: 'issue-cert', value, unit: '1/s', limit, ratio: value / limit, target, held: value >= 500 }
    } finally {
      await server.stop()
      await issuer.close()
      rmSync(root, { recursive: true, force: true })
    }
  },
} satisfies Bench
