import '../board.css'
import { getBytes, Problem } from '../../api.ts'
import { Narrow } from '../../parts/choice.tsx'
import { Digest } from '../../parts/digest.tsx'
import { Empty } from '../../parts/empty.tsx'
import { JsonLink } from '../../parts/json-link.tsx'
import { Loaded, useAnswer, useWork } from '../../parts/loaded.tsx'
import { Moment } from '../../parts/moment.tsx'
import { Pager } from '../../parts/pager.tsx'
import { PageHead, Section } from '../../parts/section.tsx'
import { shellWord } from '../../parts/shell-word.ts'
import { Table } from '../../parts/table.tsx'
import { ContractGraph } from '../../pictures/contract-graph.tsx'
import { printable } from '../../plain.ts'
import { hrefOf } from '../../router.ts'
import type { ScreenProps } from '../../screens.ts'
import { Heat } from './heat.tsx'
import { contractOf } from './judging.ts'
import { Lab } from './lab.tsx'

/** `GET /v1/contracts`. */
interface Listed {
  readonly items: readonly ListedContract[]
  readonly next: string | null
}

interface ListedContract {
  readonly pipeline: string
  readonly revision: number
  readonly digest: string
  readonly publishedAt: string
  /** Of its leaf in the log; null for one that nobody signed. */
  readonly index: number | null
  readonly signatures: number
}

/** What would this contract have blocked? */
export default function Contracts({ query }: ScreenProps) {
  const [pipeline, find, digest] = [query.get('pipeline'), query.get('find'), query.get('digest')]
  const path = hrefOf('/v1/contracts', { pipeline: find, cursor: query.get('cursor') })
  const answer = useAnswer<Listed>(path)
  return (
    <>
      <PageHead title="What would a contract have blocked?" aside={<JsonLink path={path} />}>
        The rules of each pipeline, what they refused, and a place to try a draft on the runs there were before anybody
        is held to it.
      </PageHead>
      <Heat />
      {digest === null ? null : <ByDigest key={digest} digest={digest} />}
      {pipeline === null ? null : <Chosen key={pipeline} pipeline={pipeline} />}
      <Section id="published" title="Published contracts">
        <div class="filters">
          <Narrow label="Pipeline" name="find" placeholder="shop/web" />
        </div>
        <Loaded answer={answer}>
          {({ items, next }) =>
            items.length === 0 ? (
              <Empty
                title={find === null ? 'No contract was published yet' : `${find} has no contract`}
                command={`countersign contract learn --pipeline ${shellWord(find, 'shop/web')} --out contract.yaml`}
              >
                Have one written that fits the runs there were; then try it here, and publish it.
              </Empty>
            ) : (
              <>
                <Table
                  caption="Contracts, the newest first"
                  rows={items}
                  keyOf={(one) => one.digest}
                  columns={[
                    {
                      name: 'Pipeline',
                      head: true,
                      cell: ({ pipeline: name }) => (
                        <a
                          href={`${hrefOf('/contracts', { pipeline: name, find })}#contract`}
                          aria-current={name === pipeline ? 'true' : undefined}
                        >
                          {name}
                        </a>
                      ),
                    },
                    { name: 'Revision', number: true, cell: ({ revision }) => revision },
                    {
                      name: 'Digest',
                      cell: ({ digest: own }) => (
                        <Digest value={own} href={`${hrefOf('/contracts', { digest: own })}#by-digest`} copy />
                      ),
                    },
                    { name: 'Published', cell: ({ publishedAt }) => <Moment time={publishedAt} /> },
                    {
                      name: 'Signed by',
                      cell: ({ signatures }) => (signatures === 0 ? 'nobody' : `${signatures} maintainers`),
                    },
                    { name: 'Leaf', number: true, cell: ({ index }) => index ?? '–' },
                  ]}
                />
                <Pager next={next} count={items.length} />
              </>
            )
          }
        </Loaded>
      </Section>
    </>
  )
}

/** A contract that is, or was, in force. */
function ByDigest({ digest }: { readonly digest: string }) {
  const path = `/v1/contracts/by-digest/${encodeURIComponent(digest)}`
  const answer = useWork<string>((signal) => getBytes(path, signal).then(textOf), digest)
  return (
    <Loaded answer={answer}>
      {(yaml) => {
        const contract = contractOf(yaml)
        if (contract === null) return <p role="status">This contract cannot be read by this page.</p>
        const { pipeline, revision } = contract
        return (
          <Section
            id="by-digest"
            title={`${pipeline}, revision ${revision}`}
            aside={<a href={`${hrefOf('/contracts', { pipeline })}#contract`}>the one in force</a>}
          >
            <ContractGraph title="What it asks for" contract={contract} />
            <Source yaml={yaml} />
          </Section>
        )
      }}
    </Loaded>
  )
}

function Source({ yaml }: { readonly yaml: string }) {
  return (
    <details class="source">
      <summary>As it was published</summary>
      <pre tabIndex={0} aria-label="The contract in YAML">
        <code>{printable(yaml)}</code>
      </pre>
    </details>
  )
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** The contract in force for a pipeline, drawn, and the lab. */
function Chosen({ pipeline }: { readonly pipeline: string }) {
  const answer = useWork<{ readonly yaml: string | null }>((signal) => fetchContract(pipeline, signal), pipeline)
  return (
    <Loaded answer={answer}>
      {({ yaml }) => {
        const contract = yaml === null ? null : contractOf(yaml)
        return (
          <>
            <Section
              id="contract"
              title={
                contract === null
                  ? `${pipeline} has no contract`
                  : `${pipeline}, revision ${contract.revision}, in force`
              }
              aside={contract === null ? null : <Digest value={contract.digest} copy />}
            >
              {contract === null || yaml === null ? (
                <p class="quiet">Nothing is asked of its runs. Try a draft below.</p>
              ) : (
                <>
                  <ContractGraph title="What it asks for" contract={contract} />
                  <Source yaml={yaml} />
                </>
              )}
            </Section>
            <Lab pipeline={pipeline} inForce={yaml} />
          </>
        )
      }}
    </Loaded>
  )
}

async function fetchContract(pipeline: string, signal: AbortSignal): Promise<{ readonly yaml: string | null }> {
  try {
    const path = `/v1/contracts/${pipeline.split('/').map(encodeURIComponent).join('/')}`
    return { yaml: textOf(await getBytes(path, signal)) }
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return { yaml: null }
    throw error
  }
}
