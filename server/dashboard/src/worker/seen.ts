import { type Crypto, utf8 } from '@countersign/core'
import type { Examination } from '@countersign/evidence-page'
import { graphOf, type Node } from '@countersign/evidence-page/graph'
import { vouchedName } from '@countersign/evidence-page/names'
import {
  isSealed,
  type Resource,
  type StepPredicate,
  statementDigests,
  type StepStatement,
  succeeded,
  writeNote,
} from '@countersign/formats'
import { statementOfAnchor } from '@countersign/formats/anchor'
import { identityText } from '@countersign/formats/identity'
import { disclosedPredicate, type Signer } from '@countersign/verify'
import { type AnchorProved, provenBy } from '@countersign/verify/anchors'
import type { CertificateCrypto } from '@countersign/verify/x509'
import { printable } from '../plain.ts'
import { type AnchorBelief, wordOf } from './anchor-belief.ts'
import { approvalsIn } from './approval.ts'
import { lackingOf } from './bound.ts'
import type { Seen, SeenAnchor, SeenCheck, SeenNode, SeenResource, SeenSaid, SeenSigner } from './messages.ts'

/** Most resources, tools and the like that are shown of one step. */
const MAX_SHOWN = 500
/** Most checkpoints that a run's receipts are asked for. */
const MAX_CHECKPOINTS = 8

/** An examination as the page shows it: plain values, every text of somebody else made {@link printable}. */
export function seenOf(
  examination: Examination,
  evidence: Uint8Array,
  belief: AnchorBelief,
  crypto: Crypto & CertificateCrypto,
  spent: { readonly signatures: number; readonly ms: number },
): Seen {
  const { verdict, chain, contracts, anchored, trustRoot } = examination
  const graph = graphOf(examination, crypto)
  const { artifact, chains } = examination.evidence.subject
  const anchors = anchorsSeen(examination, belief, crypto)
  const receipts = [...chain.receipts.values()].flat()
  const notes = receipts.map(({ receipt }) => new TextDecoder().decode(writeNote(receipt.proof.checkpoint.note)))
  const seen: Seen = {
    verdict: verdict.verdict,
    criteria: verdict.criteria,
    nodes: graph.nodes.map((node) => nodeOf(node, anchors.own)),
    lines: graph.lines,
    findings: verdict.findings,
    refused: verdict.refused,
    chains,
    pipelines: [...new Set([...chain.steps.values()].map(({ statement }) => statement.predicate.chain.pipeline))],
    contracts: contracts.map(({ digest, pipeline, revision }) => ({ digest, pipeline, revision })),
    lacking: lackingOf(examination, chain.steps.values()),
    passed: verdict.verdict === 'pass' ? runOf(verdict) : null,
    file: artifact === null ? null : (vouchedName(examination, artifact)?.file ?? null),
    approvals: approvalsIn(examination),
    anchors: anchors.counted,
    unpinned: anchors.unpinned,
    unproven:
      anchored === null ? [] : anchored.refused.flatMap(({ report }, i) => (anchors.explained.has(i) ? [] : [report])),
    checkpoints: [...new Set(notes)].slice(0, MAX_CHECKPOINTS),
    trustRoot,
    at: examination.now,
    evidence,
    ...spent,
  }
  return inert(seen)
}

interface AnchorsSeen {
  readonly counted: readonly SeenAnchor[]
  readonly unpinned: readonly SeenAnchor[]
  /** Places among the refused ones that `unpinned` says all of. */
  readonly explained: ReadonlySet<number>
  /** Anchors that do not hang on the server's word. */
  readonly own: ReadonlySet<string>
}

/** The run of the way that was judged. */
function runOf({ steps }: Examination['verdict']): Seen['passed'] {
  const [end] = steps
  if (end === undefined) return null
  const { id, pipeline, contract } = end.step.statement.predicate.chain
  return { chain: id, pipeline, contract }
}

/** By whose word each anchor counts, or would. */
function anchorsSeen(
  { evidence, anchored }: Examination,
  belief: AnchorBelief,
  crypto: Crypto & CertificateCrypto,
): AnchorsSeen {
  if (anchored === null) return { counted: [], unpinned: [], explained: new Set(), own: new Set() }
  const stated = new Map(anchored.statements.map(({ id, verified }) => [id, verified.statement]))
  const words = new Map<string, SeenAnchor>()
  const unpinned: SeenAnchor[] = []
  const explained = new Set<number>()
  for (const [place, proof] of evidence.anchors.entries()) {
    const id = statementOfAnchor(proof)
    const statement = stated.get(id)
    if (statement === undefined) continue
    const { number, origin, note } = statement
    const text = { text: utf8(note.text), digests: statementDigests(note.text, crypto) }
    const { word, proved } = wordOf(proof, text, belief, crypto)
    if (word === null || proved === null) continue
    const { kind, by, at, time, trusted } = proved
    const one = { statement: number, origin, kind, by, at, time, trusted, word }
    if (word === 'named') {
      unpinned.push(one)
      explained.add(anchored.refused.findIndex(({ part, index }) => part === 'anchor' && index === place))
    } else words.set(keyOf(id, proved), one)
  }
  const counted = anchored.statements.flatMap(({ id, proved }) =>
    proved.flatMap((one) => words.get(keyOf(id, one)) ?? []),
  )
  const own = [...words].flatMap(([key, { word }]) => (word === 'server' ? [] : [key]))
  return { counted, unpinned, explained, own: new Set(own) }
}

function keyOf(id: string, { kind, by, at }: Pick<AnchorProved, 'kind' | 'by' | 'at'>): string {
  return JSON.stringify([id, kind, by, at])
}

function nodeOf(node: Node, own: ReadonlySet<string>): SeenNode {
  const { id, state, name, matrix, attempt, system, onWay, step, statement, findings, previous, withheld } = node
  return {
    id,
    state,
    name,
    matrix,
    attempt,
    system,
    onWay,
    signer: step === null ? null : signerOf(step.signer),
    cosigners: step === null ? [] : step.cosigners.map(signerOf),
    said: statement === null ? null : saidOf(statement, disclosedPredicate(statement.predicate, node.disclosed)),
    checks: checksOf(node, own),
    findings,
    previous: previous.map(({ link }) => link),
    withheld:
      withheld === null
        ? null
        : withheld.withheld.tombstone === null
          ? 'it is withheld'
          : `it was erased: ${withheld.withheld.tombstone.leaf.ground}`,
  }
}

/** What was checked of a step, in the order in which it was. */
function checksOf(node: Node, own: ReadonlySet<string>): SeenCheck[] {
  const { state, step, receipts, findings, previous } = node
  if (state === 'missing') return []
  if (state === 'withheld') return [{ what: 'receipt', ok: true, detail: 'the log proves that it has an entry for it' }]
  if (step === null) {
    return [{ what: 'signature', ok: false, detail: findings[0]?.what ?? 'its signature does not verify' }]
  }
  const signed: SeenCheck = { what: 'signature', ok: true, detail: `signed by ${step.signer.name}` }
  const against = findings.map(({ what }) => what)
  const handed: SeenCheck =
    state === 'bad'
      ? { what: 'hand-over', ok: false, detail: against.join('; ') }
      : {
          what: 'hand-over',
          ok: true,
          detail: previous.length === 0 ? 'it begins the run' : 'it fits what came before it',
        }
  const [first] = receipts
  const logs = [...new Set(receipts.map(({ countersigner }) => countersigner.name))].join(', ')
  const logged: SeenCheck =
    first === undefined
      ? { what: 'receipt', ok: null, detail: 'no log countersigned it' }
      : { what: 'receipt', ok: true, detail: `entry ${first.receipt.proof.index} of ${logs}${witnessText(receipts)}` }
  return [signed, handed, logged, anchorCheck(node, own)]
}

function anchorCheck({ entries }: Node, own: ReadonlySet<string>): SeenCheck {
  if (entries.length === 0) return { what: 'anchor', ok: null, detail: 'in no statement yet' }
  const kindsOf = (of: Node['entries']) => [
    ...new Set(of.flatMap(({ statement }) => statement.proved.map(({ kind }) => kind))),
  ]
  const independent = entries.map(({ statement, ...entry }) => {
    const proved = statement.proved.filter((one) => own.has(keyOf(statement.id, one)))
    return { ...entry, statement: { ...statement, proved } }
  })
  const [kinds, served] = [kindsOf(independent), kindsOf(entries)]
  const by = provenBy(independent)
  if (kinds.length > 0) {
    const detail = `${kinds.join(', ')}${by === null ? '' : `: existed by ${new Date(by).toISOString()}`}`
    return { what: 'anchor', ok: true, detail }
  }
  const detail =
    served.length === 0
      ? 'in a statement that nobody whom you believe vouches for yet'
      : `${served.join(', ')}, in blocks that this server alone calls final`
  return { what: 'anchor', ok: null, detail }
}

function witnessText(receipts: Node['receipts']): string {
  const names = [...new Set(receipts.flatMap(({ witnesses }) => witnesses.map(({ name }) => name)))]
  return names.length === 0 ? '' : `, witnessed by ${names.join(', ')}`
}

function signerOf({ name, grade, algorithm, keyId, identity, authority }: Signer): SeenSigner {
  const facts = Object.entries(identity ?? {}).flatMap(([fact, value]): [string, string][] => {
    if (typeof value === 'string') return [[fact, value]]
    return fact === 'subject' && identity !== null ? [['subject', identity.subject.value]] : []
  })
  const text = identity === null ? null : identityText(identity)
  return { name, grade, algorithm, keyId, identity: text, facts, authority }
}

function saidOf(statement: StepStatement, predicate: StepPredicate): SeenSaid {
  const { chain, invocation, runner, materials, evidence } = predicate
  const { argv, exitCode, signal, error, workingDirectory, environment } = invocation
  const sealed = Object.entries({
    argv,
    workingDirectory,
    environment,
    identity: runner.identity,
    tools: runner.tools,
    evidence,
  }).flatMap(([name, value]) => (value !== null && isSealed(value) ? [name] : []))
  return {
    pipeline: chain.pipeline,
    chain: chain.id,
    contract: chain.contract,
    argv: argv === null || isSealed(argv) ? null : argv.join(' '),
    end: error ?? signal ?? (exitCode === null ? 'recorded without a command' : `exit ${exitCode}`),
    succeeded: succeeded(predicate),
    startedAt: invocation.startedAt,
    finishedAt: invocation.finishedAt,
    workingDirectory: workingDirectory === null || isSealed(workingDirectory) ? null : workingDirectory,
    environment: pairs(environment),
    os: runner.os,
    arch: runner.arch,
    tools: pairs(runner.tools),
    actions: pairs(runner.actions),
    claims: pairs(runner.identity ?? {}),
    materials: materials.slice(0, MAX_SHOWN).map(resourceOf),
    products: statement.subject.slice(0, MAX_SHOWN).map(resourceOf),
    reports: isSealed(evidence)
      ? []
      : evidence.slice(0, MAX_SHOWN).map(({ name, digest, annotations }) => ({
          name,
          sha256: digest.sha256,
          said:
            annotations === undefined
              ? ''
              : [
                  annotations.type,
                  ...Object.entries(annotations.facts).map(([fact, value]) => `${fact} ${value}`),
                ].join(', '),
        })),
    sealed,
  }
}

function resourceOf({ name, digest, annotations }: Resource): SeenResource {
  const { from, dirty } = (annotations ?? {}) as { readonly from?: unknown; readonly dirty?: unknown }
  return {
    name,
    sha256: digest.sha256 ?? Object.values(digest)[0] ?? null,
    from: typeof from === 'string' ? from : null,
    dirty: dirty === true,
  }
}

function pairs(value: object): [string, string][] {
  if (isSealed(value)) return []
  return Object.entries(value)
    .flatMap(([name, one]): [string, string][] => (typeof one === 'string' ? [[name, one]] : []))
    .slice(0, MAX_SHOWN)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}

/** A copy in which no text changes what is seen around it. */
/** A value with every text in it made {@link printable}; bytes stay as they are. */
export function inert<T>(value: T): T {
  if (typeof value === 'string') return printable(value) as T
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(inert) as T
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, inert(one)])) as T
}
