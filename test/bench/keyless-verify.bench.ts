import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CertificateCache, verifyCertificate } from '@countersign/verify/identity'
import { ISSUED, LocalAuthority } from '../identity/local-ca.ts'
import { type Bench, middle } from './row.ts'

const STEPS = 1_000
/** Steps that one job signs with one certificate. */
const PER_CERTIFICATE = 20
const WARM_UP = 3
const ROUNDS = 9

/**
 * Signatures of a keyless chain a second, their certificates judged through the cache, beside the bare P-256
 * verification of the same signatures; without the cache in words.
 */
export default {
  name: 'keyless-verify',
  async run() {
    const authority = new LocalAuthority()
    const authorities = [authority.trusted]
    const jobs = Array.from({ length: STEPS / PER_CERTIFICATE }, (_, serial) => {
      const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
      const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
      const key = { ...authority.issuer.key, spki }
      return { chain: authority.issue({ serial, key }).chain, native: createPublicKey(pair.privateKey), ...pair }
    })
    const steps = Array.from({ length: STEPS }, (_, i) => {
      const job = jobs[Math.floor(i / PER_CERTIFICATE)]!
      const message = new Uint8Array(1_000).fill(i)
      return { job, message, at: ISSUED + i, signature: new Uint8Array(sign('sha256', message, job.privateKey)) }
    })
    const timed = (check: (step: (typeof steps)[number]) => boolean) => {
      const begun = performance.now()
      for (const step of steps) if (!check(step)) throw new Error('bad signature')
      return performance.now() - begun
    }
    const bare = () => timed(({ job, message, signature }) => verify('sha256', message, job.native, signature))
    const cached = () => {
      const cache = new CertificateCache(authorities, nodeCrypto)
      return timed(({ job, message, signature, at }) =>
        nodeCrypto.verify(cache.verify(job.chain, at).publicKey, message, signature),
      )
    }
    const each = () =>
      timed(({ job, message, signature, at }) => {
        const { publicKey } = verifyCertificate({ chain: job.chain, authorities, at, crypto: nodeCrypto })
        return nodeCrypto.verify(publicKey, message, signature)
      })
    // Interleaved, so that whatever else the machine does meanwhile falls on all.
    const rounds = Array.from({ length: WARM_UP + ROUNDS }, () => ({ bare: bare(), cached: cached(), each: each() }))
    rounds.splice(0, WARM_UP)
    const rate = (of: 'bare' | 'cached' | 'each') => STEPS / (middle(rounds.map((round) => round[of])) / 1000)
    const [limit, value, without] = [rate('bare'), rate('cached'), rate('each')]
    const ratio = value / limit
    const target = `≥ 0.5 of its signature checks, ${PER_CERTIFICATE} a certificate; without the cache ${(without / limit).toFixed(2)}`
    return { name: 'keyless-verify', value, unit: 'sigs/s', limit, ratio, target, held: ratio >= 0.5 }
  },
} satisfies Bench
