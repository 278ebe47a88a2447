import type { DagEdge, DagNode, DagState } from './dag-layout.ts'

/** How bad a state is: a group stands as its worst step does. */
const WORSE: readonly DagState[] = ['good', 'said', 'withheld', 'missing', 'refused', 'bad']
/** Fewer are drawn one by one. */
const LEAST = 4

export interface Grouped {
  readonly nodes: readonly DagNode[]
  readonly edges: readonly DagEdge[]
  /** Ids of groups that could be opened, and are open. */
  readonly open: readonly string[]
}

/**
 * Jobs of one matrix as one node, until somebody opens them: steps of one name on one system, with the same steps before
 * and after. `nameOf` is a step's name without its matrix key; `opened` are ids of groups, `group:` and the first step's.
 */
export function grouped(
  nodes: readonly DagNode[],
  edges: readonly DagEdge[],
  nameOf: (id: string) => string,
  opened: ReadonlySet<string>,
): Grouped {
  const before = new Map<string, string[]>()
  const after = new Map<string, string[]>()
  for (const { from, to } of edges) {
    before.set(to, [...(before.get(to) ?? []), from])
    after.set(from, [...(after.get(from) ?? []), to])
  }
  const alike = new Map<string, DagNode[]>()
  for (const node of nodes) {
    const around = [before, after].map((map) => (map.get(node.id) ?? []).toSorted().join())
    const key = [nameOf(node.id), node.system ?? '', ...around].join('\n')
    alike.set(key, [...(alike.get(key) ?? []), node])
  }
  const into = new Map<string, string>()
  const groups = new Map<string, DagNode>()
  const open: string[] = []
  for (const members of alike.values()) {
    const [first] = members
    if (first === undefined || members.length < LEAST) continue
    const id = `group:${first.id}`
    if (opened.has(id)) {
      open.push(id)
      continue
    }
    for (const { id: member } of members) into.set(member, id)
    const worst = members.reduce((a, b) => (WORSE.indexOf(b.state) > WORSE.indexOf(a.state) ? b : a))
    const grades = members.flatMap(({ grade }) => (grade === null ? [] : [grade])).toSorted()
    const signers = new Set(members.map(({ under }) => under))
    groups.set(id, {
      ...first,
      id,
      title: nameOf(first.id),
      under: signers.size === 1 ? first.under : `${signers.size} signers`,
      grade: grades.at(-1) ?? null,
      state: worst.state,
      faint: members.every(({ faint }) => faint),
      count: members.length,
    })
  }
  const place = (id: string) => into.get(id) ?? id
  const drawn = new Map<string, DagEdge>()
  for (const edge of edges) {
    const one = { ...edge, from: place(edge.from), to: place(edge.to) }
    const key = `${one.from} ${one.to}`
    const known = drawn.get(key)
    if (known === undefined || (one.kind === 'broken' && known.kind !== 'broken')) drawn.set(key, one)
  }
  const seen = new Set<string>()
  const kept = nodes.flatMap((node) => {
    const id = place(node.id)
    if (seen.has(id)) return []
    seen.add(id)
    return [groups.get(id) ?? node]
  })
  return { nodes: kept, edges: [...drawn.values()], open }
}
