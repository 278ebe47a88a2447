import { nodeCrypto } from '@countersign/adapters/crypto-node'
import type { Resource } from '@countersign/formats'
import { judge, type Other, readChain, trustOf } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { file, party, received, type Signed } from '../pipeline.ts'
import { NOW } from './judging.ts'
import { Ruled, without } from './ruled.ts'

// T-13: a material is said to come from another pipeline. It must be what that pipeline made, under that one's own contract.

const core = file('core.tgz', 'core')
const app = file('app', 'app')
const LIBRARY = `steps:
  build:
    signers: [lib]
    products: [core.tgz]
  check:
    after: [build]
    signers: [sec]
final: check
`

function library(made: Resource = core, checked = true): Ruled {
  const run = new Ruled([party('lib'), party('sec')], LIBRARY)
  const build = run.step('lib', 'build', [], { makes: [made] })
  if (checked) run.step('sec', 'check', [build])
  return run
}

/** A product that is built with a library of another pipeline, which is proven by what is shown of that. */
function product(
  lib: Ruled,
  shown: Ruled | null,
  from: Resource = core,
  more: { readonly made?: readonly Resource[]; readonly saidOfSource?: boolean } = {},
) {
  const run = new Ruled(
    [party('ci')],
    `steps:
  source:
    signers: [ci]
    products: [main.c${more.made === undefined ? '' : ', core.tgz'}]
  build:
    after: [source]
    signers: [ci]
    materials:
      - from: source
      - { outside: core.tgz, contract: "${lib.contract.digest}" }
    products: [app]
final: build
`,
  )
  const source: Signed = run.step('ci', 'source', [], { makes: [file('main.c', 'main'), ...(more.made ?? [])] })
  const main = received(file('main.c', 'main'), source.link)
  const link = more.saidOfSource === true ? source.link : null
  const build = run.step('ci', 'build', [source], { makes: [app], materials: [main, received(from, link)] })
  const read = (one: Ruled) =>
    readChain(
      one.signed.map(({ bundle }) => bundle),
      trustOf(one.contract),
      nodeCrypto,
    )
  const others = new Map<string, Other>(
    shown === null ? [] : [[shown.contract.digest, { contract: shown.contract, chain: read(shown) }]],
  )
  const gate = (contract = run.contract) => {
    const { verdict, findings } = judge({ artifact: app.digest.sha256, chain: read(run), contract, now: NOW, others })
    return { verdict, codes: findings.map(({ code }) => code) }
  }
  return { run, gate, appended: run.append(build, [source]) }
}

describe('T-13: a material of another pipeline', () => {
  test('passes where that pipeline proves it', () => {
    const lib = library()
    expect(product(lib, lib).gate()).toEqual({ verdict: 'pass', codes: [] })
    // Whether it is proven, the gate says: the server may never see that pipeline.
    expect(product(lib, null).appended).toEqual([])
  })

  test.each<[string, (lib: Ruled) => ReturnType<typeof product>]>([
    ['nothing is shown of it', (lib) => product(lib, null)],
    ['it made something else', (lib) => product(lib, lib, file('core.tgz', 'evil'))],
    ['another contract proves it', (lib) => product(lib, library())],
  ])('fails where %s', (_, make) => {
    const { run, gate } = make(library())
    expect(gate()).toEqual({ verdict: 'fail', codes: ['material-unproven'] })
    const rule = run.contract.steps.get('build')!
    const lax = without(run.contract, 'build', { outside: rule.outside.map((one) => ({ ...one, contract: null })) })
    expect(gate(lax).verdict).toBe('pass')
  })

  test('fails where that pipeline was cut short', () => {
    const cut = library(core, false)
    expect(product(cut, cut).gate()).toEqual({ verdict: 'fail', codes: ['material-unproven'] })
  })

  test('fails where it is a directory of the same digest', () => {
    const lib = library()
    const tree: Resource = {
      ...core,
      name: 'core.tgz/',
      mediaType: 'application/vnd.countersign.tree.v1',
      annotations: { mode: '040000' },
    }
    expect(product(lib, lib, tree).gate()).toEqual({ verdict: 'fail', codes: ['material-unproven'] })
  })

  test('that comes in by another line of the contract needs no proof', () => {
    const { run, gate } = product(library(), null)
    const rule = run.contract.steps.get('build')!
    const outside = [...rule.outside, { ...rule.outside[0]!, contract: null, sha256: core.digest.sha256 }]
    expect(gate(without(run.contract, 'build', { outside })).verdict).toBe('pass')
  })

  test('fails where it is said to be of a step that did not make it', () => {
    const { gate } = product(library(), null, core, { saidOfSource: true })
    const { verdict, codes } = gate()
    expect([verdict, codes.length > 0]).toEqual(['fail', true])
  })

  test('of the same name that a step before it made is of that step, and needs no proof', () => {
    expect(product(library(), null, core, { made: [core], saidOfSource: true }).gate()).toEqual({
      verdict: 'pass',
      codes: [],
    })
  })
})
