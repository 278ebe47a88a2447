import { describe, expect, test } from 'vitest'
import { portableCrypto } from '@countersign/core/portable'
import type { Resource, StepPredicate } from '@countersign/formats'
import { bareIdentity, type Identity } from '@countersign/formats/identity'
import { at, honestRun, sha256 } from '../../../../test/pipeline.ts'
import { readChain } from '../chain.ts'
import { judge, type JudgedStep, type Verdict } from '../judge.ts'
import { trustOf } from '../trust.ts'
import type { VerifiedStep } from '../types.ts'
import { builderUri, slsaProvenance } from './provenance.ts'

const run = honestRun()
const artifact = run.app.digest.sha256
const verdict = judge({
  artifact,
  chain: readChain(run.lines, trustOf(run.contract), portableCrypto),
  contract: run.contract,
  now: at(60),
})

interface Told {
  readonly subject: readonly unknown[]
  readonly predicate: {
    readonly buildDefinition: {
      readonly externalParameters: { readonly workflow?: unknown }
      readonly internalParameters: { readonly steps: readonly unknown[] }
      readonly resolvedDependencies: readonly unknown[]
    }
    readonly runDetails: {
      readonly builder: { readonly id: string }
      readonly metadata: { readonly invocationId: string; readonly startedOn: string; readonly finishedOn: string }
      readonly byproducts: readonly { readonly annotations: unknown }[]
    }
  }
}
const told = (of: Verdict): Told =>
  JSON.parse(new TextDecoder().decode(slsaProvenance({ verdict: of, version: '1.2.3' }))) as Told

/** The verdict with one step another. */
function withStep(name: string, change: (step: VerifiedStep) => VerifiedStep, of = verdict): Verdict {
  const changed = (judged: JudgedStep): JudgedStep =>
    judged.step.statement.predicate.step.name === name ? { ...judged, step: change(judged.step) } : judged
  return { ...of, steps: of.steps.map(changed) }
}
const saying = (name: string, more: Partial<StepPredicate>, subject?: readonly Resource[], of = verdict): Verdict =>
  withStep(
    name,
    (step) => ({
      ...step,
      statement: {
        subject: subject ?? step.statement.subject,
        predicate: { ...step.statement.predicate, ...more },
      },
    }),
    of,
  )
const plain = bareIdentity('https://ci.example', { kind: 'uri', value: 'https://ci.example/jobs/build' })
const signedBy = (name: string, identity: Identity): Verdict =>
  withStep(name, (step) => ({ ...step, signer: { ...step.signer, identity } }))

test('of a chain: every field as SPEC.md §16 has it', () => {
  const { keyId } = run.who.codebuild.publicKey
  const [commit] = run.source.statement.subject
  expect(told(verdict)).toEqual({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'dist/app.tgz', digest: { sha256: artifact } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'https://countersign.dev/buildtypes/chain/v1',
        externalParameters: { pipeline: 'shop/web', contract: run.contract.digest },
        internalParameters: {
          chain: run.chain.id,
          steps: ['source', 'build', 'test', 'deploy'].map((name) => ({
            name,
            attempt: 1,
            matrix: null,
            system: 'local',
            grade: 'D',
          })),
        },
        resolvedDependencies: [{ name: 'source', uri: commit!.uri, digest: { ...commit!.digest } }],
      },
      runDetails: {
        builder: { id: `https://countersign.dev/keys/${keyId}`, version: { countersign: '1.2.3' } },
        metadata: {
          invocationId: `https://countersign.dev/chains/${run.chain.id}`,
          startedOn: at(0),
          finishedOn: at(7),
        },
        byproducts: run.steps.map(({ link, statement }) => ({
          name: `${statement.predicate.step.name}.intoto`,
          uri: `https://countersign.dev/chains/${run.chain.id}/${link}`,
          digest: { sha256: link },
          annotations: { reports: 0 },
        })),
      },
    },
  })
})

test('it began with the first that started and ended with the last, in whatever order they are', () => {
  const { metadata } = told({ ...verdict, steps: verdict.steps.toReversed() }).predicate.runDetails
  expect(metadata).toMatchObject({ startedOn: at(0), finishedOn: at(7) })
})

describe('there is none', () => {
  const none = expect.objectContaining({ code: 'artifact-unproven' })

  test.each<[string, Verdict]>([
    ['of what failed', { ...verdict, verdict: 'fail' }],
    ['of what nobody can say', { ...verdict, verdict: 'unknown' }],
    ['of a run without an artifact', { ...verdict, artifact: null }],
    ['of what no step vouches for', { ...verdict, artifact: sha256('another') }],
    ['of what every step only handed on', saying('build', { materials: [run.app] })],
    [
      'of what was handed on beside something else',
      saying('build', { materials: [...run.build.statement.predicate.materials, run.app] }),
    ],
  ])('%s', (_, of) => {
    expect(() => told(of)).toThrow(none)
  })
})

describe('who built', () => {
  test('is the last step that made the artifact, as that step calls it', () => {
    // The test step has made it again, under a name of its own, and not of what it was given.
    const again = { ...run.app, name: 'again.tgz', digest: { ...run.app.digest, sha512: 'ab'.repeat(64) } }
    const other = { name: 'log', digest: { sha256: sha256('log') } }
    const of = saying('test', { materials: [other] }, [other, again])
    expect(told(of).subject).toEqual([{ name: 'again.tgz', digest: again.digest }])
    expect(told(of).predicate.runDetails.builder.id).toBe(
      `https://countersign.dev/keys/${run.who.cloudbuild.publicKey.keyId}`,
    )
  })

  test('is a build definition, else what the certificate is for, else a key', () => {
    const mail = bareIdentity('https://id.example', { kind: 'email', value: 'ana@shop.example' })
    expect(builderUri(null, 'ab')).toBe('https://countersign.dev/keys/ab')
    expect(builderUri(plain, 'ab')).toBe('https://ci.example/jobs/build')
    expect(builderUri(mail, 'ab')).toBe('mailto:ana@shop.example')
    expect(builderUri({ ...mail, buildSignerURI: 'https://ci.example/def@1' }, 'ab')).toBe('https://ci.example/def@1')
  })

  test('is told by the certificate of that step and of no other, its run too', () => {
    const identity = { ...plain, runInvocationURI: 'https://ci.example/runs/7' }
    const { builder, metadata } = told(signedBy('build', identity)).predicate.runDetails
    expect([builder.id, metadata.invocationId]).toEqual(['https://ci.example/jobs/build', 'https://ci.example/runs/7'])
    expect(told(signedBy('deploy', identity)).predicate.runDetails.metadata.invocationId).toContain(run.chain.id)
  })
})

describe('a workflow is named', () => {
  const whole = {
    ...plain,
    sourceRepositoryURI: 'https://github.com/acme/web',
    sourceRepositoryRef: 'refs/heads/main',
    buildConfigURI: 'https://github.com/acme/web/.github/workflows/build.yml@refs/heads/main',
  }
  const workflow = (identity: Identity) =>
    told(signedBy('build', identity)).predicate.buildDefinition.externalParameters.workflow

  test('where the certificate names repository, ref and build definition: its path, without the ref', () => {
    expect(workflow(whole)).toEqual({
      ref: 'refs/heads/main',
      repository: 'https://github.com/acme/web',
      path: '.github/workflows/build.yml',
    })
  })

  test.each<[string, Partial<Identity>]>([
    ['it names no repository', { sourceRepositoryURI: null }],
    ['it names no ref', { sourceRepositoryRef: null }],
    ['it names no build definition', { buildConfigURI: null }],
    ['the build definition is of another repository', { sourceRepositoryURI: 'https://github.com/acme/api' }],
    [
      'the build definition is of a repository whose name begins so',
      { buildConfigURI: 'https://github.com/acme/web-evil/.github/workflows/build.yml@refs/heads/main' },
    ],
  ])('not where %s', (_, less) => {
    expect(workflow({ ...whole, ...less })).toBeUndefined()
  })
})

describe('what came in from outside', () => {
  const commit = { name: 'source', uri: run.source.statement.subject[0]!.uri, digest: expect.anything() as object }
  const outside = (name: string, content = name, uri?: string): Resource => ({
    name,
    digest: { sha256: sha256(content) },
    ...(uri === undefined ? {} : { uri }),
    annotations: { from: null },
  })
  const dependencies = (of: Verdict) => told(of).predicate.buildDefinition.resolvedDependencies

  test('is what no step made, each once', () => {
    const [tool, other] = [outside('tool'), outside('tool', 'another')]
    const given = { name: 'unsaid', digest: { sha256: sha256('unsaid') } }
    const mirror = outside('tool', 'tool', 'https://mirror.example/tool')
    const of = saying('build', { materials: [tool, tool, other, given, mirror] })
    expect(dependencies(saying('test', { materials: [tool] }, undefined, of))).toEqual([
      commit,
      { name: 'tool', digest: tool.digest },
      { name: 'tool', digest: other.digest },
      { name: 'tool', uri: 'https://mirror.example/tool', digest: tool.digest },
    ])
  })

  test('is an action at its commit, and none that may be another tomorrow', () => {
    const runner = verdict.steps[1]!.step.statement.predicate.runner
    const sha = '0123456789abcdef0123456789abcdef01234567'
    const actions = {
      'actions/checkout@v4': sha,
      'acme/tools/deploy/web@refs/tags/v1.2': sha,
      'docker://alpine:3@x': sha,
      'docker://ghcr.io/acme/web@v1': sha,
      './acme/web@v1': sha,
      'a/b@v1 trailing': sha,
      'acme/tag@v1': 'v1',
      'acme/short@v1': sha.slice(1),
      'acme/long@v1': `${sha}0`,
      'acme/longer@v1': `0${sha}`,
      'acme/upper@v1': sha.toUpperCase(),
    }
    const digest = { gitCommit: sha }
    expect(dependencies(saying('build', { runner: { ...runner, actions } }))).toEqual([
      commit,
      { name: 'actions/checkout@v4', uri: 'git+https://github.com/actions/checkout@v4', digest },
      {
        name: 'acme/tools/deploy/web@refs/tags/v1.2',
        uri: 'git+https://github.com/acme/tools@refs/tags/v1.2',
        digest,
      },
      { name: 'docker://alpine:3@x', digest },
      { name: 'docker://ghcr.io/acme/web@v1', digest },
      { name: './acme/web@v1', digest },
      { name: 'a/b@v1 trailing', digest },
    ])
  })

  test('is named one by one up to 10,000, and so are the steps', () => {
    const many = Array.from({ length: 10_001 }, (_, i) => outside(`m${i}`))
    expect(dependencies(saying('build', { materials: many }))).toHaveLength(10_000)
    const [first, ...rest] = verdict.steps as [JudgedStep, ...JudgedStep[]]
    const steps = [...Array.from({ length: 10_001 }, () => first), ...rest]
    const { buildDefinition, runDetails } = told({ ...verdict, steps }).predicate
    expect([buildDefinition.internalParameters.steps.length, runDetails.byproducts.length]).toEqual([10_000, 10_000])
  })
})

test('reports are counted where they are told, and not where they are sealed', () => {
  const reports = [{ name: 'a.xml', digest: { sha256: sha256('a') } }]
  const counts = (of: Verdict) => told(of).predicate.runDetails.byproducts.map(({ annotations }) => annotations)
  expect(counts(saying('test', { evidence: reports }))[2]).toEqual({ reports: 1 })
  expect(counts(saying('test', { evidence: { sealed: 'ab'.repeat(32) } }))[2]).toEqual({ reports: 0 })
})
