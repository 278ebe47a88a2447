import type { RunView } from '@countersign/client/views'
import type { DagEdge, DagNode } from '../../pictures/dag-layout.ts'
import type { Seen, SeenNode } from '../../worker/messages.ts'

export interface Picture {
  readonly nodes: readonly DagNode[]
  readonly edges: readonly DagEdge[]
  /** A step's name without its matrix key, by its link. */
  readonly names: ReadonlyMap<string, string>
}

/** `build`, `test (linux)`, `build #2`. */
export function stepTitle({ name, matrix, attempt }: { name: string; matrix: string | null; attempt: number }): string {
  return `${name}${matrix === null ? '' : ` (${matrix})`}${attempt === 1 ? '' : ` #${attempt}`}`
}

/**
 * The picture of what this browser found. `before` is what it found before somebody changed the copy: what cannot be read any
 * more stands where it stood, its edges broken.
 */
export function pictureOfSeen({ nodes, lines }: Seen, before: Seen | null): Picture {
  const lost = new Set(nodes.filter(({ said }) => said === null).map(({ id }) => id))
  const was = new Map((before?.nodes ?? []).map((node) => [node.id, node]))
  const there = new Set(lines.map(({ from, to }) => `${from} ${to}`))
  const broken = (before?.lines ?? []).filter(({ from, to }) => lost.has(to) && !there.has(`${from} ${to}`))
  return {
    nodes: nodes.map((node) => ({
      id: node.id,
      title: stepTitle(node),
      under: node.signer?.name ?? underOf(node),
      grade: node.signer?.grade ?? null,
      system: node.system ?? was.get(node.id)?.system ?? null,
      state: node.state,
      faint: !node.onWay,
      count: 1,
    })),
    edges: [...lines, ...broken.map((line) => ({ ...line, kind: 'broken' as const }))].map((line) => ({
      ...line,
      said: false,
    })),
    names: new Map(nodes.map(({ id, name }) => [id, name])),
  }
}

function underOf({ state, withheld }: SeenNode): string {
  if (withheld !== null) return withheld
  return state === 'missing' ? 'not here' : state === 'refused' ? 'does not verify' : ''
}

/** The picture of what the server says, before anything is verified. */
export function pictureOfSaid({ steps }: RunView): Picture {
  const there = new Set(steps.map(({ link }) => link))
  return {
    nodes: steps.map(({ link, step, matrix, attempt, signer, grade, system, erasedAt }) => ({
      id: link,
      title: stepTitle({ name: step, matrix, attempt }),
      under: erasedAt === null ? (signer ?? '') : 'erased',
      grade,
      system,
      state: erasedAt === null ? ('said' as const) : ('withheld' as const),
      faint: false,
      count: 1,
    })),
    edges: steps.flatMap(({ link, previous }) =>
      previous.flatMap((edge) =>
        there.has(edge.link)
          ? [
              {
                from: edge.link,
                to: link,
                kind: edge.strength === 'strong' ? ('handed' as const) : ('order' as const),
                said: true,
              },
            ]
          : [],
      ),
    ),
    names: new Map(steps.map(({ link, step }) => [link, step])),
  }
}
