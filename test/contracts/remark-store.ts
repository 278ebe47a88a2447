import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { fromUtf8, utf8 } from '@countersign/core'
import { actCommitment, parseLeaf } from '@countersign/formats'
import { MAX_REMARKS_ABOUT, type RemarkRecord } from '../../server/remark-store.ts'
import type { Store } from '../../server/store.ts'
import { at, sha256 } from '../pipeline.ts'

const coded = (code: string) => expect.objectContaining({ name: 'CodedError', code }) as Error
const UNDER = 'c1'.repeat(32)
const STEP = `step/${'a1'.repeat(32)}`
const CHAIN = `chain/${'b2'.repeat(16)}`

/** What every store promises of signed notes. `reopen` closes and opens the same data again. */
export function remarkContract(
  name: string,
  open: () => Promise<{ store: Store; reopen: () => Promise<Store>; remove: () => Promise<void> }>,
): void {
  describe(`${name}: signed notes`, () => {
    let store: Store
    let opened: Awaited<ReturnType<typeof open>>

    beforeEach(async () => {
      opened = await open()
      ;({ store } = opened)
      for (const tenant of ['acme', 'other']) await store.createTenant(tenant, at(0))
    })
    afterEach(() => opened.remove())

    const record = (word: string, more: Partial<RemarkRecord> = {}): RemarkRecord => ({
      tenant: 'acme',
      id: sha256(word),
      at: at(1),
      kind: 'note',
      supersedes: null,
      about: [STEP, CHAIN],
      document: utf8(`{"says":"${word}"}`),
      signed: utf8(`signed ${word}`),
      signer: 'ann',
      under: UNDER,
      ...more,
    })
    const dispute = record('dispute', { kind: 'dispute' })
    const after = (word: string, earlier: RemarkRecord, kind: RemarkRecord['kind']) =>
      record(word, { kind, supersedes: earlier.id })
    const ids = async (asked: { about?: string | null; open?: boolean } = {}, tenant = 'acme') => {
      const { about = null, open: only = false } = asked
      return (await store.remarks.page(tenant, { about, open: only }, 50, null)).items.map(({ id }) => id)
    }
    const erase = (id: string, tenant = 'acme') =>
      store.remarks.erase({
        tenant,
        id,
        at: at(9),
        ground: 'asked for',
        telling: {
          tenant,
          at: at(9),
          by: { kind: 'person', id: 'p1', name: 'Ann' },
          act: 'note.erased',
          about: id,
          detail: { ground: 'asked for' },
        },
      })

    it('keeps a note with its leaf, once, and commits to who signed it', async () => {
      const first = await store.remarks.add(record('first'))
      expect(first).toMatchObject({ index: 0, head: { size: 1 } })
      expect(await store.remarks.add(record('first'))).toEqual({ index: 0, head: null })
      store = await opened.reopen()
      const held = await store.remarks.one('acme', sha256('first'))
      expect(held).toMatchObject({ index: 0, at: at(1), kind: 'note', supersededBy: null, erased: null })
      expect(fromUtf8(held!.held!.document)).toBe('{"says":"first"}')
      const [entry] = store.log.entries(0, 1)
      const signed = { signed: utf8('signed first'), signers: [UNDER] }
      expect(parseLeaf(entry!)).toMatchObject({ commitment: actCommitment(held!.held!.salt, signed, nodeCrypto) })
    })

    it('tells each tenant its own alone', async () => {
      await store.remarks.add(record('ours'))
      expect(await store.remarks.one('other', sha256('ours'))).toBe(null)
      expect(await ids({ about: STEP }, 'other')).toEqual([])
      expect(await erase(sha256('ours'), 'other')).toBe(null)
      expect(await store.remarks.known('other', STEP)).toBe(null)
      expect(await ids({ about: STEP })).toEqual([sha256('ours')])
    })

    it('gives pages, newest first, of one thing or all', async () => {
      for (const word of ['a', 'b', 'c']) await store.remarks.add(record(word))
      await store.remarks.add(record('elsewhere', { about: [`artifact/${'d4'.repeat(32)}`] }))
      expect(await ids()).toEqual(['elsewhere', 'c', 'b', 'a'].map(sha256))
      expect(await ids({ about: CHAIN })).toEqual(['c', 'b', 'a'].map(sha256))
      const first = await store.remarks.page('acme', { about: STEP, open: false }, 2, null)
      expect(first.items.map(({ id }) => id)).toEqual(['c', 'b'].map(sha256))
      const rest = await store.remarks.page('acme', { about: STEP, open: false }, 2, first.next)
      expect([rest.items.map(({ id }) => id), rest.next]).toEqual([[sha256('a')], null])
      await expect(store.remarks.page('acme', { about: null, open: false }, 2, 'x')).rejects.toThrow(
        coded('request-invalid'),
      )
    })

    it('has one successor of each, and opens again what a withdrawn resolution resolved', async () => {
      await store.remarks.add(dispute)
      const resolution = after('resolution', dispute, 'resolution')
      await store.remarks.add(resolution)
      expect(await ids({ open: true })).toEqual([])
      expect((await store.remarks.one('acme', dispute.id))!.supersededBy).toBe(resolution.id)
      await expect(store.remarks.add(after('second', dispute, 'withdrawal'))).rejects.toThrow(
        coded('remark-supersedes'),
      )
      await store.remarks.add(after('back', resolution, 'withdrawal'))
      expect(await ids({ open: true, about: STEP })).toEqual([dispute.id])
      await store.remarks.add(after('third', dispute, 'withdrawal'))
      expect(await ids({ open: true })).toEqual([])
      const nothing = record('of nothing', { kind: 'withdrawal', supersedes: sha256('never') })
      await expect(store.remarks.add(nothing)).rejects.toThrow(coded('remark-supersedes'))
    })

    it('of two at once one supersedes', async () => {
      await store.remarks.add(dispute)
      const both = ['one', 'two'].map((word) => store.remarks.add(after(word, dispute, 'withdrawal')))
      const settled = await Promise.allSettled(both)
      expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    })

    it('erases what a note says and who said it, and keeps that there was one', async () => {
      await store.remarks.add(dispute)
      expect(await erase(dispute.id)).toMatchObject({ left: null, head: { size: 3 } })
      expect(await erase(dispute.id)).toEqual({ left: null, head: null })
      store = await opened.reopen()
      expect(await store.remarks.one('acme', dispute.id)).toMatchObject({
        held: null,
        erased: { at: at(9), ground: 'asked for', tombstone: 1 },
      })
      expect(parseLeaf(store.log.entries(1, 2)[0]!)).toMatchObject({ kind: 'tombstone', erased: 0 })
      // The same again does not bring it back.
      expect(await store.remarks.add(dispute)).toEqual({ index: 0, head: null })
      expect((await store.remarks.one('acme', dispute.id))!.held).toBe(null)
      expect(await erase(sha256('never'))).toBe(null)
    })

    it('tells of it once, and of what it was about until it is erased', async () => {
      const before = (await store.events.ends('acme')).remarks
      await store.remarks.add(record('told', { kind: 'dispute' }))
      expect((await store.events.ends('acme')).remarks).toBeGreaterThan(before)
      expect((await store.events.ends('other')).remarks).toBe(0)
      // What no checkpoint covers is told to nobody.
      expect(await store.events.after('acme', 'remarks', 0, 0, 10)).toEqual([])
      await erase(sha256('told'))
      expect(await store.events.after('acme', 'remarks', 0, 3, 10)).toMatchObject([
        { name: 'note.disputed', number: 0, data: { about: [], signer: null, chain: null } },
      ])
    })

    it(`takes ${MAX_REMARKS_ABOUT} about one thing`, async () => {
      for (let i = 0; i < MAX_REMARKS_ABOUT; i += 1) await store.remarks.add(record(`n${i}`))
      await expect(store.remarks.add(record('more'))).rejects.toThrow(coded('remark-invalid'))
      await store.remarks.add(record('elsewhere', { about: [`artifact/${'d4'.repeat(32)}`] }))
    })
  })
}
