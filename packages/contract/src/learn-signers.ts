import { base64, CodedError } from '@countersign/core'
import { isName } from '@countersign/formats'
import { type Grade, GRADES, type Identity } from '@countersign/formats/identity'
import type { SeenStep } from './learn.ts'
import { quoted, scalar } from './learn-yaml.ts'
import type { PatternFact } from './identity-pattern.ts'

/** Who signed, beside what a contract judges of it. */
export interface SignerSeen {
  readonly name: string
  /** Its key, for a bare one; null where an authority vouches for it. */
  readonly spki: Uint8Array | null
  /** The CI system or platform that its certificate names. */
  readonly system: string | null
}

/** An authority that a contract can believe. */
export interface LearnedAuthority {
  readonly name: string
  /** Ids that signers are vouched for under: `SignerFacts.authorities`. */
  readonly ids: readonly string[]
  /** Its fields, in YAML: lines without indent. */
  readonly yaml: readonly string[]
}

export interface LearnedSigners {
  /** The section of authorities; none where all are keys. */
  readonly authorities: readonly string[]
  readonly lines: readonly string[]
  /** Names of those who signed a step. */
  of(step: string): readonly string[]
}

interface Group {
  readonly name: string
  readonly authority: LearnedAuthority | null
  readonly seen: SeenStep[]
}

/** Names and patterns of all who signed: a key as it is, identities of one repository and workflow as one. */
export function learnSigners(steps: readonly SeenStep[], authorities: readonly LearnedAuthority[]): LearnedSigners {
  const groups = new Map<string, Group>()
  const names = new Set<string>()
  for (const one of steps) {
    const { identity, keyId } = one.signer
    const authority = identity === null ? null : authorityOf(one, authorities)
    const key = identity === null ? `key ${keyId}` : `identity ${authority!.name} ${JSON.stringify(partOf(identity))}`
    const known = groups.get(key)
    if (known !== undefined) known.seen.push(one)
    else groups.set(key, { name: unused(nameOf(one), names), authority, seen: [one] })
  }
  const used = authorities.filter((one) => [...groups.values()].some(({ authority }) => authority === one))
  return {
    authorities:
      used.length === 0
        ? []
        : [
            'authorities:',
            ...used.flatMap((one) => [`  ${scalar(one.name)}:`, ...one.yaml.map((line) => `    ${line}`)]),
          ],
    lines: [...groups.values()].flatMap((group) => linesOf(group, used.length > 1)),
    of: (step) =>
      [...groups.values()].filter(({ seen }) => seen.some((one) => one.step.name === step)).map(({ name }) => name),
  }
}

function authorityOf({ signer, step }: SeenStep, authorities: readonly LearnedAuthority[]): LearnedAuthority {
  const found = authorities.find(({ ids }) => ids.some((id) => signer.authorities.includes(id)))
  if (found !== undefined) return found
  throw new CodedError(
    'trust-missing',
    `who vouches for ${signer.name}, the signer of step ${step.name}, is not known`,
    {
      fix: 'Name the authority with --trust, or the trusted root with --sigstore-trust.',
    },
  )
}

/** What makes two identities one signer: whose repository, and what ran, wherever in its history. */
function partOf(identity: Identity): readonly (string | null)[] {
  const { issuer, subject, sourceRepositoryIdentifier, sourceRepositoryOwnerIdentifier } = identity
  const stable = sourceRepositoryIdentifier ?? null
  return [
    issuer,
    stable,
    stable === null ? sourceRepositoryOwnerIdentifier : null,
    stable === null ? `${subject.kind} ${subject.value}` : null,
    ...WORKFLOWS.map((fact) => withoutRef(identity[fact])),
  ]
}

const WORKFLOWS = ['buildConfigURI', 'buildSignerURI'] as const

/** A build definition without the ref that it was taken at. */
function withoutRef(uri: string | null): string | null {
  const at = uri?.lastIndexOf('@') ?? -1
  return at > 0 ? uri!.slice(0, at) : uri
}

/** Facts that are told where they were the same each time. */
const CONSTANT: readonly PatternFact[] = ['runnerEnvironment', 'sourceRepositoryRef', 'deploymentEnvironment']

function linesOf({ name, authority, seen }: Group, several: boolean): string[] {
  const [{ signer }] = seen as [SeenStep, ...SeenStep[]]
  const { identity, spki } = signer
  if (identity === null) {
    if (spki === null) throw new CodedError('internal', 'a key that signed is not known')
    return [`  ${scalar(name)}: ${base64(spki)}`]
  }
  const lines = [`  ${scalar(name)}:`, `    issuer: ${quoted(identity.issuer)}`]
  const { sourceRepositoryIdentifier: repository, sourceRepositoryOwnerIdentifier: owner, subject } = identity
  if (repository !== null) {
    const of =
      identity.sourceRepositoryURI === null ? '' : ` # ${identity.sourceRepositoryURI.replace(/[^\x21-\x7e]/g, '')}`
    lines.push(`    sourceRepositoryIdentifier: ${quoted(repository)}${of}`)
  } else {
    lines.push(`    subject: ${quoted(subject.value)}`)
    if (owner !== null) lines.push(`    sourceRepositoryOwnerIdentifier: ${quoted(owner)}`)
  }
  for (const fact of WORKFLOWS) {
    if (fact === 'buildSignerURI' && withoutRef(identity.buildSignerURI) === withoutRef(identity.buildConfigURI))
      continue
    const uri = withoutRef(identity[fact])
    if (uri !== null && uri !== '') lines.push(`    ${fact}: { prefix: ${quoted(uri)} }`)
  }
  for (const fact of CONSTANT) {
    const values = new Set(seen.map((one) => one.signer.identity?.[fact] ?? null))
    const [value] = values
    if (values.size === 1 && value !== null && value !== undefined && value !== '')
      lines.push(`    ${fact}: ${quoted(value)}`)
  }
  const grade = GRADES[Math.max(...seen.map((one) => GRADES.indexOf(one.signer.grade)))] satisfies Grade | undefined
  if (grade !== undefined && grade !== 'D') lines.push(`    grade: ${grade}`)
  if (several) lines.push(`    authority: ${scalar(authority!.name)}`)
  return lines
}

/** What a signer is called: as it is enrolled, else by what ran. */
function nameOf({ signer, step }: SeenStep): string {
  const { identity, name, system } = signer
  if (identity === null) return isName(name) ? name : `key-${signer.keyId.slice(0, 8)}`
  const workflow = withoutRef(identity.buildConfigURI)
    ?.split('/')
    .at(-1)
    ?.replace(/\.[a-z]+$/, '')
  const parts = [system ?? 'identity', workflow ?? step.name].map((part) => part.replace(/[^A-Za-z0-9._-]/g, '-'))
  const made = parts.join('/')
  return isName(made) ? made : `signer-${signer.keyId.slice(0, 8)}`
}

function unused(name: string, names: Set<string>): string {
  let own = name
  for (let again = 2; names.has(own); again++) own = `${name}-${again}`
  names.add(own)
  return own
}
