import { type Code, CodedError, type Crypto, type ErrorReport } from '@countersign/core'
import { type Bundle, isBundle, linkDigest, parseStep, type StepStatement, succeeded } from '@countersign/formats'
import {
  claimedIn,
  type Edge,
  handshake,
  type JudgedStep,
  type VerifiedAttachment,
  type VerifiedDisclosure,
  type VerifiedReceipt,
  type VerifiedStep,
  type VerifiedWithheld,
} from '@countersign/verify'
import type { CoveredEntry } from '@countersign/verify/anchors'
import type { Examination } from './examine.ts'

/**
 * `good`: verified, and nothing speaks against it. `bad`: verified, and something does. `refused`: its signature or
 * shape does not verify, so what is shown of it is what it claims. `missing`: another step names it, and it is not there.
 * `withheld`: neither, and its log proves that it has an entry for it.
 */
export type NodeState = 'good' | 'bad' | 'refused' | 'missing' | 'withheld'

/** A step as the page draws it. */
export interface Node {
  /** Link digest. */
  readonly id: string
  readonly state: NodeState
  readonly name: string
  readonly matrix: string | null
  readonly attempt: number
  /** The CI system it says it ran on; null where nobody says. */
  readonly system: string | null
  /** Whether it is on the way that was judged. */
  readonly onWay: boolean
  readonly step: VerifiedStep | null
  /** What it says of itself; verified exactly where `step` is there. */
  readonly statement: StepStatement | null
  readonly receipts: readonly VerifiedReceipt[]
  /** Origins of logs that are not believed, with receipts of it. */
  readonly unjudged: readonly string[]
  /** That the log has an entry for what is not shown; null for all that is. */
  readonly withheld: VerifiedWithheld | null
  /** The statements that cover its entry. */
  readonly entries: readonly CoveredEntry[]
  /** What its sealed fields hold, as far as it is told. */
  readonly disclosed: readonly VerifiedDisclosure[]
  readonly attached: readonly VerifiedAttachment[]
  readonly findings: readonly ErrorReport[]
  /** Link digests of those before it, with the names it calls them by. */
  readonly previous: readonly { readonly link: string; readonly step: string }[]
}

/** `handed`: bytes were handed over. `order`: the signature names it, nothing more. `broken`: it does not hold. */
export type LineKind = 'handed' | 'order' | 'broken'

export interface Line {
  readonly from: string
  readonly to: string
  readonly kind: LineKind
}

export interface Graph {
  /** Each after those before it. */
  readonly nodes: readonly Node[]
  readonly lines: readonly Line[]
}

/** All steps of the evidence with how they hang together: those that verify, those that do not, and the gaps. */
export function graphOf(examination: Examination, crypto: Pick<Crypto, 'sha256'>): Graph {
  const verified = verifiedNodes(examination)
  const nodes = new Map(verified.map(({ node }) => [node.id, node]))
  const refused = refusedNodes(examination, crypto)
  const lost = lostOf(nodes)
  for (const node of refused) {
    // A changed payload has another link digest: it stands where the step that it claims to be is missing.
    const gaps = [...lost].filter(([, name]) => name === node.name)
    const place = lost.has(node.id) || gaps.length !== 1 ? node.id : gaps[0]![0]
    lost.delete(place)
    if (!nodes.has(place)) nodes.set(place, { ...node, id: place })
  }
  for (const [link, name] of lost) nodes.set(link, gapOf(link, name, examination))
  const edges = new Map(verified.flatMap(({ edges: own }) => own.map((edge) => [`${edge.from} ${edge.to}`, edge])))
  const order = ordered(nodes)
  const lines = order.flatMap((node) =>
    node.previous.flatMap(({ link }) => {
      const before = nodes.get(link)
      return before === undefined ? [] : [lineOf(before, node, edges.get(`${link} ${node.id}`))]
    }),
  )
  return { nodes: order, lines }
}

/** What is not shown, or not there yet, of somebody else: it speaks against nobody. */
const OPEN: ReadonlySet<Code> = new Set<Code>(['step-withheld', 'anchor-pending'])

function verifiedNodes({
  verdict,
  chain,
  anchored,
  contracts,
  now,
}: Examination): { node: Node; edges: readonly Edge[] }[] {
  const judged = new Map<string, JudgedStep>(verdict.steps.map((one) => [one.step.link, one]))
  return [...chain.steps.values()].map((step) => {
    const { predicate } = step.statement
    const contract = contracts.find(({ digest }) => digest === predicate.chain.contract) ?? null
    const claimed = claimedIn(chain, step.link)
    const fits = handshake({ step, previous: chain.steps, withheld: chain.withheld, contract, now, claimed })
    const own = judged.get(step.link)
    const findings = own?.findings ?? fits.findings
    const { name, matrix, attempt } = predicate.step
    const node: Node = {
      id: step.link,
      state: findings.every(({ code }) => OPEN.has(code)) ? 'good' : 'bad',
      name,
      matrix,
      attempt,
      system: predicate.runner.system,
      // Where no step ends it, no way was judged.
      onWay: own !== undefined || judged.size === 0,
      step,
      statement: step.statement,
      receipts: chain.receipts.get(step.link) ?? [],
      unjudged: [
        ...new Set((chain.unjudged.get(step.link) ?? []).map(({ receipt }) => receipt.proof.checkpoint.origin)),
      ],
      withheld: null,
      entries: anchored?.entries.get(step.link) ?? [],
      disclosed: [...(chain.disclosed.get(step.link)?.values() ?? [])],
      attached: chain.attached.get(step.link) ?? [],
      findings,
      previous: predicate.previous,
    }
    return { node, edges: fits.edges }
  })
}

function refusedNodes({ evidence, chain }: Examination, crypto: Pick<Crypto, 'sha256'>): Node[] {
  return chain.refused.flatMap(({ index, report }) => {
    const line = evidence.lines[index]
    if (line === undefined || !isBundle(line)) return []
    const statement = claimOf(line)
    // What cannot even be read is told among the findings.
    if (statement === null) return []
    const { step, runner, previous } = statement.predicate
    const { name, matrix, attempt } = step
    return [
      {
        id: linkDigest(line.envelope, crypto),
        state: 'refused' as const,
        name,
        matrix,
        attempt,
        system: runner.system,
        onWay: true,
        step: null,
        statement,
        receipts: [],
        unjudged: [],
        withheld: null,
        entries: [],
        disclosed: [],
        attached: [],
        findings: [report],
        previous,
      },
    ]
  })
}

function claimOf({ envelope }: Bundle): StepStatement | null {
  try {
    return parseStep(envelope.payload)
  } catch (error) {
    if (error instanceof CodedError) return null
    throw error
  }
}

/** What is named as a predecessor and is not there, by the name it is called. */
function lostOf(nodes: ReadonlyMap<string, Node>): Map<string, string> {
  const lost = new Map<string, string>()
  for (const { previous } of nodes.values()) {
    for (const { link, step } of previous) if (!nodes.has(link)) lost.set(link, step)
  }
  return lost
}

function gapOf(link: string, name: string, { chain, anchored }: Examination): Node {
  const withheld = chain.withheld.get(link) ?? null
  return {
    id: link,
    state: withheld === null ? 'missing' : 'withheld',
    name,
    matrix: null,
    attempt: 1,
    system: null,
    onWay: true,
    step: null,
    statement: null,
    receipts: [],
    unjudged: [],
    withheld,
    entries: anchored?.entries.get(link) ?? [],
    disclosed: [],
    attached: [],
    findings: [],
    previous: [],
  }
}

function lineOf(from: Node, to: Node, edge: Edge | undefined): Line {
  // What somebody received of it is that one's word.
  if (from.state === 'withheld') return { from: from.id, to: to.id, kind: 'order' }
  const kind = edge === undefined || !holds(from, to, edge) ? 'broken' : edge.strength === 'strong' ? 'handed' : 'order'
  return { from: from.id, to: to.id, kind }
}

/** Whether nothing that was found of a step is about what this one of its predecessors handed to it. */
function holds(from: Node, to: Node, edge: Edge): boolean {
  if (from.step === null || to.step === null) return false
  const found = (...codes: readonly Code[]) => to.findings.some(({ code }) => codes.includes(code))
  const [before, after] = [from.step.statement.predicate, to.step.statement.predicate]
  const named = after.previous.find(({ link }) => link === from.id)?.step === from.name
  if (!named || !succeeded(before) || before.chain.id !== after.chain.id) return false
  if (before.step.attempt !== after.step.attempt && found('attempt-mixed')) return false
  return edge.found === 'digest' || !found('edge-empty', 'material-swapped', 'step-order')
}

/** Each after those before it, by when they finished. What claims to be in a circle comes last. */
function ordered(nodes: ReadonlyMap<string, Node>): Node[] {
  const waiting = new Map<string, number>()
  const followers = new Map<string, Node[]>()
  for (const node of nodes.values()) {
    const before = node.previous.filter(({ link }) => nodes.has(link))
    waiting.set(node.id, before.length)
    for (const { link } of before) {
      const known = followers.get(link)
      if (known === undefined) followers.set(link, [node])
      else known.push(node)
    }
  }
  const order: Node[] = []
  const ready = [...nodes.values()].filter(({ id }) => waiting.get(id) === 0).toSorted(byFinish)
  for (const node of ready) {
    order.push(node)
    const next = (followers.get(node.id) ?? []).filter(({ id }) => {
      const left = waiting.get(id)! - 1
      waiting.set(id, left)
      return left === 0
    })
    ready.push(...next.toSorted(byFinish))
  }
  const placed = new Set(order.map(({ id }) => id))
  return [...order, ...[...nodes.values()].filter(({ id }) => !placed.has(id))]
}

function byFinish(a: Node, b: Node): number {
  const [one, two] = [a, b].map(({ statement, name, matrix, id }) =>
    [statement?.predicate.invocation.finishedAt ?? '', name, matrix ?? '', id].join('\n'),
  )
  return one! < two! ? -1 : one! > two! ? 1 : 0
}
