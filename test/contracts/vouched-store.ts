import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { writeBundle } from '@countersign/formats'
import { bareIdentity } from '@countersign/formats/identity'
import { namedKeys, type Signer, verifyStep } from '@countersign/verify'
import type { Affected, SignedBy } from '../../server/enrolment.ts'
import type { Page, Store } from '../../server/store.ts'
import { at, file, newChainId, party, type Signed, signStep } from '../pipeline.ts'

/** What every store promises of finding what was signed by whom an authority vouched for. */
export function vouchedContract(
  name: string,
  open: () => Promise<{ store: Store; reopen: () => Promise<Store>; remove: () => Promise<void> }>,
): void {
  describe(`${name}: what an authority or an issuer vouched for`, () => {
    let store: Store
    let opened: Awaited<ReturnType<typeof open>>
    const build = party('build')
    beforeEach(async () => {
      opened = await open()
      ;({ store } = opened)
      for (const tenant of ['acme', 'foreign']) await store.createTenant(tenant, at(0))
    })
    afterEach(() => opened.remove())

    const [github, gitlab] = ['https://token.actions.githubusercontent.com', 'https://gitlab.com']
    const who = (issuer: string, workflow: string, repository: string | null, authority = 'ours', root = 'a') =>
      ({
        name: workflow,
        keyId: build.publicKey.keyId,
        algorithm: 'ecdsa-p256',
        grade: 'A',
        identity: {
          ...bareIdentity(issuer, { kind: 'uri', value: workflow }),
          sourceRepositoryIdentifier: repository,
        },
        authority,
        certificate: {
          authorityId: root.repeat(64),
          vouchedBy: [root.repeat(64)],
          serial: '01',
          system: null,
          notBefore: at(0),
          notAfter: at(10),
          signedAt: at(1),
        },
      }) satisfies Signer
    const signers = namedKeys(new Map([[build.name, build.publicKey]]))
    const verified = (signed: Signed) => verifyStep(signed.bundle, { signers, countersigners: [] }, nodeCrypto)

    /** One after the other in one chain, each as somebody else signed it; null: under the bare key. */
    async function chainOf(tenant: string, ...plan: readonly (Signer | null)[]): Promise<string[]> {
      const ref = { id: newChainId(), pipeline: 'p', contract: null }
      const links: string[] = []
      for (const [i, signer] of plan.entries()) {
        const signed = signStep(build, { chain: ref, name: `s${i}`, subject: [file(`f${i}`, `${ref.id} ${i}`)] })
        const step = verified(signed)
        const before = links.at(-1)
        await store.append([
          {
            tenant,
            step: signer === null ? step : { ...step, signer },
            edges:
              before === undefined
                ? []
                : [{ from: before, to: signed.link, found: 'digest', strength: 'strong', artifacts: [] }],
            bundle: writeBundle(signed.bundle),
            acceptedAt: at(i),
            late: false,
            idempotency: null,
          },
        ])
        links.push(signed.link)
      }
      return links
    }

    async function found(signer: SignedBy, since: number | null = null, tenant = 'acme') {
      const items: (readonly [string, string | null])[] = []
      let cursor: string | null = null
      do {
        const page: Page<Affected> = await store.enrolment.affected(
          tenant,
          signer,
          since === null ? null : at(since),
          2,
          cursor,
        )
        items.push(...page.items.map(({ link, after }) => [link, after] as const))
        cursor = page.next
      } while (cursor !== null)
      return items
    }

    it('is told by each of them, with what goes on from it, and of nobody else', async () => {
      const [a0, a1, a2, a3] = await chainOf(
        'acme',
        who(github, 'release', '1'),
        null,
        who(gitlab, 'release', '1', 'theirs', 'b'),
        who(github, 'test', null),
      )
      await chainOf('foreign', who(github, 'release', '1'))
      const all = [
        [a0, null],
        [a1, a0],
        [a2, a0],
        [a3, null],
      ]
      for (const signer of [
        { by: 'issuer', issuer: github },
        { by: 'authority', value: 'ours' },
        { by: 'authority', value: 'a'.repeat(64) },
      ] as const) {
        expect(await found(signer), JSON.stringify(signer)).toEqual(all)
        expect(await found(signer, 1)).toEqual([[a3, null]])
      }
      const rest = [
        [a0, null],
        [a1, a0],
        [a2, a0],
        [a3, a0],
      ]
      expect(await found({ by: 'subject', issuer: github, value: 'release' })).toEqual(rest)
      expect(await found({ by: 'repository', issuer: github, value: '1' })).toEqual(rest)
      expect(await found({ by: 'repository', issuer: gitlab, value: '1' })).toEqual([
        [a2, null],
        [a3, a2],
      ])
      expect(await found({ by: 'authority', value: 'theirs' })).toEqual([
        [a2, null],
        [a3, a2],
      ])
      // The key is that of none of them.
      expect(await found({ by: 'key', value: build.publicKey.keyId })).toHaveLength(4)
      expect((await found({ by: 'issuer', issuer: github }, null, 'foreign')).length).toBe(1)
    })

    it('near misses find nothing, and it is known that nothing was ever signed so', async () => {
      await chainOf('acme', who(github, 'release', '1'), null)
      const misses: SignedBy[] = [
        { by: 'issuer', issuer: `${github}/` },
        { by: 'issuer', issuer: '' },
        { by: 'subject', issuer: gitlab, value: 'release' },
        { by: 'subject', issuer: github, value: 'release2' },
        { by: 'subject', issuer: github, value: '1' },
        { by: 'repository', issuer: github, value: 'release' },
        { by: 'repository', issuer: github, value: '' },
        { by: 'authority', value: 'Ours' },
        { by: 'authority', value: 'b'.repeat(64) },
      ]
      for (const signer of misses) {
        expect(await found(signer), JSON.stringify(signer)).toEqual([])
        expect(await store.enrolment.hasSigned('acme', signer)).toBe(false)
      }
      const known = { by: 'issuer', issuer: github } as const
      expect(await store.enrolment.hasSigned('acme', known)).toBe(true)
      expect(await store.enrolment.hasSigned('foreign', known)).toBe(false)
      expect(await found(known, 30)).toEqual([])
    })

    it('is forgotten with what is erased', async () => {
      const [first] = await chainOf('acme', who(github, 'release', '1'))
      await store.erase({ tenant: 'acme', link: first!, at: at(6), ground: 'a' })
      store = await opened.reopen()
      expect(await store.enrolment.hasSigned('acme', { by: 'issuer', issuer: github })).toBe(false)
    })
  })
}
