import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Bundle, isBundle, linkDigest, pae, parseBundle, parseChainFile, writeBundle } from '@countersign/formats'
import { identityOf } from '@countersign/formats/identity'
import { parseCertificate } from '@countersign/formats/x509'
import { ANY_IDENTITY, readChain } from '@countersign/verify'
import { type AffectedOptions, keyAffected } from '../../packages/cli/src/commands/key-affected.ts'
import { run } from '../../packages/cli/src/commands/run.ts'
import { upload } from '../../packages/cli/src/commands/upload.ts'
import type { Context } from '../../packages/cli/src/context.ts'
import { seededKey } from '../anchors/certificates.ts'
import { ruleFor } from '../identity/claims.ts'
import { LocalAuthority } from '../identity/local-ca.ts'
import { type LocalIssuer, startIssuer } from '../identity/local-issuer.ts'
import { TokenEndpoints } from '../identity/token-endpoints.ts'
import { at } from '../pipeline.ts'
import { openTestServer, type TestServer, token } from '../server.ts'

/** Steps that outlive their certificates, and servers that are down when one is signed: on a clock that tests move. */

const MINUTE = 60_000
const AUDIENCE = 'countersign:test'
let now = Date.parse(at(60))
const clock = () => new Date(now).toISOString()
let down = false
/** The server takes steps in, and nobody hears of it. */
let lost = false

let root: string
let server: TestServer
let http: Server
let control: Server
let issuer: LocalIssuer
let endpoints: TokenEndpoints
let claims: Record<string, string> = {}
const addressOf = (one: Server) => `http://127.0.0.1:${(one.address() as AddressInfo).port}`

async function listening(one: Server): Promise<Server> {
  one.listen(0, '127.0.0.1')
  await once(one, 'listening')
  return one
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'countersign-late-'))
  server = await openTestServer({ now: clock })
  http = await listening(
    createServer((request, response) => {
      if (down) return void request.socket.destroy()
      void (async () => {
        const parts: Buffer[] = []
        for await (const part of request) parts.push(part as Buffer)
        const { method = 'GET', url = '/', headers } = request
        const kept = Object.entries(headers).filter(([name]) => ['authorization', 'content-type'].includes(name))
        const body = method === 'GET' ? {} : { body: new Uint8Array(Buffer.concat(parts)) }
        const given = Object.fromEntries(kept) as Record<string, string>
        const reply = await server.request(method, url, { token: null, headers: given, ...body })
        if (lost && url.startsWith('/v1/attestations')) return void request.socket.destroy()
        const type = reply.headers.get('content-type') ?? 'text/plain'
        response.writeHead(reply.status, { 'content-type': type }).end(Buffer.from(await reply.arrayBuffer()))
      })()
    }),
  )
  // What a wrapped command does to the world while it runs.
  control = await listening(
    createServer((request, response) => {
      const { searchParams: asked } = new URL(request.url ?? '/', 'http://x')
      now += Number(asked.get('minutes') ?? 0) * MINUTE
      down = asked.has('down')
      lost = asked.has('lost')
      response.end()
    }),
  )
  issuer = await startIssuer({ audience: AUDIENCE, now: () => now })
  endpoints = await new TokenEndpoints().start()
  endpoints.mint('github-actions', (aud) => issuer.token('github-actions', { aud, ...claims }))
  for (const system of ['github-actions', 'gitlab-ci'] as const) {
    const url = `https://${system === 'gitlab-ci' ? 'gitlab.com' : 'github.com'}`
    const rule = { ...ruleFor(system), issuer: issuer.url, url }
    const added = await server.request('POST', '/v1/issuers', { body: JSON.stringify(rule) })
    expect(added.status, await added.text()).toBe(201)
  }
})
afterAll(async () => {
  for (const one of [http, control]) {
    one.closeAllConnections()
    one.close()
  }
  endpoints.stop()
  await issuer.close()
  await server.close()
  rmSync(root, { recursive: true, force: true })
})

let number = 0
let spool: string
let out: string
let err: string
beforeEach(() => {
  down = false
  lost = false
  claims = {}
  number++
  spool = join(root, `spool-${number}`)
  mkdirSync(join(root, `work-${number}`))
})

const github = () => ({ ...endpoints.github(), GITHUB_RUN_ID: String(number), GITHUB_REPOSITORY: 'acme/widget' })

function contextOf(environment: Record<string, string>): Context {
  out = ''
  err = ''
  return {
    cwd: join(root, `work-${number}`),
    environment: { PATH: process.env['PATH'] ?? '', ...environment },
    settings: {
      url: addressOf(http),
      token: null,
      allowHttp: false,
      audience: null,
      key: null,
      passphrase: null,
      pipeline: `late/${number}`,
      contract: null,
      sigstoreTrust: null,
      sessions: [join(root, 'sessions')],
      sigstoreCache: join(root, 'sigstore'),
      githubToken: null,
      gitlabToken: null,
      dockerConfig: join(root, 'docker.json'),
      chain: null,
      spool,
    },
    now: clock,
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    signals: process,
    interactive: false,
    ask: null,
    colour: false,
  }
}

/** Runs a step whose command does that to the world. */
async function step(environment: Record<string, string>, does: string) {
  const script = `fetch('${addressOf(control)}/?${does}').then(() => require('fs').writeFileSync('made', '${number}'))`
  const argv = [process.execPath, '-e', script]
  const code = await run(contextOf(environment), argv, { step: 'build', products: ['made'], git: false, json: true })
  const said = JSON.parse(err) as {
    link: string
    spooled: string | null
    refused: { code: string; fix: string } | null
    receipt: { late: boolean } | null
  }
  return { code, ...said }
}

async function sent(environment: Record<string, string>) {
  const code = await upload(contextOf(environment), { format: 'json' })
  const said = JSON.parse(out) as {
    uploaded: { link: string; late: boolean; asSent: boolean }[]
    refused: { link: string; code: string }[]
    waiting: { link: string; code: string; what: string; fix: string }[]
  }
  return { code, ...said }
}

const spooled = () => readdirSync(spool).filter((name) => name.endsWith('.json'))
const kept = (link: string): Bundle => parseBundle(new Uint8Array(readFileSync(join(spool, `${link}.json`))))
const leafOf = ({ key }: Bundle) =>
  parseCertificate(key.kind === 'certificate' ? key.chain[0]! : new Uint8Array(), 'certificate-invalid')

describe('a step that runs for longer than its certificate lives', () => {
  test('is signed under a new one, for a new token', async () => {
    const before = endpoints.asked.length
    const ran = await step(github(), 'minutes=25')
    expect(ran).toMatchObject({ code: 0, receipt: { late: false }, refused: null, spooled: null })
    expect(endpoints.asked.length - before).toBe(2)
  })

  test('and for one that stays within it, one token is enough', async () => {
    const before = endpoints.asked.length
    expect(await step(github(), 'minutes=8')).toMatchObject({ code: 0, receipt: { late: false } })
    expect(endpoints.asked.length - before).toBe(1)
  })

  test('also where the job has the one token, while the session lasts', async () => {
    const gitlab = {
      GITLAB_CI: 'true',
      CI_PIPELINE_ID: String(number),
      COUNTERSIGN_ID_TOKEN: issuer.token('gitlab-ci', { jti: `lasting-${number}` }),
    }
    expect(await step(gitlab, 'minutes=25')).toMatchObject({ code: 0, receipt: { late: false }, refused: null })
  })

  test('is kept where that is over and the job has no other token, and sent when it has', async () => {
    const gitlab = {
      GITLAB_CI: 'true',
      CI_PIPELINE_ID: String(number),
      COUNTERSIGN_ID_TOKEN: issuer.token('gitlab-ci'),
    }
    const ran = await step(gitlab, 'minutes=65')
    // The command was content; that its step is not believed yet is told by the exit code all the same.
    expect(ran).toMatchObject({ code: 1, receipt: null, refused: { code: 'identity-unavailable' } })
    expect(ran.refused?.fix).toContain('COUNTERSIGN_ID_TOKEN_2')
    expect(spooled()).toEqual([`${ran.link}.json`])
    const again = await sent({ ...gitlab, COUNTERSIGN_ID_TOKEN_2: issuer.token('gitlab-ci') })
    expect(again).toMatchObject({ code: 0, uploaded: [{ link: ran.link, late: true }] })
  })
})

describe('a step that is signed while the server is down', () => {
  test('is signed again when it is sent, by the job that signed it; its link stays', async () => {
    const ran = await step(github(), 'down')
    expect(ran).toMatchObject({ code: 0, receipt: null, refused: null })
    const first = leafOf(kept(ran.link))
    now += 25 * MINUTE
    down = false
    const elsewhere = await sent({ COUNTERSIGN_ID_TOKEN: '' }).catch((error: unknown) => error)
    expect(elsewhere).toMatchObject({ code: 'token-missing' })
    const again = await sent(github())
    expect(again).toMatchObject({ code: 0, uploaded: [{ link: ran.link, late: true }], waiting: [] })
    expect(spooled()).toEqual([])
    const [stored] = await server.store.bundles('acme', [ran.link])
    const bundle = parseBundle(stored!.bundle)
    expect(linkDigest(bundle.envelope, nodeCrypto)).toBe(ran.link)
    expect(leafOf(bundle).serial).not.toBe(first.serial)
    expect(identityOf(leafOf(bundle)).identity).toEqual(identityOf(first).identity)
  })

  test('is sent as it is while its certificate lasts', async () => {
    const ran = await step(github(), 'down')
    down = false
    const { serial } = leafOf(kept(ran.link))
    expect(await sent(github())).toMatchObject({ code: 0, uploaded: [{ link: ran.link }] })
    const [stored] = await server.store.bundles('acme', [ran.link])
    expect(leafOf(parseBundle(stored!.bundle)).serial).toBe(serial)
  })

  test('stays where it is in another job: nobody signs for somebody else', async () => {
    const ran = await step(github(), 'down')
    now += 25 * MINUTE
    down = false
    claims = { run_id: '666' }
    const other = await sent(github())
    expect(other).toMatchObject({ code: 2, uploaded: [], waiting: [{ link: ran.link, code: 'certificate-expired' }] })
    expect(other.waiting[0]?.fix).toContain('run the step again')
    claims = {}
    expect(await sent(github())).toMatchObject({ code: 0, uploaded: [{ link: ran.link }] })
  })
})

describe('a chain file that was written while no receipt was to be had', () => {
  const chainFile = () => join(root, `work-${number}`, 'made.chain.jsonl')
  const linesOf = () => parseChainFile(new Uint8Array(readFileSync(chainFile())))
  const serials = () =>
    linesOf()
      .filter(isBundle)
      .map((bundle) => leafOf(bundle).serial)
  const heldSerial = async (link: string) => {
    const [stored] = await server.store.bundles('acme', [link])
    return leafOf(parseBundle(stored!.bundle)).serial
  }
  /** What it proves to whoever has it and nothing else. */
  function proven() {
    const vouching = server.deps.verified.vouching
    const trust = {
      signers: [],
      countersigners: vouching.logs(),
      authorities: vouching.authorities(),
      identities: [ANY_IDENTITY],
    }
    const { steps, receipts, refused } = readChain(linesOf(), trust, nodeCrypto)
    return {
      steps: [...steps.keys()],
      receipts: [...receipts.keys()],
      refused: refused.map(({ report }) => report.code),
    }
  }

  test('gets the receipt, and the signature that it is about, when the step is signed again and sent', async () => {
    const ran = await step(github(), 'down')
    const first = serials()
    expect(proven()).toEqual({ steps: [], receipts: [], refused: ['time-untrusted'] })
    now += 25 * MINUTE
    down = false
    expect(await sent(github())).toMatchObject({ code: 0, uploaded: [{ link: ran.link, late: true, asSent: true }] })
    expect(serials()).toEqual([await heldSerial(ran.link)])
    expect(serials()).not.toEqual(first)
    expect(proven()).toEqual({ steps: [ran.link], receipts: [ran.link], refused: [] })
    expect(readdirSync(spool, { recursive: true }).filter((name) => String(name).endsWith('.json'))).toEqual([])
  })

  test('keeps the first signature where the server had taken that, and only its reply was lost', async () => {
    const ran = await step(github(), 'lost')
    expect(ran).toMatchObject({ receipt: null, refused: null })
    const first = serials()
    expect(first).toEqual([await heldSerial(ran.link)])
    now += 25 * MINUTE
    lost = false
    const again = await sent(github())
    expect(again).toMatchObject({ code: 0, uploaded: [{ link: ran.link, late: false, asSent: false }] })
    expect(serials()).toEqual(first)
    expect(proven()).toEqual({ steps: [ran.link], receipts: [ran.link], refused: [] })
  })

  test('has the same in the end, wherever it was cut off', async () => {
    const ran = await step(github(), 'down')
    const before = readFileSync(join(spool, `${ran.link}.json`))
    const carried = readFileSync(join(spool, 'carried', `${ran.link}.json`))
    now += 25 * MINUTE
    down = false
    // The server has the second signature, and nobody knows.
    lost = true
    expect(await sent(github())).toMatchObject({ code: 2, uploaded: [], waiting: [{ link: ran.link }] })
    const held = await heldSerial(ran.link)
    expect(serials()).not.toEqual([held])
    expect(leafOf(kept(ran.link)).serial).toBe(held)
    now += 25 * MINUTE
    lost = false
    expect(await sent(github())).toMatchObject({ code: 0, uploaded: [{ link: ran.link, asSent: false }] })
    expect(serials()).toEqual([held])
    // Cut off after the chain file was written, before the step had left the spool.
    writeFileSync(join(spool, `${ran.link}.json`), before)
    mkdirSync(join(spool, 'carried'), { recursive: true })
    writeFileSync(join(spool, 'carried', `${ran.link}.json`), carried)
    expect(await sent(github())).toMatchObject({ code: 0, uploaded: [{ link: ran.link, asSent: false }] })
    expect(serials()).toEqual([held])
    expect(linesOf()).toHaveLength(2)
    expect(proven()).toEqual({ steps: [ran.link], receipts: [ran.link], refused: [] })
  })

  test('is left alone where it is another one by now', async () => {
    const ran = await step(github(), 'down')
    writeFileSync(chainFile(), 'mine')
    down = false
    expect(await sent(github())).toMatchObject({ code: 0, uploaded: [{ link: ran.link }] })
    expect(readFileSync(chainFile(), 'utf8')).toBe('mine')
  })
})

describe('countersign key affected', () => {
  const asked = async (options: Omit<AffectedOptions, 'format'>, format = 'json') => {
    const context = contextOf({})
    const trusted = { ...context, settings: { ...context.settings, token: token('acme') } }
    const code = await keyAffected(trusted, undefined, { ...options, format })
    return { code, out }
  }

  test('lists what an authority, an issuer or a subject of it vouched for', async () => {
    now += MINUTE
    const since = clock()
    const { link } = await step(github(), 'minutes=1')
    const [stored] = await server.store.bundles('acme', [link])
    const { identity } = identityOf(leafOf(parseBundle(stored!.bundle)))
    const { subject, sourceRepositoryIdentifier: repository } = identity
    for (const signer of [
      { authority: 'test' },
      { issuer: issuer.url },
      { issuer: issuer.url, subject: subject.value },
      { issuer: issuer.url, repository: repository! },
    ]) {
      const { code, out: text } = await asked({ ...signer, since })
      const told = JSON.parse(text) as { steps: { link: string }[] }
      expect(code).toBe(1)
      expect(told).toMatchObject({ ...signer, since, signed: 1, following: 0, chains: 1 })
      expect(told.steps.map((one) => one.link)).toEqual([link])
    }
    const { out: text } = await asked({ issuer: issuer.url, since }, 'text')
    expect(text).toContain(`${issuer.url} as an issuer, since ${since}`)
    expect(text).toContain('1 step signed so, 0 go on from them, in 1 chain')
    now += MINUTE
    expect(await asked({ authority: 'test', since: clock() })).toMatchObject({ code: 0 })
  })

  test('takes no mistyped name for a harmless one, and asks about one signer', async () => {
    const usage = expect.objectContaining({ code: 'usage' }) as Error
    await expect(asked({ issuer: `${issuer.url}/` })).rejects.toThrow(usage)
    await expect(asked({ authority: 'tset' })).rejects.toThrow(
      expect.objectContaining({ fix: expect.stringContaining('test (') }),
    )
    for (const options of [
      {},
      { subject: 'x' },
      { authority: 'test', issuer: issuer.url },
      { authority: 'test', subject: 'x' },
      { issuer: issuer.url, subject: 'x', repository: '1' },
    ]) {
      await expect(asked(options)).rejects.toThrow(usage)
    }
  })
})

describe('who can write into the spool has nothing signed by the job', () => {
  /** What an honest step left, its certificate ended. */
  async function honest(): Promise<Bundle> {
    const ran = await step(github(), 'down')
    now += 25 * MINUTE
    down = false
    const bundle = kept(ran.link)
    rmSync(join(spool, `${ran.link}.json`))
    return bundle
  }
  function plant(bundle: Bundle): string {
    const link = linkDigest(bundle.envelope, nodeCrypto)
    writeFileSync(join(spool, `${link}.json`), writeBundle(bundle))
    return link
  }
  /** The same step, with other products. */
  function forged({ envelope }: Bundle): Uint8Array {
    const text = Buffer.from(envelope.payload).toString()
    return new Uint8Array(Buffer.from(text.replace(/"sha256":"[0-9a-f]{64}"/, `"sha256":"${'6'.repeat(64)}"`)))
  }

  test.each<[string, (bundle: Bundle) => Bundle, string]>([
    [
      'another statement under the certificate of the job, whose key is gone',
      (bundle) => ({ ...bundle, envelope: { ...bundle.envelope, payload: forged(bundle) } }),
      'signature-invalid',
    ],
    [
      'one under a certificate that somebody made himself, with the same names in it',
      (bundle) => {
        const key = seededKey('whoever')
        const { identity } = identityOf(leafOf(bundle))
        const { der } = new LocalAuthority({ seed: 'fake' }).issue({
          identity,
          key,
          notBefore: leafOf(bundle).notBefore,
        })
        const payload = forged(bundle)
        const signature = key.sign(pae(bundle.envelope.payloadType, payload))
        return {
          ...bundle,
          key: { kind: 'certificate', chain: [der] },
          envelope: { ...bundle.envelope, payload, signature },
        }
      },
      'certificate-untrusted',
    ],
  ])('%s', async (_, bend, code) => {
    const bundle = await honest()
    const link = plant(bend(bundle))
    const before = kept(link)
    expect(await sent(github())).toMatchObject({ code: 2, uploaded: [], waiting: [{ link, code }] })
    expect(kept(link)).toEqual(before)
    // The red control: the same, as the job has left it.
    rmSync(join(spool, `${link}.json`))
    const own = plant(bundle)
    expect(await sent(github())).toMatchObject({ code: 0, uploaded: [{ link: own }] })
  })
})
