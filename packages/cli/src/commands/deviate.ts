import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Client, WaitingDeviation } from '@countersign/client'
import { CodedError, isHex } from '@countersign/core'
import { type Contract, durationOf, EXCUSABLE, isExcusable, required } from '@countersign/contract'
import {
  type ChainLine,
  type Deviation,
  DEVIATION_PAYLOAD_TYPE,
  type Endorsed,
  type Excuse,
  isDeviation,
  MAX_CHAIN_BYTES,
  MAX_DEVIATION_LIFE,
  MAX_DEVIATION_BYTES,
  parseChainFile,
  parseDeviation,
  parseDeviationLine,
  sortedExcuses,
  writeChainFile,
  writeDeviation,
  writeDeviationLine,
} from '@countersign/formats'
import { deviationId, readChainConcurrently, type Verdict } from '@countersign/verify'
import { type Artifact, readArtifact } from '../artifact.ts'
import { clientFor, clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { endorse } from '../endorsing.ts'
import { believe, nativeCrypto, readChainFiles, readContract } from '../evidence.ts'
import { readBounded, writeWhole } from '../files.ts'
import { gatherLines } from '../gathering.ts'
import { checkMaintainer } from '../maintaining.ts'
import { paintFor, plain, short, table } from '../output.ts'
import { reach } from '../reach.ts'
import type { SigningOptions } from '../signing.ts'

export interface DeviateOptions extends SigningOptions {
  readonly contract?: string
  readonly chain?: readonly string[]
  readonly reason?: string
  readonly for: string
  readonly excuse?: readonly string[]
  readonly skip?: readonly string[]
  readonly out?: string
  readonly propose?: boolean
  readonly format: string
}

/** Makes a deviation for an artifact, or for a run that has not ended yet, and signs it as the first maintainer. */
export async function deviateNew(context: Context, what: string, options: DeviateOptions): Promise<ExitCode> {
  const file = options.contract ?? context.settings.contract
  if (file === null) throw new CodedError('usage', 'no contract is named', { fix: 'Name it: --contract FILE' })
  const contract = readContract(context, file)
  if (contract.maintainers === null) {
    throw new CodedError('usage', 'the contract names no maintainers, so nobody may let anything through', {
      fix: 'Name them in the contract: maintainers: { threshold: 2, of: { … } }',
    })
  }
  const { reason } = options
  if (reason === undefined) throw new CodedError('usage', 'no reason is given', { fix: 'Say why: --reason TEXT' })
  const life = durationOf(options.for)
  if (life === null) throw new CodedError('usage', `--for ${plain(options.for)} is no time like 90m, 36h or 7d`)
  if (life > MAX_DEVIATION_LIFE)
    throw new CodedError('usage', `--for ${plain(options.for)} is longer than 90d`, {
      fix: 'Let it through for a time, and mend it in that: --for 90d is the most.',
    })
  const isRun = isHex(what, 32) && !existsSync(resolve(context.cwd, what))
  const about = isRun ? { chain: what, artifact: null, verdict: null } : await judged(context, what, contract, options)
  const named = [
    ...(options.excuse ?? []).map((text) => excuseOf(text, contract)),
    ...skipping(options.skip ?? [], contract),
  ]
  const excuses = named.length > 0 || about.verdict === null ? named : excusesIn(about.verdict, contract)
  if (excuses.length === 0) {
    throw new CodedError('usage', 'there is nothing to excuse', {
      fix: 'Name it: --skip STEP, or --excuse CODE:STEP',
    })
  }
  const issuedAt = context.now()
  const deviation: Deviation = {
    contract: contract.digest,
    pipeline: contract.pipeline,
    chain: about.chain,
    artifact: about.artifact,
    excuses: sortedExcuses(excuses),
    reason,
    issuedAt,
    expiresAt: new Date(Date.parse(issuedAt) + life).toISOString(),
  }
  const payload = writeDeviation(deviation)
  const signed = await endorse(context, { payload, payloadType: DEVIATION_PAYLOAD_TYPE }, options)
  await checkMaintainer(context, signed, [contract])
  if (options.propose === true) return await proposed(context, signed, options.format)
  const out =
    options.out ?? `${isRun ? what.slice(0, 12) : what.replace(/^sha256:/, '').replace(/\/+$/, '')}.deviation.json`
  return written(context, out, signed, options.format)
}

/** Adds another maintainer's signature to a deviation: in its file, or, named by its id, where it waits at the server. */
export async function deviateSign(
  context: Context,
  file: string,
  options: SigningOptions & { readonly contract?: string; readonly format: string },
): Promise<ExitCode> {
  const id = waitingId(context, file)
  const document = id === null ? readDeviation(context, file) : await waitingAt(await clientFor(context), id)
  const signed = await endorse(context, document, options)
  const contractFile = options.contract ?? context.settings.contract
  const contract = contractFile === null ? null : readContract(context, contractFile)
  const { contract: digest } = parseDeviation(document.payload)
  if (contract !== null && contract.digest === digest) await checkMaintainer(context, signed, [contract])
  else if (options.contract !== undefined)
    throw new CodedError('deviation-invalid', `it deviates from another contract, ${short(digest)}`)
  return id !== null ? await proposed(context, signed, options.format) : written(context, file, signed, options.format)
}

/** Sends a deviation in a file to the server, where it waits for more signatures. */
export async function deviatePropose(context: Context, file: string, format: string): Promise<ExitCode> {
  return await proposed(context, readDeviation(context, file), format)
}

/** Lists what waits at the server. */
export async function deviateList(
  context: Context,
  { chain = null, format }: { readonly chain?: string | null; readonly format: string },
): Promise<ExitCode> {
  if (chain !== null && !isHex(chain, 32)) throw new CodedError('usage', '--chain is no chain id')
  const client = await clientFor(context)
  const items = await client.waiting(chain)
  if (format === 'json') {
    context.stdout(`${JSON.stringify({ items })}\n`)
    return 0
  }
  if (items.length === 0) context.stdout('no deviation waits\n')
  else context.stdout(table(items.map((one) => rowOf(one))))
  return 0
}

/** Takes a deviation away that waits. */
export async function deviateWithdraw(context: Context, name: string, format: string): Promise<ExitCode> {
  const client = await clientFor(context)
  const { id } = await namedBy(client, name)
  await client.withdrawDeviation(id)
  const told = `${paintFor(context).green('✓')} deviation ${short(id)} waits no more\n`
  context.stdout(format === 'json' ? `${JSON.stringify({ id })}\n` : told)
  return 0
}

/** What names a deviation that waits, by its id or how that begins; null for a file. */
function waitingId(context: Context, name: string): string | null {
  const isFile = existsSync(resolve(context.cwd, name))
  return !isFile && name.length >= 8 && name.length <= 64 && isHex(name) ? name : null
}

async function waitingAt(client: Client, name: string): Promise<Endorsed> {
  const { id } = await namedBy(client, name)
  const line = await client.waitingDeviation(id)
  // What is signed is what is shown.
  if (deviationId(line.payload, await nativeCrypto()) === id) return line
  throw new CodedError('server-answer', `the server shows another deviation than ${short(id)}`)
}

async function namedBy(client: Client, name: string): Promise<WaitingDeviation> {
  if (!isHex(name)) throw new CodedError('usage', `${plain(name)} is no id of a deviation`)
  const [found, another] = (await client.waiting(null)).filter(({ id }) => id.startsWith(name))
  if (found === undefined || another !== undefined) {
    const what = found === undefined ? 'no deviation that waits has this id' : 'more than one that waits begins so'
    throw new CodedError('usage', what, { fix: 'See which there are: countersign deviate list' })
  }
  return found
}

/** Sends a deviation to the server; it waits there, or is let in with the last signature that it takes. */
async function proposed(context: Context, signed: Endorsed, format: string): Promise<ExitCode> {
  const { chain } = parseDeviation(signed.payload)
  if (chain === null) throw new CodedError('usage', 'a server takes a deviation into a run, and this names none')
  const client = await clientFor(context)
  const id = deviationId(signed.payload, await nativeCrypto())
  const answer = await client.propose(chain, writeDeviationLine({ ...signed, logged: null }))
  const index = answer.state === 'admitted' ? (answer.line.logged?.proof.index ?? null) : null
  if (format === 'json') {
    const more = answer.state === 'admitted' ? { index } : answer.waiting
    context.stdout(`${JSON.stringify({ id, chain, ...more, state: answer.state })}\n`)
    return 0
  }
  const green = paintFor(context).green('✓')
  if (answer.state === 'admitted') context.stdout(`${green} deviation ${short(id)}: logged as leaf ${index ?? 0}\n`)
  else {
    const { threshold, signedBy, open } = answer.waiting
    const by = `${signedBy.length} of ${threshold ?? 0} have signed (${signedBy.map((one) => plain(one)).join(', ')})`
    context.stdout(
      `${green} deviation ${short(id)} waits: ${by}; may yet: ${open.map((one) => plain(one)).join(', ')}\n`,
    )
    context.stdout(`  next  countersign deviate sign ${short(id)}\n`)
  }
  return 0
}

function rowOf({
  id,
  state,
  why,
  pipeline,
  reason,
  expiresAt,
  threshold,
  signedBy,
  excuses,
}: WaitingDeviation): string[] {
  const signed = `${signedBy.length} of ${threshold ?? '?'} (${signedBy.map((one) => plain(one)).join(', ')})`
  const excused = excuses.map(({ code, step }) => `${code} at ${step}`).join(', ')
  const standing = why === null ? `until ${expiresAt}` : `${state}: ${why}`
  return [short(id), plain(pipeline), signed, plain(standing, 120), plain(excused, 120), plain(reason, 200)]
}

/** Brings a deviation into its chain: at the server, which logs it, and in chain files. */
export async function deviateAppend(
  context: Context,
  file: string,
  options: { readonly to?: readonly string[]; readonly offline?: boolean; readonly format: string },
): Promise<ExitCode> {
  const document = readDeviation(context, file)
  const { chain } = parseDeviation(document.payload)
  const to = options.to ?? []
  const client = options.offline === true ? null : await clientOrNull(context)
  if (client === null && to.length === 0) {
    await clientFor(context)
    throw new CodedError('usage', 'neither a server nor a chain file is named', { fix: 'Name a file: --to FILE' })
  }
  let line = document
  if (client !== null) {
    if (chain === null) throw new CodedError('usage', 'a server takes a deviation into a run, and this names none')
    line = await client.deviate(chain, writeDeviationLine({ ...document, logged: null }))
  }
  for (const name of to) {
    const path = resolve(context.cwd, name)
    const lines = existsSync(path) ? parseChainFile(readBounded(path, MAX_CHAIN_BYTES)) : []
    await writeWhole(path, writeChainFile([...lines.filter((one) => !isSame(one, line)), line]))
  }
  const id = deviationId(line.payload, await nativeCrypto())
  const index = line.logged?.proof.index ?? null
  if (options.format === 'json') context.stdout(`${JSON.stringify({ id, chain, index, files: to })}\n`)
  else {
    const where = [...(index === null ? [] : [`logged as leaf ${index}`]), ...to].map((one) => plain(one)).join(', ')
    context.stdout(`${paintFor(context).green('✓')} deviation ${short(id)}: ${where}\n`)
  }
  return 0
}

function isSame(line: ChainLine, { payload }: Endorsed): boolean {
  return isDeviation(line) && Buffer.from(line.payload).equals(payload)
}

function readDeviation(context: Context, file: string): Endorsed {
  const bytes = readBounded(resolve(context.cwd, file), MAX_DEVIATION_BYTES + 1)
  return parseDeviationLine(bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes)
}

async function written(context: Context, out: string, signed: Endorsed, format: string): Promise<ExitCode> {
  const line = writeDeviationLine(signed)
  await writeWhole(resolve(context.cwd, out), new Uint8Array([...line, 0x0a]))
  const deviation = parseDeviation(signed.payload)
  const signatures = signed.endorsements.length
  if (format === 'json') {
    context.stdout(`${JSON.stringify({ file: out, deviation, signatures })}\n`)
    return 0
  }
  const paint = paintFor(context)
  context.stdout(`${paint.green('✓')} ${plain(out)}: ${signatures} signature${signatures === 1 ? '' : 's'}\n`)
  context.stdout(
    table([
      ['run', deviation.chain ?? 'any'],
      ['artifact', deviation.artifact === null ? 'any' : `sha256:${short(deviation.artifact)}…`],
      ...deviation.excuses.map(({ code, step }) => ['excuses', `${code} at ${step}`]),
      ['reason', plain(deviation.reason, 400)],
      ['until', deviation.expiresAt],
    ]),
  )
  return 0
}

/** The run that made an artifact, with the verdict about it. */
async function judged(context: Context, what: string, contract: Contract, options: DeviateOptions) {
  const artifact = await readArtifact(context, what)
  const { verdict } = await reach(context, artifact, contract, {
    format: 'text',
    ...(options.chain === undefined ? {} : { chain: options.chain }),
    ...(options.offline === undefined ? {} : { offline: options.offline }),
  })
  const chain = verdict.steps[0]?.step.statement.predicate.chain.id
  if (chain !== undefined) return { chain, artifact: artifact.sha256, verdict }
  const [under = null, ...others] = await runsUnderWay(context, artifact, contract, options)
  // What it ends with nobody knows yet.
  if (under !== null && others.length === 0) return { chain: under, artifact: null, verdict: null }
  if (under !== null) {
    throw new CodedError('usage', `${others.length + 1} runs have it`, {
      fix: `Name the chain in its place: ${[under, ...others].slice(0, 10).join(', ')}`,
    })
  }
  const [first] = verdict.findings
  throw new CodedError('deviation-invalid', `no run has it: ${first?.code ?? 'unknown'}: ${first?.what ?? ''}`, {
    fix: 'Name its chain files (--chain FILE), the contract that its run is bound to, or the chain id.',
  })
}

/** Runs under the contract in which an artifact was made or vouched for, though they have not come to their final step. */
async function runsUnderWay(
  context: Context,
  { path, sha256 }: Artifact,
  contract: Contract,
  options: DeviateOptions,
): Promise<readonly string[]> {
  const local = readChainFiles(context, options.chain ?? [], path === null ? [] : [path])
  const client = options.offline === true ? null : await clientOrNull(context)
  const lines = await gatherLines(client, local, sha256, { notes: false })
  const { trust } = await believe(context, contract, {}, client)
  const { steps } = await readChainConcurrently(lines, trust, await nativeCrypto(), context.now())
  const having = [...steps.values()].filter(
    ({ statement: { subject, predicate } }) =>
      predicate.chain.contract === contract.digest && subject.some(({ digest }) => digest.sha256 === sha256),
  )
  return [...new Set(having.map(({ statement }) => statement.predicate.chain.id))]
}

/** Everything that speaks against an artifact; throws where some of it can never be excused. */
function excusesIn(verdict: Verdict, contract: Contract): Excuse[] {
  const excuses: Excuse[] = []
  for (const { step, findings } of verdict.steps) {
    for (const { code } of findings) excuses.push({ code, step: step.statement.predicate.step.name })
  }
  const present = new Set(verdict.steps.map(({ step }) => step.statement.predicate.step.name))
  for (const { code } of verdict.findings) {
    if (code === 'matrix-incomplete') excuses.push({ code, step: contract.final })
    if (code !== 'step-skipped') continue
    for (const step of required(contract.steps, contract.final)) if (!present.has(step)) excuses.push({ code, step })
  }
  const never = verdict.findings.find(({ code }) => !isExcusable(code))
  if (never !== undefined)
    throw new CodedError('deviation-invalid', `${never.code} can never be excused: ${never.what}`)
  return excuses
}

function excuseOf(text: string, contract: Contract): Excuse {
  const at = text.indexOf(':')
  const [code, step] = [text.slice(0, at), text.slice(at + 1)]
  if (at < 0 || !isExcusable(code)) {
    throw new CodedError('usage', `--excuse ${plain(text)} is not CODE:STEP with a code that can be excused`, {
      fix: `One of: ${EXCUSABLE.join(', ')}.`,
    })
  }
  return { code, step: stepOf(step, contract) }
}

/** What it takes to go on without a step: that it is missing, and what those that follow it find of that. */
function skipping(names: readonly string[], contract: Contract): Excuse[] {
  return names.flatMap((name) => {
    const skipped = stepOf(name, contract)
    const followers = [...contract.steps.values()].filter(({ after }) => after.includes(skipped))
    return [
      { code: 'step-skipped', step: skipped },
      ...followers.flatMap(({ name: step }) =>
        ['step-skipped', 'step-order', 'material-unexplained', 'edge-empty'].map((code) => ({ code, step })),
      ),
    ]
  })
}

function stepOf(name: string, contract: Contract): string {
  if (contract.steps.has(name)) return name
  throw new CodedError('usage', `the contract has no step ${plain(name)}`, {
    fix: `It has: ${[...contract.steps.keys()].join(', ')}.`,
  })
}
