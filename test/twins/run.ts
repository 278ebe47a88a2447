import { createHash } from 'node:crypto'
import { CodedError, utf8 } from '@countersign/core'
import { type Contract, parseContract } from '@countersign/contract'
import { type Bundle, type FileMode, type Resource, TREE_MEDIA_TYPE, writeStep, writeVkey } from '@countersign/formats'
import fc from 'fast-check'
import { linkOf, logKeyOf, type Party, party, seal, sha256, source, statement, type Signed } from '../pipeline.ts'

/** Random small contracts, and honest runs of them, as drafts that can still be bent before they are signed. */

const TAPE = 200

/** Choices that fast-check makes and can shrink: the first is always the plainest. */
export interface Choose {
  upTo(max: number): number
  one<T>(items: readonly T[]): T
  /** True in `percent` of all cases. */
  chance(percent: number): boolean
  /** At least one of the items, in their order. */
  some<T>(items: readonly T[]): T[]
  /** Hex digits that were not drawn before. */
  fresh(digits: number): string
}

/** Choices read from a tape, so that a case that fails shrinks; past its end the plainest is chosen. */
export const choices: fc.Arbitrary<Choose> = fc.uint16Array({ minLength: TAPE, maxLength: TAPE }).map((tape) => {
  let at = 0
  let drawn = 0
  const upTo = (max: number): number => (tape[at++] ?? 0) % (max + 1)
  const choose: Choose = {
    upTo,
    one: (items) => items[upTo(items.length - 1)]!,
    chance: (percent) => upTo(99) >= 100 - percent,
    some: (items) => {
      const kept = items.filter(() => upTo(1) === 0)
      return kept.length > 0 ? kept : [choose.one(items)]
    },
    fresh: (digits) => sha256(`${drawn++}`).slice(0, digits),
  }
  return choose
})

/** Ed25519: half the cost of P-256 to sign with, and judging does not look at the algorithm. */
export const SIGNERS = ['alice', 'bob', 'carol'].map((name) => party(name, 'ed25519'))
export const SERVER = party('server', 'ed25519')

/** A step before it is signed; predecessors by the id of their draft, or by a link digest. */
export interface Draft {
  id: string
  by: Party
  chain: { id: string; pipeline: string; contract: string | null }
  name: string
  attempt: number
  matrix: string | null
  nonce: string
  previous: { id: string; step: string }[]
  materials: { resource: Resource; from: string | null }[]
  subject: Resource[]
  exitCode: number
  minute: number
}

export interface HonestRun {
  readonly contract: Contract
  /** In an order in which they could have run. */
  readonly drafts: Draft[]
  /** What every job of the final step vouches for; null where that is nothing. */
  readonly artifact: Resource | null
  readonly again: (salt: string) => Draft[]
}

interface Shape {
  readonly name: string
  readonly after: readonly string[]
  readonly signers: readonly Party[]
  readonly products: readonly ('out' | 'dir' | 'pkg')[] | null
  matrix: readonly string[] | null
  /** Steps it receives from, by pattern; null: from all in `after`, whatever they made. */
  readonly from: ReadonlyMap<string, string> | null
  readonly outside: 'name' | 'bytes' | null
}

const MATRICES = [null, null, ['a', 'b'], ['b', 'c'], ['a', 'b', 'c']] as const

/** What the steps make, by kind, and the pattern by which a contract names it. */
const PATTERNS = {
  out: (step: string) => `out-${step}*`,
  dir: (step: string) => `dir-${step}*/`,
  pkg: (step: string) => `pkg-${step}/*`,
}

function shapesOf(choose: Choose): Shape[] {
  const count = 2 + choose.upTo(4)
  const shapes: Shape[] = []
  for (let i = 0; i < count; i++) {
    const names = shapes.map(({ name }) => name)
    const final = i === count - 1
    const idle = names.filter((name) => !shapes.some(({ after }) => after.includes(name)))
    const first = i === 0 || (!final && choose.chance(15))
    const after = first
      ? []
      : final
        ? names.filter((name) => idle.includes(name) || choose.chance(20))
        : choose.some(names.slice(-3))
    const matrix = first ? null : choose.one(MATRICES)
    const products =
      choose.chance(first ? 80 : 40) && !(final && matrix !== null) ? null : choose.some(['out', 'dir', 'pkg'] as const)
    const makers = shapes.filter(({ name }) => after.includes(name))
    shapes.push({
      name: final ? 'final' : `s${i}`,
      after,
      signers: choose.some(SIGNERS),
      products,
      matrix,
      from: first || choose.chance(50) ? null : wantedOf(choose, makers, products !== null),
      outside: choose.one([null, null, null, 'name', 'bytes'] as const),
    })
  }
  return shapes
}

function wantedOf(choose: Choose, makers: readonly Shape[], mayReceiveNothing: boolean): Map<string, string> {
  const wanted = mayReceiveNothing ? makers.filter(() => choose.chance(60)) : choose.some(makers)
  return new Map(
    wanted.map(({ name, products }) => [
      name,
      products === null || choose.chance(30) ? '**' : PATTERNS[choose.one(products)](name),
    ]),
  )
}

/** The known bytes of what comes in from outside. */
export const FETCHED = 'what was fetched'

function contractText(shapes: readonly Shape[], choose: Choose): string {
  const keys = (parties: readonly Party[]) =>
    parties.map(({ name, publicKey }) => `${name}: ${Buffer.from(publicKey.spki).toString('base64')}`).join(', ')
  const used = SIGNERS.filter((signer) => shapes.some(({ signers }) => signers.includes(signer)))
  const list = (items: readonly string[]) => `[${items.map((item) => JSON.stringify(item)).join(', ')}]`
  const steps = shapes.map(({ name, after, signers, products, matrix, from, outside }) => {
    const materials =
      from === null && outside === null
        ? []
        : [
            ...[...(from ?? new Map(after.map((before) => [before, '**'])))].map(
              ([maker, pattern]) => `{ from: ${maker}, match: ${list([pattern])} }`,
            ),
            ...(outside === null
              ? []
              : [`{ outside: "ext/*"${outside === 'bytes' ? `, sha256: "${sha256(FETCHED)}"` : ''} }`]),
          ]
    return `  ${name}: { ${[
      `signers: ${list(signers.map((signer) => signer.name))}`,
      ...(after.length === 0 ? [] : [`after: ${list(after)}`]),
      ...(from === null && outside === null ? [] : [`materials: [${materials.join(', ')}]`]),
      ...(products === null
        ? []
        : [`products: ${list(name === 'final' ? ['out-final*'] : products.map((kind) => PATTERNS[kind](name)))}`]),
      ...(matrix === null ? [] : [`matrix: ${list(matrix)}`]),
    ].join(', ')} }`
  })
  return [
    'contract: v1',
    'pipeline: p',
    'revision: 1',
    `signers: { ${keys(used)} }`,
    ...(choose.chance(30) ? [`countersigners: ["${writeVkey(logKeyOf(SERVER))}"]`] : []),
    ...(choose.chance(50) ? ['attempts: carry'] : []),
    'steps:',
    ...steps,
    'final: final',
    '',
  ].join('\n')
}

/** A contract and the shapes it was written from. Jobs that no step would wait for are a fault, so they go. */
function contractOf(choose: Choose): { contract: Contract; shapes: Shape[] } {
  const shapes = shapesOf(choose)
  try {
    return { shapes, contract: parseContract(utf8(contractText(shapes, choose))) }
  } catch (error) {
    if (!(error instanceof CodedError && error.what.includes('no step waits for'))) throw error
    for (const shape of shapes) shape.matrix = null
    return { shapes, contract: parseContract(utf8(contractText(shapes, choose))) }
  }
}

const TREE_MODE = '040000'

export function fileOf(name: string, content: string, mode: FileMode, weak: boolean): Resource {
  const sha1 = weak ? { sha1: createHash('sha1').update(content).digest('hex') } : {}
  return { name, digest: { sha256: sha256(content), ...sha1 }, annotations: { mode } }
}

export function treeOf(name: string, digest: string): Resource {
  return { name: `${name}/`, digest: { sha256: digest }, mediaType: TREE_MEDIA_TYPE, annotations: { mode: TREE_MODE } }
}

function productOf(
  choose: Choose,
  kind: 'out' | 'dir' | 'pkg',
  step: string,
  job: string | null,
  salt: string,
): Resource {
  const of = job === null || step === 'final' ? '' : `-${job}`
  const content = `${kind} ${step}${of} ${salt}`
  if (step === 'final') return fileOf('out-final', content, '100755', false)
  if (kind === 'dir') return treeOf(`dir-${step}${of}`, sha256(content))
  // Empty files are the common case of two products that share their bytes.
  if (kind === 'pkg') return fileOf(`pkg-${step}/x${of}`, choose.chance(50) ? '' : content, '100644', false)
  return fileOf(`out-${step}${of}`, content, choose.one(['100644', '100755'] as const), choose.chance(50))
}

/** A contract, an honest run of it, and more of them: those of one salt make the same bytes. */
export function honestRun(choose: Choose): HonestRun {
  const { contract, shapes } = contractOf(choose)
  const bound = choose.chance(5) ? null : contract.digest
  const again = (salt: string) => draftsOf(choose, contract, bound, shapes, salt)
  const drafts = again('salt')
  const [end, ...ends] = drafts.filter(({ name, exitCode }) => name === 'final' && exitCode === 0)
  // What the final step lets in from outside it may vouch for, but nobody made it.
  const common = end!.subject.filter(
    ({ name, digest }) =>
      !name.startsWith('ext/') &&
      ends.every(({ subject }) => subject.some((other) => other.digest.sha256 === digest.sha256)),
  )
  return { contract, drafts, artifact: common.length === 0 ? null : choose.one(common), again }
}

function draftsOf(
  choose: Choose,
  contract: Contract,
  bound: string | null,
  shapes: readonly Shape[],
  salt: string,
): Draft[] {
  const chain = { id: choose.fresh(32), pipeline: 'p', contract: bound }
  const first = 1 + choose.upTo(1)
  const drafts: Draft[] = []
  for (const [i, shape] of shapes.entries()) {
    for (const job of shape.matrix ?? [null]) {
      const before = drafts.filter((draft) => draft.exitCode === 0 && isBefore(draft, shape, job, shapes))
      const least = Math.max(first, ...before.map(({ attempt }) => attempt))
      const again = contract.attempts === 'carry' && choose.chance(40)
      const draft: Draft = {
        id: `${chain.id} ${shape.name} ${job}`,
        by: choose.one(shape.signers),
        chain: { ...chain },
        name: shape.name,
        attempt: least + (again ? 1 : 0),
        matrix: job,
        nonce: choose.fresh(32),
        previous: before.map(({ id, name }) => ({ id, step: name })),
        materials: materialsOf(choose, shape, before),
        subject: [],
        exitCode: 0,
        minute: 2 * i,
      }
      draft.subject = subjectOf(choose, shape, job, draft, salt)
      // The try that failed, and was made again.
      if (again && choose.chance(70)) {
        drafts.push({ ...draft, id: `${draft.id} failed`, attempt: least, nonce: choose.fresh(32), exitCode: 1 })
      }
      drafts.push(draft)
    }
  }
  return drafts
}

function isBefore(draft: Draft, shape: Shape, job: string | null, shapes: readonly Shape[]): boolean {
  if (!shape.after.includes(draft.name)) return false
  const jobs = shapes.find(({ name }) => name === draft.name)!.matrix
  return jobs === null || job === null || !jobs.includes(job) || draft.matrix === job
}

function materialsOf(choose: Choose, shape: Shape, before: readonly Draft[]): Draft['materials'] {
  const materials = new Map<string, Draft['materials'][number]>()
  const taken = new Set(before.flatMap(({ subject }) => subject.map(({ name }) => name)))
  for (const { id, name, subject } of before) {
    const pattern = shape.from === null ? '**' : shape.from.get(name)
    if (pattern === undefined) continue
    const wanted = subject.filter(
      (made) => pattern === '**' || made.name.startsWith(pattern.slice(0, pattern.indexOf('*'))),
    )
    for (const made of choose.some(wanted)) {
      const digest = choose.chance(10) ? { sha256: made.digest.sha256, ...gitOf(made) } : made.digest
      const mode = choose.chance(10) && made.mediaType === undefined ? null : (made.annotations?.mode ?? null)
      const renamed = choose.chance(10) && !taken.has(`in/${made.name}`) ? `in/${made.name}` : made.name
      const resource: Resource = { ...made, digest, annotations: { mode }, name: renamed }
      const other = materials.get(renamed)
      if (other === undefined) materials.set(renamed, { resource, from: id })
      // Another thing of one name has to go elsewhere.
      else if (other.resource.digest.sha256 !== made.digest.sha256) {
        const name = `${materials.size}/${made.name}`
        materials.set(name, { resource: { ...resource, name }, from: id })
      }
    }
  }
  if (shape.outside !== null && choose.chance(70)) {
    const content = shape.outside === 'bytes' ? FETCHED : `fetched ${choose.fresh(4)}`
    const name = `ext/for-${shape.name}`
    materials.set(name, { resource: fileOf(name, content, '100644', false), from: null })
  }
  return [...materials.values()]
}

function gitOf({ digest }: Resource): { [algorithm: string]: string } {
  return Object.fromEntries(Object.entries(digest).filter(([algorithm]) => algorithm.startsWith('git')))
}

function subjectOf(choose: Choose, shape: Shape, job: string | null, draft: Draft, salt: string): Resource[] {
  const made = (shape.name === 'final' && shape.products !== null ? (['out'] as const) : (shape.products ?? [])).map(
    (kind) => productOf(choose, kind, shape.name, job, salt),
  )
  if (shape.after.length === 0) return [source('commit', salt), ...made]
  return made.length > 0 ? made : draft.materials.map(({ resource }) => resource)
}

export interface SignedDraft extends Signed {
  readonly draft: Draft
}

/** Signs the drafts in their order, so that each can name those before it. Throws what writing a step throws. */
export function signAll(drafts: readonly Draft[], links = new Map<string, string>()): SignedDraft[] {
  return drafts.map((draft) => {
    const { id, by, previous, materials, exitCode, subject, ...rest } = draft
    const linkTo = (id: string) => links.get(id) ?? (/^[0-9a-f]{64}$/.test(id) ? id : sha256(id))
    const said = statement({
      ...rest,
      exitCode,
      previous: previous.map(({ id, step }) => ({ link: linkTo(id), step })),
      materials: materials.map(({ resource, from }) => ({
        ...resource,
        annotations: { mode: resource.annotations?.mode ?? null, from: from === null ? null : linkTo(from) },
      })),
      subject,
    })
    const bundle: Bundle = seal(by, writeStep(said))
    const link = linkOf(bundle)
    links.set(id, link)
    return { draft, bundle, link, statement: said }
  })
}
