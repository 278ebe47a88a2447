import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contractYaml, lint, parse, pointedAt } from './contract.test-kit.ts'
import { required } from './index.ts'
import { rounds } from '../../../test/thorough.ts'

/** Steps by name, with what each comes after. */
type Graph = Readonly<Record<string, readonly string[]>>

function yamlOf(graph: Graph, final?: string): string {
  const steps = Object.entries(graph).map(([name, after]) => `  ${name}:\n    after: [${after}]\n    signers: [ci]`)
  return contractYaml(steps.join('\n'), final === undefined ? {} : { final })
}

const whats = (text: string) => lint(text).map((fault) => fault.what)

/** True when the step comes, by some way, after `other`: by trying every way. */
function comesAfter(graph: Graph, step: string, other: string, seen: readonly string[] = []): boolean {
  return graph[step]!.some(
    (before) => before === other || (!seen.includes(before) && comesAfter(graph, before, other, [...seen, before])),
  )
}

const graphs = fc.integer({ min: 1, max: 7 }).chain((count) => {
  const names = Array.from({ length: count }, (_, i) => `s${i}`)
  const after = fc.subarray(names, { maxLength: Math.min(count, 2) })
  return fc.tuple(...names.map(() => after)).map((all) => Object.fromEntries(names.map((name, i) => [name, all[i]!])))
})

/** Build, test and deploy with these matrix jobs. */
function withJobs(build: string, test: string, deploy: string): string {
  return contractYaml(`  build:
    signers: [ci]
    matrix: [${build}]
  test:
    after: [build]
    signers: [ci]${test === '' ? '' : `\n    matrix: [${test}]`}
  deploy:
    after: [${deploy}]
    signers: [ci]`)
}

/** A test that must receive what meets `pattern` from a build that makes `products`. */
function receiving(products: string, pattern: string, source = '  source:\n    signers: [ci]'): string {
  return contractYaml(`${source}
  build:${source === '' ? '' : '\n    after: [source]'}
    signers: [ci]
    products: [${products}]
  test:
    after: [build]
    signers: [ci]
    materials:
      - from: build
        match: ["${pattern}"]`)
}

describe('circles', () => {
  test('are named in the order they would run, at the list that closes them', () => {
    const text = yamlOf({ build: ['deploy'], test: ['build'], scan: ['build'], deploy: ['test', 'scan'] })
    const [fault] = lint(text)
    expect(fault).toMatchObject({
      what: 'steps.build.after closes a circle: build → test → deploy → build',
      fix: 'Remove deploy from it, or break the circle elsewhere.',
    })
    expect(pointedAt(text, fault!)).toBe('[deploy]')
  })

  test('one step that waits for itself, and what only waits for a circle is no part of it', () => {
    expect(whats(yamlOf({ a: [], b: ['a', 'b'], c: ['b'] }))).toEqual(['steps.b.after makes b wait for itself'])
  })

  test('several are named in one run', () => {
    expect(whats(yamlOf({ a: ['b'], b: ['a'], c: ['b'], d: ['e'], e: ['d', 'c'] }))).toEqual([
      'steps.a.after closes a circle: a → b → a',
      'steps.d.after closes a circle: d → e → d',
    ])
  })

  test('long ones are cut short', () => {
    const names = Array.from({ length: 500 }, (_, i) => `s${i}`)
    const graph = Object.fromEntries(names.map((name, i) => [name, [names[(i + 499) % 500]!]]))
    expect(whats(yamlOf(graph))).toEqual([
      'steps.s0.after closes a circle: s0 → s1 → s2 → s3 → s4 → s5 → s6 → s7 → … → s0',
    ])
  })

  test('of eight are named whole, and begin with the first of the text', () => {
    const circle = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, i) => [`s${i}`, [`s${(i + count - 1) % count}`]]))
    expect(whats(yamlOf(circle(8)))[0]).toMatch(/: s0 → s1 → s2 → s3 → s4 → s5 → s6 → s7 → s0$/)
    expect(whats(yamlOf(circle(9)))[0]).toMatch(/: s0 → .* → s7 → … → s0$/)
    expect(whats(yamlOf({ a: ['c'], c: ['b'], b: ['a'] }))[0]).toBe('steps.a.after closes a circle: a → b → c → a')
    expect(whats(yamlOf({ z: ['b'], b: ['a'], a: ['b'] }, 'z'))).toEqual(['steps.b.after closes a circle: b → a → b'])
  })

  test('are all that is said while there is one', () => {
    expect(whats(yamlOf({ a: ['b'], b: ['a'], idle: [], last: ['a'] }))).toHaveLength(1)
  })

  test('are looked for once on each way, however many ways there are', () => {
    const names = (rung: number) => [`l${rung}`, `r${rung}`]
    const rungs = Array.from({ length: 40 }, (_, i) => names(i).map((name) => [name, i === 0 ? [] : names(i - 1)]))
    const ladder = Object.fromEntries([...rungs.flat(), ['last', names(39)]]) as Graph
    expect(whats(yamlOf(ladder))).toEqual([])
    expect(required(parse(yamlOf(ladder)).steps, 'last').size).toBe(81)
  })

  test('are found exactly where some step comes after itself, and each is one', () => {
    let circular = 0
    fc.assert(
      fc.property(graphs, (graph) => {
        const found = whats(yamlOf(graph)).flatMap((what) => {
          const alone = /makes (\S+) wait/.exec(what)
          return alone !== null
            ? [[alone[1]!, alone[1]!]]
            : what.includes('circle: ')
              ? [what.split(': ')[1]!.split(' → ')]
              : []
        })
        expect(found.length > 0).toBe(Object.keys(graph).some((name) => comesAfter(graph, name, name)))
        for (const circle of found) {
          for (const [i, name] of circle.slice(1).entries()) expect(graph[name]).toContain(circle[i])
        }
        const steps = found.flatMap((circle) => circle.slice(1))
        expect(new Set(steps).size).toBe(steps.length)
        if (found.length > 0) circular++
      }),
      { numRuns: rounds(400, 1000) },
    )
    expect(circular).toBeGreaterThan(100)
  })
})

describe('steps that nothing demands', () => {
  test('are those that neither lead to the final step nor follow it', () => {
    fc.assert(
      fc.property(graphs, fc.nat(6), (graph, n) => {
        const names = Object.keys(graph)
        if (names.some((name) => comesAfter(graph, name, name))) return
        const final = names[n % names.length]!
        const idle = names.filter(
          (name) => name !== final && !comesAfter(graph, final, name) && !comesAfter(graph, name, final),
        )
        expect(whats(yamlOf(graph, final)).map((what) => what.split(' ')[0])).toEqual(
          idle.map((name) => `steps.${name}`),
        )
        if (idle.length > 0) return
        const needed = names.filter((name) => name === final || comesAfter(graph, final, name))
        expect([...required(parse(yamlOf(graph, final)).steps, final)].toSorted()).toEqual(needed.toSorted())
      }),
      { numRuns: rounds(400, 1000) },
    )
  })
})

describe('jobs that nothing demands', () => {
  test.each([
    ['fan-in', 'linux, macos', '', 'test'],
    ['pairs', 'linux, macos', 'macos, linux', 'test'],
    ['fan-out over other jobs', 'linux, macos', 'a, b', 'test'],
    ['half of them tested, all of them deployed', 'linux, macos', 'linux', 'build, test'],
    ['a job of its own waits for all', 'linux, macos', 'linux, sum', 'test'],
  ])('none: %s', (_, build, testing, deploy) => {
    expect(lint(withJobs(build, testing, deploy))).toEqual([])
  })

  test('a job that only its missing pair would wait for', () => {
    const text = withJobs('linux, macos, windows', 'linux, macos', 'test')
    const [fault] = lint(text)
    expect(fault).toMatchObject({ what: 'steps.build.matrix has jobs that no step waits for: windows' })
    expect(fault!.fix).toContain('Add them to the matrix of test')
    expect(lint(text)).toHaveLength(1)
  })
})

describe('jobs that somebody waits for', () => {
  test('are those that a step on the way to the final one waits for, and none behind it', () => {
    const behind = withJobs('linux, macos', 'linux', 'test, build').replace('final: deploy', 'final: test')
    expect(whats(behind)).toEqual(['steps.build.matrix has jobs that no step waits for: macos'])
  })

  test('eight of those that are idle are named', () => {
    const jobs = (count: number) => ['linux', ...Array.from({ length: count }, (_, i) => `job${i}`)].join(', ')
    const said = (count: number) => whats(withJobs(jobs(count), 'linux', 'test'))[0]
    expect(said(8)).toMatch(/: job0, job1, job2, job3, job4, job5, job6, job7$/)
    expect(said(9)).toMatch(/: job0, job1, job2, job3, job4, job5, job6, job7, …$/)
  })
})

describe('patterns that nothing meets', () => {
  test.each([
    ['"dist/app.tgz"', 'dist/app.tgz'],
    ['"dist/*.tgz"', 'dist/app.tgz'],
    ['"dist/app.tgz"', '**/*.tgz'],
    ['dist/', 'dist'],
    ['"a/*.tgz"', 'b/*.zip'],
  ])('%s may meet %s', (products, pattern) => expect(lint(receiving(products, pattern))).toEqual([]))

  test.each([
    ['"dist/app.tgz"', 'dist/app.zip', 'Step build makes dist/app.tgz.'],
    ['"dist/app.tgz", "a.sbom"', '*.tgz', 'Step build makes dist/app.tgz, a.sbom.'],
    ['"dist/*.tgz"', 'dist/lib/app.tgz', 'Step build makes dist/*.tgz.'],
    ['dist/', 'dist/app.js', 'A directory is handed over as one: write dist/.'],
  ])('%s never meets %s', (products, pattern, fix) => {
    const text = receiving(products, pattern)
    expect(lint(text).map((fault) => [pointedAt(text, fault), fault.fix])).toEqual([[`"${pattern}"]`, fix]])
  })

  test('where a run begins, its checkout is handed over too', () => {
    expect(lint(receiving('app', 'source', ''))).toEqual([])
    expect(lint(receiving('app', 'sauce', ''))).toHaveLength(1)
  })
})

describe('signers', () => {
  test('one that no step names is a fault, unless another fault may hide where it is named', () => {
    const unused = contractYaml('  build:\n    signers: [ci, spare]').replace('signers: [ci, spare]', 'signers: [ci]')
    expect(lint(unused)).toMatchObject([{ what: 'signers.spare may sign no step' }])
    expect(pointedAt(unused, lint(unused)[0]!)).toMatch(/^spare:/)
    expect(whats(unused.replace('[ci]', '[ci, spar]'))).toEqual(['steps.build.signers[1] is spar, which is no signer'])
  })
})
