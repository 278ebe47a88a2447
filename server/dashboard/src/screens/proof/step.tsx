import type { ErrorReport } from '@countersign/core'
import { systemName } from '@countersign/evidence-page/names'
import type { ComponentChildren } from 'preact'
import { Digest } from '../../parts/digest.tsx'
import { Grade, Mark } from '../../parts/mark.tsx'
import { lengthText, Moment } from '../../parts/moment.tsx'
import { Facts, Section } from '../../parts/section.tsx'
import { hrefOf, path, query, setQuery } from '../../router.ts'
import type { Seen, SeenCheck, SeenNode, SeenResource, SeenSaid, SeenSigner } from '../../worker/messages.ts'
import { stepTitle } from './picture.ts'

const MAX_LISTED = 40

const VERDICT = {
  good: ['good', 'your browser verified this'],
  bad: ['bad', 'your browser verified its signature; it does not fit'],
  refused: ['bad', 'does not verify: what stands here is what it claims'],
  missing: ['bad', 'is missing'],
  withheld: ['unknown', 'is withheld'],
} as const

const CHECKED: Readonly<Record<SeenCheck['what'], string>> = {
  signature: 'signature',
  'hand-over': 'hand-over',
  receipt: 'receipt',
  anchor: 'anchor',
}

/** Everything of the step that the address names. */
export function StepDetail({ seen, flip }: { readonly seen: Seen; readonly flip: ((link: string) => void) | null }) {
  const asked = query.value.get('step')
  const node = asked === null ? undefined : seen.nodes.find(({ id }) => id.startsWith(asked))
  if (node === undefined) return null
  const [tone, word] = VERDICT[node.state]
  const { said, signer, cosigners, checks, findings } = node
  return (
    <Section
      id="step"
      title={`Step ${stepTitle(node)}`}
      aside={
        <div class="step-aside">
          <Mark tone={tone}>{word}</Mark>
          {flip === null || said === null ? null : (
            <button type="button" class="button" onClick={() => flip(node.id)}>
              Flip one byte of it
            </button>
          )}
          <button type="button" class="button" onClick={() => setQuery({ step: null })}>
            Close
          </button>
        </div>
      }
    >
      {findings.map((report) => (
        <Finding key={report.code + report.what} report={report} seen={seen} />
      ))}
      <ul class="checks" aria-label="What was checked">
        {checks.map(({ what, ok, detail }) => (
          <li key={what}>
            <Mark tone={ok === null ? 'unknown' : ok ? 'good' : 'bad'}>{CHECKED[what]}</Mark> <span>{detail}</span>
          </li>
        ))}
      </ul>
      <div class="step-columns">
        <div>
          <h3>Who</h3>
          {signer === null ? <p class="quiet">Nobody is known to have signed it.</p> : <SignerFacts signer={signer} />}
          {cosigners.map((one) => (
            <SignerFacts key={one.keyId} signer={one} />
          ))}
          <Facts
            rows={[
              ['link', <Digest key="link" value={node.id} copy />],
              node.withheld === null ? null : ['shown', node.withheld],
              said === null ? null : ['pipeline', said.pipeline],
              said === null ? null : ['run', <Digest key="run" value={said.chain} href={`/run/${said.chain}`} />],
              said === null || said.contract === null
                ? null
                : [
                    'contract',
                    <Digest key="contract" value={said.contract} href={`/contracts?digest=${said.contract}`} />,
                  ],
            ]}
          />
        </div>
        {said === null ? null : <What said={said} node={node} />}
      </div>
      {said === null ? null : (
        <div class="step-columns">
          <Resources title="Received" list={said.materials} none="nothing" seen={seen} />
          <Resources title="Vouches for" list={said.products} none="nothing" seen={seen} />
        </div>
      )}
    </Section>
  )
}

function SignerFacts({
  signer: { name, grade, algorithm, keyId, identity, facts, authority },
}: {
  readonly signer: SeenSigner
}) {
  return (
    <Facts
      rows={[
        [
          'signed by',
          <>
            <strong>{name}</strong> <Grade grade={grade} />
          </>,
        ],
        identity === null ? null : ['identity', identity],
        authority === null
          ? [
              'key',
              <>
                <Digest value={keyId} /> <span class="quiet">{algorithm}</span>
              </>,
            ]
          : ['vouched for by', authority],
        ...facts.map(([fact, value]) => [fact, value] as const),
      ]}
    />
  )
}

function What({ said, node }: { readonly said: SeenSaid; readonly node: SeenNode }) {
  const length = Date.parse(said.finishedAt) - Date.parse(said.startedAt)
  return (
    <div>
      <h3>{node.signer === null ? 'What it claims' : 'What it did'}</h3>
      <Facts
        rows={[
          [
            'ran',
            said.argv === null ? (
              said.sealed.includes('argv') ? (
                'sealed'
              ) : (
                'nothing: it was recorded'
              )
            ) : (
              <code class="wrap">{said.argv}</code>
            ),
          ],
          ['ended', said.succeeded ? said.end : <Mark tone="bad">{said.end}</Mark>],
          [
            'from',
            <>
              <Moment time={said.startedAt} whole />
              {Number.isNaN(length) ? '' : `, for ${lengthText(length)}`}
            </>,
          ],
          ['runner', `${systemName(node.system)}, ${said.os}/${said.arch}`],
          said.workingDirectory === null ? null : ['in', <code class="wrap">{said.workingDirectory}</code>],
          pairsRow('tools', said.tools),
          pairsRow('actions', said.actions),
          pairsRow('claims', said.claims),
          pairsRow('environment', said.environment),
          said.reports.length === 0
            ? null
            : [
                'reports',
                <ul key="reports">
                  {said.reports.map(({ name, sha256, said: text }) => (
                    <li key={sha256 + name}>
                      {name} <span class="quiet">{text}</span> <Digest value={sha256} />
                    </li>
                  ))}
                </ul>,
              ],
          said.sealed.length === 0 ? null : ['sealed', said.sealed.join(', ')],
        ]}
      />
    </div>
  )
}

function pairsRow(name: string, pairs: SeenSaid['tools']): readonly [string, ComponentChildren] | null {
  if (pairs.length === 0) return null
  return [
    name,
    <ul key={name}>
      {pairs.slice(0, MAX_LISTED).map(([key, value]) => (
        <li key={key}>
          <span class="quiet">{key}</span> <code class="wrap">{value}</code>
        </li>
      ))}
      {pairs.length > MAX_LISTED ? <li class="quiet">and {pairs.length - MAX_LISTED} more</li> : null}
    </ul>,
  ]
}

interface ResourcesProps {
  readonly title: string
  readonly list: readonly SeenResource[]
  readonly none: string
  readonly seen: Seen
}

function Resources({ title, list, none, seen }: ResourcesProps) {
  return (
    <div>
      <h3>{title}</h3>
      {list.length === 0 ? <p class="quiet">{none}</p> : null}
      <ul class="resources">
        {list.slice(0, MAX_LISTED).map(({ name, sha256, from, dirty }) => {
          const by = from === null ? undefined : seen.nodes.find(({ id }) => id === from)
          return (
            <li key={name + sha256}>
              <code class="wrap">{name}</code>{' '}
              {sha256 === null ? null : (
                <Digest value={sha256} {...(sha256.length === 64 ? { href: `/artifact/sha256:${sha256}` } : {})} />
              )}
              {dirty ? <span class="quiet"> not as its commit</span> : null}
              {by === undefined ? null : (
                <span class="quiet">
                  {' '}
                  from <a href={stepHref(by.id)}>{stepTitle(by)}</a>
                </span>
              )}
            </li>
          )
        })}
      </ul>
      {list.length > MAX_LISTED ? <p class="quiet">and {list.length - MAX_LISTED} more</p> : null}
    </div>
  )
}

/** The address of the page with this step opened. */
export function stepHref(id: string): string {
  return hrefOf(path.value, { ...Object.fromEntries(query.value), step: id })
}

/** Where more is known of what a code is about, by how it begins. */
const ABOUT: readonly (readonly [begins: string, href: string, name: string])[] = [
  ['anchor-', '/anchors', 'Anchors'],
  ['contract-', '/contracts', 'Contract lab'],
  ['deviation-', '/contracts', 'Contract lab'],
  ['signer-', '/identities', 'Identities'],
  ['identity-', '/identities', 'Identities'],
  ['certificate-', '/identities', 'Identities'],
  ['grade-', '/identities', 'Identities'],
  ['place-', '/inbox', 'Inbox'],
]

/** One reason against it: what, why, the way out, and where it is. */
export function Finding({ report, seen }: { readonly report: ErrorReport; readonly seen: Seen | null }) {
  const { code, what, why, fix } = report
  const where = seen?.nodes.filter((node) => node.findings.some((one) => one.code === code && one.what === what)) ?? []
  const about = ABOUT.find(([begins]) => code.startsWith(begins))
  return (
    <article class="finding">
      <p>
        <code class="code">{code}</code> <strong>{what}</strong>
      </p>
      <p>
        <span class="word">why</span> {why}
      </p>
      <p>
        <span class="word">fix</span> {fix}
      </p>
      {where.length === 0 ? null : (
        <p>
          <span class="word">where</span>{' '}
          {where.slice(0, MAX_LISTED).map((node, i) => (
            <span key={node.id}>
              {i === 0 ? '' : ', '}
              <a href={stepHref(node.id)}>{stepTitle(node)}</a>
            </span>
          ))}
        </p>
      )}
      {about === undefined ? null : (
        <p>
          <span class="word">see</span> <a href={about[1]}>{about[2]}</a>
        </p>
      )}
    </article>
  )
}
