import { chmodSync, cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SessionFiles } from '@countersign/adapters/session-files'
import { countersignAuthority, Keyless } from '@countersign/adapters/signer-keyless'
import { openTrusting, type Trusting } from '../identity/tenants.ts'
import { at } from '../pipeline.ts'

// T-07: the session that a job keeps for its later steps is a file, on a machine that others may use before and after.
// Whoever has the file without the token has nothing; whoever plants one has the job go on with it neither.

const NOW = Date.parse(at(60))
const SUBJECT = { job: 'https://jenkins.example/job/widget/', thief: 'https://jenkins.example/job/evil/' }
let root: string
let world: Trusting
let number = 0

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'countersign-planted-'))
  world = await openTrusting({ tenants: ['acme', 'other'] })
  expect((await world.trust('jenkins')).status).toBe(201)
  const theirs = { id: 'theirs', claims: [{ name: 'sub', value: SUBJECT.thief }] }
  expect((await world.trust('jenkins', theirs, 'other')).status).toBe(201)
})
beforeEach(() => void number++)
afterAll(async () => {
  await world.close()
  rmSync(root, { recursive: true, force: true })
})

const place = (name: string) => join(root, `${name}-${number}`)
const directory = (name: string) => join(place(name), readdirSync(place(name))[0]!)
const held = (name: string) => readdirSync(directory(name)).map((file) => join(directory(name), file))
const mint = (who: keyof typeof SUBJECT) =>
  world.issuer.token('jenkins', { jti: `${who}-${number}`, sub: SUBJECT[who] })

const server = 'https://server.example'
const filesIn = (name: string) =>
  new SessionFiles({ places: [place(name)], workspace: import.meta.dirname, server, now: () => NOW })

/** A process of somebody's job, whose platform hands out this token. */
function open(token: string, kept: string): Promise<Keyless> {
  const asked: typeof fetch = (url, { method = 'GET', headers, body } = {}) =>
    world.server.request(method, new URL(url as string).pathname, {
      token: null,
      headers: headers as Record<string, string>,
      ...(body === undefined ? {} : { body: body as Uint8Array }),
    })
  return Keyless.open({
    tokens: {
      system: 'jenkins',
      audience: null,
      renewable: true,
      repeats: true,
      token: () => Promise.resolve(token),
    },
    audience: 'countersign:test',
    authority: countersignAuthority({ url: server, fetch: asked }),
    sessions: filesIn(kept),
    now: () => NOW,
  })
}
const USED = expect.objectContaining({ code: 'identity-token-used' }) as Error

describe('T-07: the session that a job keeps', () => {
  test('lets its own later steps sign', async () => {
    const token = mint('job')
    const [first, second] = [await open(token, 'home'), await open(token, 'home')]
    expect(second.last.certified.identity).toEqual(first.last.certified.identity)
    expect(await second.accessToken()).toBe(await first.accessToken())
  })

  test('is nothing to who copied it, and has a token of his own', async () => {
    const token = mint('job')
    const job = await open(token, 'home')
    const copy = join(place('thief'), basename(directory('home')))
    cpSync(directory('home'), copy, { recursive: true })
    chmodSync(copy, 0o700)
    const thief = await open(mint('thief'), 'thief')
    expect(thief.last.certified.identity.subject.value).toBe(SUBJECT.thief)
    expect(await thief.accessToken()).not.toBe(await job.accessToken())
    // Red control: with the token as well he is the job, as whoever runs beside its steps is.
    expect((await open(token, 'thief')).last.certified.identity.subject.value).toBe(SUBJECT.job)
  })

  test('is nothing to who has the token alone', async () => {
    const token = mint('job')
    await open(token, 'home')
    await expect(open(token, 'thief')).rejects.toThrow(USED)
  })

  test('is not replaced by one that was planted: the job opens its own, and goes on with that', async () => {
    const token = mint('job')
    const planted = await open(mint('thief'), 'home')
    const [file] = held('home')
    // The name that the job's own will have, for which a process of it need not be asked.
    const session = { token: (await planted.accessToken())!, expiresAt: NOW + 60_000 }
    await filesIn('named').within(token, () => Promise.resolve({ access: session }))
    const name = basename(held('named')[0]!)
    renameSync(file!, join(directory('home'), name))
    const [job, later] = [await open(token, 'home'), await open(token, 'home')]
    for (const one of [job, later]) {
      expect(one.last.certified.identity.subject.value).toBe(SUBJECT.job)
      expect(await one.accessToken()).toBe(await job.accessToken())
    }
    expect(await job.accessToken()).not.toBe(session.token)
    // Red control: sealed under the token itself, as only the job can, it would have been taken for the job's.
    await expect(open(token, 'named')).rejects.toThrow(USED)
    expect(held('named')).toEqual([])
  })
})
