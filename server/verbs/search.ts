import type { Deploy, SearchHit } from '@countersign/client'
import type { Found } from '../store.ts'
import type { Place } from '../view-store.ts'
import type { Deps } from './deps.ts'
import { type Meaning, meaningsOf } from './search-grammar.ts'

export interface SearchInput {
  readonly tenant: string
  readonly text: string
}

const MOST = 20
/** Of each kind of name. */
const FEW = 5

const WHOLE_ONLY =
  'Digests of artifacts, commits and tags are kept under a key, so that they can be erased: they are found whole only.'
const OTHER_ADDRESS =
  'A run is found by its address on GitHub, GitLab (pipelines) and Cloud Build; of another system look for its commit.'

interface Answer {
  readonly hits: readonly SearchHit[]
  readonly note: string | null
}

/**
 * What a text may mean: the likeliest first. What was erased is found by what is left of it, its place; what is sealed
 * is not looked into. Throws `request-invalid`.
 */
export async function search(
  deps: Deps,
  { tenant, text }: SearchInput,
): Promise<{ items: SearchHit[]; note: string | null }> {
  const meanings = meaningsOf(text, Date.parse(deps.now()), deps.crypto)
  const answers = await Promise.all(meanings.map((meaning) => answerTo(deps, tenant, meaning)))
  const notes = answers.flatMap(({ note }) => note ?? [])
  const items = answers.flatMap(({ hits }) => hits).slice(0, MOST)
  return { items, note: meanings.length === 0 ? OTHER_ADDRESS : (notes[0] ?? null) }
}

async function answerTo(deps: Deps, tenant: string, meaning: Meaning): Promise<Answer> {
  switch (meaning.kind) {
    case 'hex':
      return byDigits(deps, tenant, meaning.value)
    case 'chain':
      return { hits: runHits(deps, tenant, [meaning.value]), note: null }
    case 'deploy':
      return { hits: deployHits(deps, tenant, meaning), note: null }
    case 'statement':
      return { hits: statementHits(deps, meaning.value), note: null }
    case 'name':
      return { hits: await nameHits(deps, tenant, meaning.value), note: null }
  }
}

async function byDigits({ store }: Deps, tenant: string, digits: string): Promise<Answer> {
  const { views } = store
  const artifacts = digits.length === 64 ? await store.lookup(tenant, [digits], FEW) : []
  const commits =
    digits.length === 40 || digits.length === 64 ? await revisionHits(store, tenant, 'commit', digits) : []
  const chains = digits.length <= 32 ? views.chains(tenant, digits, FEW) : []
  const hits = [
    ...artifactHits(digits, artifacts),
    ...commits,
    ...runHits({ store }, tenant, chains),
    ...views.places(tenant, digits, FEW).map(placeHit),
    ...views.contracts(tenant, digits, FEW).map(
      ({ digest, pipeline, revision }): SearchHit => ({
        kind: 'contract',
        title: `${pipeline}, revision ${revision}`,
        detail: `sha256:${digest}`,
        href: `/contracts?digest=${digest}`,
      }),
    ),
  ]
  const whole = digits.length === 40 || digits.length === 64
  return { hits, note: whole ? null : WHOLE_ONLY }
}

function artifactHits(digest: string, found: readonly Found[]): SearchHit[] {
  const [newest] = found
  if (newest === undefined) return []
  const runs = found.length === 1 ? 'one run' : `${found.length === FEW ? 'at least ' : ''}${found.length} runs`
  const title = `sha256:${digest}`
  return [{ kind: 'artifact', title, detail: `${newest.pipeline}, in ${runs}`, href: `/artifact/sha256:${digest}` }]
}

async function revisionHits(
  store: Deps['store'],
  tenant: string,
  by: 'commit' | 'tag',
  value: string,
): Promise<SearchHit[]> {
  const { items } = await store.search(tenant, { by, value }, 50, null)
  const runs = new Map(items.map((item) => [item.chain, item]))
  return [...runs.values()].slice(0, FEW).map(({ chain, pipeline, acceptedAt }) => ({
    kind: by,
    title: value,
    detail: `${pipeline}, ${acceptedAt}`,
    href: `/run/${chain}`,
  }))
}

function runHits({ store }: Pick<Deps, 'store'>, tenant: string, chains: readonly string[]): SearchHit[] {
  return chains
    .flatMap((chain) => store.views.run(tenant, chain) ?? [])
    .map(({ chain, pipeline, steps, firstAt }) => ({
      kind: 'run',
      title: chain,
      detail: `${pipeline}, ${steps === 1 ? 'one step' : `${steps} steps`}, ${firstAt}`,
      href: `/run/${chain}`,
    }))
}

function placeHit({ link, chain, pipeline, step, erased }: Place): SearchHit {
  const detail = `${pipeline}, step ${step}${erased ? ', erased' : ''}`
  return { kind: 'attestation', title: link, detail, href: `/run/${chain}?step=${link}` }
}

function deployHits({ store }: Deps, tenant: string, meaning: Extract<Meaning, { kind: 'deploy' }>): SearchHit[] {
  const { views } = store
  const { environment } = meaning
  if ('id' in meaning) return [views.deploy(tenant, environment, meaning.id)].flatMap((one) => one ?? []).map(deployHit)
  if ('back' in meaning) {
    const before = views.allowed(tenant, environment, meaning.back)
    return before === null ? [] : [deployHit(before)]
  }
  const { items } = views.deploysAt(tenant, { environment, pipeline: null, time: meaning.at }, MOST, null)
  return items.map(deployHit)
}

function deployHit({ id, environment, decision, at, pipeline, artifact }: Deploy): SearchHit {
  return {
    kind: 'deploy',
    title: `${environment}#${id}`,
    detail: `${decision} ${pipeline ?? 'an unknown pipeline'}, ${at}`,
    href:
      artifact === null ? `/deploys?environment=${encodeURIComponent(environment)}` : `/artifact/sha256:${artifact}`,
  }
}

function statementHits({ store }: Deps, number: number): SearchHit[] {
  if (store.statements.note(number) === null) return []
  return [
    { kind: 'statement', title: `Statement ${number}`, detail: 'of the log', href: `/anchors?statement=${number}` },
  ]
}

async function nameHits({ store }: Deps, tenant: string, text: string): Promise<SearchHit[]> {
  const { views } = store
  const tags = await revisionHits(store, tenant, 'tag', text.replace(/^refs\/tags\//, ''))
  const pipelines = views.pipelines(tenant, { prefix: text, recent: 0 }, FEW, null).items.map(
    ({ pipeline, runs }): SearchHit => ({
      kind: 'pipeline',
      title: pipeline,
      detail: runs === 1 ? 'one run' : `${runs} runs`,
      href: `/coverage?pipeline=${encodeURIComponent(pipeline)}`,
    }),
  )
  const environments = views.environments(tenant, text, FEW).map(
    (environment): SearchHit => ({
      kind: 'deploy',
      title: environment,
      detail: 'environment',
      href: `/deploys?environment=${encodeURIComponent(environment)}`,
    }),
  )
  const filter = { part: text, system: null }
  const identities = views.identities(tenant, filter, FEW, null).items.map(
    ({ signer, system, lastAt }): SearchHit => ({
      kind: 'identity',
      title: signer,
      detail: `${system}, last on ${lastAt.slice(0, 10)}`,
      href: `/identities?q=${encodeURIComponent(signer)}`,
    }),
  )
  return [...tags, ...environments, ...pipelines, ...identities]
}
