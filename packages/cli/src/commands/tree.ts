import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Client } from '@countersign/client'
import type { Contract } from '@countersign/contract'
import { CodedError, isHex } from '@countersign/core'
import type { ChainLine, Disclosed } from '@countersign/formats'
import {
  type Chain,
  claimedIn,
  Excusing,
  handshake,
  readChainConcurrently,
  reportsIn,
  type VerifiedAttachment,
  type VerifiedStep,
  withRevocations,
} from '@countersign/verify'
import { readArtifact } from '../artifact.ts'
import { boundContract } from '../bound-contract.ts'
import { clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { believe, fetchChains, nativeCrypto, readChainFiles, readContract } from '../evidence.ts'
import { gatherLines } from '../gathering.ts'
import { claimedFacts, signerText, verifiedText } from '../identity-shown.ts'
import { paintFor, plain, short } from '../output.ts'
import { remarksAbout, remarksIn, remarksJson, remarksText } from '../remarks-shown.ts'
import { refusedText } from '../refused-shown.ts'
import { reportRows, reportsJson } from '../reports.ts'
import { readRevocations, revocationsOf } from '../revoking.ts'
import { sealedJson, sealedRows } from '../sealed.ts'
import { failureOf, stepName } from '../step-shown.ts'

export interface TreeOptions {
  readonly contract?: string
  readonly chain?: readonly string[]
  readonly trust?: readonly string[]
  /** Files of `trusted_root.json`, pinned by the contract. */
  readonly sigstoreTrust?: readonly string[]
  readonly revoked?: string
  readonly format: string
}

/** Draws the steps of an artifact's chains, each under the steps it follows. */
export async function tree(context: Context, what: string, options: TreeOptions): Promise<ExitCode> {
  const contractFile = options.contract ?? context.settings.contract
  const contract = contractFile === null ? null : readContract(context, contractFile)
  const client = await clientOrNull(context)
  const { lines, artifact } = await load(context, what, options, client)
  const { trust } = await believe(context, contract, options, client)
  const crypto = await nativeCrypto()
  let chain = await readChainConcurrently(lines, trust, crypto, context.now())
  if (chain.steps.size === 0) {
    const reason = chain.refused[0]
    throw new CodedError(
      'artifact-unproven',
      reason === undefined ? `nothing is known of ${what}` : `${reason.report.code}: ${reason.report.what}`,
    )
  }
  const isOpen = contract === null && options.trust === undefined
  const bound = isOpen && client !== null ? await contractsOf(context, client, chain) : new Map<string, Contract>()
  const maintained = [...bound.values()].filter(({ maintainers }) => maintainers !== null)
  if (maintained.length > 0 && client !== null) {
    // What maintainers let through, those say who may, less whose keys are revoked.
    const revoked = [...revocationsOf(await client.keys()), ...readRevocations(context, options.revoked)]
    chain = await readChainConcurrently(
      lines,
      withRevocations({ ...trust, maintained }, revoked),
      crypto,
      context.now(),
    )
  }
  const contractOf = ({ statement }: VerifiedStep) =>
    contract ?? bound.get(statement.predicate.chain.contract ?? '') ?? null
  const nodes = [...chain.steps.values()].map((step) => ({
    step,
    attached: chain.attached.get(step.link) ?? [],
    disclosed: [...(chain.disclosed.get(step.link)?.values() ?? [])].map(({ disclosure }) => disclosure),
    fits: fitsUnder(step, { contract: contractOf(step), chain, artifact, now: context.now() }),
  }))
  const told = remarksIn(chain)
  if (options.format === 'json') {
    const json = nodes.map(({ step, disclosed, attached, fits }) => ({
      link: step.link,
      chain: step.statement.predicate.chain.id,
      name: stepName(step),
      signer: step.signer.name,
      grade: step.signer.grade,
      identity: step.signer.identity,
      claimed: claimedFacts(step.statement.predicate, step.signer),
      system: step.statement.predicate.runner.system,
      failed: failureOf(step),
      sealed: sealedJson(step.statement.predicate, disclosed),
      evidence: reportsJson(step.statement.predicate, attached),
      notes: remarksJson(remarksAbout(told, step.link)),
      edges: fits.edges,
      findings: fits.findings,
    }))
    context.stdout(`${JSON.stringify(json)}\n`)
    return nodes.some(({ fits }) => fits.findings.length > 0) ? 1 : 0
  }
  const chains = new Set(nodes.map(({ step }) => step.statement.predicate.chain.id))
  for (const id of chains) context.stdout(drawChain(context, id, nodes, chain))
  const refused = chain.refused.map(({ report }) => report)
  context.stdout(refusedText(refused, paintFor(context)) + remarksText(told, paintFor(context)))
  return nodes.some(({ fits }) => fits.findings.length > 0) ? 1 : 0
}

/** The contracts that runs are bound to, by their digests, as far as the server has them. */
async function contractsOf(context: Context, client: Client, { steps }: Chain): Promise<ReadonlyMap<string, Contract>> {
  const digests = new Set([...steps.values()].flatMap(({ statement }) => statement.predicate.chain.contract ?? []))
  const found = new Map<string, Contract>()
  for (const digest of digests) {
    const contract = await boundContract(context, client, digest, undefined)
    if (contract !== null) found.set(digest, contract)
  }
  return found
}

interface Fitting {
  readonly contract: Contract | null
  readonly chain: Chain
  /** SHA-256 of what the tree is of, hex; null for a whole run. */
  readonly artifact: string | null
  readonly now: string
}

/** How a step fits those before it, less what the contract's maintainers let through. */
function fitsUnder(step: VerifiedStep, { contract, chain, artifact, now }: Fitting): Node['fits'] {
  const claimed = claimedIn(chain, step.link)
  const reportsOf = (one: VerifiedStep) => reportsIn(chain, one)
  const fits = handshake({ step, previous: chain.steps, withheld: chain.withheld, contract, now, claimed, reportsOf })
  const { chain: run, step: ref } = step.statement.predicate
  const excusing = new Excusing(chain.deviations, { contract, chain: run.id, artifact, now })
  return { ...fits, findings: excusing.left(ref.name, fits.findings) }
}

async function load(
  context: Context,
  what: string,
  options: TreeOptions,
  client: Awaited<ReturnType<typeof clientOrNull>>,
): Promise<{ readonly lines: readonly ChainLine[]; readonly artifact: string | null }> {
  if (/^[0-9a-f]{8,31}$/.test(what) && !existsSync(resolve(context.cwd, what))) {
    throw new CodedError('usage', `${what} is no file, and too short for a chain id`, {
      fix: 'Name all 32 digits of it: countersign runs, and run --json, show them.',
    })
  }
  if (isHex(what, 32) && client !== null) {
    return { lines: await fetchChains(client, [], [what], { notes: true }), artifact: null }
  }
  if (what.endsWith('.jsonl') && existsSync(resolve(context.cwd, what))) {
    return { lines: readChainFiles(context, [what], []), artifact: null }
  }
  const artifact = await readArtifact(context, what)
  const local = readChainFiles(context, options.chain ?? [], artifact.path === null ? [] : [artifact.path])
  return { lines: await gatherLines(client, local, artifact.sha256, { notes: true }), artifact: artifact.sha256 }
}

interface Node {
  readonly step: VerifiedStep
  readonly disclosed: readonly Disclosed[]
  readonly attached: readonly VerifiedAttachment[]
  readonly fits: ReturnType<typeof handshake>
}

/** One chain: its first steps at the left, every step once, below the predecessor that ended last. */
function drawChain(context: Context, id: string, all: readonly Node[], chain: Chain): string {
  const paint = paintFor(context)
  const nodes = all.filter(({ step }) => step.statement.predicate.chain.id === id)
  const children = new Map<string | null, Node[]>()
  for (const node of nodes) {
    const before = node.step.statement.predicate.previous.flatMap(({ link }) => chain.steps.get(link) ?? [])
    const last = before.toSorted((a, b) => (endOf(a) < endOf(b) ? 1 : -1))[0]
    const parent = last?.link ?? null
    const siblings = children.get(parent)
    if (siblings === undefined) children.set(parent, [node])
    else siblings.push(node)
  }
  const { pipeline } = nodes[0]!.step.statement.predicate.chain
  let text = `${paint.bold(plain(pipeline))} ${paint.dim(`chain ${id}`)}\n`
  const stack = rows(children, null, '')
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    text += line(next, chain, paint)
    stack.push(...rows(children, next.node.step.link, next.indent))
  }
  return `${text}${paint.dim('├─ handed over   ├┄ order only')}\n`
}

interface Row {
  readonly node: Node
  readonly branch: string
  readonly indent: string
}

/** Rows of a step's followers, last first: the stack gives them back in order. */
function rows(children: ReadonlyMap<string | null, readonly Node[]>, parent: string | null, indent: string): Row[] {
  const nodes = (children.get(parent) ?? []).toSorted((a, b) => (endOf(a.step) < endOf(b.step) ? -1 : 1))
  const list = nodes.map((node, i): Row => {
    const last = i === nodes.length - 1
    const strong = parent === null || node.fits.edges.some((edge) => edge.from === parent && edge.strength === 'strong')
    return {
      node,
      branch: `${indent}${last ? '└' : '├'}${strong ? '─' : '┄'} `,
      indent: `${indent}${last ? '   ' : '│  '}`,
    }
  })
  return list.toReversed()
}

function line({ node, branch, indent }: Row, chain: Chain, paint: ReturnType<typeof paintFor>): string {
  const { step, disclosed, attached, fits } = node
  const { predicate, subject } = step.statement
  const joined = predicate.previous.map(({ link, step: name }) => {
    const before = chain.steps.get(link)
    return plain(before === undefined ? name : stepName(before))
  })
  const joins = joined.length > 1 ? paint.dim(`  joins ${joined.toSorted().join(', ')}`) : ''
  const names = subject.slice(0, 3).map(({ name }) => plain(name, 40))
  const made = subject.length > 3 ? `${names.join(', ')} and ${subject.length - 3} more` : names.join(', ')
  const failed = failureOf(step)
  const mark = fits.findings.length === 0 && failed === null ? paint.green('✓') : paint.red('✗')
  const outcome = failed === null ? '' : `  ${paint.red(`failed (${plain(failed)})`)}`
  const head = `${branch}${mark} ${plain(stepName(step))}${outcome}  ${paint.dim(`${signerText(step.signer)} · ${plain(predicate.runner.system)} · ${short(step.link)}`)}  ${made}${joins}\n`
  const verified = verifiedText(step.signer)
  const as = verified === '' ? '' : `${indent}   ${paint.dim(`as ${verified}`)}\n`
  const sealed = sealedRows(predicate, disclosed).map(
    ([field, told]) => `${indent}   ${paint.dim(`${field}: ${plain(told)}`)}\n`,
  )
  const reports = reportRows(predicate, attached).map(
    ([name, type, told]) => `${indent}   ${paint.dim(`${plain(name, 60)}  ${type}: ${plain(told, 400)}`)}\n`,
  )
  return (
    head +
    as +
    sealed.join('') +
    reports.join('') +
    fits.findings.map(({ code, what }) => `${indent}   ${paint.red(code)}: ${plain(what)}\n`).join('')
  )
}

function endOf(step: VerifiedStep): string {
  return step.statement.predicate.invocation.finishedAt
}
