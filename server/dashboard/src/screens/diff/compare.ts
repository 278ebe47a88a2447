import type { Seen, SeenNode, SeenResource } from '../../worker/messages.ts'
import { stepTitle } from '../proof/picture.ts'

/** One fact of a step in two runs; null where a run has nothing of it. */
export interface Fact {
  readonly name: string
  readonly left: string | null
  readonly right: string | null
  readonly same: boolean
  /** It came from a step before, or was made of what did: what began it stands there. */
  readonly carried: boolean
}

export interface Compared {
  readonly title: string
  readonly left: SeenNode | null
  readonly right: SeenNode | null
  readonly facts: readonly Fact[]
  /** How many of the facts differ by themselves, and how many because something before them does. */
  readonly differing: number
  readonly following: number
}

/** The steps of two runs side by side, by name and matrix key, each in its last attempt. */
export function compare(left: Seen, right: Seen): Compared[] {
  const [a, b] = [stepsOf(left), stepsOf(right)]
  return [...new Set([...a.keys(), ...b.keys()])].map((title) => {
    const [one, other] = [a.get(title) ?? null, b.get(title) ?? null]
    const facts = factsOf(one, other)
    const others = facts.filter(({ same }) => !same)
    const following = others.filter(({ carried }) => carried).length
    return { title, left: one, right: other, facts, differing: others.length - following, following }
  })
}

function stepsOf({ nodes }: Seen): Map<string, SeenNode> {
  const steps = new Map<string, SeenNode>()
  for (const node of nodes) {
    const key = stepTitle({ ...node, attempt: 1 })
    const known = steps.get(key)
    if (known === undefined || node.attempt > known.attempt) steps.set(key, node)
  }
  return steps
}

function factsOf(left: SeenNode | null, right: SeenNode | null): Fact[] {
  const fact = (name: string, of: (node: SeenNode) => string | null): Fact => {
    const [a, b] = [left === null ? null : of(left), right === null ? null : of(right)]
    return { name, left: a, right: b, same: a === b, carried: false }
  }
  const single = [
    fact('how it stands', ({ state }) => STATES[state]),
    fact('signed by', ({ signer }) => signer?.name ?? null),
    fact('identity', ({ signer }) => signer?.identity ?? signer?.keyId.slice(0, 16) ?? null),
    fact('grade', ({ signer }) => signer?.grade ?? null),
    fact('CI system', ({ system }) => system),
    fact('runner', ({ said }) => (said === null ? null : `${said.os}/${said.arch}`)),
    fact('ran', ({ said }) => said?.argv ?? null),
    fact('ended', ({ said }) => said?.end ?? null),
    fact('attempt', ({ attempt }) => String(attempt)),
    fact('in', ({ said }) => said?.workingDirectory ?? null),
  ]
  return [
    ...single.filter((one) => one.left !== null || one.right !== null),
    ...listed('tool', left?.said?.tools, right?.said?.tools),
    ...listed('action', left?.said?.actions, right?.said?.actions),
    ...listed('claim', left?.said?.claims.filter(isLasting), right?.said?.claims.filter(isLasting)),
    ...listed('environment', left?.said?.environment, right?.said?.environment),
    ...listed('received', resources(left?.said?.materials), resources(right?.said?.materials), (name) =>
      [left, right].every((node) => isHanded(node, name)),
    ),
    // What is made of something is another where that is.
    ...listed('vouches for', resources(left?.said?.products), resources(right?.said?.products), () =>
      [left, right].every((node) => (node?.said?.materials.length ?? 0) > 0),
    ),
  ]
}

const STATES = {
  good: 'verified',
  bad: 'verified, does not fit',
  refused: 'does not verify',
  missing: 'missing',
  withheld: 'withheld',
} as const

/** What differs in every run says nothing of why one went wrong. */
function isLasting([name]: readonly [string, string]): boolean {
  return name !== 'runInvocationURI'
}

type Pairs = readonly (readonly [string, string])[]

function isHanded(node: SeenNode | null, name: string): boolean {
  const one = node?.said?.materials.find((material) => material.name === name)
  return one !== undefined && one.from !== null
}

function listed(
  kind: string,
  left: Pairs = [],
  right: Pairs = [],
  isCarried: (name: string) => boolean = () => false,
): Fact[] {
  const [a, b] = [new Map(left), new Map(right)]
  return [...new Set([...a.keys(), ...b.keys()])].map((name) => {
    const [one, other] = [a.get(name) ?? null, b.get(name) ?? null]
    return { name: `${kind} ${name}`, left: one, right: other, same: one === other, carried: isCarried(name) }
  })
}

function resources(list: readonly SeenResource[] = []): Pairs {
  return list.map(({ name, sha256 }) => [name, sha256 ?? ''])
}
