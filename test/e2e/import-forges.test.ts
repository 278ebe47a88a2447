import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { RUN } from '../identity/local-ca.ts'
import { ARTIFACT, LocalSigstore, statementOf } from '../identity/local-sigstore.ts'
import { Bench } from './cli.ts'

const bench = new Bench()
const key = bench.path('build.key')
const local = new LocalSigstore()
const predicate = {
  buildDefinition: { buildType: 'https://example.com/build', externalParameters: {} },
  runDetails: { builder: { id: 'https://example.com/builder' } },
}
const bundle = (artifact: Uint8Array = ARTIFACT) =>
  local.sign({ content: 'dsse', entries: [{ kind: 'dsse' }], statement: { ...statementOf(artifact), predicate } })
const [OWN, OTHER] = [bundle(), bundle(new TextEncoder().encode('other\n'))]
const DIGEST = createHash('sha256').update(ARTIFACT).digest('hex')

/** Forges that have one attestation of the artifact, and one of something else that somebody put there. */
const PAGES: Readonly<Record<string, (url: string) => unknown>> = {
  [`/repos/shop/web/attestations/sha256:${DIGEST}`]: (url) => ({
    attestations: [{ bundle: OTHER }, { bundle: null, bundle_url: `${url}/blob?sig=1` }],
  }),
  '/blob': () => OWN,
  [`/git/api/v4/projects/shop%2Fweb/attestations/${DIGEST}`]: () => [
    { iid: 1, status: 'success' },
    { iid: 2, status: 'success' },
  ],
  '/git/api/v4/projects/shop%2Fweb/attestations/1/download': () => OTHER,
  '/git/api/v4/projects/shop%2Fweb/attestations/2/download': () => OWN,
}
const asked: string[] = []
let server: Server
let url: string
beforeAll(async () => {
  server = createServer((request, reply) => {
    const { authorization, 'private-token': own } = request.headers
    const [path = ''] = (request.url ?? '').split('?')
    asked.push(`${path} ${authorization ?? own ?? 'nobody'}`)
    const page = PAGES[path]
    reply.writeHead(page === undefined ? 404 : 200).end(JSON.stringify(page?.(url) ?? {}))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(bench.cli(bench.root, ['key', 'new', key]).code).toBe(0)
  bench.write('root.json', JSON.stringify(local.trustedRoot))
})
beforeEach(() => void asked.splice(0))
afterAll(() => {
  server.close()
  bench.remove()
})

/** Imports from a forge what whoever is named attested there. */
async function importing(name: string, from: readonly string[], identity = RUN.subject.value) {
  const cwd = bench.dir(name)
  bench.write(`${name}/artifact`, ARTIFACT)
  const who = ['--identity', identity, '--issuer', RUN.issuer, '--sigstore-trust', '../root.json']
  const args = ['import', 'artifact', '--pipeline', 'shop/web', '--key', key, '--format', 'json', ...from, ...who]
  const env = { GITHUB_TOKEN: 'github-secret', GITLAB_TOKEN: 'gitlab-secret' }
  const { code, out, err } = await bench.cliLater(cwd, args, env)
  expect(out + err).not.toContain('secret')
  return { cwd, code, told: JSON.parse(out) }
}

describe('countersign import, from a forge', () => {
  test.each([
    [
      'github',
      () => ['--github', 'shop/web', '--github-api', url],
      `/repos/shop/web/attestations/sha256:${DIGEST} Bearer github-secret`,
      '/blob nobody',
    ],
    [
      'gitlab',
      () => ['--gitlab', 'shop/web', '--gitlab-url', `${url}/git`],
      `/git/api/v4/projects/shop%2Fweb/attestations/${DIGEST} gitlab-secret`,
      '/git/api/v4/projects/shop%2Fweb/attestations/2/download gitlab-secret',
    ],
  ])('%s: takes what verifies of what is there, and says where it is from', async (forge, from, first, last) => {
    const { cwd, code, told } = await importing(forge, from())
    expect(code).toBe(0)
    expect([asked[0], asked.at(-1)]).toEqual([first, last])
    expect(told.imported).toMatchObject([
      {
        name: expect.stringMatching(new RegExp(`^${forge}-[0-9a-f]{16}\\.sigstore\\.json$`)),
        uri: expect.stringContaining(DIGEST),
        annotations: { about: [DIGEST], signer: { issuer: RUN.issuer, subject: RUN.subject.value } },
      },
    ])
    expect(told.refused).toMatchObject([{ report: { code: 'artifact-mismatch' } }])
    const again = ['--trust', `import=${key}.pub`, '--attester-trust', '../root.json']
    const verified = bench.cli(cwd, ['verify', 'artifact', '--format', 'json', ...again])
    expect(JSON.parse(verified.out)).toMatchObject({ verdict: 'pass', steps: [{ evidence: [{ checked: 'here' }] }] })
  })

  test('takes nothing of somebody else, or where nothing is', async () => {
    const evil = await importing('evil', ['--github', 'shop/web', '--github-api', url], `${RUN.subject.value}-evil`)
    expect(evil.code).toBe(1)
    expect(evil.told.refused).toMatchObject([
      { report: { code: 'artifact-mismatch' } },
      { report: { code: 'signer-unknown' } },
    ])
    const none = await importing('none', ['--gitlab', 'shop/other', '--gitlab-url', `${url}/git`])
    expect([none.code, none.told.error.code]).toEqual([1, 'not-found'])
    const nobody = await importing('nobody', ['--github', 'shop/web', '--github-api', 'http://127.0.0.1:1'])
    expect([nobody.code, nobody.told.error.code]).toEqual([2, 'service-unreachable'])
  })
})
