import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { CodedError, isHex } from '@countersign/core'
import { type ChainLine, isBundle, isSealed, type Resource, type Sealed } from '@countersign/formats'
import { readChainConcurrently, type VerifiedStep } from '@countersign/verify'
import { clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { believe, fetchChains, nativeCrypto, readChainFiles, readContract } from '../evidence.ts'
import { type Paint, paintFor, plain, table } from '../output.ts'

export interface DiffOptions {
  readonly contract?: string
  readonly trust?: readonly string[]
  readonly sigstoreTrust?: readonly string[]
  readonly revoked?: string
  readonly offline?: boolean
  readonly all?: boolean
  readonly format: string
}

/** The verified steps of one run, by their place in it. */
interface Side {
  readonly chain: string
  readonly pipeline: string
  readonly steps: ReadonlyMap<string, VerifiedStep>
  /** How many of its attestations did not verify, and so are not compared. */
  readonly refused: number
}

/** One thing that both runs say something of; null where one does not. */
interface Compared {
  readonly group: 'identity' | 'runner' | 'tool' | 'action' | 'input' | 'output' | 'command'
  readonly name: string
  readonly values: readonly [string | null, string | null]
}

interface ComparedStep {
  readonly step: string
  /** In which of the two. */
  readonly in: 'both' | 'first' | 'second'
  readonly differences: readonly Compared[]
}

/** Shows two runs side by side, step by step, as far as they verify: what one was made with and by whom, and the other. */
export async function diff(
  context: Context,
  names: readonly [string, string],
  options: DiffOptions,
): Promise<ExitCode> {
  const [first, second] = [await sideOf(context, names[0], options), await sideOf(context, names[1], options)]
  const places = [...new Set([...first.steps.keys(), ...second.steps.keys()])]
  const steps = places.map((place) => compare(place, first.steps.get(place), second.steps.get(place), options))
  const alike = steps.every((step) => step.in === 'both' && step.differences.every(isSame))
  const whole = first.refused + second.refused === 0
  if (options.format === 'json') {
    const runs = [first, second].map(({ chain, pipeline, refused }) => ({ chain, pipeline, refused }))
    context.stdout(`${JSON.stringify({ alike: alike && whole, runs, steps })}\n`)
  } else {
    context.stdout(drawn([first, second], steps, paintFor(context)))
  }
  return alike && whole ? 0 : 1
}

async function sideOf(context: Context, name: string, options: DiffOptions): Promise<Side> {
  const contractFile = options.contract ?? context.settings.contract
  const contract = contractFile === null ? null : readContract(context, contractFile)
  const client = options.offline === true ? null : await clientOrNull(context)
  const lines = await linesOf(context, name, client)
  const { trust } = await believe(context, contract, options, client)
  const { steps, refused } = await readChainConcurrently(lines, trust, await nativeCrypto(), context.now())
  const all = [...steps.values()]
  const chains = [...new Set(all.map((step) => step.statement.predicate.chain.id))]
  const [chain] = chains
  if (chain === undefined) {
    const why = refused[0]?.report
    const what = why === undefined ? `nothing is known of ${plain(name)}` : `${why.code}: ${why.what}`
    throw new CodedError('artifact-unproven', what)
  }
  if (chains.length > 1) {
    throw new CodedError('usage', `${plain(name)} holds ${chains.length} runs`, { fix: 'Name one by its chain id.' })
  }
  const { pipeline } = all[0]!.statement.predicate.chain
  // A receipt by a log that is not believed keeps nothing from being compared.
  const unverified = refused.filter(({ index }) => lines[index] !== undefined && isBundle(lines[index]))
  return { chain, pipeline, steps: lastTries(all), refused: unverified.length }
}

async function linesOf(
  context: Context,
  name: string,
  client: Awaited<ReturnType<typeof clientOrNull>>,
): Promise<readonly ChainLine[]> {
  if (existsSync(resolve(context.cwd, name))) return readChainFiles(context, [name], [])
  if (isHex(name, 32) && client !== null) return fetchChains(client, [], [name])
  throw new CodedError('usage', `${plain(name)} is neither a chain file nor the id of a chain at a server`)
}

/** Of each place in the run the last try. */
function lastTries(steps: readonly VerifiedStep[]): ReadonlyMap<string, VerifiedStep> {
  const last = new Map<string, VerifiedStep>()
  const inOrder = steps.toSorted((a, b) => (endOf(a) < endOf(b) ? -1 : 1))
  for (const one of inOrder) {
    const { name, matrix, attempt } = one.statement.predicate.step
    const place = matrix === null ? name : `${name} (${matrix})`
    const before = last.get(place)?.statement.predicate.step.attempt ?? 0
    if (attempt >= before) last.set(place, one)
  }
  return last
}

function endOf({ statement }: VerifiedStep): string {
  return statement.predicate.invocation.finishedAt
}

function compare(
  step: string,
  first: VerifiedStep | undefined,
  second: VerifiedStep | undefined,
  { all }: DiffOptions,
): ComparedStep {
  if (first === undefined || second === undefined) {
    return { step, in: first === undefined ? 'second' : 'first', differences: [] }
  }
  const [facts, others] = [factsOf(first), factsOf(second)]
  const keys = [...new Set([...facts.keys(), ...others.keys()])]
  const compared = keys.map((key): Compared => {
    const { group, name } = (facts.get(key) ?? others.get(key))!
    return { group, name, values: [facts.get(key)?.value ?? null, others.get(key)?.value ?? null] }
  })
  return { step, in: 'both', differences: all === true ? compared : compared.filter((one) => !isSame(one)) }
}

function isSame({ values }: Compared): boolean {
  return values[0] === values[1]
}

interface Fact {
  readonly group: Compared['group']
  readonly name: string
  readonly value: string
}

/** What is worth comparing: not when it ran, nor as which run. */
function factsOf({ signer, statement }: VerifiedStep): ReadonlyMap<string, Fact> {
  const { subject, predicate } = statement
  const { runner, materials, invocation } = predicate
  const { identity, grade } = signer
  const who: Record<string, string | null> =
    identity === null
      ? { signer: signer.name, key: signer.keyId }
      : {
          issuer: identity.issuer,
          repository: identity.sourceRepositoryURI,
          'repository id': identity.sourceRepositoryIdentifier,
          ref: identity.sourceRepositoryRef,
          commit: identity.sourceRepositoryDigest,
          workflow: identity.buildConfigURI,
          'workflow digest': identity.buildConfigDigest,
          'signed by': identity.buildSignerURI,
          trigger: identity.buildTrigger,
          machine: identity.runnerEnvironment,
        }
  const exit = invocation.exitCode === null ? (invocation.signal ?? invocation.error) : String(invocation.exitCode)
  const groups: readonly (readonly [Compared['group'], Readonly<Record<string, string | null>>])[] = [
    ['identity', { ...who, grade }],
    ['runner', { system: runner.system, os: runner.os, arch: runner.arch }],
    ['tool', named(runner.tools)],
    ['action', runner.actions],
    ['command', { argv: textOf(invocation.argv), exit }],
    ['input', digests(materials)],
    ['output', digests(subject)],
  ]
  const facts = groups.flatMap(([group, members]) =>
    Object.entries(members).flatMap(([name, value]): Fact[] => (value === null ? [] : [{ group, name, value }])),
  )
  return new Map(facts.map((fact) => [JSON.stringify([fact.group, fact.name]), fact]))
}

/** Of what is sealed, what it is sealed under differs each time: that it is, and no more. */
function named(values: Readonly<Record<string, string>> | Sealed): Readonly<Record<string, string>> {
  return isSealed(values) ? { all: 'sealed' } : (values as Readonly<Record<string, string>>)
}

function textOf(argv: readonly string[] | Sealed | null): string | null {
  if (argv === null) return null
  return isSealed(argv) ? 'sealed' : JSON.stringify(argv)
}

/** By name, and where several have one, in their order. */
function digests(resources: readonly Resource[]): Readonly<Record<string, string>> {
  const found: [string, string][] = []
  for (const [name, own] of Map.groupBy(resources, (resource) => resource.name)) {
    for (const [i, { digest }] of own.entries()) {
      found.push([i === 0 ? name : `${name} (${i + 1})`, `sha256:${digest.sha256}`])
    }
  }
  return Object.fromEntries(found)
}

function drawn(sides: readonly [Side, Side], steps: readonly ComparedStep[], paint: Paint): string {
  const [first, second] = sides.map(({ chain, pipeline, refused }) => {
    const left = refused === 0 ? '' : paint.red(` ${refused} that did not verify are left out`)
    return `${plain(pipeline)} ${paint.dim(chain)}${left}`
  })
  const lines = steps.map((step) => {
    if (step.in !== 'both') {
      const sign = step.in === 'first' ? paint.red('-') : paint.green('+')
      return `\n${sign} ${paint.bold(plain(step.step))} ${paint.dim(`in the ${step.in} run alone`)}\n`
    }
    if (step.differences.length === 0) return `\n  ${paint.bold(plain(step.step))} ${paint.dim('alike')}\n`
    const rows = step.differences.flatMap((one) => {
      const [before, after] = one.values.map((value) => (value === null ? '–' : plain(value, 120)))
      const label = paint.dim(`${one.group} ${plain(one.name, 80)}`)
      if (isSame(one)) return [[' ', label, before!]]
      return [
        [paint.red('-'), label, paint.red(before!)],
        [paint.green('+'), '', paint.green(after!)],
      ]
    })
    return `\n  ${paint.bold(plain(step.step))}\n${table(rows, '    ')}`
  })
  return `${paint.red('-')} ${first}\n${paint.green('+')} ${second}\n${lines.join('')}`
}
