import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parseBaseline } from '@countersign/contract'
import { publicKeyPem } from '@countersign/core'
import { parseLoggedAct } from '@countersign/formats'
import { logKeys, verifyLoggedAct } from '@countersign/verify'
import {
  enrolPasskey,
  goAndComeBack,
  localPasskey,
  newPerson,
  ORIGIN,
  postCode,
  signIn,
  signInRule,
  stubProvider,
} from '../../test/people.ts'
import { waitingIn } from '../../test/acts.ts'
import { packOf } from '../../test/packs.ts'
import { at, honestRun, party, possession } from '../../test/pipeline.ts'
import { idOfRemark, postRemark, remarkAbout, signRemark } from '../../test/remarks.ts'
import { openTestServer, type TestServer } from '../../test/server.ts'
import { createApp } from '../app.ts'
import { tellBaseline } from '../baseline.ts'
import type { Store } from '../store.ts'

// Whoever changes who may do what, or by which rules, leaves a leaf. The routes are asked of the app itself: one that is
// added tomorrow has to say here what it leaves, or why it leaves nothing.

const run = honestRun()
/** Another of the same contract. */
const other = honestRun({ who: run.who, commit: 'other' })
const RULE = { id: 'main', system: 'jenkins', issuer: 'https://ci.acme.example/oidc' }
const HOOK = { url: 'https://hook.example/' }

/** What a route leaves: the act that it is, and how it is done. What it takes first is done in it as well. */
type Leaving = readonly [act: string, done: (server: TestServer) => Promise<Response>]

const post = (server: TestServer, path: string, body: object = {}) =>
  server.request('POST', path, { body: JSON.stringify(body) })
const json = async (reply: Promise<Response>) => (await (await reply).json()) as Record<string, string>
let made = 0
const key = (server: TestServer) => {
  const own = party(`key-${++made}`)
  const body = { name: `key-${made}`, publicKey: publicKeyPem(own.publicKey) }
  return post(server, '/v1/keys', body).then(() => own.publicKey.keyId)
}
const invitation = (server: TestServer) =>
  json(post(server, '/v1/invitations', { name: `key-${++made}`, lifetime: 60, uses: 1 }))
const hook = async (server: TestServer) => (await json(post(server, '/v1/webhooks', HOOK)))['id']!

const TOLD: Readonly<Record<string, Leaving>> = {
  'PUT /v1/contracts/:pipeline{.+}': [
    'contract.published',
    (server) => server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes }),
  ],
  'POST /v1/attestations/:link/erase': [
    'attestation.erased',
    async (server) => {
      // Of the run whose contract was published before.
      const { github, codebuild, cloudbuild, azure } = run.who
      await server.enrol([github, codebuild, cloudbuild, azure])
      await server.append(run.source.bundle)
      return post(server, `/v1/attestations/${run.source.link}/erase`, { ground: 'asked' })
    },
  ],
  'POST /v1/notes/:note/erase': [
    'note.erased',
    async (server) => {
      const { github, codebuild, cloudbuild, azure } = run.who
      await server.enrol([github, codebuild, cloudbuild, azure])
      const [source] = other.steps
      await server.append(source!.bundle)
      const remark = signRemark(github, remarkAbout(source!.link))
      await postRemark(server, remark)
      return post(server, `/v1/notes/${idOfRemark(remark)}/erase`, { ground: 'asked' })
    },
  ],
  'POST /v1/issuers': ['issuer.added', (server) => post(server, '/v1/issuers', { ...RULE, id: 'one' })],
  'DELETE /v1/issuers/:rule': [
    'issuer.removed',
    async (server) => {
      await post(server, '/v1/issuers', RULE)
      return server.request('DELETE', '/v1/issuers/main')
    },
  ],
  'POST /v1/keys': [
    'key.enrolled',
    (server) => post(server, '/v1/keys', { name: 'ada', publicKey: publicKeyPem(party('ada').publicKey) }),
  ],
  'POST /v1/keys/:keyId/revoke': [
    'key.revoked',
    async (server) => post(server, `/v1/keys/${await key(server)}/revoke`),
  ],
  'POST /v1/keys/:keyId/rotate': [
    'key.rotated',
    async (server) => {
      const body = { publicKey: publicKeyPem(party('next').publicKey), overlap: 60 }
      return post(server, `/v1/keys/${await key(server)}/rotate`, body)
    },
  ],
  'POST /v1/invitations': [
    'invitation.made',
    (server) => post(server, '/v1/invitations', { name: 'x', lifetime: 60, uses: 1 }),
  ],
  'POST /v1/invitations/:id/withdraw': [
    'invitation.withdrawn',
    async (server) => post(server, `/v1/invitations/${(await invitation(server))['id']!}/withdraw`),
  ],
  'POST /v1/enrolments': [
    'key.let-in',
    async (server) => {
      const { id, code } = await invitation(server)
      const own = party('let-in')
      const proof = possession(own, id!)
      return post(server, '/v1/enrolments', { code, publicKey: publicKeyPem(own.publicKey), proof })
    },
  ],
  'POST /v1/tokens': ['token.made', (server) => post(server, '/v1/tokens', { scopes: ['read'] })],
  'DELETE /v1/tokens/:id': [
    'token.revoked',
    async (server) => {
      const { id } = await json(post(server, '/v1/tokens', { scopes: ['read'] }))
      return server.request('DELETE', `/v1/tokens/${id!}`)
    },
  ],
  'POST /v1/people': [
    'person.added',
    (server) => post(server, '/v1/people', { name: 'somebody else', role: 'viewer' }),
  ],
  'POST /v1/people/:person/role': [
    'person.role',
    async (server) => post(server, `/v1/people/${(await newPerson(server, 'viewer')).id}/role`, { role: 'auditor' }),
  ],
  'POST /v1/people/:person/links': [
    'link.made',
    async (server) => post(server, `/v1/people/${(await newPerson(server, 'viewer')).id}/links`),
  ],
  'POST /v1/people/:person/restore': [
    'person.restored',
    async (server) => {
      const { id } = await newPerson(server, 'viewer')
      await server.request('DELETE', `/v1/people/${id}`)
      return post(server, `/v1/people/${id}/restore`)
    },
  ],
  'DELETE /v1/people/:person': [
    'person.removed',
    async (server) => server.request('DELETE', `/v1/people/${(await newPerson(server, 'viewer')).id}`),
  ],
  'POST /v1/me/passkeys': [
    'passkey.enrolled',
    async (server) => enrolPasskey(await signIn(server, 'approver'), localPasskey('first')),
  ],
  'POST /v1/me/passkeys/:keyId/revoke': [
    'key.revoked',
    async (server) => {
      const me = await signIn(server, 'approver')
      const own = localPasskey('second')
      await enrolPasskey(me, own)
      return me.request('POST', `/v1/me/passkeys/${own.publicKey.keyId}/revoke`)
    },
  ],
  'POST /v1/sign-in/link': [
    'session.begun',
    async (server) => postCode(server, (await newPerson(server, 'viewer')).link.code),
  ],
  // No writing method, and it writes all the same.
  'GET /v1/sign-in/:provider/callback': ['session.begun', (server) => goAndComeBack(server)],
  'POST /v1/sign-out': [
    'session.ended',
    async (server) => (await signIn(server, 'viewer')).request('POST', '/v1/sign-out'),
  ],
  'DELETE /v1/me/sessions/:session': [
    'session.ended',
    async (server) => {
      const me = await signIn(server, 'viewer')
      return me.request('DELETE', `/v1/me/sessions/${me.cookie.split('=')[1]!.slice(0, 24)}`)
    },
  ],
  'DELETE /v1/proposals/:id': [
    'deviation.withdrawn',
    async (server) => server.request('DELETE', `/v1/proposals/${await waitingIn(server, run.who)}`),
  ],
  'POST /v1/webhooks': ['webhook.added', (server) => post(server, '/v1/webhooks', HOOK)],
  'DELETE /v1/webhooks/:id': [
    'webhook.removed',
    async (server) => server.request('DELETE', `/v1/webhooks/${await hook(server)}`),
  ],
  'POST /v1/webhooks/:id/rotate': [
    'webhook.rotated',
    async (server) => post(server, `/v1/webhooks/${await hook(server)}/rotate`),
  ],
  'POST /v1/webhooks/:id/replay': [
    'webhook.replayed',
    async (server) => post(server, `/v1/webhooks/${await hook(server)}/replay`, { dead: true }),
  ],
  // With what it holds, when that is known.
  'POST /v1/packs': [
    'pack.exported',
    async (server) => {
      const { id } = await packOf(server)
      return server.request('DELETE', `/v1/packs/${id}`)
    },
  ],
}

const UNTOLD: Readonly<Record<string, string>> = {
  'POST /v1/attestations': 'a leaf itself',
  'POST /v1/chains/:id/deviations': 'a leaf itself, with whoever signed it',
  'POST /v1/chains/:id/proposals': 'it waits, and lets nothing through; what is let in is a leaf',
  'POST /v1/notes': 'a leaf itself, with whoever signed it',
  'POST /v1/statements': 'a signed statement itself',
  'POST /v1/sessions': 'of a job: the identity token is used up, and its steps are leaves',
  'POST /api/v2/signingCert': 'a certificate is a leaf itself',
  'POST /v1/gate': 'a decision is kept, and signed where it was asked for so',
  'POST /v1/lookups': 'it reads',
  'POST /v1/issuers/test': 'it tries, and changes nothing',
  'POST /v1/anchors/check': 'it looks again',
  'POST /v1/anchors/drive': 'it does at once what is done by itself',
  'POST /v1/anchors/:number/:anchor/retry': 'it does again what is done by itself',
  'POST /v1/webhooks/:id/test': 'it sends a greeting',
  'DELETE /v1/packs/:pack': 'a copy; that it was made is told',
}

let server: TestServer
let stealthy = false

beforeAll(async () => {
  server = await openTestServer({
    publicUrl: ORIGIN,
    signIn: [stubProvider({ sub: '1', hd: 'corp.example' }, [signInRule({ hd: 'corp.example' })])],
    events: { outbound: { post: () => Promise.resolve({ status: 204, retryAfterMs: null }), check: async () => {} } },
    wrap: (store) => quiet(store),
  })
})
afterAll(() => server.close())

/** The same store; where it is stealthy it does as it is asked, and tells nobody. */
function quiet(store: Store): Store {
  return new Proxy(store, {
    get(own, name) {
      if (stealthy && name === 'administer') {
        return async ({ doing }: Parameters<Store['administer']>[0]) => {
          if (doing.act !== 'token.made') throw new Error('not this one')
          await own.createToken(doing.token, at(60))
          return { done: true, index: null, head: null }
        }
      }
      const value: unknown = Reflect.get(own, name, own)
      return typeof value === 'function' ? value.bind(own) : value
    },
  })
}

const routes = (app: ReturnType<typeof createApp>) =>
  [...new Set(app.routes.map(({ method, path }) => `${method} ${path}`))].filter(
    (route) => !/^(ALL|GET|HEAD) /.test(route) || route in TOLD,
  )
const appOf = () => createApp({ deps: server.deps, log: () => undefined, clock: () => 0, stopping: () => false })
const unaccounted = (app: ReturnType<typeof createApp>) =>
  routes(app).filter((route) => !(route in TOLD) && !(route in UNTOLD))

const acts = async () => {
  const reply = await server.request('GET', '/v1/audit?limit=200')
  return ((await reply.json()) as { items: { act: string; digest: string; signed: boolean }[] }).items
}

/** Whether doing so has left the act, newest of all, in the log that a checkpoint covers. */
async function leaves([act, done]: Leaving): Promise<boolean> {
  const before = await acts()
  const reply = await done(server)
  if (!reply.ok && reply.status !== 303) throw new Error(`${act}: ${await reply.text()}`)
  const [newest] = await acts()
  if (newest === undefined || newest.digest === before[0]?.digest || newest.act !== act || !newest.signed) return false
  const shown = await server.request('GET', `/v1/audit/${newest.digest}`)
  const logged = parseLoggedAct(new Uint8Array(await shown.arrayBuffer()))
  const trust = { signers: [], countersigners: logKeys(server.deps.log.keys) }
  return verifyLoggedAct(logged, trust, nodeCrypto).act.act === act
}

describe('every route that writes', () => {
  it('leaves an act, or is said to leave something else', () => {
    expect(unaccounted(appOf())).toEqual([])
    const own = routes(appOf())
    expect([...Object.keys(TOLD), ...Object.keys(UNTOLD)].filter((route) => !own.includes(route))).toEqual([])
    // Red control: one more, of which nobody has thought.
    const app = appOf()
    app.post('/v1/backdoor', (c) => c.body(null, 204))
    expect(unaccounted(app)).toEqual(['POST /v1/backdoor'])
  })

  it.each(Object.entries(TOLD))('%s', async (_, leaving) => {
    expect(await leaves(leaving)).toBe(true)
  })

  it('red control: what is done and not told is found', async () => {
    const leaving = TOLD['POST /v1/tokens']!
    stealthy = true
    try {
      expect(await leaves(leaving)).toBe(false)
    } finally {
      stealthy = false
    }
    expect(await leaves(leaving)).toBe(true)
  })
})

describe('what is set in a file', () => {
  const baseline = (revision: number) =>
    parseBaseline(new TextEncoder().encode(`baseline: v1\norganisation: acme\nrevision: ${revision}\napprovals: 1\n`))
  it('a baseline is told when it is another than before, and when there is none any more', async () => {
    const own = await openTestServer({ tenants: ['local'] })
    try {
      const told = async () => {
        const reply = await own.request('GET', '/v1/audit', { token: `cst_localall_${'s'.repeat(32)}` })
        const { items } = (await reply.json()) as { items: { act: string; detail: { revision: number } }[] }
        return items.toReversed().map(({ act, detail }) => `${act} ${detail.revision}`)
      }
      await tellBaseline(own.deps, null)
      expect(await told()).toEqual([])
      for (const one of [baseline(1), baseline(1), baseline(2), null, null]) await tellBaseline(own.deps, one)
      expect(await told()).toEqual(['baseline.set 1', 'baseline.set 2', 'baseline.set null'])
    } finally {
      await own.close()
    }
  })
})

describe('signing in', () => {
  it('is one leaf a session, and one person fills no log', async () => {
    const own = await openTestServer({
      publicUrl: ORIGIN,
      signIn: [stubProvider({ sub: '1', hd: 'corp.example' }, [signInRule({ hd: 'corp.example' })])],
    })
    try {
      const answers: number[] = []
      for (let i = 0; i < 25; i++) answers.push((await goAndComeBack(own)).status)
      expect(answers.filter((status) => status === 303)).toHaveLength(20)
      expect(answers.slice(20)).toEqual(Array<number>(5).fill(503))
      const { items } = (await (await own.request('GET', '/v1/audit?limit=200')).json()) as { items: { act: string }[] }
      expect(items.filter(({ act }) => act === 'session.begun')).toHaveLength(20)
    } finally {
      await own.close()
    }
  })

  it('that is refused is told as an event, to auditors, and a flood in few', async () => {
    const own = await openTestServer({ tenants: ['local'], publicUrl: ORIGIN })
    try {
      const size = own.deps.log.size
      for (let i = 0; i < 120; i++) {
        expect((await postCode(own, `csl_${'0'.repeat(12)}_${'0'.repeat(64)}`)).status).toBe(401)
      }
      const told = async (scope: string) => {
        const reply = await own.request('GET', '/v1/events', { token: `cst_local${scope}_${'s'.repeat(32)}` })
        return ((await reply.json()) as { items: { type: string; data: unknown }[] }).items
      }
      const refused = { by: 'link', provider: null, code: 'sign-in-invalid', subject: null }
      expect(await told('all')).toMatchObject(
        [1, 10, 100].map((count) => ({ type: 'dev.countersign.sign-in.refused', data: { ...refused, count } })),
      )
      expect(await told('read')).toEqual([])
      expect(own.deps.log.size).toBe(size)
    } finally {
      await own.close()
    }
  })
})
