import { createHash, verify } from 'node:crypto'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { lintContract } from '@countersign/contract'
import { CodedError, openAssertion, parseAssertion, publicKeyPem, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Bundle, pae, PAYLOAD_TYPE, parseBundle, writeBundle, writeStep } from '@countersign/formats'
import { type Trust, verifyStep } from '@countersign/verify'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assertionOf,
  type BentAssertion,
  file,
  FLAGS_GOOD,
  keyText,
  linkOf,
  newChainId,
  type Party,
  party,
  seal,
  source,
  statement,
  withPasskey,
} from '../pipeline.ts'
import { Ruled } from './ruled.ts'

// T-40, and T-21, T-39, T-54: a passkey signs for one page, one person and one statement. What it gave for another is
// shown again; what was never a passkey's is said to be one, or the other way round.

const ana = withPasskey(party('ana'))
const ben = withPasskey(party('ben', 'ed25519'))
const payload = writeStep(
  statement({ chain: { id: newChainId(), pipeline: 'p', contract: null }, name: 'approve', subject: [source('one')] }),
)
const other = writeStep(
  statement({ chain: { id: newChainId(), pipeline: 'p', contract: null }, name: 'approve', subject: [source('two')] }),
)
const signed = pae(PAYLOAD_TYPE, payload)
const trusting = (...parties: readonly Party[]): Trust => ({
  signers: parties.map(({ name, publicKey }) => ({ name, key: publicKey, revokedAt: null })),
  countersigners: [],
})
const bundleOf = (by: Party, signature: Uint8Array): Bundle => {
  const { envelope, ...rest } = seal(by, payload)
  return parseBundle(writeBundle({ ...rest, envelope: { ...envelope, signature } }))
}
const refused = (work: () => unknown) => {
  try {
    work()
    return null
  } catch (error) {
    return error instanceof CodedError ? error.code : String(error)
  }
}

/** The red control: whoever checks nothing of an assertion but its signature. */
function carelessly(by: Party, signature: Uint8Array): boolean {
  const { authenticatorData, clientDataJSON, signature: own } = parseAssertion(signature)
  const whole = Buffer.concat([authenticatorData, createHash('sha256').update(clientDataJSON).digest()])
  const { key } = by.publicKey.passkey!
  return verify(key.algorithm === 'ed25519' ? null : 'sha256', whole, publicKeyPem(key), own)
}

describe('T-40: what a passkey gave', () => {
  test.each([ana, ben])('counts for the statement that $name signed, natively and in a browser', (by) => {
    const bundle = seal(by, payload)
    for (const crypto of [nodeCrypto, portableCrypto]) {
      const step = verifyStep(bundle, trusting(ana, ben), crypto)
      expect([step.signer.name, step.signer.grade, step.signer.algorithm]).toEqual([by.name, 'D', 'passkey'])
      expect(step.under.digest).toBe(by.publicKey.keyId)
    }
    expect(linkOf(bundle)).toBe(createHash('sha256').update(signed).digest('hex'))
  })

  test.each<[string, BentAssertion]>([
    ['a page of another origin', { client: { origin: 'https://evil.shop.example' } }],
    ['a page by http', { client: { origin: 'http://countersign.shop.example' } }],
    ["a frame in another's page", { client: { crossOrigin: true } }],
    ['a frame, whose top is said', { client: { topOrigin: 'https://evil.example' } }],
    ['another RP ID', { rpId: 'evil.example' }],
    ['whoever lay beside it: nobody was verified', { flags: FLAGS_GOOD & ~0x04 }],
    ['nobody at all', { flags: FLAGS_GOOD & ~0x01 }],
    ['the making of a passkey', { client: { type: 'webauthn.create' } }],
    ['another statement', { client: { challenge: Buffer.from(portableCrypto.sha256(other)).toString('base64url') } }],
  ])('for %s is no signature here', (_, bent) => {
    const signature = assertionOf(ana, signed, bent)
    for (const crypto of [nodeCrypto, portableCrypto]) {
      expect(refused(() => verifyStep(bundleOf(ana, signature), trusting(ana), crypto))).toBe('signature-invalid')
    }
    expect(carelessly(ana, signature)).toBe(true)
  })

  test('is shown again for another statement, by another person, or for a bare key, and counts nowhere', () => {
    const own = assertionOf(ana, signed)
    const again = (by: Party, statementBytes: Uint8Array, ...trusted: readonly Party[]) => {
      const { envelope, ...rest } = seal(by, statementBytes)
      const bundle = { ...rest, envelope: { ...envelope, signature: own } }
      return refused(() => verifyStep(bundle, trusting(...trusted), nodeCrypto))
    }
    expect(again(ana, payload, ana)).toBeNull()
    expect(again(ana, other, ana)).toBe('signature-invalid')
    expect(again(ben, payload, ben)).toBe('signature-invalid')
    // Named as Ben's it is still Ana's: a key id is a hint.
    const { envelope, ...rest } = seal(ben, payload)
    const named = { ...rest, envelope: { ...envelope, signature: own } }
    expect(verifyStep(named, trusting(ben, ana), nodeCrypto).signer.name).toBe('ana')
    const bare: Party = { ...ana, publicKey: ana.publicKey.passkey!.key }
    expect(again(bare, payload, bare)).toBe('signature-invalid')
  })

  test('the kind of a signature is the key’s, whatever its bytes look like (T-54)', () => {
    const bare: Party = { ...ana, publicKey: ana.publicKey.passkey!.key }
    const plain = seal(bare, payload)
    expect(refused(() => verifyStep(plain, trusting(bare), nodeCrypto))).toBeNull()
    // Who got the key out of its authenticator signs without anybody being asked: that is no passkey's signature.
    for (const crypto of [nodeCrypto, portableCrypto]) {
      expect(refused(() => verifyStep(plain, trusting(ana), crypto))).toBe('signer-unknown')
      expect(refused(() => verifyStep(bundleOf(ana, plain.envelope.signature), trusting(ana), crypto))).toBe(
        'signature-invalid',
      )
    }
  })

  test('the same authenticator at another origin is another key', () => {
    const elsewhere = withPasskey(party('x'), 'shop.example', 'https://test.shop.example')
    const moved = withPasskey(
      { ...ana, publicKey: ana.publicKey.passkey!.key },
      'shop.example',
      'https://test.shop.example',
    )
    expect(moved.publicKey.keyId).not.toBe(ana.publicKey.keyId)
    expect(refused(() => verifyStep(seal(moved, payload), trusting(ana), nodeCrypto))).toBe('signer-unknown')
    expect(refused(() => verifyStep(seal(elsewhere, payload), trusting(elsewhere), nodeCrypto))).toBeNull()
  })

  test('with any bit of it changed counts no more', () => {
    const own = assertionOf(ana, signed)
    const { passkey } = ana.publicKey
    fc.assert(
      fc.property(fc.nat(own.length * 8 - 1), (bit) => {
        const bent = own.slice()
        bent[bit >> 3]! ^= 1 << (bit & 7)
        return !nodeCrypto.verify(ana.publicKey, signed, bent)
      }),
      { numRuns: 500 },
    )
    expect(openAssertion(passkey!, signed, own, nodeCrypto).signature.length).toBeGreaterThan(60)
  })
})

describe('T-39: a passkey among the signers of a contract', () => {
  const app = file('app', 'app')
  const [ci, release] = [party('ci'), party('release')]
  const TEXT = `steps:
  build:
    signers: [ci]
    products: [app]
  approve:
    after: [build]
    signers: [ana, ben]
    approvals: 2
  deploy:
    after: [build, approve]
    signers: [release]
final: deploy
`
  const run = (...by: readonly string[]) => {
    const ruled = new Ruled([ci, release, ana, ben], TEXT)
    const build = ruled.step('ci', 'build', [], { makes: [app] })
    const approvals = by.map((one) => ruled.step(one, 'approve', [build], { job: one }))
    ruled.step('release', 'deploy', [build, ...approvals])
    return ruled.gate(app)
  }

  test('approves, and one is still one', () => {
    expect(run('ana', 'ben')).toEqual({ verdict: 'pass', codes: [], refused: [] })
    expect(run('ana').codes).toEqual(['approval-missing'])
  })

  test('two names for one authenticator are one party, as a bare key and as a passkey of wherever', () => {
    const twice = [
      { ...ana, name: 'bare', publicKey: ana.publicKey.passkey!.key },
      withPasskey(
        { ...ana, name: 'moved', publicKey: ana.publicKey.passkey!.key },
        'shop.example',
        'https://x.shop.example',
      ),
    ]
    const textOf = (...parties: readonly Party[]) =>
      utf8(
        `contract: v1\npipeline: p\nrevision: 1\nsigners:\n${parties.map((one) => `  ${one.name}: ${keyText(one)}\n`).join('')}` +
          `steps:\n  one:\n    signers: [${parties.map(({ name }) => name).join(', ')}]\nfinal: one\n`,
      )
    for (const one of twice) {
      const found = lintContract(textOf(ana, one)).map(({ what }) => what)
      expect(found.join()).toContain('is the same key as')
    }
    expect(lintContract(textOf(ana, ben))).toEqual([])
  })
})
