import Database from 'better-sqlite3'
import { afterEach, describe, expect, test } from 'vitest'
import type { CountersignEvent } from '@countersign/client'
import { CodedError } from '@countersign/core'
import { ledgerAnchor, memoryLedger } from '../../test/anchors/local-file.ts'
import { at, honestRun } from '../../test/pipeline.ts'
import { openTestServer, type TestServer } from '../../test/server.ts'

let server: TestServer
afterEach(() => server.close())

const told = async (...types: string[]): Promise<readonly CountersignEvent[]> => {
  const reply = await server.request('GET', `/v1/events?type=${types.join(',')}`)
  return ((await reply.json()) as { items: CountersignEvent[] }).items
}

describe('what is noticed of the log', () => {
  test('is a statement that is proven, one that nobody tries to prove any longer, and one that waits too long', async () => {
    let minute = 60
    const before = () => {
      throw new CodedError('anchor-refused', 'it is not taken')
    }
    server = await openTestServer({
      now: () => at(minute),
      anchors: [
        { anchor: ledgerAnchor({ ledger: memoryLedger() }), alarmAfter: 1_000 },
        { anchor: ledgerAnchor({ name: 'dead', ledger: memoryLedger(), before }), alarmAfter: 1_000 },
      ],
    })
    const run = honestRun()
    await server.enrol([run.who.github])
    await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
    expect((await server.append(run.source.bundle)).status).toBe(201)
    await server.request('POST', '/v1/statements', { body: '{}' })
    for (const lane of server.deps.anchors.lanes) for (let i = 0; i < 8; i++) await lane.run(true)
    expect((await told('anchor.*')).map(({ type, data }) => [type, data])).toEqual(
      expect.arrayContaining([
        [
          'dev.countersign.anchor.dead',
          { anchor: 'dead', statement: 0, code: 'anchor-refused', what: 'it is not taken', seconds: null },
        ],
        ['dev.countersign.anchor.final', expect.objectContaining({ statement: 0, code: null })],
      ]),
    )
    minute += 60
    await server.deps.events.watch()
    minute += 60
    await server.deps.events.watch()
    expect(await told('anchor.missed')).toMatchObject([
      { severity: 'alert', subject: 'dead/0', data: { anchor: 'dead', statement: 0, seconds: 3600 } },
    ])
  })

  test('is a witness that knows another history, once', async () => {
    server = await openTestServer()
    const facts = { witness: 'w.example', size: 7, code: 'witness-conflict', what: 'another root' }
    for (let i = 0; i < 2; i++) {
      await server.store.events.noticeLog({ kind: 'log.fork', about: 'w.example 7', at: at(60), facts })
    }
    expect(await told('alerts')).toMatchObject([{ type: 'dev.countersign.log.fork', severity: 'alert', data: facts }])
  })
})

describe('what was there before anybody looked', () => {
  test('is known, and news to nobody', async () => {
    server = await openTestServer()
    const run = honestRun()
    await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
    await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
    for (const { bundle } of run.steps.slice(0, 2)) await server.append(bundle)
    // As the migration leaves a database that has steps already.
    const db = new Database(server.file)
    db.exec('DELETE FROM seen_identities; DELETE FROM notices')
    db.prepare('INSERT INTO watched (tenant, attestation, quiet, deviation) VALUES (?, 0, 2, 0)').run('acme')
    db.close()
    await server.deps.events.watch()
    expect(await told('alerts')).toEqual([])
    await server.append(run.steps[2]!.bundle)
    await server.deps.events.watch()
    expect(await told('alerts')).toMatchObject([{ data: { link: run.steps[2]!.link, newPipeline: false } }])
  })
})
