import type { Client } from '@countersign/client'
import { type Contract, parseContract, type StepRule } from '@countersign/contract'
import { CodedError, isHex } from '@countersign/core'
import { type ChainLine, isBundle, parseStep } from '@countersign/formats'
import { readArtifact } from '../artifact.ts'
import { clientOrNull } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { fetchChains, readContract } from '../evidence.ts'
import { errorsText, paintFor, plain } from '../output.ts'
import { recordedJson, recordedText } from '../recorded.ts'
import { type RecordInput, recordStep, type RunOptions } from '../recording.ts'
import { openSigning } from '../signing.ts'

export interface ApproveOptions {
  readonly step?: string
  readonly as?: string
  readonly key?: string
  readonly keyless?: boolean
  readonly pipeline?: string
  readonly contract?: string
  readonly chain?: string
  readonly attempt?: string
  readonly previous?: readonly string[]
  readonly trust?: readonly string[]
  readonly chainOut?: string
  readonly offline?: boolean
  readonly format: string
}

/**
 * Approves what a step made, as one of the people whom the contract asks: a step of its own, which receives that and vouches
 * for it, signed and linked to the attestation that it approves.
 */
export async function approve(context: Context, target: string, options: ApproveOptions): Promise<ExitCode> {
  if (options.chain !== undefined && !isHex(options.chain, 32))
    throw new CodedError('usage', `--chain ${plain(options.chain, 60)} is no chain id`)
  const file = options.contract ?? context.settings.contract
  const contract = file === null ? await contractAtServer(context, target, options) : readContract(context, file)
  const step = options.step ?? stepOf(contract)
  const person = options.as ?? (await personOf(context, contract?.steps.get(step), contract, options))
  const { as: _, format, step: __, ...rest } = options
  const run: RunOptions = { ...rest, step, matrix: person, git: false, json: format === 'json' }
  const done = isHex(target, 64)
    ? await recordStep(context, { argv: null, ...(await attested(context, target, run)) })
    : await recordStep(context, { argv: null, options: { ...run, materials: [target] } })
  if (done.kind === 'refused') {
    const findings = done.findings.map((one) => (one.code === 'place-taken' ? { ...one, fix: TWICE } : one))
    if (format === 'json') context.stdout(`${JSON.stringify({ approved: false, findings })}\n`)
    else {
      context.stderr(errorsText(findings, paintFor(context)))
      context.stderr(`${paintFor(context).red('nothing is approved')}: ${plain(target, 80)}\n`)
    }
    return 1
  }
  const { recorded } = done
  const taken = recorded.refused === null
  if (format === 'json') {
    context.stdout(`${JSON.stringify({ approved: taken, as: person, recorded: recordedJson(recorded) })}\n`)
  } else context.stderr(recordedText(context, recorded))
  return taken ? 0 : 1
}

const TWICE =
  'Of each person one approval counts, and this one is there: nothing is left to do. Another try of the run takes --attempt N.'

/** The contract that the run is bound to, as the server has it; null where no server is asked, or it knows of none, or of several. */
async function contractAtServer(context: Context, target: string, options: ApproveOptions): Promise<Contract | null> {
  const client = options.offline === true ? null : await clientOrNull(context)
  if (client === null) return null
  const lines = options.chain === undefined ? await linesOf(context, client, target) : await client.chain(options.chain)
  const bound = lines.filter(isBundle).map(({ envelope }) => parseStep(envelope.payload).predicate.chain.contract)
  const [digest = null, ...others] = new Set(bound)
  // Whose words these are is found out where the step is held against what it follows.
  return digest === null || others.length > 0 ? null : parseContract(await client.contractByDigest(digest))
}

async function linesOf(context: Context, client: Client, target: string): Promise<readonly ChainLine[]> {
  if (isHex(target, 64)) return [(await client.attestation(target)).bundle]
  return fetchChains(client, [(await readArtifact(context, target)).sha256], [])
}

/** The one step of the contract that is an approval. */
function stepOf(contract: Contract | null): string {
  const steps = [...(contract?.steps.values() ?? [])].filter(({ approvals }) => approvals !== null)
  const [only] = steps
  if (steps.length === 1 && only !== undefined) return only.name
  const what =
    contract === null
      ? 'no contract says which step is the approval'
      : steps.length === 0
        ? 'the contract asks for no approval'
        : `the contract asks for several: ${steps.map(({ name }) => name).join(', ')}`
  throw new CodedError('usage', what, { fix: 'Name it: --step NAME, and the contract: --contract FILE.' })
}

/** Whose the key is, by the contract. Who signs without a key says who they are. */
async function personOf(
  context: Context,
  rule: StepRule | undefined,
  contract: Contract | null,
  options: ApproveOptions,
): Promise<string> {
  const people = rule?.approvals?.people
  if (people !== undefined && contract !== null && options.keyless !== true) {
    const { keyId } = (await openSigning(context, options)).first.publicKey
    for (const [person, signers] of people) {
      const own = signers.map((name) => contract.signers.get(name))
      if (own.some((signer) => signer?.kind === 'key' && signer.key.keyId === keyId)) return person
    }
  }
  if (contract !== null && people !== undefined && areKeys(contract, people)) {
    const what = `the key is of nobody who may approve ${rule!.name}: ${[...people.keys()].join(', ')}`
    throw new CodedError('signer-not-allowed', what, { fix: 'Sign with the key that the contract has of one of them.' })
  }
  const known = people === undefined ? '' : `: ${[...people.keys()].join(', ')}`
  throw new CodedError('usage', 'nobody knows who approves', { fix: `Say whose approval it is${known}. --as NAME` })
}

/** Whether people are known by their keys alone: who they are, no certificate says. */
function areKeys({ signers }: Contract, people: ReadonlyMap<string, readonly string[]>): boolean {
  return [...people.values()].flat().every((name) => signers.get(name)?.kind === 'key')
}

/** What an attestation vouches for, as the server has it: to be approved by those who have no copy of it. */
async function attested(
  context: Context,
  link: string,
  options: RunOptions,
): Promise<Pick<RecordInput, 'options' | 'observed'>> {
  const client = options.offline === true ? null : await clientOrNull(context)
  if (client === null) {
    throw new CodedError('usage', `attestation ${link.slice(0, 12)} is at a server, and none is set`, {
      fix: 'Set COUNTERSIGN_URL, or name the artifact.',
    })
  }
  const { bundle } = await client.attestation(link)
  // Whether it is that attestation, and who signed it, the hand-over finds out.
  const { subject, predicate } = parseStep(bundle.envelope.payload)
  const { id } = predicate.chain
  return { options: { ...options, chain: options.chain ?? id }, observed: { materials: subject, source: null } }
}
