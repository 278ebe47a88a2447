import '../board.css'
import { JsonLink } from '../../parts/json-link.tsx'
import { Loaded, useAnswer } from '../../parts/loaded.tsx'
import { Section } from '../../parts/section.tsx'
import { DecisionTable, type DecisionsPage } from '../deploys/decisions.tsx'

const MOST = 20

/** What gates were asked about a digest and what they said: also of one that no step vouches for. */
export function Asked({ digest }: { readonly digest: string }) {
  const path = `/v1/decisions?artifact=sha256:${digest}`
  const answer = useAnswer<DecisionsPage>(`${path}&limit=${MOST}`)
  const { value, problem } = answer
  // No gate was asked: nothing to tell.
  if (problem === null && (value === null || value.items.length === 0)) return null
  return (
    <Section id="asked" title="What gates said of it" aside={<JsonLink path={path} />}>
      <p class="about">As this server recorded it when it was asked. Each says why, and what mends it.</p>
      <Loaded answer={answer}>
        {({ items, next }) => (
          <>
            <DecisionTable decisions={items} ofOne />
            {next === null ? null : <p class="quiet">There are older ones than these {MOST}.</p>}
          </>
        )}
      </Loaded>
    </Section>
  )
}
