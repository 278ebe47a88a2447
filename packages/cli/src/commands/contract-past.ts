import { resolve } from 'node:path'
import { base64, CodedError, type ErrorReport } from '@countersign/core'
import {
  learnContract,
  type LearnedAuthority,
  parseContract,
  PUBLIC_SIGSTORE,
  type SeenRun,
} from '@countersign/contract'
import { type ChainLine, isName, isReceipt, writeVkey } from '@countersign/formats'
import { authorityId, type AuthorityRoot } from '@countersign/formats/identity'
import { type Chain, readChainConcurrently, type Replayed, replayRun, seenRuns } from '@countersign/verify'
import { clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { believe, nativeCrypto, readContract, type TrustFiles } from '../evidence.ts'
import { writeWhole } from '../files.ts'
import { type HistoryOptions, runsOf } from '../history.ts'
import { paintFor, plain, short, table } from '../output.ts'

/** Most runs that are told by name. */
const MAX_TOLD = 1_000
const SHOWN = 20
const RUNS_TO_LEARN_FROM = '20'

export interface PastOptions extends HistoryOptions, TrustFiles {
  readonly offline?: boolean
  readonly format: string
}

/** Says which runs of the past a contract would have blocked, and why. */
export async function contractReplay(context: Context, file: string, options: PastOptions): Promise<ExitCode> {
  const contract = readContract(context, file)
  const crypto = await nativeCrypto()
  const { trust } = await believe(context, contract, options, null)
  const named = { ...options, pipeline: options.pipeline ?? contract.pipeline }
  const past = runsOf(context, named, (lines) => readChainConcurrently(lines, trust, crypto))
  const codes = new Map<string, number>()
  const blocked: Replayed[] = []
  let [runs, passed] = [0, 0]
  for await (const { run, chain } of past) {
    const replayed = replayRun(contract, chain, run)
    runs++
    if (replayed.passed) passed++
    else if (blocked.length < MAX_TOLD) blocked.push(replayed)
    for (const code of new Set(replayed.findings.map((finding) => finding.code))) {
      codes.set(code, (codes.get(code) ?? 0) + 1)
    }
    if (context.interactive && runs % 50 === 0) context.stderr(`\r\u001b[K${runs} runs, ${runs - passed} blocked`)
  }
  if (context.interactive) context.stderr('\r\u001b[K')
  const reasons = [...codes].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  if (options.format === 'json') {
    const { pipeline, revision, digest } = contract
    const told = {
      contract: { pipeline, revision, digest },
      runs,
      passed,
      blocked: runs - passed,
      codes: Object.fromEntries(reasons),
      of: blocked,
    }
    context.stdout(`${JSON.stringify(told)}\n`)
  } else context.stdout(replayText(context, { runs, passed, blocked, reasons }))
  if (runs === 0) return 2
  return passed === runs ? 0 : 1
}

interface Replay {
  readonly runs: number
  readonly passed: number
  readonly blocked: readonly Replayed[]
  readonly reasons: readonly (readonly [string, number])[]
}

function replayText(context: Context, { runs, passed, blocked, reasons }: Replay): string {
  const paint = paintFor(context)
  if (runs === 0) return `${paint.yellow('?')} there are no runs to replay\n`
  if (passed === runs)
    return `${paint.green('✓')} would have let ${runs === 1 ? 'the one run' : `all ${runs} runs`} through\n`
  const shown = blocked
    .slice(0, SHOWN)
    .map(({ run, findings }) => [
      paint.red('✗'),
      short(run),
      paint.bold(findings.at(-1)!.code),
      plain(findings.at(-1)!.what, 200),
    ])
  const rest = runs - passed - shown.length
  return [
    table(shown, ''),
    rest > 0 ? `  and ${rest} more\n` : '',
    `\n${table(reasons.map(([code, count]) => [code, `in ${count} run${count === 1 ? '' : 's'}`]))}`,
    `\n${paint.red('✗')} would have blocked ${runs - passed} of ${runs} runs\n`,
  ].join('')
}

export interface LearnOptions extends PastOptions {
  readonly final?: string
  readonly optional?: readonly string[]
  readonly out?: string
}

/** Writes a contract that lets exactly such runs through as there were. */
export async function contractLearn(context: Context, options: LearnOptions): Promise<ExitCode> {
  const client = options.offline === true ? null : await clientOrNull(context)
  const { trust, authorities } = await believe(context, null, options, client)
  const crypto = await nativeCrypto()
  const runs: SeenRun[] = []
  const left: string[] = []
  const last = options.last ?? RUNS_TO_LEARN_FROM
  const read = async (lines: readonly ChainLine[]): Promise<Chain> => {
    const chain = await readChainConcurrently(lines, trust, crypto, context.now())
    // Receipts of logs that nobody here knows count neither way.
    const isNobodys = (index: number, { code }: ErrorReport) => code === 'signer-unknown' && isReceipt(lines[index]!)
    return { ...chain, refused: chain.refused.filter(({ index, report }) => !isNobodys(index, report)) }
  }
  for await (const { run: id, chain } of runsOf(context, { ...options, last }, read)) {
    const [refused] = chain.refused
    if (refused !== undefined) {
      const { code, what } = refused.report
      throw new CodedError(code, `a run to learn from does not verify: ${what}`)
    }
    const [run] = seenRuns(chain, trust).filter((one) => one.id === id)
    if (run?.steps.every(({ succeeded }) => succeeded) === true) runs.push(run)
    else left.push(id)
  }
  if (runs.length === 0) {
    const failed = left.length === 1 ? 'the one run there is has' : `all ${left.length} runs have`
    const what = `there are no runs to learn from${left.length === 0 ? '' : `: ${failed} a step that failed`}`
    throw new CodedError('usage', what, {
      fix: 'Run the pipeline to a good end first, or name good runs: --chain FILE.',
    })
  }
  const revision = await nextRevision(client, runs[0]?.pipeline)
  const text = learnContract(runs, {
    authorities: authorities.map(learnedAuthority),
    final: options.final ?? null,
    optional: options.optional ?? [],
    revision,
  })
  for (const id of left) context.stderr(`left out: run ${short(id)}, in which a step failed\n`)
  if (options.out === undefined && options.format !== 'json') context.stdout(text)
  if (options.out !== undefined) await writeWhole(resolve(context.cwd, options.out), new TextEncoder().encode(text))
  if (options.out !== undefined || options.format === 'json') {
    const { steps, final } = parseContract(new TextEncoder().encode(text))
    const told = { file: options.out ?? null, runs: runs.length, leftOut: left, steps: [...steps.keys()], final }
    // Without a file, the contract is in what is told.
    const whole = options.out === undefined ? { ...told, contract: text } : told
    if (options.format === 'json') context.stdout(`${JSON.stringify(whole)}\n`)
    else
      context.stdout(
        `${paintFor(context).green('✓')} ${plain(options.out ?? '')}: ${[...steps.keys()].join(', ')}; from ${runs.length} run${runs.length === 1 ? '' : 's'}\n`,
      )
  }
  return 0
}

/** Above the one in force, where a server has one. */
async function nextRevision(
  client: Awaited<ReturnType<typeof clientOrNull>>,
  pipeline: string | undefined,
): Promise<number> {
  if (client === null || pipeline === undefined) return 1
  try {
    return parseContract(await client.contract(pipeline)).revision + 1
  } catch (error) {
    if (error instanceof CodedError && error.code === 'not-found') return 1
    throw error
  }
}

function learnedAuthority(root: AuthorityRoot): LearnedAuthority {
  const id = authorityId(root)
  const name = isName(root.name) ? root.name : `authority-${id.slice(0, 8)}`
  if (root.kind === 'sigstore') {
    const known = root.isPublic ? PUBLIC_SIGSTORE : id
    return {
      name,
      ids: root.isPublic ? [PUBLIC_SIGSTORE, id] : [id],
      yaml: [`sigstore: ${known === PUBLIC_SIGSTORE ? known : `"${known}"`}`],
    }
  }
  const pem = root.certificates.flatMap((der) => [
    '-----BEGIN CERTIFICATE-----',
    ...(base64(der).match(/.{1,64}/g) ?? []),
    '-----END CERTIFICATE-----',
  ])
  const logs = root.logs.map((log) => `"${writeVkey(log)}"`)
  return { name, ids: [id], yaml: ['certificates: |', ...pem.map((line) => `  ${line}`), `log: [${logs.join(', ')}]`] }
}
