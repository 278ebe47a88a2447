import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CountersignEvent, EventPage } from '@countersign/client'
import { deviationFrom, maintainedText, signContract, signDeviation } from '../../test/acts.ts'
import { at, honestRun, party, type Run } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer, token } from '../../test/server.ts'
import { parseContract } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { writeDeviationLine, writeSignedContract } from '@countersign/formats'
import { cloudEvent, eventId } from '../events/cloud-event.ts'

let server: TestServer
let run: Run
let minute = 60

beforeEach(async () => {
  minute = 60
  server = await openTestServer({ tenants: ['acme', 'other'], now: () => at(minute) })
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
})
afterEach(() => server.close())

const accept = async (one = run) => {
  for (const { bundle } of one.steps) expect((await server.append(bundle)).status).toBe(201)
}
const page = async (query = '', own = token('acme')) =>
  (await (await server.request('GET', `/v1/events${query}`, { token: own })).json()) as EventPage
const names = (items: readonly CountersignEvent[]) => items.map(({ type }) => type.slice('dev.countersign.'.length))
/** All events, page by page. */
const walk = async (limit: number, query = '', from: string | null = null) => {
  const items: CountersignEvent[] = []
  let cursor = from
  for (;;) {
    const got = await page(`?limit=${limit}${cursor === null ? '' : `&cursor=${cursor}`}${query}`)
    items.push(...got.items)
    if (got.next === null) return { items, cursor: got.cursor }
    cursor = got.next
  }
}

describe('GET /v1/events', () => {
  test('tells what was published, enrolled, accepted, refused, decided, erased and noticed', async () => {
    await accept()
    await server.request('POST', '/v1/attestations', { body: '{"not":"a bundle"}' })
    const rival = honestRun({ who: run.who, chain: run.chain.id, commit: 'rival' })
    expect(await codeOf(server.append(rival.steps[0]!.bundle))).toBe('place-taken')
    await server.request('POST', '/v1/gate', {
      body: JSON.stringify({ artifact: run.app.digest.sha256, pipeline: 'shop/web', environment: 'production' }),
    })
    minute++
    await server.request('POST', `/v1/attestations/${run.steps[0]!.link}/erase`, { body: '{"ground":"a request"}' })
    await server.deps.events.watch()
    const { items } = await page()
    expect(names(items).toSorted()).toEqual(
      [
        'key.enrolled',
        'key.enrolled',
        'key.enrolled',
        'key.enrolled',
        'contract.published',
        ...run.steps.map(() => 'step.accepted'),
        'step.refused',
        'conflict',
        'gate.decided',
        'erased',
        // Who published it, and who erased one.
        'admin.acted',
        'admin.acted',
        ...run.steps.map(() => 'identity.first-seen'),
      ].toSorted(),
    )
    const ofType = (name: string) => items.filter(({ type }) => type === `dev.countersign.${name}`)
    expect(ofType('step.accepted')[0]).toMatchObject({
      specversion: '1.0',
      source: '//test/acme',
      subject: run.steps[0]!.link,
      datacontenttype: 'application/json',
      severity: 'info',
      data: { link: run.steps[0]!.link, pipeline: 'shop/web', signer: null, erasedAt: at(61), index: 0 },
    })
    expect(ofType('step.accepted')[1]).toMatchObject({ id: 's1', time: at(60), data: { succeeded: true, late: false } })
    expect(ofType('conflict')[0]).toMatchObject({ severity: 'alert', data: { code: 'place-taken', step: 'source' } })
    expect(ofType('gate.decided')[0]).toMatchObject({
      subject: `sha256:${run.app.digest.sha256}`,
      data: { decision: 'allow', environment: 'production' },
    })
    expect(ofType('erased')[0]).toMatchObject({ data: { link: run.steps[0]!.link, ground: 'a request' } })
    expect(ofType('contract.published')[0]).toMatchObject({ subject: 'shop/web', data: { revision: 1, signatures: 0 } })
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length)
    expect(ofType('admin.acted')).toMatchObject(
      ['contract.published', 'attestation.erased'].map((act) => ({ data: { act, by: { id: 'acmeall' } } })),
    )
    // The audit log is for those who may read it.
    expect(names((await page('', token('acme', 'read'))).items)).not.toContain('admin.acted')
    expect(await codeOf(server.request('GET', '/v1/events?type=admin.*', { token: token('acme', 'read') }))).toBe(
      'token-scope',
    )
    // Nothing of it is anybody else's.
    expect(names((await page('', token('other'))).items)).toEqual([])
  })

  test('misses nothing and repeats nothing, however it is cut into pages and whatever happens meanwhile', async () => {
    const seen: string[] = []
    let cursor: string | null = null
    const go = async (limit: number) => {
      const got: { items: readonly CountersignEvent[]; cursor: string } = await walk(limit, '', cursor)
      seen.push(...got.items.map(({ id }) => id))
      cursor = got.cursor
    }
    await go(1)
    for (const [i, { bundle }] of run.steps.entries()) {
      minute++
      // The clock goes back now and then; what is committed later is told later all the same.
      if (i === 2) minute -= 10
      await server.append(bundle)
      await server.request('POST', '/v1/attestations', { body: `{"refused":${i}}` })
      await go(1 + i)
    }
    await go(7)
    const all = (await page('?limit=200')).items.map(({ id }) => id)
    expect(seen.toSorted()).toEqual(all.toSorted())
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBe(5 + 1 + 3 * run.steps.length)
  })

  test('tells no fact of the log that no checkpoint covers', async () => {
    await accept()
    const size = server.deps.log.size
    const reader = server.deps.store.events
    expect((await reader.after('acme', 'steps', 0, size, 10)).length).toBe(run.steps.length)
    // What is signed by then is only the contract and the first step.
    expect((await reader.after('acme', 'steps', 0, 2, 10)).map(({ number }) => number)).toEqual([0])
  })

  test('begins at a time, goes on from a cursor, and tells what is asked for', async () => {
    for (const { bundle } of run.steps) {
      minute++
      await server.append(bundle)
    }
    expect(names((await page(`?type=step.*&since=${at(62)}`)).items)).toEqual(
      run.steps.slice(1).map(() => 'step.accepted'),
    )
    expect((await page('?since=now')).items).toEqual([])
    expect(names((await page('?type=key.*')).items)).toEqual(Array.from({ length: 4 }, () => 'key.enrolled'))
    expect(names((await page('?type=contract.published,dev.countersign.erased')).items)).toEqual(['contract.published'])
    expect(names((await page('?type=alerts')).items)).toEqual(run.steps.map(() => 'identity.first-seen'))
    for (const query of [
      'type=all',
      'cursor=x',
      'cursor=s1s2',
      'cursor=z4',
      'since=yesterday',
      'limit=0',
      'since=2026-13-01T00:00:00Z',
    ])
      expect([query, await codeOf(server.request('GET', `/v1/events?${query}`))]).toEqual([query, 'request-invalid'])
    expect(await codeOf(server.request('GET', '/v1/events', { token: token('acme', 'append') }))).toBe('token-scope')
  })

  test('says so where facts were given up before they were told', async () => {
    const refuse = (i: number) => ({
      at: at(60),
      report: { code: 'bundle-invalid' as const, what: `no ${i}`, why: '', fix: '' },
      findings: [],
      body: String(i).padStart(64, '0'),
      bytes: null,
      link: null,
      about: null,
      chain: null,
      step: null,
    })
    await Promise.all(Array.from({ length: 600 }, (_, i) => server.store.refuse('acme', refuse(i), 100)))
    const { items } = await page('?type=step.refused,events.lost&limit=200')
    const [lost, ...rest] = items
    expect(lost).toMatchObject({ type: 'dev.countersign.events.lost', data: { of: 'refusals' } })
    expect(rest.length).toBeGreaterThan(90)
    // Whoever has been told of them by then has lost nothing.
    const upTo = (lost!.data as { upTo: number }).upTo
    expect(names((await page(`?type=step.refused,events.lost&cursor=r${upTo + 1}&limit=2`)).items)).toEqual([
      'step.refused',
      'step.refused',
    ])
    expect(await server.deps.events.reader.one('acme', `r${upTo}x`)).toEqual(lost)
    expect(await server.deps.events.reader.one('acme', `r${upTo}`)).toBeNull()
  })

  test('gives each event again by its id, as long as what it tells of is there', async () => {
    await accept()
    for (const event of (await page()).items) {
      expect(await server.deps.events.reader.one('acme', event.id)).toEqual(event)
    }
    for (const id of ['s99', 'z1', '', 's', 's1x']) expect(await server.deps.events.reader.one('acme', id)).toBeNull()
    expect(await server.deps.events.reader.one('other', 's0')).toBeNull()
  })
})

describe('what is noticed', () => {
  const noticed = async () => (await page('?type=alerts')).items

  test('is each signer of a pipeline, once, and again where what it was known by is erased', async () => {
    await accept()
    await server.deps.events.watch()
    const first = await noticed()
    const { github, codebuild, cloudbuild, azure } = run.who
    expect(first.map(({ data }) => (data as { signer: string }).signer)).toEqual(
      [github, codebuild, cloudbuild, azure].map(({ name }) => name),
    )
    expect(first.map(({ data }) => (data as { newPipeline: boolean }).newPipeline)).toEqual([true, false, false, false])
    const again = honestRun({ who: run.who, commit: 'again' })
    await accept(again)
    await server.deps.events.watch()
    expect(await noticed()).toEqual(first)
    const { link } = run.steps[1]!
    await server.request('POST', `/v1/attestations/${link}/erase`, { body: '{"ground":"a request"}' })
    const third = honestRun({ who: run.who, commit: 'third' })
    await accept(third)
    await server.deps.events.watch()
    const after = await noticed()
    expect(after.length).toBe(first.length + 1)
    expect(after[1]).toMatchObject({ data: { signer: null, link: null, index: 1 } })
    expect(after.at(-1)).toMatchObject({ data: { link: third.steps[1]!.link } })
  })

  test('is a deviation a day before its end, once', async () => {
    const maintainer = party('maintainer')
    const text = maintainedText(run.who, { threshold: 1, of: [maintainer] }, { revision: 2 })
    const own = parseContract(utf8(text))
    await server.enrol([maintainer])
    const published = await server.request('PUT', '/v1/contracts/shop/web', {
      body: writeSignedContract(signContract(text, [maintainer])),
    })
    expect(published.status).toBe(200)
    const bound = honestRun({ who: run.who, contract: text })
    await accept(bound)
    const deviation = deviationFrom(own, {
      chain: bound.chain.id,
      excuses: [{ step: 'build', code: 'tests-failed' }],
      issuedAt: at(60),
      expiresAt: at(60 + 3 * 24 * 60),
    })
    const body = writeDeviationLine(signDeviation(deviation, [maintainer]))
    expect((await server.request('POST', `/v1/chains/${bound.chain.id}/deviations`, { body })).status).toBe(200)
    expect((await page('?type=deviation.*')).items).toMatchObject([
      { type: 'dev.countersign.deviation.admitted', data: { chain: bound.chain.id, expiresAt: deviation.expiresAt } },
    ])
    const expiring = async () => (await page('?type=deviation.expiring')).items
    await server.deps.events.watch()
    minute += 24 * 60
    await server.deps.events.watch()
    expect(await expiring()).toEqual([])
    minute += 25 * 60
    await server.deps.events.watch()
    minute += 60
    await server.deps.events.watch()
    expect(await expiring()).toMatchObject([{ data: { chain: bound.chain.id, expiresAt: deviation.expiresAt } }])
  })

  test('is told the same by whoever tells it', () => {
    const fact = {
      source: 'steps',
      number: 7,
      at: at(0),
      name: 'events.lost',
      data: { of: 'refusals', upTo: 7 },
    } as const
    expect([eventId(fact), cloudEvent(fact, '//a/b').id]).toEqual(['s7x', 's7x'])
  })
})
