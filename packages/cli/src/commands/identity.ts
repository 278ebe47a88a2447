import { unverifiedClaims } from '@countersign/adapters/identity-claims'
import { CodedError, type JsonObject } from '@countersign/core'
import { flatten, type SystemName, SYSTEMS } from '@countersign/identity'
import type { Context, ExitCode } from '../context.ts'
import { audienceFor, identitySystemFor, tokensOf } from '../keyless.ts'
import { errorText, paintFor, plain, table } from '../output.ts'

export interface IdentityOptions {
  readonly system: string
  readonly audience?: string
  readonly format: string
}

/** Tells who vouches for this job, what a token of it says, and the rule that would let it in. */
export async function identity(context: Context, options: IdentityOptions): Promise<ExitCode> {
  const system = await identitySystemFor(context, options.system)
  if (system === null) {
    throw new CodedError('usage', 'this is no CI system or platform that is known by its environment', {
      fix: 'Name it: --system github, gitlab, circleci, …; or put a token into COUNTERSIGN_ID_TOKEN.',
    })
  }
  const tokens = await tokensOf(context, system)
  const audience = options.audience ?? (await audienceFor(context, tokens))
  let token: string
  try {
    token = await tokens.token(audience)
  } catch (error) {
    if (!(error instanceof CodedError)) throw error
    return unavailable(context, options, { system, audience, error })
  }
  const claims = unverifiedClaims(token)
  if (claims === null) throw new CodedError('identity-unavailable', 'the token cannot be read')
  const rule = ruleFor(system, claims)
  if (options.format === 'json') {
    context.stdout(`${JSON.stringify({ system, audience, available: true, unverified: claims, rule })}\n`)
    return 0
  }
  const paint = paintFor(context)
  context.stdout(`${paint.green('✓')} ${paint.bold(system)} vouches for this job to ${plain(audience, 300)}\n`)
  const facts = [...flatten(claims)]
    .slice(0, MAX_FACTS)
    .map(([name, value]) => [paint.dim(plain(name, 80)), plain(value, 300)])
  context.stdout(`\nIts token says, unverified:\n${table(facts)}`)
  context.stdout(`\nWho administers the server lets it in by:\n  ${rule}\n`)
  return 0
}

const MAX_FACTS = 100

function unavailable(
  context: Context,
  options: IdentityOptions,
  { system, audience, error }: { system: string; audience: string; error: CodedError },
): ExitCode {
  if (options.format === 'json') {
    const error_ = error.report()
    context.stdout(`${JSON.stringify({ system, audience, available: false, error: error_ })}\n`)
  } else {
    context.stdout(`This is ${system}, which gives this job no token for ${plain(audience, 300)}.\n`)
    context.stderr(errorText(error.report(), paintFor(context)))
  }
  return 1
}

/** The command that adds a rule for runs like this one, by a claim that nobody else can have. */
function ruleFor(system: SystemName, claims: JsonObject): string {
  const flat = flatten(claims)
  const { pins } = SYSTEMS[system]
  const pin = pins.find((name) => flat.has(name)) ?? 'sub'
  const issuer = flat.get('iss') ?? ''
  return `countersign issuer add ${system} --issuer ${quoted(issuer)} --claim ${quoted(`${pin}=${flat.get(pin) ?? ''}`)}`
}

/** For a shell: what a token says is somebody else's text. */
function quoted(text: string): string {
  return /^[A-Za-z0-9_./:@=+-]+$/.test(text) ? text : `'${plain(text, 2000).replaceAll("'", `'\\''`)}'`
}
