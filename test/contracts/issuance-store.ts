import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { hex } from '@countersign/core'
import { parseLeaf, parseTlogProof, writeBundle } from '@countersign/formats'
import { leafHash, verifyInclusion } from '@countersign/merkle'
import { verifyStep } from '@countersign/verify'
import type { Append, Issuance, Store } from '../../server/store.ts'
import { certificate, newKey } from '../anchors/certificates.ts'
import { at, file, newChainId, party, type Signed, signCheckpoint, signStep } from '../pipeline.ts'

const SHA256 = { size: 32, hash: (bytes: Uint8Array) => nodeCrypto.sha256(bytes) }

/** What every store must do with certificates that are logged. `reopen` closes and opens the same data again. */
export function issuanceContract(
  name: string,
  open: () => Promise<{ store: Store; reopen: () => Promise<Store>; remove: () => Promise<void> }>,
): void {
  describe(`${name}: a store of certificates`, () => {
    let store: Store
    let opened: Awaited<ReturnType<typeof open>>
    const by = party('build')
    const trust = { signers: [{ name: 'build', key: by.publicKey, revokedAt: null }], countersigners: [] }

    beforeEach(async () => {
      opened = await open()
      ;({ store } = opened)
      for (const tenant of ['acme', 'other']) await store.createTenant(tenant, at(0))
    })
    afterEach(() => opened.remove())

    const appendOf = (signed: Signed, more: Partial<Append> = {}): Append => ({
      tenant: 'acme',
      step: verifyStep(signed.bundle, trust, nodeCrypto),
      edges: [],
      bundle: writeBundle(signed.bundle),
      acceptedAt: at(1),
      late: false,
      idempotency: null,
      ...more,
    })
    const step = () =>
      signStep(by, {
        chain: { id: newChainId(), pipeline: 'p', contract: null },
        name: 'build',
        subject: [file('a', Math.random().toString())],
      })
    const append = async (...batch: readonly Append[]) => (await store.append(batch)).appended

    /** Any bytes: what is logged of a certificate is for its authority to say. */
    const issuanceOf = (serial: string, more: Partial<Issuance> = {}): Issuance => ({
      tenant: 'acme',
      serial,
      authority: 'a'.repeat(64),
      keyId: 'b'.repeat(64),
      issuedAt: at(1),
      notAfter: at(600),
      tbs: new TextEncoder().encode(`certificate ${serial}`),
      ...more,
    })

    it('logs certificates with what is appended, in one write, and lists them newest first', async () => {
      const signed = [step(), step()]
      const [one, two] = [issuanceOf('01'), issuanceOf('02')]
      await append(appendOf(step()))
      const { appended, issued, head } = await store.append(
        signed.map((each) => appendOf(each)),
        [one, two],
      )
      expect(appended.map(({ kind }) => kind)).toEqual(['accepted', 'accepted'])
      expect(issued.map(({ index }) => index)).toEqual([3, 4])
      expect(head!.size).toBe(5)
      const server = party('log', 'ed25519')
      const checkpoint = signCheckpoint(server, server, head!.size, head!.root)
      for (const [i, { index, begun }] of issued.entries()) {
        const [entry] = store.log.entries(index, index + 1)
        const { issuedAt, tbs } = [one, two][i]!
        const digests = { sha256: hex(nodeCrypto.sha256(tbs)), sha3_256: hex(nodeCrypto.sha3_256(tbs)) }
        expect(parseLeaf(entry!)).toEqual({ kind: 'certificate', issuedAt, tbs: digests })
        const text = `${begun}${new TextDecoder().decode(checkpoint)}`
        const proof = parseTlogProof(new TextEncoder().encode(text))
        const leaf = leafHash(entry!, SHA256)
        verifyInclusion({ index, size: head!.size, leafHash: leaf, path: proof.hashes }, head!.root, SHA256)
        expect(proof).toMatchObject({ extra: null, index })
      }
      const alone = await store.append([], [issuanceOf('03', { tenant: 'other' })])
      expect([alone.appended, alone.issued[0]!.index, alone.head!.size]).toEqual([[], 5, 6])
      const check = async () => {
        const { tenant: _, ...held } = one
        expect(await store.issued.one('acme', one.serial)).toEqual({ ...held, index: 3 })
        expect(await store.issued.one('other', one.serial)).toBeNull()
        expect([await store.issued.was('acme', one.serial), await store.issued.was('other', one.serial)]).toEqual([
          true,
          false,
        ])
        const first = await store.issued.page('acme', 1, null)
        const rest = await store.issued.page('acme', 1, first.next)
        expect([first.items, rest.items].flat().map(({ index, serial }) => [index, serial])).toEqual([
          [4, two.serial],
          [3, one.serial],
        ])
        expect(rest.next).toBeNull()
        expect((await store.issued.page('other', 9, null)).items.map(({ index }) => index)).toEqual([5])
      }
      await check()
      store = await opened.reopen()
      await check()
      // Keys of the keyring go on above theirs.
      expect((await append(appendOf(step())))[0]!.kind).toBe('accepted')
    })

    it('writes neither attestation nor certificate where a serial number is taken', async () => {
      await store.append([], [issuanceOf('01')])
      const signed = step()
      await expect(store.append([appendOf(signed)], [issuanceOf('02'), issuanceOf('01')])).rejects.toMatchObject({
        code: 'store-failed',
      })
      expect(store.log.size()).toBe(1)
      expect(await store.bundles('acme', [signed.link])).toEqual([])
      expect((await store.issued.page('acme', 9, null)).items).toHaveLength(1)
    })

    it('erases the certificate that signed an attestation with it, and no other', async () => {
      const key = newKey()
      const keyId = hex(nodeCrypto.sha256(key.spki))
      const signers = [5, 6].map((serial) => certificate({ name: 'someone@example.com', key, issuer: null, serial }))
      const [own, others] = [issuanceOf('05', { keyId }), issuanceOf('06', { keyId })]
      const theirs = issuanceOf('05', { tenant: 'other', keyId })
      await store.append([], [own, others, theirs])
      const signed = step()
      const bundle = writeBundle({ ...signed.bundle, key: { kind: 'certificate', chain: [signers[0]!.der] } })
      const verified = verifyStep(signed.bundle, trust, nodeCrypto)
      const keyless = { ...verified, signer: { ...verified.signer, keyId } } as Append['step']
      await store.append([appendOf(signed, { bundle, step: keyless }), appendOf(step())])
      const buried = await store.erase({ tenant: 'acme', link: signed.link, at: at(9), ground: 'asked for' })
      expect(buried).toMatchObject({ left: null, head: { size: 7 } })
      const check = async () => {
        expect(await store.issued.one('acme', own.serial)).toBeNull()
        expect(await store.issued.one('acme', others.serial)).not.toBeNull()
        expect(await store.issued.one('other', own.serial)).not.toBeNull()
        // What else it has signed still counts: that it was issued is known, and who for is not.
        expect(await store.issued.was('acme', own.serial)).toBe(true)
        expect(await store.issued.was('acme', '07')).toBe(false)
        expect(await store.issued.was('other', others.serial)).toBe(false)
        expect(await store.issued.any()).toBe(true)
        expect((await store.issued.page('acme', 9, null)).items).toHaveLength(1)
        expect(store.log.closed('acme', signed.link)!.tombstone.index).toBe(5)
        const tombstones = store.log.entries(5, 7).map((entry) => parseLeaf(entry))
        expect(tombstones).toMatchObject([
          { kind: 'tombstone', erased: 3, ground: 'asked for' },
          { kind: 'tombstone', erased: 0, ground: 'asked for' },
        ])
      }
      await check()
      store = await opened.reopen()
      await check()
    })
  })
}
