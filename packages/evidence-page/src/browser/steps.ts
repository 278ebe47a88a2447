import { isSealed, type ReportRef, type ReportSigner, type Resource, sealedFields } from '@countersign/formats'
import { type Identity, identityText } from '@countersign/formats/identity'
import { disclosedPredicate, type Signer, type VerifiedAttachment, type VerifiedWithheld } from '@countersign/verify'
import { type CoveredEntry, provenBy } from '@countersign/verify/anchors'
import type { Graph, Node } from '../graph.ts'
import { stepName, systemName } from '../names.ts'
import { timeText } from './banner.ts'
import { type Child, digest, facts, h, section } from './dom.ts'
import { reportOf } from './findings.ts'

const MAX_ROWS = 2000
const MAX_RESOURCES = 50

const STATE = { good: '✓', bad: '✗', refused: '✗', missing: '?', withheld: '–' } as const
const SAYS = {
  good: 'verified',
  bad: 'does not fit',
  refused: 'does not verify',
  missing: 'missing',
  withheld: 'withheld',
} as const

/** Every step with who signed it and what it handed on. */
export function steps({ nodes }: Graph): HTMLElement {
  const more = nodes.length - MAX_ROWS
  return section(
    'steps',
    'Steps',
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...['Step', 'Signed by', 'Grade', 'System', 'Finished', 'Countersigned', 'Link'].map((name) =>
            h('th', { scope: 'col' }, name),
          ),
        ),
      ),
      ...nodes.slice(0, MAX_ROWS).map(rowsOf),
    ),
    more > 0 ? h('p', {}, `and ${more} more`) : null,
  )
}

function rowsOf(node: Node): HTMLElement {
  const { step, statement } = node
  const id = `step-${node.id}`
  const detail = h('tr', { class: 'more', id: `${id}-more`, hidden: true }, h('td', { colspan: '7' }, detailOf(node)))
  const toggle = h(
    'button',
    {
      type: 'button',
      class: 'toggle',
      'aria-expanded': 'false',
      'aria-controls': `${id}-more`,
      onclick: () => {
        detail.hidden = !detail.hidden
        toggle.setAttribute('aria-expanded', String(!detail.hidden))
      },
    },
    h('span', { class: `mark ${node.state}`, 'aria-label': SAYS[node.state] }, STATE[node.state]),
    h('span', { class: 'step-name' }, stepName(node)),
  )
  const claimed = step === null && statement !== null ? ' claimed' : ''
  return h(
    'tbody',
    { class: `${node.state}${claimed}`, id },
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, toggle),
      cell(
        'Signed by',
        step === null
          ? SAYS[node.state]
          : h(
              'span',
              {},
              [step.signer, ...step.cosigners].map(({ name }) => name).join(', '),
              step.signer.identity === null
                ? null
                : h('span', { class: 'quiet identity' }, ` ${identityText(step.signer.identity)}`),
            ),
      ),
      cell(
        'Grade',
        step === null ? '–' : h('span', { class: 'grade', title: GRADES[step.signer.grade] }, step.signer.grade),
      ),
      cell('System', node.system === null ? '–' : systemOf(node.system, step?.signer ?? null)),
      cell('Finished', statement === null ? '–' : timeText(statement.predicate.invocation.finishedAt)),
      cell('Countersigned', step === null ? '–' : countersignedBy(node)),
      cell('Link', digest(node.id)),
    ),
    detail,
  )
}

function countersignedBy({ receipts, unjudged }: Node): Child {
  const logs = [...new Set(receipts.map(({ countersigner }) => countersigner.name))]
  if (logs.length > 0) return logs.join(', ')
  const quiet = unjudged.length === 0 ? 'no receipt' : `receipt of ${unjudged.join(', ')}, not judged`
  return h('span', { class: 'quiet' }, quiet)
}

const GRADES = {
  A: 'known by its CI system: repository, commit and run',
  B: 'confirmed by its provider',
  C: 'workload identity only',
  D: 'an enrolled key: whoever enrolled it says whose it is',
} as const

/** The step says where it ran; some authorities say it too. */
function systemOf(system: string, signer: Signer | null): HTMLElement {
  const known = signer?.certificate?.system === system
  return h('span', { title: known ? 'its authority says so' : 'the step says so' }, systemName(system))
}

function cell(label: string, child: Child): HTMLElement {
  return h('td', { 'data-label': label }, child)
}

function detailOf({ statement, step, receipts, entries, withheld, disclosed, attached, findings }: Node): HTMLElement {
  if (withheld !== null) return withheldOf(withheld, entries)
  if (statement === null) return h('p', {}, 'Another step names it as its predecessor. It is not in the evidence.')
  const { chain, previous, materials, invocation, runner, evidence } = disclosedPredicate(
    statement.predicate,
    disclosed,
  )
  const told = new Set(disclosed.map(({ disclosure: { field } }) => field))
  const sealed = sealedFields(statement.predicate).map((field) => (told.has(field) ? `${field} (disclosed)` : field))
  const { argv, exitCode, signal, error } = invocation
  const end = error ?? signal ?? (exitCode === null ? 'recorded without a command' : `exit ${exitCode}`)
  const after = previous.map(({ link, step: name }) =>
    h('li', {}, h('a', { href: `#step-${link}` }, name), ' ', digest(link)),
  )
  return h(
    'div',
    { class: 'detail' },
    step === null ? h('p', { class: 'quiet' }, 'What it claims. Its signature does not cover this.') : null,
    ...findings.map(reportOf),
    facts(
      [
        'ran',
        argv === null
          ? 'nothing: it was recorded'
          : isSealed(argv)
            ? 'sealed'
            : h('code', { class: 'whole' }, argv.join(' ')),
      ],
      ['ended', end],
      ['from, to', `${timeText(invocation.startedAt)} – ${timeText(invocation.finishedAt)}`],
      after.length === 0 ? null : ['after', h('ul', {}, ...after)],
      ['received', resources(materials)],
      ['vouches for', resources(statement.subject)],
      isSealed(evidence) || evidence.length === 0 ? null : ['reports', reports(evidence, attached)],
      ['runner', `${systemName(runner.system)}, ${runner.os}/${runner.arch}`],
      step === null ? null : verifiedText(step.signer),
      isSealed(runner.identity) ? null : claimText(runner.identity, step?.signer.identity ?? null),
      sealed.length === 0 ? null : ['sealed', sealed.join(', ')],
      step === null ? null : ['key', digest(step.signer.keyId, 16)],
      ['run', digest(chain.id, 32)],
      ['contract', chain.contract === null ? 'none' : digest(chain.contract, 16)],
      anchoredText(entries),
      receipts.length === 0
        ? null
        : [
            'receipts',
            h(
              'ul',
              {},
              ...receipts.map(({ receipt: { opening, proof }, countersigner, witnesses }) =>
                h(
                  'li',
                  {},
                  `${countersigner.name}: entry ${proof.index} of ${proof.checkpoint.size}, accepted ${timeText(opening.leaf.acceptedAt)}${opening.leaf.late ? ', uploaded late' : ''}${cosignedText(witnesses.map(({ name }) => name))}`,
                ),
              ),
            ),
          ],
    ),
  )
}

function cosignedText(witnesses: readonly string[]): string {
  return witnesses.length === 0 ? '' : `, cosigned by ${witnesses.join(', ')}`
}

/** What the step says of its reports, and which of them are here and say it too. */
function reports(evidence: readonly ReportRef[], attached: readonly VerifiedAttachment[]): Child {
  const here = new Set(attached.flatMap(({ refs }) => refs.map((ref) => ref.digest.sha256)))
  return h(
    'ul',
    {},
    ...evidence.map(({ name, digest: { sha256 }, annotations }) => {
      const told = Object.entries(annotations?.facts ?? {}).map(([fact, value]) => `${fact} ${value}`)
      const signed =
        annotations?.signer == null ? [] : [`signed by ${attesterText(annotations.signer)}, on the importer's word`]
      const type = annotations === undefined ? '' : `${annotations.type}: ${[...told, ...signed].join(', ')}`
      return h('li', {}, `${name}  ${type}${here.has(sha256) ? ' (attached, and says so) ' : ' '}`, digest(sha256))
    }),
  )
}

/** Whom the page believes of others is not in the evidence: their signatures are not verified here. */
function attesterText(signer: ReportSigner): string {
  return 'key' in signer ? `key ${signer.key.slice(0, 12)}` : `${signer.subject} (${signer.issuer})`
}

/** From when on its entry is proven from outside, and by whom. */
function anchoredText(entries: readonly CoveredEntry[]): readonly [string, Child] | null {
  const kinds = new Set(entries.flatMap(({ statement }) => statement.proved.map(({ kind }) => kind)))
  if (kinds.size === 0) return null
  const by = provenBy(entries)
  const when = by === null ? '' : `existed by ${timeText(new Date(by).toISOString())}, `
  return ['anchored', `${when}by ${[...kinds].join(', ')}`]
}

function withheldOf({ withheld, countersigner }: VerifiedWithheld, entries: readonly CoveredEntry[]): HTMLElement {
  const { unopened, proof, tombstone } = withheld
  const why = tombstone === null ? 'It is withheld.' : `It was erased: ${tombstone.leaf.ground}`
  return h(
    'div',
    { class: 'detail' },
    h('p', {}, `${why} That it was there, ${countersigner.name} proves; what it said, nobody can.`),
    facts(
      ['accepted', timeText(unopened.leaf.acceptedAt)],
      tombstone === null ? null : ['erased', timeText(tombstone.leaf.at)],
      ['entry', `${proof.index} of ${proof.checkpoint.size}`],
      anchoredText(entries),
    ),
  )
}

/** What an authority vouches for. */
function verifiedText({ identity, authority, certificate }: Signer): readonly [string, Child] | null {
  if (identity === null) return null
  const { subject, ...facts } = identity
  const told = [['subject', subject.value], ...Object.entries(facts).filter(([, value]) => value !== null)]
  const at =
    certificate === null
      ? ''
      : `, in a certificate that was valid when it was signed, ${timeText(certificate.signedAt)}`
  return [
    'verified',
    h(
      'div',
      {},
      h('p', {}, `${authority ?? ''} vouches for it${at}:`),
      h('ul', {}, ...told.map(([name, value]) => h('li', {}, `${name}: ${value}`))),
    ),
  ]
}

/** What the step alone says; what its certificate says too stands there already. */
function claimText(claimed: object | null, identity: Identity | null): readonly [string, Child] | null {
  const told = Object.entries(claimed ?? {}).flatMap(([name, value]) =>
    typeof value === 'string' && identity?.[name as keyof Identity] !== value ? [`${name}: ${value}`] : [],
  )
  return told.length === 0 ? null : ['claims', h('ul', { class: 'quiet' }, ...told.map((text) => h('li', {}, text)))]
}

function resources(list: readonly Resource[]): Child {
  if (list.length === 0) return 'nothing'
  const more = list.length - MAX_RESOURCES
  return h(
    'ul',
    {},
    ...list
      .slice(0, MAX_RESOURCES)
      .map(({ name, digest: { sha256 }, annotations }) =>
        h(
          'li',
          {},
          h('span', {}, name),
          ' ',
          digest(sha256),
          annotations?.dirty === true ? ' not as its commit' : null,
        ),
      ),
    more > 0 ? h('li', {}, `and ${more} more`) : null,
  )
}
