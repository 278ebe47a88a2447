import { packOf } from '../packs.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publicKeyPem } from '@countersign/core'
import { openapi } from '../../server/openapi.ts'
import { CERTIFIED, certifiedStep, certify } from '../identity/asking.ts'
import { type Browser, signIn } from '../people.ts'
import { at, file, honestRun, newChainId, party, received, type Run, sha256, signStep } from '../pipeline.ts'
import { waitingIn } from '../acts.ts'
import { idOfRemark, postRemark, remarkAbout, signRemark } from '../remarks.ts'
import { openTestServer, type TestServer, token } from '../server.ts'

// T-90: another tenant's id in a request. It must be as if it had never existed: the same status, headers and words.

type Operations = Readonly<Record<string, { readonly parameters?: readonly { name: string; in: string }[] }>>

const paths = (openapi('0') as { paths: Readonly<Record<string, Operations>> }).paths
const MINE = { token: token('thief') }
/** A chain that nobody has, where something else of a request is tried. */
const NOBODYS = 'a'.repeat(32)

let server: TestServer
let run: Run
/** A thief who signed in, as an administrator of his own tenant. */
let thief: Browser
/** Ids of the other tenant, and the like that nobody has. */
let ids: Readonly<Record<string, readonly (readonly [foreign: string, never: string])[]>>

beforeAll(async () => {
  server = await openTestServer({ tenants: ['acme', 'thief'] })
  run = honestRun()
  const parties = [run.who.github, run.who.codebuild, run.who.cloudbuild, run.who.azure]
  await server.enrol(parties)
  await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
  for (const { bundle } of run.steps) expect((await server.append(bundle)).status).toBe(201)
  await server.request('POST', '/v1/attestations', { body: 'noise of acme' })
  // Of the chain that the thief asks for there is something to prove.
  expect((await server.request('POST', '/v1/statements', { body: '{}' })).status).toBe(201)
  expect((await server.request('GET', `/v1/chains/${run.chain.id}/head`)).status).toBe(200)
  // The thief is a tenant as good as any, with a key, a step and a contract of his own.
  await server.enrol([run.who.github], 'thief')
  const own = signStep(run.who.github, {
    chain: { id: newChainId(), pipeline: 'own', contract: null },
    name: 'build',
    subject: [file('own', 'own')],
  })
  expect((await server.append(own.bundle, { tenant: 'thief' })).status).toBe(201)
  const rule = { id: 'github-main', system: 'jenkins', issuer: 'https://ci.acme.example/oidc' }
  expect((await server.request('POST', '/v1/issuers', { body: JSON.stringify(rule) })).status).toBe(201)
  const { serial } = await certify(server)
  await certifiedStep(server)
  const gate = { artifact: run.app.digest.sha256, pipeline: 'shop/web', environment: 'acme-prod' }
  expect((await server.request('POST', '/v1/gate', { body: JSON.stringify(gate) })).status).toBe(200)
  while ((await server.store.views.count(1_000)) > 0);
  // Added, it is sent nothing: the address is looked at, and no more.
  const hook = await server.request('POST', '/v1/webhooks', { body: JSON.stringify({ url: 'https://93.184.216.34/' }) })
  const { id: webhook } = (await hook.json()) as { id: string }
  const inbox = (await (await server.request('GET', '/v1/inbox')).json()) as { items: { id: number }[] }
  const theirs = await signIn(server, 'admin')
  thief = await signIn(server, 'admin', 'thief')
  const remark = signRemark(run.who.github, remarkAbout(run.build.link))
  expect((await postRemark(server, remark)).status).toBe(201)
  const audit = (await (await server.request('GET', '/v1/audit')).json()) as { items: { digest: string }[] }
  const told = audit.items[0]!.digest
  const commit = run.source.statement.subject[0]!.digest['gitCommit']!
  ids = {
    link: run.steps.map(({ link }) => [link, sha256(`never ${link}`)]),
    id: [
      [run.chain.id, newChainId()],
      [String(inbox.items[0]!.id), '987654321'],
      ['acmeread', 'neverread'],
      [webhook, 'wh_0123456789ab'],
      [await waitingIn(server, run.who), sha256('never a deviation')],
    ],
    keyId: [[run.who.codebuild.publicKey.keyId, sha256('never a key')]],
    pipeline: [['shop/web', 'never/web']],
    digest: [
      [run.contract.digest, sha256('never a contract')],
      [told, sha256('never an act')],
    ],
    artifact: [[run.app.digest.sha256, sha256('never an artifact')]],
    commit: [[commit, 'c'.repeat(40)]],
    chain: [[run.chain.id, newChainId()]],
    limit: [['198', '199']],
    // What acme has and what nobody has; the thief has neither.
    type: [['step.refused', 'mismatch']],
    cursor: [['700', '900']],
    statement: [['888', '999']],
    since: [[at(30), at(31)]],
    withhold: [[run.build.link, sha256('never a step')]],
    rule: [['github-main', 'never-a-rule']],
    serial: [[serial, '7e'.repeat(16)]],
    // Whom the server believes it tells everybody; whom a tenant's steps name, nobody.
    authority: [['elsewhere', 'never']],
    issuer: [[CERTIFIED.identity.issuer, 'https://never.example.com']],
    // What screens are drawn from.
    q: [
      [run.chain.id, newChainId()],
      [run.app.digest.sha256, sha256('never an artifact')],
      [run.build.link.slice(0, 12), '0123456789ab'],
      ['shop', 'never'],
      ['acme-prod~0', 'never-prod~0'],
      ['codebuild', 'nobody'],
    ],
    system: [['elsewhere', 'never']],
    signer: [['codebuild', 'never']],
    environment: [['acme-prod', 'never-prod']],
    decision: [['allow', 'deny']],
    until: [[at(61), at(62)]],
    time: [[at(61), at(61)]],
    bucket: [['hour', 'hour']],
    by: [['day', 'day']],
    from: [['2026-10-26', '2026-10-26']],
    weeks: [['3', '3']],
    subject: [[CERTIFIED.identity.subject.value, 'never']],
    repository: [['1', '2']],
    pack: [[(await packOf(server)).id, 'f'.repeat(16)]],
    person: [[theirs.id, 'f'.repeat(16)]],
    session: [[theirs.cookie.slice(theirs.cookie.indexOf('=') + 1).slice(0, 24), 'f'.repeat(24)]],
    about: [
      [theirs.id, 'f'.repeat(16)],
      [`step/${run.build.link}`, `step/${sha256('never a step')}`],
      [`chain/${run.chain.id}`, `chain/${newChainId()}`],
    ],
    note: [[idOfRemark(remark), sha256('never a note')]],
    notes: [['1', '1']],
    open: [['1', '1']],
    // How people come in is the server's; by it nobody names anything of a tenant's.
    provider: [['corp', 'never']],
    page: [['/inbox', '/never']],
    state: [['state-1', 'state-2']],
    code: [['code-1', 'code-2']],
  }
})
afterAll(() => server.close())

interface Seen {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** All that a caller sees of a reply, with the id he asked by taken out. */
async function seen(reply: Response, asked: string): Promise<Seen> {
  const short = /^[0-9a-f]{32,}$/.test(asked) ? asked.slice(0, 12) : asked
  const blank = (text: string) => {
    const plain = text.replace(/"requestId":"[^"]*"/, '"requestId":""')
    // A number may be in any digest.
    if (/^[0-9]+$/.test(asked)) return plain.replaceAll(new RegExp(`(?<![0-9a-f])${asked}(?![0-9a-f])`, 'g'), '<id>')
    return asked.length < 3 ? plain : plain.replaceAll(asked, '<id>').replaceAll(short, '<id>')
  }
  const headers = [...reply.headers].filter(([name]) => name !== 'x-request-id' && name !== 'content-length')
  return { status: reply.status, headers, body: blank(await reply.text()) }
}

/** Every way to name something in a request of the document. */
function requests(): { method: string; path: string; name: string; where: string }[] {
  // The log is one over all tenants; what may be read of it, and of its anchors, names nobody and nothing.
  const shared = ['/statements', '/v1/anchors']
  const own = Object.entries(paths).filter(
    ([path]) => !path.includes('/tile/') && !shared.some((start) => path.startsWith(start)),
  )
  return own.flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { parameters = [] }]) =>
      parameters
        .filter(({ in: where, name }) => where !== 'header' && name !== 'late')
        .map(({ name, in: where }) => ({ method: method.toUpperCase(), path, name, where })),
    ),
  )
}

/** What a request sends where it must send something. */
function bodyFor(method: string, path: string, id: string): { body?: string } {
  if (path.endsWith('/rotate'))
    return { body: JSON.stringify({ publicKey: publicKeyPem(run.who.server.publicKey), overlap: 0 }) }
  if (path.endsWith('/erase')) return { body: JSON.stringify({ ground: 'mine' }) }
  if (path.endsWith('/role')) return { body: JSON.stringify({ role: 'viewer' }) }
  return method === 'PUT' && path.includes('{pipeline}')
    ? {
        body: new TextDecoder().decode(run.contractBytes).replace('shop/web', id).replace('revision: 1', 'revision: 7'),
      }
    : {}
}

describe("T-90: another tenant's ids", () => {
  test('every parameter of the document has ids to try', () => {
    const names = new Set(requests().map(({ name }) => name))
    expect([...names].filter((name) => ids[name] === undefined)).toEqual([])
    expect(requests().filter(({ where }) => where === 'path').length).toBeGreaterThan(6)
  })

  test('are as if they had never existed, on every route and in every parameter, by token and by cookie', async () => {
    // What the thief publishes is his from then on: last.
    const all = requests().toSorted((a, b) => Number(a.method === 'PUT') - Number(b.method === 'PUT'))
    for (const { method, path, name, where } of all) {
      for (const [by, [foreign, never]] of ['token', 'cookie'].flatMap((way) =>
        ids[name]!.map((pair) => [way, pair] as const),
      )) {
        const ask = (id: string) => {
          const query = path === '/v1/attestations' && !['artifact', 'commit', 'chain', 'pipeline'].includes(name)
          // Of what the thief has had none of himself.
          const narrow = path === '/v1/events' && name !== 'type' ? 'type=mismatch&' : ''
          const target =
            where === 'path'
              ? path.replace(`{${name}}`, encodeURIComponent(id))
              : `${path.replace('{id}', NOBODYS)}?${query ? 'pipeline=never&' : narrow}${name}=${encodeURIComponent(id)}`
          const sent = bodyFor(method, path, id)
          return by === 'token'
            ? server.request(method, target, { ...MINE, ...sent })
            : thief.request(method, target, sent)
        }
        const [theirs, nobodys] = [await seen(await ask(foreign), foreign), await seen(await ask(never), never)]
        // A contract has its digest in its answer: of the thief's own contract, which he publishes by any name he likes.
        const published = (one: Seen) =>
          method === 'PUT'
            ? {
                ...one,
                body: one.body.replace(/[0-9a-f]{64}/, ''),
                headers: one.headers.filter(([h]) => h !== 'etag'),
              }
            : one
        expect([method, path, name, published(theirs)]).toEqual([method, path, name, published(nobodys)])
        // A deviation may come before its run: it is weighed, and found to be signed by nobody who may.
        const early = method === 'POST' && /\/(?:deviations|proposals)$/.test(path)
        if (where === 'path' && method !== 'PUT') expect([404, 400, ...(early ? [422] : [])]).toContain(theirs.status)
        if (where === 'path' && method === 'GET' && !path.includes('{id}')) expect(theirs.status).toBe(404)
      }
    }
  })

  test('red control: to their own tenant the very same requests are answered', async () => {
    const found = [
      `/v1/attestations/${run.build.link}`,
      `/v1/attestations/${run.build.link}/proof`,
      `/v1/certificates/${ids['serial']![0]![0]}`,
      `/v1/chains/${run.chain.id}`,
      '/v1/contracts/shop%2Fweb',
      `/v1/contracts/by-digest/${run.contract.digest}`,
      `/v1/runs/${run.chain.id}`,
      `/v1/inbox/${ids['id']![1]![0]}/body`,
      `/v1/audit/${ids['digest']![1]![0]}`,
    ]
    for (const path of found) {
      const mine = await seen(await server.request('GET', path), 'nothing')
      const theirs = await seen(await server.request('GET', path, { token: token('thief') }), 'nothing')
      expect([path, mine.status]).toEqual([path, 200])
      // The thief has a contract of this name by now: his own.
      if (!path.startsWith('/v1/contracts/shop')) expect([path, theirs.status]).toEqual([path, 404])
      expect(theirs.body).not.toBe(mine.body)
    }
    // Whatever a screen shows of them, it shows them alone.
    const screens: Readonly<Record<string, RegExp>> = {
      [`search?q=${run.chain.id}`]: /shop\/web/,
      'search?q=acme-prod~0': /acme-prod#/,
      runs: new RegExp(run.chain.id),
      deploys: /acme-prod/,
      'deploys/strips': /acme-prod/,
      'deploys/at?environment=acme-prod': new RegExp(run.app.digest.sha256),
      identities: /codebuild/,
      'identities/weeks': /codebuild/,
      coverage: /"pipeline":"shop\/web"[^[]*"systems":\[\{/,
      'rules/heat': /"rows":\["/,
    }
    for (const [path, theirs] of Object.entries(screens)) {
      const shown = async (more = {}) => theirs.test(await (await server.request('GET', `/v1/${path}`, more)).text())
      expect([path, await shown(), await shown({ token: token('thief') })]).toEqual([path, true, false])
    }
    const revoke = `/v1/keys/${run.who.codebuild.publicKey.keyId}/revoke`
    expect((await server.request('POST', revoke, MINE)).status).toBe(404)
    expect((await (await server.request('GET', '/v1/keys')).text()).includes('"revokedAt":"')).toBe(false)
    expect((await server.request('POST', revoke)).status).toBe(200)
    expect((await server.request('DELETE', '/v1/issuers/github-main')).status).toBe(204)
  })
})

describe("T-90: another tenant's things in what is sent", () => {
  const refusal = async (reply: Response, ...hidden: readonly string[]) => {
    let text = JSON.stringify({ ...((await reply.json()) as object), requestId: '' })
    for (const id of hidden) text = text.replaceAll(id, '<id>').replaceAll(id.slice(0, 12), '<id>')
    return [reply.status, text]
  }

  test('a predecessor, a contract or a digest of theirs is one that nobody has', async () => {
    const after = (link: string, contract: string | null, id: string) =>
      signStep(run.who.github, {
        chain: { id, pipeline: 'shop/web', contract },
        name: 'test',
        previous: [{ link, step: 'build' }],
        materials: [received(run.app, link)],
        subject: [run.app],
        minute: 4,
      })
    const never = sha256('never a step')
    for (const contract of [null, run.contract.digest]) {
      const [theirs, nobodys] = [after(run.build.link, contract, run.chain.id), after(never, contract, newChainId())]
      const answers = [
        await refusal(await server.append(theirs.bundle, { tenant: 'thief' }), run.build.link, theirs.link),
        await refusal(await server.append(nobodys.bundle, { tenant: 'thief' }), never, nobodys.link),
      ]
      expect(answers[0]).toEqual(answers[1])
      expect(answers[0]![0]).toBe(422)
    }
    const lookup = async (digest: string) =>
      (await server.request('POST', '/v1/lookups', { ...MINE, body: JSON.stringify({ digests: [digest] }) })).text()
    expect(await lookup(run.app.digest.sha256)).toBe(await lookup(sha256('never an artifact')))
    // Red control.
    const own = await server.request('POST', '/v1/lookups', {
      body: JSON.stringify({ digests: [run.app.digest.sha256] }),
    })
    expect(await own.text()).toContain(run.chain.id)
  })

  test('neither their chain, nor their place, nonce or idempotency key is taken for him', async () => {
    const { predicate, subject } = run.source.statement
    const headers = { 'idempotency-key': 'everybody-uses-it' }
    const first = signStep(run.who.github, {
      chain: { id: newChainId(), pipeline: 'p', contract: null },
      name: 'a',
      subject,
    })
    expect((await server.append(first.bundle, { headers })).status).toBe(201)
    const own = signStep(run.who.github, {
      chain: { id: run.chain.id, pipeline: 'mine', contract: null },
      name: predicate.step.name,
      nonce: predicate.step.nonce,
      subject: [file('mine', 'mine')],
    })
    const reply = await server.append(own.bundle, { tenant: 'thief', headers })
    expect(reply.status).toBe(201)
    // Red control: in their own tenant each of them is taken.
    expect((await server.append(own.bundle, { headers })).status).toBe(409)
    expect((await server.append(own.bundle)).status).toBe(409)
    // Nor does his number tell how much they have.
    expect(await reply.json()).toMatchObject({ index: 1, chain: run.chain.id })
  })

  test('a key that they enrolled under another name is his to name', async () => {
    const body = (name: string) => JSON.stringify({ name, publicKey: publicKeyPem(run.who.azure.publicKey) })
    expect((await server.request('POST', '/v1/keys', { ...MINE, body: body('mine') })).status).toBe(201)
    expect((await server.request('POST', '/v1/keys', { body: body('mine') })).status).toBe(400)
    const stranger = JSON.stringify({ name: 'mine', publicKey: publicKeyPem(party('x').publicKey) })
    expect((await server.request('POST', '/v1/keys', { ...MINE, body: stranger })).status).toBe(201)
  })
})
