import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Hook } from '../hook.ts'
import { honestRun, type Run } from '../pipeline.ts'
import { openTestServer, type TestServer } from '../server.ts'

// T-88: somebody else's service that is slow or down, here the endpoints of webhooks. It must hold up nobody but itself.

let server: TestServer
let run: Run
let stalling: Hook
let well: Hook

beforeEach(async () => {
  stalling = await Hook.open()
  stalling.answer = () => null
  well = await Hook.open()
  server = await openTestServer({ allowed: [stalling.host, well.host] })
  await server.deps.events.webhooks.start()
  run = honestRun()
  await server.enrol([run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure])
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  for (const { host } of [stalling, stalling, well]) {
    const reply = await server.request('POST', '/v1/webhooks', {
      body: JSON.stringify({ url: `http://${host}/`, types: ['step.*', 'webhook.*'] }),
    })
    expect(reply.status).toBe(201)
  }
})
afterEach(async () => {
  await Promise.all([stalling.close(), well.close()])
  await server.close()
})

const append = async (step: number) => {
  const reply = await server.append(run.steps[step]!.bundle)
  server.deps.events.pulse.wake()
  return reply.status
}

describe('T-88: an endpoint that never answers', () => {
  test('holds up neither appends nor another endpoint, and is sent little', async () => {
    expect(await append(0)).toBe(201)
    await stalling.called(2)
    // Both are being waited for now.
    for (const step of [1, 2, 3]) expect(await append(step)).toBe(201)
    await well.called(4)
    expect(well.events.map(({ id }) => id)).toEqual(['s0', 's1', 's2', 's3'])
    expect(stalling.calls.length).toBe(2)
  })

  test('would hold up all the others in one lane (red control)', async () => {
    const [one, , other] = await server.deps.events.webhooks.list('acme')
    expect(await append(0)).toBe(201)
    await stalling.called(2)
    await well.called(1)
    // One after another, as a single queue would have it: the second is not reached while the first waits.
    let reached = false
    const queue = server.deps.events.webhooks.test('acme', one!.id).then(async () => {
      await server.deps.events.webhooks.test('acme', other!.id)
      reached = true
    })
    await stalling.called(3)
    expect(await append(1)).toBe(201)
    await well.called(2)
    expect([reached, well.events.at(-1)!.type]).toEqual([false, 'dev.countersign.step.accepted'])
    await stalling.close()
    await queue
    expect(reached).toBe(true)
  })
})
