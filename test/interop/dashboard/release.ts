import { file, newChainId, received, type Signed, source } from '../../pipeline.ts'
import { stepOn, who } from './house.ts'

export interface Release {
  readonly chain: string
  /** SHA-256 of what it made. */
  readonly artifact: string
  readonly steps: readonly Signed[]
}

/** A run over four systems: source, build, a matrix of tests, a scan, a package, a deploy. */
export function release(
  commit: string,
  more: {
    node?: string
    checkout?: string
    systems?: number
    minute?: number
    pipeline?: string
    names?: (name: string) => string
  } = {},
): Release {
  const chain = { id: newChainId(), pipeline: more.pipeline ?? 'shop/web', contract: null }
  const begin = more.minute ?? 0
  const named = more.names ?? ((name: string) => name)
  const after = (...steps: readonly Signed[]) =>
    steps.map(({ link, statement }) => ({ link, step: statement.predicate.step.name }))
  const code = source(commit)
  const bin = file(named('dist/app.js'), `app of ${commit}`)
  const image = file(named('dist/app.tar'), `image of ${commit}`)
  const runner = {
    tools: { node: more.node ?? '24.11.0', npm: '11.6.1' },
    actions: { 'actions/checkout@v5': more.checkout ?? '08c6903cd8c0fde910a37f88322edcfb5dd907a8' },
  }
  const first = stepOn(who.github, 'github-actions', { chain, name: 'source', subject: [code], minute: begin }, runner)
  const build = stepOn(
    who.github,
    'github-actions',
    {
      chain,
      name: 'build',
      previous: after(first),
      materials: [received(code, first.link)],
      subject: [bin],
      minute: begin + 1,
    },
    { ...runner, argv: ['npm', 'run', 'build'] },
  )
  const tests = Array.from({ length: more.systems ?? 3 }, (_, i) =>
    stepOn(who.cloudbuild, 'gitlab-ci', {
      chain,
      name: 'test',
      matrix: ['linux-x64', 'linux-arm64', 'macos', 'windows', 'alpine', 'freebsd', 'musl', 'wasm'][i] ?? `job-${i}`,
      previous: after(build),
      materials: [received(bin, build.link)],
      subject: [bin],
      minute: begin + 3 + (i % 3),
    }),
  )
  const scan = stepOn(who.codebuild, 'aws-codebuild', {
    chain,
    name: 'scan',
    previous: after(build),
    materials: [received(bin, build.link)],
    subject: [bin],
    minute: begin + 3,
  })
  const pack = stepOn(who.codebuild, 'aws-codebuild', {
    chain,
    name: 'package',
    previous: after(build, scan, ...tests),
    materials: [received(bin, build.link)],
    subject: [image],
    minute: begin + 7,
  })
  const deploy = stepOn(who.azure, 'azure-pipelines', {
    chain,
    name: 'deploy',
    previous: after(pack),
    materials: [received(image, pack.link)],
    subject: [image],
    minute: begin + 9,
  })
  return {
    chain: chain.id,
    artifact: image.digest.sha256,
    steps: [first, build, ...tests, scan, pack, deploy],
  }
}
