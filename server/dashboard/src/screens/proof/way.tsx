import '../../pictures/dag.css'
import './proof.css'
import { useEffect, useMemo } from 'preact/hooks'
import { Dag, DagKey } from '../../pictures/dag.tsx'
import { grouped } from '../../pictures/dag-groups.ts'
import { Fit } from '../../parts/room.tsx'
import { Section } from '../../parts/section.tsx'
import { hrefOf, path, query, setQuery } from '../../router.ts'
import { type Picture, pictureOfSaid, pictureOfSeen } from './picture.ts'
import { opened, type Proof } from './use-proof.ts'

/** Pixels below which time goes down. */
const NARROW = 640
const BORDERS = 2

/** The way it went, drawn. */
export function Way({ proof }: { readonly proof: Proof }) {
  const { said, seen } = proof
  const { before } = proof
  const groups = useMemo(() => {
    const picture: Picture | null =
      seen !== null ? pictureOfSeen(seen, before) : said !== null ? pictureOfSaid(said) : null
    if (picture === null) return null
    return grouped(picture.nodes, picture.edges, (id) => picture.names.get(id) ?? '', opened.value)
  }, [seen, before, said, opened.value])
  const selected = query.value.get('step')
  const chosen = groups?.nodes.find(({ id }) => selected !== null && id.startsWith(selected))?.id ?? null
  const here = `${path.value}?${query.value}`
  // Drawn anew only where something of it is another: what is the same element is not looked at again.
  const drawn = useMemo(() => {
    const link = (id: string) => hrefOf(path.value, { ...Object.fromEntries(query.value), step: id })
    const at = (room: number) =>
      groups === null ? null : (
        <Dag
          nodes={groups.nodes}
          edges={groups.edges}
          direction={room < NARROW ? 'down' : 'across'}
          room={room - BORDERS}
          selected={chosen}
          hrefOf={link}
          label="The steps and what was handed from each to the next. Arrow keys go from step to step."
        />
      )
    return <Fit>{at}</Fit>
  }, [groups, chosen, here])
  // A group is opened where it stands; it is no step that could be told of.
  useEffect(() => {
    if (selected === null || !selected.startsWith('group:')) return
    opened.value = new Set([...opened.value, selected])
    setQuery({ step: null })
  }, [selected])
  return (
    <Section
      id="way"
      title="The way it went"
      aside={
        groups === null || groups.open.length === 0 ? null : (
          <button
            type="button"
            class="button small"
            onClick={() => {
              opened.value = new Set()
            }}
          >
            Close groups
          </button>
        )
      }
    >
      {drawn}
      <DagKey said={seen === null} />
    </Section>
  )
}
