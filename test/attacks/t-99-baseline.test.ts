import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Baseline, parseBaseline, tighten } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contractText, honestRun } from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'
import { gateRun } from './judging.ts'

// T-99: a repository publishes a contract that asks for less than its organisation does.

const baselineOf = (text: string) => parseBaseline(utf8(`baseline: v1\norganisation: acme\nrevision: 1\n${text}`))
const run = honestRun()
let server: TestServer
beforeAll(async () => {
  server = await openTestServer({ baseline: baselineOf('approvals: 2\nevery: { disallow: ["**/*.pem"] }\n') })
})
afterAll(() => server.close())

const approvedText = contractText(run.who).replace(
  '  deploy:\n    after: [test]',
  '  approve:\n    after: [test]\n    signers: [github, codebuild]\n    approvals: 2\n  deploy:\n    after: [test, approve]',
)
const publish = (body: Uint8Array | string) => server.request('PUT', '/v1/contracts/shop/web', { body })

test('T-99: the server does not take it, and takes one that asks for as much', async () => {
  const refused = await publish(run.contractBytes)
  expect(refused.status).toBe(422)
  expect(await refused.json()).toMatchObject({ code: 'baseline-unmet' })
  expect((await publish(approvedText)).status).toBe(200)
})

test('T-99: the gate asks for all that the baseline asks for, whatever the contract says', () => {
  const { contract } = run
  expect(gateRun(run, run.steps)).toMatchObject({ verdict: 'pass' })
  const bent = (text: string) => ({ ...run, contract: tighten(contract, baselineOf(text)) })
  expect(gateRun(bent('every: { disallow: ["dist/*"] }\n'), run.steps).codes).toContain('name-disallowed')
  expect(gateRun(bent('every: { minimumGrade: B }\n'), run.steps).codes).toContain('grade-too-low')
  expect(gateRun(bent('every: { runner: hosted }\n'), run.steps).codes).toContain('runner-not-allowed')
  expect(gateRun(bent('every: { conditions: ["claimed.os == \\"plan9\\""] }\n'), run.steps).codes).toContain(
    'condition-unmet',
  )
  expect(() => bent('evidence: { tests: passed }\n')).toThrow(expect.objectContaining({ code: 'baseline-unmet' }))
  // Control: what the contract fits already changes nothing.
  expect(gateRun(bent('every: { conditions: ["claimed.os == \\"linux\\""] }\n'), run.steps)).toMatchObject({
    verdict: 'pass',
  })
})

test('T-99: what was published before there was the baseline lets nobody append', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'countersign-baseline-'))
  const parties = Object.values(run.who)
  const open = async (baseline?: Baseline) =>
    openTestServer(baseline === undefined ? { directory } : { directory, baseline })
  try {
    const before = await open()
    await before.enrol(parties)
    expect((await before.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })).status).toBe(200)
    // Control: without a baseline it is one as any other.
    expect((await before.append(run.source.bundle)).status).toBe(201)
    await before.close()
    const after = await open(baselineOf('approvals: 2\n'))
    const reply = await after.append(run.build.bundle)
    expect([reply.status, ((await reply.json()) as { code: string }).code]).toEqual([422, 'baseline-unmet'])
    // The way out: a revision that asks for as much follows it.
    const body = approvedText.replace('revision: 1', 'revision: 2')
    expect((await after.request('PUT', '/v1/contracts/shop/web', { body })).status).toBe(200)
    await after.close()
  } finally {
    rmSync(directory, { recursive: true })
  }
})
