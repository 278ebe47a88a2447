import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { CodedError } from '@countersign/core'
import { endReceipt, parseLeaf, parseReceipt, writeBundle, writeReceipt } from '@countersign/formats'
import { logKeys, verifyReceipt, verifyStep } from '@countersign/verify'
import type { Append, Query, Refusal, Store, StoredContract } from '../../server/store.ts'
import { publication } from '../acts.ts'
import { at, file, logKeyOf, newChainId, party, type Signed, signCheckpoint, signStep, source } from '../pipeline.ts'
import { all } from '../server.ts'

/** What every store must do, whatever it is made of. `reopen` closes and opens the same data again. */
export function storeContract(
  name: string,
  open: () => Promise<{ store: Store; reopen: () => Promise<Store>; remove: () => Promise<void> }>,
): void {
  describe(`${name}: a store`, () => {
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
    const step = (
      more: {
        chain?: string
        name?: string
        nonce?: string
        pipeline?: string
        contract?: string | null
        content?: string
      } = {},
    ) =>
      signStep(by, {
        chain: { id: more.chain ?? newChainId(), pipeline: more.pipeline ?? 'p', contract: more.contract ?? null },
        name: more.name ?? 'build',
        subject: [file('a', more.content ?? Math.random().toString())],
        ...(more.nonce === undefined ? {} : { nonce: more.nonce }),
      })

    const append = async (...batch: readonly Append[]) => (await store.append(batch)).appended

    it('numbers what it accepts from 0, without holes, each tenant for itself', async () => {
      const first = await append(appendOf(step()), appendOf(step()))
      const second = await append(appendOf(step()), appendOf(step(), { tenant: 'other' }))
      expect([...first, ...second].map((a) => a.kind === 'accepted' && a.index)).toEqual([0, 1, 2, 0])
    })

    it('keeps what it acknowledged when it is opened again', async () => {
      const signed = step()
      const [accepted] = await append(appendOf(signed))
      store = await opened.reopen()
      const [held] = await store.bundles('acme', [signed.link])
      expect(held).toMatchObject({ link: signed.link, index: 0, step: 'build', succeeded: true })
      expect(held!.bundle).toEqual(writeBundle(signed.bundle))
      expect(accepted).toMatchObject({ kind: 'accepted', index: 0, late: false })
    })

    it('gives the same link its first place, in one batch and in another', async () => {
      const signed = step()
      const [first, again] = await append(appendOf(signed), appendOf(signed, { late: true }))
      const [later] = await append(appendOf(signed))
      expect(first!.kind).toBe('accepted')
      expect(again).toEqual({ kind: 'same', index: 0, late: false })
      expect(later).toEqual(again)
    })

    it('lets the first take a place, in one batch and in another', async () => {
      const chain = newChainId()
      const [a, b, c] = [step({ chain }), step({ chain }), step({ chain })]
      const one = await append(appendOf(a), appendOf(b))
      const two = await append(appendOf(c))
      expect([...one, ...two].map((x) => (x.kind === 'refused' ? x.code : x.kind))).toEqual([
        'accepted',
        'place-taken',
        'place-taken',
      ])
      expect(await all(store.chain('acme', chain))).toHaveLength(1)
    })

    it('refuses a nonce that was used, and an idempotency key of another body', async () => {
      const nonce = 'ab'.repeat(16)
      const codes = async (...batch: Append[]) =>
        (await append(...batch)).map((x) => (x.kind === 'refused' ? x.code : x.kind))
      expect(await codes(appendOf(step({ nonce })), appendOf(step({ nonce })))).toEqual(['accepted', 'nonce-reused'])
      expect(await codes(appendOf(step({ nonce })))).toEqual(['nonce-reused'])
      const signed = step()
      expect(
        await codes(
          appendOf(signed, { idempotency: { key: 'k', body: 'b1' } }),
          appendOf(signed, { idempotency: { key: 'k', body: 'b1' } }),
          appendOf(step(), { idempotency: { key: 'k', body: 'b2' } }),
        ),
      ).toEqual(['accepted', 'same', 'idempotency-conflict'])
      expect(await codes(appendOf(step(), { tenant: 'other', idempotency: { key: 'k', body: 'b2' } }))).toEqual([
        'accepted',
      ])
    })

    it('judges a batch against the one that is still being written', async () => {
      const [chain, nonce] = [newChainId(), 'cd'.repeat(16)]
      const [first, other] = [step({ chain }), step({ nonce })]
      const key = { key: 'overlap', body: 'b1' }
      const [one, two, three] = await Promise.all([
        append(appendOf(first, { idempotency: key }), appendOf(other)),
        append(
          appendOf(first),
          appendOf(step({ chain })),
          appendOf(step({ nonce })),
          appendOf(step({ chain, name: 'x', contract: 'a'.repeat(64) })),
          appendOf(step(), { idempotency: { ...key, body: 'b2' } }),
          appendOf(step()),
        ),
        append(appendOf(other), appendOf(step())),
      ])
      expect(one.map(({ kind }) => kind)).toEqual(['accepted', 'accepted'])
      expect(two.map((x) => (x.kind === 'refused' ? x.code : x.kind))).toEqual([
        'same',
        'place-taken',
        'nonce-reused',
        'contract-mismatch',
        'idempotency-conflict',
        'accepted',
      ])
      expect(two[0]).toEqual({ kind: 'same', index: 0, late: false })
      expect(three[0]).toEqual({ kind: 'same', index: 1, late: false })
      const numbers = [...one, ...two, ...three].flatMap((x) => (x.kind === 'accepted' ? [x.index] : []))
      expect(numbers).toEqual(numbers.map((_, i) => numbers[0]! + i))
      expect(store.log.size()).toBeGreaterThanOrEqual(numbers.length)
    })

    it('binds a chain by its first attestation', async () => {
      const chain = newChainId()
      const batch = [
        step({ chain, contract: 'a'.repeat(64) }),
        step({ chain, name: 'x' }),
        step({ chain, name: 'y', pipeline: 'q', contract: 'a'.repeat(64) }),
      ]
      const kinds = (await append(...batch.map((s) => appendOf(s)))).map((x) =>
        x.kind === 'refused' ? x.code : x.kind,
      )
      expect(kinds).toEqual(['accepted', 'contract-mismatch', 'pipeline-mismatch'])
      expect(await store.binding('acme', chain)).toEqual({ pipeline: 'p', contract: 'a'.repeat(64) })
      expect(await store.binding('other', chain)).toBeNull()
    })

    it('begins a receipt for each that it accepts, which the checkpoint of its head completes', async () => {
      const signed = [step(), step(), step()]
      await append(appendOf(step()))
      const { appended, head } = await store.append(signed.map((one) => appendOf(one)))
      const server = party('log', 'ed25519')
      const checkpoint = signCheckpoint(server, server, head!.size, head!.root)
      const believed = { ...trust, countersigners: logKeys([logKeyOf(server)]) }
      for (const [i, one] of appended.entries()) {
        if (one.kind !== 'accepted') throw new Error(`${one.kind} is not accepted`)
        const receipt = parseReceipt(endReceipt(one.begun, checkpoint))
        const verified = verifyStep(signed[i]!.bundle, trust, nodeCrypto)
        expect(verifyReceipt(receipt, verified, believed, nodeCrypto).countersigner.name).toBe('log')
        expect(receipt.proof.index).toBe(1 + i)
        expect(writeReceipt(receipt)).toEqual(new TextEncoder().encode(endReceipt(one.begun, checkpoint)))
      }
    })

    it('takes other writes beside a batch', async () => {
      const signed = step()
      const appending = store.append([appendOf(signed)])
      const enrolling = store.enrolKey('acme', {
        name: 'build',
        key: by.publicKey,
        enrolledAt: at(1),
        by: 'x',
        proven: true,
      })
      await Promise.all([appending, enrolling])
      expect(await store.bundles('acme', [signed.link])).toHaveLength(1)
    })

    it('finds by artifact, commit, tag, chain and pipeline, newest first, page by page', async () => {
      const app = file('registry.example/shop/app:1.2.3', 'same bytes')
      const commit = { ...source('c1'), uri: 'git+https://git.example/shop@refs/tags/v1.2.3' }
      const all: Signed[] = []
      for (let i = 0; i < 5; i++) {
        all.push(
          signStep(by, {
            chain: { id: newChainId(), pipeline: 'shop', contract: null },
            name: 'build',
            subject: [app, commit],
          }),
        )
      }
      await store.append(all.map((s) => appendOf(s)))
      await append(appendOf(step()))
      const links = all.map((s) => s.link).toReversed()
      for (const query of [
        { by: 'artifact', value: app.digest.sha256 },
        { by: 'commit', value: commit.digest['gitCommit']! },
        { by: 'tag', value: 'v1.2.3' },
        { by: 'tag', value: '1.2.3' },
        { by: 'tag', value: 'registry.example/shop/app:1.2.3' },
        { by: 'pipeline', value: 'shop' },
      ] as const) {
        const seen: string[] = []
        let cursor: string | null = null
        do {
          const page = await store.search('acme', query, 2, cursor)
          seen.push(...page.items.map((item) => item.link))
          cursor = page.next
        } while (cursor !== null)
        expect(seen).toEqual(links)
        expect((await store.search('other', query, 10, null)).items).toEqual([])
      }
      const found = await store.lookup('acme', [app.digest.sha256, 'f'.repeat(64)], 3)
      expect(found.map(({ links: [link] }) => link)).toEqual(links.slice(0, 3))
      expect(await store.lookup('other', [app.digest.sha256], 3)).toEqual([])
    })

    it('gives a chain step by step in its order, also one of many pages, and lets go of it half-way', async () => {
      const chain = newChainId()
      const long = { argv: ['x'.repeat(30_000)] }
      const steps = Array.from({ length: 40 }, (_, i) => step({ chain, name: `s${i}` }))
      // Written as wide as chains get: several pages of whatever size a store reads at once.
      const wide = (signed: Signed) => ({ bundle: new TextEncoder().encode(JSON.stringify([signed.link, long])) })
      for (const signed of steps) await append(appendOf(signed, wide(signed)), appendOf(step()))
      const held = await all(store.chain('acme', chain))
      expect(held.map(({ link, index }) => [link, index])).toEqual(steps.map(({ link }, i) => [link, 2 * i]))
      for (const [i, { bundle }] of held.entries()) expect(bundle).toEqual(wide(steps[i]!).bundle)
      for await (const first of store.chain('acme', chain)) {
        expect(first.index).toBe(0)
        // What begins while it is read is written as ever, and may be read too.
        await append(appendOf(step({ chain, name: 'late' })))
        break
      }
      expect(await all(store.chain('acme', chain))).toHaveLength(41)
      expect(await all(store.chain('other', chain))).toEqual([])
      expect(await all(store.chain('acme', newChainId()))).toEqual([])
    })

    it('erases an attestation: its content and what it left, and keeps its place and its tombstone', async () => {
      const chain = newChainId()
      const commit = source('c9')
      const signed = signStep(by, {
        chain: { id: chain, pipeline: 'p', contract: null },
        name: 'build',
        subject: [commit, file('app:2', 'x')],
      })
      const other = step({ chain, name: 'test' })
      const same = signStep(by, {
        chain: { id: newChainId(), pipeline: 'p', contract: null },
        name: 'build',
        subject: [file('app:2', 'x')],
      })
      const key = { key: 'k', body: 'b1' }
      await append(appendOf(signed, { idempotency: key }), appendOf(other), appendOf(same))
      const erasure = { tenant: 'acme', link: signed.link, at: at(9), ground: 'asked for' }
      expect(await store.erase({ ...erasure, tenant: 'other' })).toBeNull()
      expect(await store.erase({ ...erasure, link: 'f'.repeat(64) })).toBeNull()
      expect(store.log.size()).toBe(3)
      const before = store.log.opened('acme', signed.link)!
      const buried = await store.erase(erasure)
      expect(buried).toMatchObject({ left: null, head: { size: 4 } })
      const check = async () => {
        expect(store.log.size()).toBe(4)
        expect(await store.bundles('acme', [signed.link, other.link])).toMatchObject([{ link: other.link }])
        expect(store.log.opened('acme', signed.link)).toBeNull()
        const { index, entry, blind } = before
        const closed = store.log.closed('acme', signed.link)!
        expect(closed).toMatchObject({ index, entry, blind, chain, tombstone: { index: 3 } })
        expect(parseLeaf(closed.tombstone.entry)).toEqual({
          kind: 'tombstone',
          at: at(9),
          erased: 0,
          ground: 'asked for',
        })
        expect(store.log.closed('other', signed.link)).toBeNull()
        expect(store.log.closed('acme', other.link)).toBeNull()
        const gone = {
          link: signed.link,
          chain,
          step: 'build',
          attempt: 1,
          matrix: null,
          index: 0,
          erasedAt: at(9),
          ground: 'asked for',
        }
        expect(await store.erased('acme', [other.link, signed.link, 'f'.repeat(64)])).toMatchObject([gone])
        expect(await store.erased('other', [signed.link])).toEqual([])
        const steps = await all(store.chain('acme', chain))
        expect(steps.map(({ link, index: i, bundle }) => [link, i, bundle === null])).toEqual([
          [signed.link, 0, true],
          [other.link, 1, false],
        ])
        // Nothing finds it by what was in it; what has the same in it is still found.
        const digest = signed.statement.subject[1]!.digest.sha256
        expect(await store.lookup('acme', [digest], 5)).toMatchObject([{ links: [same.link] }])
        const found = async (by_: Query['by'], value: string) =>
          (await store.search('acme', { by: by_, value }, 10, null)).items.map(({ link }) => link)
        expect(await found('artifact', digest)).toEqual([same.link])
        expect(await found('commit', commit.digest['gitCommit']!)).toEqual([])
        expect(await found('tag', '2')).toEqual([same.link])
        expect(await found('chain', chain)).toEqual([other.link, signed.link])
        expect(await found('pipeline', 'p')).toEqual([same.link, other.link, signed.link])
        const first = await store.search('acme', { by: 'pipeline', value: 'p' }, 2, null)
        const rest = await store.search('acme', { by: 'pipeline', value: 'p' }, 2, first.next)
        expect([rest.items, rest.next]).toMatchObject([[gone], null])
      }
      await check()
      // The first tombstone stands.
      expect(await store.erase({ ...erasure, at: at(10), ground: 'another' })).toEqual({ head: null, left: null })
      await check()
      store = await opened.reopen()
      await check()
      // Neither it nor another takes its place, and its idempotency key is free.
      const codes = (
        await append(
          appendOf(signed),
          appendOf(step({ chain })),
          appendOf(step(), { idempotency: { ...key, body: 'b2' } }),
        )
      ).map((x) => (x.kind === 'refused' ? x.code : x.kind))
      expect(codes).toEqual(['erased', 'place-taken', 'accepted'])
    })

    it('erases beside appends, each entry of the log in its order', async () => {
      const signed = Array.from({ length: 12 }, () => step())
      await append(...signed.map((one) => appendOf(one)))
      const [one, two, three] = await Promise.all([
        store.erase({ tenant: 'acme', link: signed[3]!.link, at: at(9), ground: 'a' }),
        store.append([appendOf(signed[3]!), appendOf(step())]),
        store.erase({ tenant: 'acme', link: signed[4]!.link, at: at(9), ground: 'b' }),
      ])
      const sizes = [one, two, three].map((write) => write!.head!.size)
      expect(sizes.toSorted()).toEqual([13, 14, 15])
      expect(['same', 'refused']).toContain(two.appended[0]!.kind)
      const kinds = store.log.entries(12, 15).map((entry) => parseLeaf(entry).kind)
      expect(kinds[sizes[1]! - 13]).toBe('attestation')
      for (const [i, at_] of [
        [3, 0],
        [4, 2],
      ] as const) {
        expect(store.log.closed('acme', signed[i]!.link)!.tombstone.index).toBe(sizes[at_]! - 1)
      }
    })

    it('erases refused bodies of it too, readable or not', async () => {
      const signed = step()
      await append(appendOf(signed))
      const report = new CodedError('json-invalid', 'no').report()
      const nothing = { at: at(1), report, findings: [], link: null, about: null, chain: null, step: null, bytes: null }
      const bundle = writeBundle(signed.bundle)
      const refuse = (body: string, more: Partial<Refusal>) => store.refuse('acme', { ...nothing, body, ...more }, 100)
      await refuse('broken', { bytes: bundle.slice(0, -4) })
      await refuse('named', { bytes: Uint8Array.of(1), about: signed.link })
      await refuse('verified', { link: signed.link })
      await refuse('another', { bytes: writeBundle(step().bundle), about: 'f'.repeat(64) })
      await store.refuse('other', { ...nothing, body: 'theirs', about: signed.link }, 100)
      await store.erase({ tenant: 'acme', link: signed.link, at: at(9), ground: 'a' })
      const bodies = async (tenant: string) => (await store.inbox(tenant, 10, null)).items.map(({ body }) => body)
      expect([await bodies('acme'), await bodies('other')]).toEqual([['another'], ['theirs']])
    })

    it('refuses a cursor that no page gave', async () => {
      for (const cursor of ['x', '-1', '1 OR 1=1', '1e3', '']) {
        await expect(store.search('acme', { by: 'pipeline', value: 'p' }, 2, cursor)).rejects.toThrow(
          expect.objectContaining({ code: 'request-invalid' }),
        )
      }
    })

    it('lets contracts only grow (T-99)', async () => {
      const contract = (revision: number, digest: string) => ({
        pipeline: 'p',
        revision,
        digest,
        bytes: Buffer.from(`r${revision}`),
      })
      const publish = (one: StoredContract, time: string, follows: string | null = null) =>
        store.act(publication(one, time, follows))
      const first = await publish(contract(2, 'a'), at(1))
      expect(first).toEqual({ index: expect.any(Number), head: expect.objectContaining({ size: first.index! + 1 }) })
      expect(await publish(contract(2, 'a'), at(1))).toEqual({ index: first.index, head: null })
      for (const older of [contract(1, 'b'), contract(2, 'c')]) {
        await expect(publish(older, at(2), 'a')).rejects.toThrow(expect.objectContaining({ code: 'contract-invalid' }))
      }
      // What nobody signed is in force as well, and in no log.
      const bare = { ...publication({ ...contract(1, 'b'), pipeline: 'bare' }, at(1)), document: null }
      expect(await store.act(bare)).toEqual({ index: null, head: null })
      expect(await store.contract('acme', 'bare')).toMatchObject({ digest: 'b' })
      expect(await store.acts.one('acme', 'contract', 'b')).toBeNull()
      // Held against what is no longer in force: its maintainers may be others.
      await expect(publish(contract(3, 'e'), at(2))).rejects.toThrow(
        expect.objectContaining({ code: 'contract-invalid' }),
      )
      const next = await publish(contract(3, 'd'), at(3), 'a')
      expect(await store.acts.one('acme', 'contract', 'd')).toMatchObject({ index: next.index, about: 'p', at: at(3) })
      expect(await store.acts.one('other', 'contract', 'd')).toBeNull()
      const { items } = await store.acts.contracts('acme', 'p', 10, null)
      expect(items.map(({ revision, index }) => [revision, index])).toEqual([
        [3, next.index],
        [2, first.index],
      ])
      expect(await store.acts.successors('acme', 'p', 2)).toEqual([{ digest: 'd', revision: 3, publishedAt: at(3) }])
      expect(await store.acts.successors('other', 'p', 2)).toEqual([])
      expect(await store.contract('acme', 'p')).toMatchObject({ revision: 3, digest: 'd' })
      expect(await store.contractByDigest('acme', 'a')).toMatchObject({ revision: 2 })
      expect(await store.contract('other', 'p')).toBeNull()
      expect(await store.contractByDigest('other', 'd')).toBeNull()
    })

    it('keeps refusals, counts repeats, and forgets the oldest above the bound (T-81)', async () => {
      const report = new CodedError('place-taken', 'taken').report()
      const refusal = (body: string) => ({
        at: at(1),
        report,
        findings: [report],
        body,
        bytes: null,
        link: null,
        about: null,
        chain: null,
        step: null,
      })
      for (let i = 0; i < 3; i++) await store.refuse('acme', { ...refusal('same'), at: at(i) }, 100)
      expect((await store.inbox('acme', 10, null)).items).toMatchObject([
        { count: 3, at: at(0), lastAt: at(2), report: { code: 'place-taken' } },
      ])
      for (let i = 0; i < 1000; i++) {
        // Two tenants taking turns must not spare one of them.
        await Promise.all([
          store.refuse('acme', refusal(`body ${i}`), 100),
          store.refuse('third', refusal(`body ${i}`), 100),
        ])
      }
      expect((await store.inbox('third', 1000, null)).items.length).toBeLessThanOrEqual(358)
      const page = await store.inbox('acme', 1000, null)
      expect(page.items.length).toBeLessThanOrEqual(358)
      expect(page.items[0]).toMatchObject({ body: 'body 999' })
      expect((await store.inbox('other', 10, null)).items).toEqual([])
    })

    it('keeps refused bodies, each for its tenant', async () => {
      const report = new CodedError('json-invalid', 'no').report()
      const nothing = { at: at(1), report, findings: [], link: null, about: null, chain: null, step: null }
      const bytes = Uint8Array.of(0, 255, 10, 60)
      await store.refuse('acme', { ...nothing, body: 'kept', bytes }, 100)
      await store.refuse('acme', { ...nothing, body: 'empty', bytes: new Uint8Array() }, 100)
      await store.refuse('acme', { ...nothing, body: 'large', bytes: null }, 100)
      store = await opened.reopen()
      const { items } = await store.inbox('acme', 10, null)
      expect(items.map(({ body, kept }) => [body, kept])).toEqual([
        ['large', null],
        ['empty', 0],
        ['kept', 4],
      ])
      const [large, empty, kept] = items.map(({ id }) => id)
      expect(await store.refusedBody('acme', kept!)).toEqual(bytes)
      expect(await store.refusedBody('acme', empty!)).toEqual(new Uint8Array())
      expect(await store.refusedBody('acme', large!)).toBeNull()
      expect(await store.refusedBody('acme', 1_000_000)).toBeNull()
      expect(await store.refusedBody('other', kept!)).toBeNull()
    })

    it('takes names and values that look like SQL as what they are (T-91)', async () => {
      const evil = "'; DROP TABLE attestations; --"
      expect(await store.contract('acme', evil)).toBeNull()
      expect(await store.token(evil)).toBeNull()
      expect(await store.bundles(evil, [evil])).toEqual([])
      expect(await store.lookup('acme', [evil], 5)).toEqual([])
      expect(await append(appendOf(step()))).toMatchObject([{ kind: 'accepted' }])
    })
  })
}
