import { MAX_FINDINGS } from '@countersign/core'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { file, source, sha256 } from '../../../test/pipeline.ts'
import type { Resource } from '@countersign/formats'
import { contractYaml, parse } from './contract.test-kit.ts'
import { type Contract, evaluate, type PreviousFacts, type SignerFacts, signingKeys, type StepFacts } from './index.ts'

const HEX = '0'.repeat(64)
const linkOf = (name: string) => sha256(`link of ${name}`)

/** A predecessor under its link. */
interface Before {
  readonly link: string
  readonly facts: PreviousFacts
}

function before(name: string, subject: readonly Resource[], matrix: string | null = null): Before {
  const link = linkOf(`${name} ${matrix}`)
  const step = { name, attempt: 1, matrix, nonce: HEX.slice(32) }
  return { link, facts: { statement: { subject, predicate: { step, previous: [] } } } }
}

interface Situation {
  readonly contract: Contract
  readonly facts: StepFacts
  readonly before: readonly Before[]
}

/** A bare key. */
function signedBy(keyId: string): SignerFacts {
  return { keyId, identity: null, grade: 'D', authorities: [], signedAt: null }
}

/** A step as the contract sees it; signed by the first signer it may have. */
function situation(
  contract: Contract,
  name: string,
  input: {
    before?: readonly Before[]
    materials?: readonly Resource[]
    subject?: readonly Resource[] | null
    matrix?: string | null
    signer?: string | null
    succeeded?: boolean
  },
): Situation {
  const signer = input.signer === undefined ? contract.steps.get(name)?.signers[0] : input.signer
  return {
    contract,
    before: input.before ?? [],
    facts: {
      signer: signer === null || signer === undefined ? null : signedBy(signingKeys(contract).get(signer)!.keyId),
      step: { name, attempt: 1, matrix: input.matrix ?? null, nonce: HEX.slice(32) },
      previous: (input.before ?? []).map(({ link, facts }) => ({ link, step: facts.statement.predicate.step.name })),
      materials: input.materials ?? [],
      subject: input.subject === undefined ? (input.materials ?? []) : input.subject,
      succeeded: input.succeeded ?? true,
      ran: null,
      reportsBefore: () => [],
      signersOf: () => [],
    },
  }
}

function judge({ contract, facts, before }: Situation): string[] {
  return evaluate(contract, facts, new Map(before.map(({ link, facts }) => [link, facts]))).map(({ code }) => code)
}

const commit = source('first')
const app = file('dist/app.tgz', 'app')
const tree: Resource = { name: 'dist/', digest: { sha256: sha256('tree') }, annotations: { mode: '040000' } }
const river = parse(
  contractYaml(`  source:
    signers: [github]
  build:
    after: [source]
    signers: [codebuild, github]
    products: ["dist/*.tgz"]
  test:
    after: [build]
    signers: [cloudbuild]
  deploy:
    after: [test]
    signers: [azure]`),
)
const built = situation(river, 'build', { before: [before('source', [commit])], materials: [commit], subject: [app] })

describe('an honest step fits', () => {
  test.each<[string, Situation]>([
    ['the source', situation(river, 'source', { subject: [commit] })],
    ['a build', built],
    ['a test', situation(river, 'test', { before: [before('build', [app])], materials: [app] })],
    ['a deploy', situation(river, 'deploy', { before: [before('test', [app])], materials: [app] })],
    ['a build about to begin', situation(river, 'build', { ...input(built), subject: null, signer: null })],
    [
      'a failed build without products',
      situation(river, 'build', { ...input(built), subject: [commit], succeeded: false }),
    ],
  ])('%s', (_, honest) => expect(judge(honest)).toEqual([]))
})

/** The step again, to be changed. */
function input({ before, facts }: Situation) {
  return { before, materials: facts.materials, subject: facts.subject, matrix: facts.step.matrix }
}

describe('who signs', () => {
  test.each([
    ['codebuild', []],
    ['github', []],
    ['cloudbuild', ['signer-not-allowed']],
    ['azure', ['signer-not-allowed']],
    [null, []],
  ])('build by %s', (signer, codes) =>
    expect(judge(situation(river, 'build', { ...input(built), signer }))).toEqual(codes),
  )
})

test('a step that the contract does not name', () => {
  expect(judge(situation(river, 'bulid', { ...input(built), signer: 'github' }))).toEqual(['step-unknown'])
})

describe('the matrix', () => {
  const contract = parse(
    contractYaml(`  source:
    signers: [ci]
  build:
    after: [source]
    signers: [ci]
    products: [out]
    matrix: [linux, macos]
  test:
    after: [build]
    signers: [ci]
    matrix: [macos, linux]
  release:
    after: [test]
    signers: [ci]
    products: [all.tar]`),
  )
  const outs = { linux: file('out', 'linux'), macos: file('out', 'macos') }
  const builds = [before('build', [outs.linux], 'linux'), before('build', [outs.macos], 'macos')]
  const tests = [before('test', [outs.linux], 'linux'), before('test', [outs.macos], 'macos')]
  const build = (matrix: string | null) =>
    judge(
      situation(contract, 'build', {
        before: [before('source', [commit])],
        materials: [commit],
        subject: [outs.linux],
        matrix,
      }),
    )

  test('names its jobs exactly', () => {
    expect(build('linux')).toEqual([])
    expect(build('windows')).toEqual(['step-unknown'])
    expect(build(null)).toEqual(['step-unknown'])
    expect(judge(situation(river, 'build', { ...input(built), matrix: 'linux' }))).toEqual(['step-unknown'])
  })

  test('goes pairwise where both sides have the job', () => {
    const job = (before: readonly Before[], material: Resource) =>
      judge(situation(contract, 'test', { before, materials: [material], matrix: 'linux' }))
    expect(job([builds[0]!], outs.linux)).toEqual([])
    expect(job([builds[1]!], outs.macos)).toEqual(['matrix-incomplete'])
    expect(job([builds[0]!], outs.macos)).toEqual(['material-unexplained', 'edge-empty', 'edge-empty'])
  })

  test('follows no other job than its own', () => {
    const job = (before: readonly Before[], ...materials: readonly Resource[]) =>
      judge(situation(contract, 'test', { before, materials, matrix: 'linux' }))
    const macos = { ...outs.macos, name: 'macos/out' }
    expect(job(builds, outs.linux, macos)).toEqual(['step-order'])
    expect(job([builds[0]!, before('build', [macos], 'windows')], outs.linux, macos)).toEqual(['step-order'])
    expect(job([builds[0]!, before('build', [macos], null)], outs.linux, macos)).toEqual(['step-order'])
  })

  test('fans in over all its jobs, each handing something over', () => {
    const all = file('all.tar', 'both')
    const release = (before: readonly Before[], materials: readonly Resource[]) =>
      judge(situation(contract, 'release', { before, materials, subject: [all] }))
    expect(release(tests, [outs.linux, outs.macos])).toEqual([])
    expect(release([tests[0]!], [outs.linux])).toEqual(['matrix-incomplete'])
    expect(release(tests, [outs.linux])).toEqual(['edge-empty'])
    expect(release([], [])).toEqual(['step-skipped'])
  })
})

describe('the order', () => {
  const tested = { before: [before('build', [app])], materials: [app] }

  test('a skipped, a wrong and an additional predecessor', () => {
    expect(judge(situation(river, 'test', tested))).toEqual([])
    expect(judge(situation(river, 'deploy', { before: [before('build', [app])], materials: [app] }))).toEqual([
      'step-order',
      'step-skipped',
      'material-unexplained',
    ])
    expect(
      judge(situation(river, 'test', { ...tested, before: [...tested.before, before('source', [commit])] })),
    ).toEqual(['step-order'])
  })

  test('the source follows nothing', () => {
    expect(judge(situation(river, 'source', { before: [before('build', [app])], subject: [commit] }))).toEqual([
      'step-order',
    ])
  })
})

describe('materials', () => {
  const sbom = file('dist/app.sbom', 'sbom')
  const cache = file('cache/npm.tar', 'cache')
  const contract = parse(
    contractYaml(`  source:
    signers: [ci]
  build:
    after: [source]
    signers: [ci]
    products: ["dist/*.tgz", "dist/*.sbom"]
  test:
    after: [source, build]
    signers: [ci]
    materials:
      - from: build
        match: ["dist/*.tgz"]
      - outside: cache/npm.tar
        sha256: ${cache.digest.sha256}
      - outside: "tools/*"
    products: [report]`),
  )
  const previous = [before('source', [commit]), before('build', [app, sbom])]
  const received = (...materials: readonly Resource[]) =>
    judge(situation(contract, 'test', { before: previous, materials, subject: [file('report', 'r')] }))

  test('are what the predecessor made, under any name of the receiver', () => {
    expect(received(app)).toEqual([])
    expect(received({ ...app, name: 'in/it.tgz' })).toEqual([])
  })

  test('without the one that is expected, nothing links the steps', () => {
    expect(received()).toEqual(['edge-empty', 'edge-empty'])
    expect(received(cache)).toEqual(['edge-empty', 'edge-empty'])
  })

  test('of a predecessor, but not among what is received from it', () => {
    expect(received(app, sbom)).toEqual(['material-unexplained'])
    // Neither the edge as a whole nor its pattern is met by a product that nobody asked for.
    expect(received(sbom)).toEqual(['material-unexplained', 'edge-empty', 'edge-empty'])
    expect(received(app, commit)).toEqual(['material-unexplained'])
  })

  test('of nobody: the name of a product is not enough, nor is its name with other bytes', () => {
    expect(received(app, file('dist/b.tgz', 'planted'))).toEqual(['material-unexplained'])
    expect(received(file('dist/app.tgz', 'swapped'))).toEqual(['material-unexplained', 'edge-empty', 'edge-empty'])
  })

  test('from outside, by name and by digest where one is given', () => {
    expect(received(app, cache)).toEqual([])
    expect(received(app, file('cache/npm.tar', 'poisoned'))).toEqual(['material-unexplained'])
    expect(received(app, { ...cache, name: 'cache/other.tar' })).toEqual(['material-unexplained'])
    expect(received(app, file('tools/jq', 'any'))).toEqual([])
    expect(received(app, file('tools/bin/jq', 'any'))).toEqual(['material-unexplained'])
  })

  test('each job hands over what is asked for: what only the outside lets in is no hand-over', () => {
    const contract = parse(
      contractYaml(`  build:
    signers: [ci]
    products: ["out/*", "log/*"]
    matrix: [a, b]
  pack:
    after: [build]
    signers: [ci]
    materials:
      - from: build
        match: ["out/*"]
      - outside: "log/*"
    products: [all.tar]`),
    )
    const [a, b, log] = [file('out/a', 'a'), file('out/b', 'b'), file('log/b', 'log of b')]
    const jobs = [before('build', [a], 'a'), before('build', [b, log], 'b')]
    const pack = (...materials: readonly Resource[]) =>
      judge(situation(contract, 'pack', { before: jobs, materials, subject: [file('all.tar', 'all')] }))
    expect(pack(a, b, log)).toEqual([])
    expect(pack(a, log)).toEqual(['edge-empty'])
  })

  test('a predecessor that is not known explains nothing', () => {
    const unknown = situation(contract, 'test', { before: previous, materials: [app], subject: [file('report', 'r')] })
    expect(judge({ ...unknown, before: [previous[0]!] })).toContain('material-unexplained')
  })

  test('of ten thousand equal digests are each looked at once', () => {
    const many = (name: string) => Array.from({ length: 10_000 }, (_, i) => file(`${name}/${i}`, 'the same'))
    const facts = situation(contract, 'test', {
      before: [previous[0]!, before('build', many('x'))],
      materials: many('y'),
    })
    expect(judge(facts).filter((code) => code === 'material-unexplained')).toHaveLength(MAX_FINDINGS + 1)
  })
})

describe('products', () => {
  const build = (subject: readonly Resource[], succeeded = true) =>
    judge(situation(river, 'build', { ...input(built), subject, succeeded }))

  test('each pattern is met, and nothing else is made', () => {
    expect(build([app, file('dist/b.tgz', 'b')])).toEqual([])
    expect(build([commit])).toEqual(['product-missing'])
    expect(build([app, file('dist/evil.js', 'e')])).toEqual(['product-unexpected'])
    expect(build([file('dist/evil.js', 'e')])).toEqual(['product-unexpected', 'product-missing'])
  })

  test('a failed step may lack them, and still makes nothing else', () => {
    expect(build([commit], false)).toEqual([])
    expect(build([file('dist/evil.js', 'e')], false)).toEqual(['product-unexpected'])
  })

  test('a step without any vouches for what it received, and makes nothing', () => {
    const tested = (subject: readonly Resource[]) =>
      judge(situation(river, 'test', { before: [before('build', [app])], materials: [app], subject }))
    expect(tested([app])).toEqual([])
    expect(tested([app, file('new', 'n')])).toEqual(['product-unexpected'])
    expect(tested([file('dist/app.tgz', 'other')])).toEqual(['product-unexpected'])
  })

  test('what it received under another name, mode or weak digest is something it made', () => {
    const spare = file('dist/debug.tgz', 'debug')
    const tested = (subject: readonly Resource[], materials: readonly Resource[] = [app, spare]) =>
      judge(situation(river, 'test', { before: [before('build', [app, spare])], materials, subject }))
    expect(tested([app, spare])).toEqual([])
    expect(tested([{ ...app, name: spare.name }])).toEqual(['product-unexpected'])
    expect(
      tested([
        { ...app, name: spare.name },
        { ...spare, name: app.name },
      ]),
    ).toEqual(['product-unexpected', 'product-unexpected'])
    expect(tested([{ ...app, annotations: { mode: '100755' } }])).toEqual(['product-unexpected'])
    const { annotations, ...bare } = app
    expect(annotations?.mode).toBe('100644')
    expect(tested([bare])).toEqual(['product-unexpected'])
    expect(tested([bare], [{ ...bare, annotations: { mode: null } }])).toEqual([])
    const weak = (sha1: string): Resource => ({ ...app, digest: { ...app.digest, sha1 } })
    expect(tested([weak('a'.repeat(40))], [weak('a'.repeat(40))])).toEqual([])
    expect(tested([weak('a'.repeat(40))], [weak('b'.repeat(40))])).toEqual(['product-unexpected'])
    expect(tested([weak('a'.repeat(40))])).toEqual(['product-unexpected'])
    expect(tested([app], [weak('a'.repeat(40))])).toEqual([])
  })

  test('only where a run begins may a commit be new', () => {
    expect(judge(situation(river, 'source', { subject: [commit] }))).toEqual([])
    // A file does not become the source by naming a commit.
    expect(judge(situation(river, 'source', { subject: [commit, { ...commit, name: 'app.tgz' }] }))).toEqual([
      'product-unexpected',
    ])
    expect(judge(situation(river, 'source', { subject: [commit, file('a', 'a')] }))).toEqual(['product-unexpected'])
    expect(judge(situation(river, 'source', { subject: [file('source', 's')] }))).toEqual(['product-unexpected'])
    expect(build([app, source('another')])).toEqual(['product-unexpected'])
  })

  test('a directory is matched by its name with and without the slash', () => {
    for (const pattern of ['dist', 'dist/', '*', '**']) {
      const contract = parse(
        contractYaml(`  build:
    signers: [ci]
    products: ["${pattern}"]
  test:
    after: [build]
    signers: [ci]
    materials:
      - from: build
        match: ["${pattern}"]
      - outside: "${pattern}"`),
      )
      expect(judge(situation(contract, 'build', { subject: [tree] }))).toEqual([])
      const handed = { before: [before('build', [tree])], materials: [tree] }
      expect(judge(situation(contract, 'test', handed))).toEqual([])
    }
    const inside = parse(contractYaml('  build:\n    signers: [ci]\n    products: ["dist/*"]'))
    expect(judge(situation(inside, 'build', { subject: [tree] }))).toEqual(['product-unexpected', 'product-missing'])
  })
})

describe('adding anything unknown to a step that fits is found', () => {
  const contract = parse(
    contractYaml(`  source:
    signers: [ci]
  build:
    after: [source]
    signers: [ci, other]
    products: ["dist/**"]
    matrix: [a, b]
  test:
    after: [build, source]
    signers: [ci]
    materials:
      - from: source
      - from: build
        match: ["dist/*"]
      - outside: "cache/**"
        sha256: ${sha256('cache')}
    products: ["report/*"]
  ship:
    after: [test]
    signers: [ship]`),
  )
  const products = { a: file('dist/a', 'a'), b: file('dist/b', 'b') }
  const builds = [before('build', [products.a], 'a'), before('build', [products.b], 'b')]
  const sources = [before('source', [commit])]
  const reports = [file('report/r', 'report')]
  const fitting: readonly Situation[] = [
    situation(contract, 'source', { subject: [commit] }),
    situation(contract, 'build', { before: sources, materials: [commit], subject: [products.a], matrix: 'a' }),
    situation(contract, 'test', {
      before: [...sources, ...builds],
      materials: [commit, products.a, products.b, file('cache/npm', 'cache')],
      subject: reports,
    }),
    situation(contract, 'ship', { before: [before('test', reports)], materials: reports }),
  ]

  test('they fit', () => {
    for (const step of fitting) expect(judge(step)).toEqual([])
  })

  const step = fc.constantFrom(...fitting)
  const name = fc.stringMatching(/^[a-z]{1,3}(\/[a-z]{1,3}){0,2}$/)
  const anyName = fc.oneof(name, fc.constantFrom('dist/a', 'dist/x', 'report/r', 'cache/npm', 'source', 'x/'))
  // Bytes that nobody made: fresh for every run.
  const stranger = fc.tuple(anyName, fc.string({ minLength: 1 })).map(([name, text]) => file(name, `stranger ${text}`))

  test('a material', () => {
    fc.assert(
      fc.property(step, stranger, fc.nat(9), (honest, material, at) => {
        const materials = honest.facts.materials.toSpliced(at, 0, material)
        expect(judge({ ...honest, facts: { ...honest.facts, materials } })).toContain('material-unexplained')
      }),
    )
  })

  test('a product', () => {
    fc.assert(
      fc.property(step, stranger, fc.nat(9), (honest, product, at) => {
        const patterns = contract.steps.get(honest.facts.step.name)!.products ?? []
        fc.pre(!patterns.some((glob) => glob.matches(product.name.replace(/\/$/, ''))))
        const subject = honest.facts.subject!.toSpliced(at, 0, product)
        expect(judge({ ...honest, facts: { ...honest.facts, subject } })).toContain('product-unexpected')
      }),
    )
  })

  test('a predecessor', () => {
    const names = fc.oneof(name, fc.constantFrom(...contract.steps.keys()))
    fc.assert(
      fc.property(step, names, stranger, fc.boolean(), (honest, name, subject, known) => {
        fc.pre(!contract.steps.get(honest.facts.step.name)!.after.includes(name))
        const more = before(name, [subject], 'stranger')
        const previous = [...honest.facts.previous, { link: more.link, step: name }]
        const changed = { ...honest, facts: { ...honest.facts, previous } }
        expect(judge(known ? { ...changed, before: [...honest.before, more] } : changed)).toContain('step-order')
      }),
    )
  })

  test('a signer', () => {
    const ids = signingKeys(contract)
    const keys = [...ids.values()].map((key) => key.keyId)
    fc.assert(
      fc.property(step, fc.oneof(fc.stringMatching(/^[0-9a-f]{64}$/), fc.constantFrom(...keys)), (honest, keyId) => {
        const allowed = contract.steps.get(honest.facts.step.name)!.signers
        fc.pre(!allowed.some((signer) => ids.get(signer)!.keyId === keyId))
        expect(judge({ ...honest, facts: { ...honest.facts, signer: signedBy(keyId) } })).toEqual([
          'signer-not-allowed',
        ])
      }),
    )
  })

  test('and taking a predecessor, a material or a product away is found', () => {
    for (const honest of fitting) {
      const { previous, materials, subject } = honest.facts
      for (const link of previous) {
        const facts = { ...honest.facts, previous: previous.filter((other) => other !== link) }
        expect(judge({ ...honest, facts })).not.toEqual([])
      }
      for (const material of materials) {
        if (material.name === 'cache/npm') continue
        const facts = { ...honest.facts, materials: materials.filter((other) => other !== material) }
        expect(judge({ ...honest, facts })).not.toEqual([])
      }
      if (contract.steps.get(honest.facts.step.name)!.products === null) continue
      expect(judge({ ...honest, facts: { ...honest.facts, subject: subject!.slice(1) } })).toEqual(['product-missing'])
    }
  })
})
