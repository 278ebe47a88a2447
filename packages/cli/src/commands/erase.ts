import type { Client } from '@countersign/client'
import { CodedError, hasControl, isHex } from '@countersign/core'
import { isBundle, linkDigest, parseStep, type StepStatement } from '@countersign/formats'
import { clientFor } from '../connection.ts'
import type { Context, ExitCode } from '../context.ts'
import { nativeCrypto } from '../evidence.ts'
import { paintFor, plain, short, table } from '../output.ts'

export interface EraseOptions {
  readonly ground: string
  readonly yes?: boolean
  readonly format: string
}

const MAX_GROUND = 256

/** Erases an attestation at the server, having shown what goes and what stays. */
export async function erase(context: Context, link: string, options: EraseOptions): Promise<ExitCode> {
  const { ground } = options
  if (!isHex(link, 64)) throw new CodedError('usage', `${plain(link)} is not a link digest: 64 lower-case hex digits`)
  if (ground === '' || ground.length > MAX_GROUND || hasControl(ground)) {
    throw new CodedError('usage', `the ground is not 1 to ${MAX_GROUND} printable characters`)
  }
  const client = await clientFor(context)
  if (options.yes !== true) {
    if (context.ask === null) {
      throw new CodedError('usage', 'nobody is there to confirm it', { fix: 'Add --yes where no terminal is at hand.' })
    }
    context.stderr(await preview(context, client, link, ground))
    const answer = await context.ask(`Type the first 6 digits of ${short(link)} to erase it: `)
    if (answer.trim().toLowerCase() !== link.slice(0, 6)) {
      context.stderr('Nothing was erased.\n')
      return 1
    }
  }
  const buried = await client.erase(link, ground)
  const { proof } = buried.withheld.tombstone!
  if (options.format === 'json') {
    const { erasedAt } = buried
    const json = { link, erasedAt, ground: buried.ground, log: proof.checkpoint.origin, tombstone: proof.index }
    context.stdout(`${JSON.stringify(json)}\n`)
    return 0
  }
  const paint = paintFor(context)
  context.stdout(
    `${paint.green('✓')} ${short(link)} was erased at ${plain(buried.erasedAt)}: ${plain(buried.ground)}\n  ${paint.dim(
      `tombstone ${proof.index} of ${plain(proof.checkpoint.origin)}`,
    )}\n`,
  )
  return 0
}

/** What goes, and what stays with the server; what others hold, nobody here can take away. */
async function preview(context: Context, client: Client, link: string, ground: string): Promise<string> {
  const { bundle } = await client.attestation(link)
  const { subject, predicate } = parseStep(bundle.envelope.payload)
  const { chain, step } = predicate
  const followers = await followersOf(client, chain.id, link)
  const paint = paintFor(context)
  const made = subject.map(({ name }) => plain(name, 60))
  const first = made.slice(0, 5).join(', ')
  const rows: [string, string][] = [
    [
      'goes',
      `what step ${plain(step.name)} signed: its command, environment, materials and products (${first}${made.length > 5 ? ', …' : ''})`,
    ],
    ['', 'its signature and digests, its key in every backup, refused copies of it'],
    ['stays', `its link digest, its place in chain ${short(chain.id)}, the time it was accepted`],
    ...followers.map((name): [string, string] => [
      '',
      `what step ${name} signed itself: this link digest, and what it received from it`,
    ]),
    ['public', `the tombstone: ${plain(ground)}`],
  ]
  return `${paint.bold(`Erasing ${short(link)} for good`)}\n${table(rows.map(([what, text]) => [paint.dim(what), text]))}`
}

async function followersOf(client: Client, chain: string, link: string): Promise<string[]> {
  const crypto = await nativeCrypto()
  const lines = await client.chain(chain)
  const steps = lines.flatMap((line): StepStatement[] =>
    isBundle(line) && linkDigest(line.envelope, crypto) !== link ? [parseStep(line.envelope.payload)] : [],
  )
  return steps
    .filter(({ predicate }) => predicate.previous.some((before) => before.link === link))
    .map(({ predicate }) => plain(predicate.step.name))
}
