import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Bundle } from '@countersign/formats'
import { describe, expect, test } from 'vitest'
import { issued, keylessRun, sealUnder, workflow } from '../../../test/keyless.ts'
import { at, honestRun, party, seal } from '../../../test/pipeline.ts'
import {
  readChain,
  readChainConcurrently,
  type Trust,
  trustOf,
  verifySigner,
  verifyStep,
  verifyStepLater,
} from './index.ts'
import { checkRevoked } from './open.ts'

const keyless = keylessRun()
const [certified] = keyless.steps
const run = honestRun()
const keyed = run.source.bundle
const { authorities, identities } = trustOf(keyless.contract)
const nobody: Trust = { signers: [], countersigners: [] }
const keys: Trust = { ...nobody, signers: trustOf(run.contract).signers }
const certificates: Trust = { ...nobody, authorities: authorities!, identities: identities! }
const both: Trust = { ...keys, ...certificates, signers: keys.signers }

function bent(bundle: Bundle): Bundle {
  const { signature } = bundle.envelope
  return { ...bundle, envelope: { ...bundle.envelope, signature: signature.with(20, signature[20]! ^ 1) } }
}
const underNone: Bundle = { ...certified!.bundle, key: { kind: 'certificate', chain: [new Uint8Array(9)] } }
const withoutAny: Bundle = { ...certified!.bundle, key: { kind: 'certificate', chain: [] } }

// T-61: who is believed says the reader, never what is read.
describe.each<[string, Trust, Bundle, string | null]>([
  ['a key, where nobody is trusted', nobody, keyed, 'trust-missing'],
  ['a certificate, where nobody is trusted', nobody, certified!.bundle, 'certificate-untrusted'],
  ['a certificate, where keys alone are', keys, certified!.bundle, 'certificate-untrusted'],
  ['a certificate that is none, where keys alone are', keys, underNone, 'certificate-untrusted'],
  ['a key, where certificates alone are', certificates, keyed, 'signer-unknown'],
  ['a trusted key', both, keyed, null],
  ['a trusted key, bent', both, bent(keyed), 'signature-invalid'],
  ['a certificate, bent', both, bent(certified!.bundle), 'signature-invalid'],
  ['a certificate that is none', both, underNone, 'certificate-invalid'],
  ['no certificate', both, withoutAny, 'certificate-invalid'],
  ['a certificate, by a time', certificates, certified!.bundle, null],
])('what is signed under %s', (_, trust, bundle, code) => {
  const outcome = code === null ? expect.objectContaining({ bundle }) : { code }
  const time = at(1)
  const settle = (open: () => unknown) => {
    try {
      return open()
    } catch (error) {
      return { code: (error as { code: string }).code }
    }
  }

  test('is read as that, one by one', async () => {
    expect(settle(() => verifyStep(bundle, trust, nodeCrypto, time))).toEqual(outcome)
    const later = verifyStepLater(bundle, trust, nodeCrypto, time).catch(({ code: own }: { code: string }) => ({
      code: own,
    }))
    expect(await later).toEqual(outcome)
  })

  test('is read the same in a chain, beside the calling thread too', async () => {
    const chain = readChain([bundle], trust, nodeCrypto)
    expect(await readChainConcurrently([bundle], trust, nodeCrypto)).toEqual(chain)
    // Nothing says when what the certificate signed was there.
    const codes = code !== null ? [code] : bundle === keyed ? [] : ['time-untrusted']
    expect(chain.refused.map(({ report }) => report.code)).toEqual(codes)
  })
})

test('each key is asked once, the one that is named first', () => {
  const asked: string[] = []
  const crypto = {
    ...nodeCrypto,
    verify: (...given: Parameters<typeof nodeCrypto.verify>) => {
      asked.push(given[0].keyId)
      return nodeCrypto.verify(...given)
    },
  }
  const all = keys.signers.map(({ key }) => key.keyId)
  const stranger = seal(party('stranger'), keyed.envelope.payload)
  const named = (hint: string | null): Bundle => ({ ...stranger, key: { kind: 'publicKey', hint } })
  for (const [bundle, order] of [
    [named(null), all],
    [named(all[2]!), [all[2]!, ...all.toSpliced(2, 1)]],
    [keyed, [run.who.github.publicKey.keyId]],
  ] as const) {
    asked.length = 0
    readChain([bundle], keys, crypto)
    expect(asked).toEqual(order)
  }
})

test('beside the calling thread a certificate is asked for its key, where it counts, and nobody else is', async () => {
  const asked: string[] = []
  const crypto = {
    ...nodeCrypto,
    verifyLater: (...given: Parameters<typeof nodeCrypto.verifyLater>) => {
      asked.push(given[0].keyId)
      return nodeCrypto.verifyLater(...given)
    },
  }
  const certificate = issued({ identity: workflow('source') })
  const bundle = sealUnder(certificate, keyed.envelope.payload)
  for (const [trust, count] of [
    [both, 1],
    [certificates, 1],
    [keys, 0],
  ] as const) {
    asked.length = 0
    await readChainConcurrently([bundle], trust, crypto)
    expect(asked).toHaveLength(count)
  }
  asked.length = 0
  await readChainConcurrently([keyed], both, crypto)
  expect(asked).toEqual([run.who.github.publicKey.keyId])
})

test('beside the calling thread a fault of the machine is no fault of the certificate', async () => {
  const torn: Bundle = {
    ...certified!.bundle,
    get key(): Bundle['key'] {
      return {
        kind: 'certificate',
        get chain(): readonly Uint8Array[] {
          throw new Error('out of memory')
        },
      } as Bundle['key']
    },
  }
  await expect(readChainConcurrently([torn], both, nodeCrypto)).rejects.toThrow('out of memory')
})

// T-67: a key that was stolen signs whatever it likes, with whatever time it likes.
describe('a key that was revoked', () => {
  const key = { ...keys.signers[0]!, name: 'ci', revokedAt: at(10) }

  test('counts for what somebody else had before, and says what would help where nobody had', () => {
    expect(() => checkRevoked(key, at(9))).not.toThrow()
    expect(() => checkRevoked({ ...key, revokedAt: null }, null)).not.toThrow()
    const refused = (what: string, fix: unknown) =>
      expect.objectContaining({ code: 'signer-revoked', what, fix }) as Error
    const since = `the key of ci was revoked as of ${at(10)}, and`
    expect(() => checkRevoked(key, null)).toThrow(
      refused(
        `${since} nothing that is believed says that it signed this before`,
        expect.stringContaining('Bring the receipt of a log'),
      ),
    )
    for (const time of [at(10), at(11)]) {
      expect(() => checkRevoked(key, time)).toThrow(
        refused(
          `${since} that it signed this is known only since ${time}`,
          expect.not.stringContaining('Bring the receipt of a log'),
        ),
      )
    }
  })

  test('is none of whoever asks who signed', () => {
    const revoked: Trust = { ...keys, signers: keys.signers.map((one) => ({ ...one, revokedAt: at(10) })) }
    expect(verifySigner(keyed, keys, nodeCrypto)).toMatchObject({ name: 'github', grade: 'D', certificate: null })
    expect(() => verifySigner(keyed, revoked, nodeCrypto)).toThrow(expect.objectContaining({ code: 'signer-revoked' }))
    expect(() => verifySigner(bent(keyed), keys, nodeCrypto)).toThrow(
      expect.objectContaining({ code: 'signature-invalid' }),
    )
  })
})
