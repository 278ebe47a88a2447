import { resolve } from 'node:path'
import { CodedError, isHex, sha256, hex } from '@countersign/core'
import { type Contract, parseContract } from '@countersign/contract'
import { CONTRACT_PAYLOAD_TYPE, type Endorsed, writeSignedContract } from '@countersign/formats'
import { type Endorsers, endorsedText, endorsersOf, enough, logKeys, type Trust } from '@countersign/verify'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { readContractFile } from '../contract-file.ts'
import { endorse } from '../endorsing.ts'
import { believe, nativeCrypto } from '../evidence.ts'
import { writeWhole } from '../files.ts'
import { checkMaintainer } from '../maintaining.ts'
import { paintFor, plain, plainLines, short, table } from '../output.ts'
import type { SigningOptions } from '../signing.ts'

const NEW_LINE = Uint8Array.of(0x0a)

/** Adds a maintainer's signature to a contract. */
export async function contractSign(
  context: Context,
  file: string,
  options: SigningOptions & { readonly out?: string; readonly follows?: string; readonly format: string },
): Promise<ExitCode> {
  const { contract, bytes, endorsed } = readContractFile(context, file)
  const document = endorsed ?? { payload: bytes, payloadType: CONTRACT_PAYLOAD_TYPE }
  const signed = await endorse(context, document, options)
  const followed = options.follows === undefined ? [] : [readContractFile(context, options.follows).contract]
  // Where it names nobody, those of the one in force count.
  if (contract.maintainers !== null) await checkMaintainer(context, signed, [contract, ...followed])
  const out = options.out ?? (endorsed === null ? `${file.replace(/\.ya?ml$/, '')}.signed.json` : file)
  await writeWhole(resolve(context.cwd, out), line(writeSignedContract(signed)))
  const endorsers = await ownEndorsers(context, contract, signed)
  const { pipeline, revision, digest } = contract
  const whole = enough(contract, endorsers)
  if (options.format === 'json') {
    const signedBy = [...endorsers.parties.keys()]
    context.stdout(`${JSON.stringify({ file: out, pipeline, revision, digest, signedBy, enough: whole })}\n`)
    return 0
  }
  const paint = paintFor(context)
  context.stdout(`${paint.green('✓')} ${plain(out)}: ${plain(pipeline)} revision ${revision}\n`)
  const told =
    contract.maintainers === null
      ? 'it names no maintainers: those of the one in force count'
      : endorsedText(contract, endorsers)
  context.stdout(`  ${whole ? paint.green('✓') : paint.yellow('…')} ${plain(told, 400)}\n`)
  return 0
}

/** Gives the server the contract that new runs of the pipeline are bound to. */
export async function contractPublish(context: Context, file: string, options: { format: string }): Promise<ExitCode> {
  const { contract, bytes, endorsed } = readContractFile(context, file)
  const { pipeline, revision, digest } = contract
  const client = await clientFor(context)
  await client.publishContract(pipeline, endorsed === null ? bytes : writeSignedContract(endorsed))
  if (options.format === 'json') context.stdout(`${JSON.stringify({ pipeline, revision, digest })}\n`)
  else
    context.stdout(
      `${paintFor(context).green('✓')} new runs of ${pipeline} are bound to revision ${revision} (${short(digest)})\n`,
    )
  return 0
}

/** Prints the contract in force for a pipeline, or the one of a digest; signed, where that is asked for. */
export async function contractShow(
  context: Context,
  what: string,
  options: { readonly signed?: boolean; readonly format: string },
): Promise<ExitCode> {
  const client = await clientFor(context)
  const bytes = isHex(what, 64) ? await client.contractByDigest(what) : await client.contract(what)
  const digest = hex(sha256(bytes))
  if (options.signed !== true && options.format === 'text') {
    context.stdout(plainLines(new TextDecoder().decode(bytes)))
    return 0
  }
  const contract = parseContract(bytes)
  const signed = await signedOrNull(() => client.signedContract(digest))
  if (options.signed === true) {
    if (signed === null) throw new CodedError('contract-unsigned', 'nobody has signed the contract')
    context.stdout(`${new TextDecoder().decode(writeSignedContract(signed))}\n`)
    return 0
  }
  const { pipeline, revision } = contract
  const endorsers = signed === null ? null : await servedEndorsers(context, contract, signed)
  const told = {
    pipeline,
    revision,
    digest,
    maintainers:
      contract.maintainers === null
        ? null
        : { threshold: contract.maintainers.threshold, of: [...contract.maintainers.of.keys()] },
    signedBy: [...(endorsers?.parties.keys() ?? [])],
    loggedAt: endorsers?.logged?.at ?? null,
    contract: new TextDecoder().decode(bytes),
  }
  context.stdout(`${JSON.stringify(told)}\n`)
  return 0
}

/** Lists the contracts that were published, newest first. */
export async function contractList(
  context: Context,
  pipeline: string | undefined,
  options: { readonly format: string },
): Promise<ExitCode> {
  const client = await clientFor(context)
  const all = []
  for (let cursor: string | null = null; ; ) {
    const { items, next } = await client.contracts(pipeline ?? null, cursor)
    all.push(...items)
    if (next === null) break
    cursor = next
  }
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify(all)}\n`)
    return 0
  }
  if (all.length === 0) context.stdout('No contract was published.\n')
  context.stdout(
    table(
      all.map(({ pipeline: name, revision, digest, publishedAt, index, signatures }) => [
        plain(name),
        `revision ${revision}`,
        short(digest),
        publishedAt,
        `${signatures === 0 ? 'nobody signed' : `${signatures} signed`}, ${index === null ? 'not logged' : `leaf ${index}`}`,
      ]),
      '',
    ),
  )
  return 0
}

async function signedOrNull(ask: () => Promise<Endorsed>): Promise<Endorsed | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof CodedError && error.code === 'not-found') return null
    throw error
  }
}

/** As the contract's own keys and authorities have it. */
async function ownEndorsers(context: Context, contract: Contract, signed: Endorsed): Promise<Endorsers> {
  const { trust } = await believe(context, contract, {}, null)
  // What was signed a moment ago was signed now.
  return endorsersOf(signed, { contract, trust, at: context.now() }, await nativeCrypto())
}

/** As the server's log has it. */
async function servedEndorsers(context: Context, contract: Contract, signed: Endorsed): Promise<Endorsers> {
  const client = await clientFor(context)
  const [{ trust }, server] = await Promise.all([believe(context, contract, {}, client), client.server()])
  const logs = logKeys(server.next === null ? [server.key] : [server.key, server.next])
  const known = new Set(trust.countersigners.map(({ key }) => key.publicKey.keyId))
  const more = logs.filter(({ key }) => !known.has(key.publicKey.keyId))
  const own: Trust = { ...trust, countersigners: [...trust.countersigners, ...more] }
  return endorsersOf(signed, { contract, trust: own, at: null }, await nativeCrypto())
}

function line(bytes: Uint8Array): Uint8Array {
  const whole = new Uint8Array(bytes.length + 1)
  whole.set(bytes)
  whole.set(NEW_LINE, bytes.length)
  return whole
}
