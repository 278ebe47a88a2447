import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type {
  Coverage,
  Deploys,
  DeploysAt,
  DeployStrips,
  Identities,
  IdentityWeeks,
  RuleHeat,
  Runs,
  RunView,
  Search,
} from '@countersign/client'
import { newChainId, file, honestRun, parties, type Run, sha256, signStep, source } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer } from '../../test/server.ts'

const BEGAN = Date.parse('2026-11-01T12:00:00.000Z')
const HOUR = 3_600_000

let server: TestServer
let now = BEGAN
const who = parties()
const runs: Run[] = []

const iso = (ms: number) => new Date(ms).toISOString()
const count = async () => {
  while ((await server.store.views.count(1_000)) > 0);
}
async function get<T>(path: string): Promise<T> {
  const reply = await server.request('GET', `/v1/${path}`)
  expect([path, reply.status]).toEqual([path, 200])
  return (await reply.json()) as T
}
const search = (q: string) => get<Search>(`search?q=${encodeURIComponent(q)}`)
const hits = async (q: string) => (await search(q)).items.map(({ kind, href }) => [kind, href])
const ask = async (run: Run, environment: string) => {
  const body = JSON.stringify({ artifact: run.app.digest.sha256, pipeline: 'shop/web', environment })
  return ((await (await server.request('POST', '/v1/gate', { body })).json()) as { id: number }).id
}

/** Three runs in as many days, each deployed; the last without its test, which is refused at the gate. */
beforeAll(async () => {
  server = await openTestServer({ now: () => iso(now) })
  await server.enrol([who.github, who.codebuild, who.cloudbuild, who.azure])
  for (const day of [0, 1, 2]) {
    now = BEGAN + day * 24 * HOUR
    const run = honestRun({ who, commit: `day ${day}` })
    runs.push(run)
    if (day === 0) {
      expect((await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })).status).toBe(200)
    }
    for (const [i, { bundle }] of run.steps.entries()) {
      if (day < 2 || i < 2) expect((await server.append(bundle)).status).toBe(201)
      now += 60_000
    }
    await ask(run, 'staging')
    now += HOUR
    await ask(run, 'prod')
  }
  // Of the last run a deploy that leaves out its test is kept in the inbox.
  expect(await codeOf(server.append(runs[2]!.deploy.bundle))).toBe('previous-missing')
  const other = signStep(who.github, {
    chain: { id: newChainId(), pipeline: 'tools/lint', contract: null },
    name: 'lint',
    subject: [file('report', 'lint')],
    exitCode: 1,
  })
  expect((await server.append(other.bundle, { query: '?late=1' })).status).toBe(201)
  now += 2 * HOUR
  await count()
})
afterAll(() => server.close())

describe('runs', () => {
  test('come newest first, by what they are looked for', async () => {
    const all = await get<Runs>('runs')
    expect(all).toMatchObject({ next: null, upTo: 11, behind: 0 })
    expect(
      all.items.map(({ pipeline, steps, failed, late, refused }) => [pipeline, steps, failed, late, refused]),
    ).toEqual([
      ['tools/lint', 1, 1, 1, 0],
      ['shop/web', 2, 0, 0, 1],
      ['shop/web', 4, 0, 0, 0],
      ['shop/web', 4, 0, 0, 0],
    ])
    const chains = async (query: string) => (await get<Runs>(`runs?${query}`)).items.map(({ chain }) => chain)
    const [first, second, third] = runs.map(({ chain }) => chain.id)
    expect(await chains('pipeline=shop/web')).toEqual([third, second, first])
    expect(await chains('signer=azure')).toEqual([second, first])
    expect(await chains('signer=azure&pipeline=tools/lint')).toEqual([])
    expect(await chains('signer=nobody')).toEqual([])
    expect((await chains('system=local')).length).toBe(4)
    expect(await chains('system=jenkins')).toEqual([])
    expect(await chains('since=2026-11-02&until=2026-11-03')).toEqual([second])
  })

  test('page without gap or repetition', async () => {
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: Runs = await get(`runs?limit=1${cursor === '' ? '' : `&cursor=${cursor}`}`)
      seen.push(...page.items.map(({ chain }) => chain))
      cursor = page.next
    }
    expect(seen).toEqual((await get<Runs>('runs')).items.map(({ chain }) => chain))
    for (const path of ['runs', 'deploys', 'identities', 'coverage', 'deploys/strips', 'deploys/at?environment=prod']) {
      const reply = server.request('GET', `/v1/${path}${path.includes('?') ? '&' : '?'}cursor=no%20cursor`)
      expect([path, await codeOf(reply)]).toEqual([path, 'request-invalid'])
    }
  })

  test('one shows its steps, what each goes on from, and what was refused', async () => {
    const whole = await get<RunView>(`runs/${runs[0]!.chain.id}`)
    expect(whole.run).toEqual((await get<Runs>('runs')).items.at(-1))
    expect(
      whole.steps.map(({ step, signer, grade, previous }) => [step, signer, grade, previous.map(({ link }) => link)]),
    ).toEqual([
      ['source', 'github', 'D', []],
      ['build', 'codebuild', 'D', [runs[0]!.source.link]],
      ['test', 'cloudbuild', 'D', [runs[0]!.build.link]],
      ['deploy', 'azure', 'D', [runs[0]!.test.link]],
    ])
    expect(whole.steps[1]!.previous[0]).toMatchObject({ found: 'digest', strength: 'strong' })
    expect(whole.steps[1]).toMatchObject({
      startedAt: iso(BEGAN + 120_000),
      finishedAt: iso(BEGAN + 180_000),
      subjects: 1,
    })
    const cut = await get<RunView>(`runs/${runs[2]!.chain.id}`)
    expect(cut.refusals).toMatchObject([{ code: 'previous-missing', step: 'deploy' }])
    expect(await codeOf(server.request('GET', `/v1/runs/${newChainId()}`))).toBe('not-found')
  })

  test('one is as of now, though nothing of it is counted yet', async () => {
    const fresh = honestRun({ who, commit: 'fresh' })
    await server.append(fresh.source.bundle)
    const { run, steps } = await get<RunView>(`runs/${fresh.chain.id}`)
    expect([run.steps, steps.length, run.systems]).toEqual([1, 1, ['local']])
    expect(await get('runs')).toMatchObject({ upTo: 11, behind: 1 })
    await count()
    expect((await get<Runs>('runs')).items[0]).toEqual(run)
  })
})

describe('deploys', () => {
  test('are what gates were told about environments', async () => {
    const { items } = await get<Deploys>('deploys')
    expect(items.map(({ environment, decision }) => [environment, decision])).toEqual([
      ['prod', 'deny'],
      ['staging', 'deny'],
      ['prod', 'allow'],
      ['staging', 'allow'],
      ['prod', 'allow'],
      ['staging', 'allow'],
    ])
    expect((await get<Deploys>('deploys?environment=prod&decision=allow')).items.length).toBe(2)
    expect((await get<Deploys>('deploys?environment=prod&decision=allow&limit=1')).next).not.toBeNull()
    expect((await get<Deploys>('deploys?pipeline=shop/other')).items).toEqual([])
    expect((await get<Deploys>('deploys?since=2026-11-03')).items.length).toBe(2)
  })

  test('say what was in force, by time', async () => {
    const at = async (time: number) => (await get<DeploysAt>(`deploys/at?environment=prod&time=${iso(time)}`)).items
    expect(await at(BEGAN)).toEqual([])
    expect((await at(BEGAN + 3 * HOUR)).map(({ artifact }) => artifact)).toEqual([runs[0]!.app.digest.sha256])
    expect((await at(now)).map(({ artifact }) => artifact)).toEqual([runs[1]!.app.digest.sha256])
    expect(await codeOf(server.request('GET', '/v1/deploys/at'))).toBe('request-invalid')
  })

  test('are counted by the hour and the day', async () => {
    const days = await get<DeployStrips>('deploys/strips?since=2026-11-01&until=2026-11-04')
    expect(days.environments.map(({ name }) => name)).toEqual(['prod', 'staging'])
    expect(days.environments[0]!.buckets.map(({ allow, deny, unknown }) => [allow, deny, unknown])).toEqual([
      [1, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
    ])
    expect(days.environments[0]!.current).toMatchObject({ artifact: runs[1]!.app.digest.sha256, deviated: false })
    const hours = await get<DeployStrips>('deploys/strips?since=2026-11-01&until=2026-11-02&bucket=hour&limit=1')
    expect(hours.environments[0]!.buckets.map(({ start }) => start)).toEqual(['2026-11-01T13:00:00.000Z'])
    const next = await get<DeployStrips>(`deploys/strips?limit=1&cursor=${hours.next}`)
    expect(next.environments.map(({ name }) => name)).toEqual(['staging'])
    for (const query of ['since=2026-11-02&until=2026-11-01', 'bucket=year', 'since=2020-01-01', 'since=never']) {
      expect(await codeOf(server.request('GET', `/v1/deploys/strips?${query}`))).toBe('request-invalid')
    }
  })
})

describe('identities, coverage and rules', () => {
  test('who signed, and how much in which week', async () => {
    const { items } = await get<Identities>('identities')
    expect(items.map(({ signer, pipelines }) => [signer, pipelines])).toEqual([
      ['azure', 1],
      ['cloudbuild', 1],
      ['codebuild', 1],
      ['github', 2],
    ])
    expect((await get<Identities>('identities?q=build')).items.length).toBe(2)
    const weeks = await get<IdentityWeeks>('identities/weeks?from=2026-10-28&weeks=3&q=codebuild')
    expect(weeks.weeks).toEqual(['2026-10-26', '2026-11-02', '2026-11-09'])
    expect(weeks.identities).toMatchObject([{ signer: 'codebuild', counts: [1, 2, 0], revokedAt: null }])
    await server.request('POST', `/v1/keys/${who.azure.publicKey.keyId}/revoke`)
    const azure = (await get<IdentityWeeks>('identities/weeks?q=azure')).identities
    expect(azure).toMatchObject([{ signer: 'azure', revokedAt: iso(now) }])
  })

  test('which pipelines are recorded, and what speaks against them', async () => {
    const { pipelines } = await get<Coverage>('coverage')
    expect(pipelines.map(({ pipeline, incomplete, findings }) => [pipeline, incomplete, findings])).toEqual([
      ['shop/web', 1, ['incomplete', 'weak-identity']],
      ['tools/lint', null, ['no-contract', 'late', 'weak-identity']],
    ])
    expect(pipelines[0]).toMatchObject({ contract: { revision: 1 }, systems: [{ system: 'local', failed: 0 }] })
    expect((await get<Coverage>('coverage?pipeline=tools')).pipelines.length).toBe(1)
    expect((await get<Coverage>('coverage?pipeline=shop/web')).pipelines.length).toBe(1)
    expect((await get<Coverage>('coverage?pipeline=shop/webs')).pipelines).toEqual([])
    // As one that an older version published has it.
    const db = new Database(server.file)
    db.exec('UPDATE contracts SET asked = NULL')
    db.close()
    expect((await get<Coverage>('coverage')).pipelines).toEqual(pipelines)
  })

  test('which rules spoke, where and when', async () => {
    const heat = await get<RuleHeat>('rules/heat?since=2026-11-01&until=2026-11-05')
    expect([...heat.rows].toSorted()).toEqual(['final-missing', 'previous-missing'])
    expect(heat.columns).toEqual(['shop/web'])
    expect(heat.cells).toEqual([[2], [1]])
    expect(heat.denied).toEqual([[2], [0]])
    const days = await get<RuleHeat>('rules/heat?since=2026-11-01&until=2026-11-04&by=day')
    expect(days.columns).toEqual(['2026-11-01', '2026-11-02', '2026-11-03', '2026-11-04'])
    expect(days.cells).toEqual([
      [0, 0, 2, 0],
      [0, 0, 1, 0],
    ])
  })
})

describe('what a text may mean', () => {
  test('digests, ids and their beginnings', async () => {
    const [run] = runs as [Run, Run, Run]
    const chain = `/run/${run.chain.id}`
    const artifact = run.app.digest.sha256
    expect(await hits(`sha256:${artifact}`)).toEqual([['artifact', `/artifact/sha256:${artifact}`]])
    expect(await hits(run.source.statement.subject[0]!.digest['gitCommit']!)).toEqual([['commit', chain]])
    expect(await hits(run.chain.id)).toEqual([['run', chain]])
    expect(await hits(run.chain.id.slice(0, 12))).toEqual([['run', chain]])
    expect(await hits(run.build.link)).toEqual([['attestation', `${chain}?step=${run.build.link}`]])
    expect(await hits(run.build.link.slice(0, 12))).toEqual([['attestation', `${chain}?step=${run.build.link}`]])
    expect(await hits(run.contract.digest)).toEqual([['contract', `/contracts?digest=${run.contract.digest}`]])
    // Of what is kept as a tag, the beginning finds nothing, and the answer says so.
    expect(await search(artifact.slice(0, 12))).toMatchObject({
      items: [],
      note: expect.stringContaining('found whole'),
    })
    expect((await search(artifact)).note).toBeNull()
  })

  test('what was let into an environment', async () => {
    const title = async (q: string) => (await search(q)).items.map((hit) => hit.title)
    const { items } = await get<Deploys>('deploys?environment=prod')
    const [denied, second, first] = items.map(({ id }) => `prod#${id}`)
    expect(await title('prod~0')).toEqual([second])
    expect(await title('prod~1')).toEqual([first])
    expect(await title('prod~2')).toEqual([])
    expect(await title(denied!)).toEqual([denied])
    expect(await title('staging#1')).toEqual(['staging#1'])
    expect(await title('prod#1')).toEqual([])
    expect(await title('prod@{1 day ago}')).toEqual([second])
    expect(await title('prod@{40 hours ago}')).toEqual([first])
    expect(await title('prod@{1 year ago}')).toEqual([])
    expect(await codeOf(server.request('GET', '/v1/search?q=prod@{never}'))).toBe('request-invalid')
  })

  test('tags of Git and of images, whole', async () => {
    const image = file('registry.example/shop/app:v7.1', 'image')
    const tagged = signStep(who.cloudbuild, {
      chain: { id: newChainId(), pipeline: 'tagged', contract: null },
      name: 'release',
      subject: [{ ...source('tagged'), uri: 'git+https://git.example/shop@refs/tags/release/7' }, image],
    })
    expect((await server.append(tagged.bundle)).status).toBe(201)
    const run = [['tag', `/run/${tagged.statement.predicate.chain.id}`]]
    expect(await hits('release/7')).toEqual(run)
    expect(await hits('refs/tags/release/7')).toEqual(run)
    expect(await hits('v7.1')).toEqual(run)
    expect(await hits('registry.example/shop/app:v7.1')).toEqual(run)
    expect(await hits('v7')).toEqual([])
    const erase = JSON.stringify({ ground: 'asked for' })
    expect((await server.request('POST', `/v1/attestations/${tagged.link}/erase`, { body: erase })).status).toBe(200)
    expect(await hits('v7.1')).toEqual([])
  })

  test('names, statements and addresses', async () => {
    expect(await hits('shop')).toEqual([['pipeline', '/coverage?pipeline=shop%2Fweb']])
    expect(await hits('pro')).toEqual([['deploy', '/deploys?environment=prod']])
    expect(await hits('azure')).toEqual([['identity', '/identities?q=azure']])
    expect(await hits('#0')).toEqual([])
    await server.request('POST', '/v1/statements', { body: '{}' })
    expect(await hits('#0')).toEqual([['statement', '/anchors?statement=0']])
    expect((await search('https://jenkins.acme.example/job/shop/7/')).note).toContain('by its address')
  })
})

describe('what was erased (T-102)', () => {
  test('is found by its place alone, and by nothing that it said', async () => {
    const gone = honestRun({ who: { ...who, github: who.github }, commit: 'to be erased' })
    const { source } = gone
    await server.append(source.bundle)
    await count()
    const commit = source.statement.subject[0]!.digest['gitCommit']!
    // Positive control: it is found by all of it, as long as it is held.
    expect((await hits(commit)).length).toBe(1)
    expect((await hits(source.statement.subject[0]!.digest.sha256)).length).toBe(1)
    const before = (await get<Identities>('identities?q=github')).items[0]!
    const erase = JSON.stringify({ ground: 'asked for' })
    expect((await server.request('POST', `/v1/attestations/${source.link}/erase`, { body: erase })).status).toBe(200)
    expect(await hits(commit)).toEqual([])
    expect(await hits(source.statement.subject[0]!.digest.sha256)).toEqual([])
    expect((await search(source.link)).items).toMatchObject([
      { kind: 'attestation', detail: 'shop/web, step source, erased' },
    ])
    const after = (await get<Identities>('identities?q=github')).items[0]!
    expect(after.steps).toBe(before.steps - 1)
    const { run, steps } = await get<RunView>(`runs/${gone.chain.id}`)
    expect(run).toMatchObject({ steps: 1, erased: 1, systems: [] })
    expect(steps).toMatchObject([{ signer: null, system: null, grade: null, subjects: null, erasedAt: iso(now) }])
    expect(JSON.stringify(await get('runs?signer=github'))).not.toContain(gone.chain.id)
    expect(JSON.stringify(steps)).not.toContain(sha256(commit))
  })

  test('a signer of whom nothing is left is nobody', async () => {
    const only = signStep(who.cloudbuild, {
      chain: { id: newChainId(), pipeline: 'once', contract: null },
      name: 'once',
      subject: [file('x', 'once')],
    })
    await server.request('POST', '/v1/keys', { body: '{}' })
    const named = await get<Identities>('identities?q=cloudbuild')
    await server.append(only.bundle)
    await count()
    expect((await get<Identities>('identities?q=cloudbuild')).items[0]!.pipelines).toBe(2)
    const erase = JSON.stringify({ ground: 'asked for' })
    await server.request('POST', `/v1/attestations/${only.link}/erase`, { body: erase })
    expect((await get<Identities>('identities?q=cloudbuild')).items).toEqual(named.items)
    expect((await get<Coverage>('coverage?pipeline=once')).pipelines).toMatchObject([{ runs: 1, systems: [] }])
  })
})
