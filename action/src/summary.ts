import type { ErrorReport } from '@countersign/core'
import type { VerifiedStep } from '@countersign/verify'
import { identityText } from '@countersign/formats/identity'
import { plain, short } from '@countersign/cli/output'

/** A step as the summary shows it. */
export interface ShownStep {
  readonly link: string
  readonly name: string
  readonly previous: readonly string[]
  readonly system: string
  readonly signer: string
  readonly grade: string
  readonly made: readonly string[]
  /** Null where nobody judged it. */
  readonly good: boolean | null
}

export interface Summary {
  readonly headline: string
  readonly good: boolean | null
  readonly steps: readonly ShownStep[]
  readonly findings: readonly ErrorReport[]
  /** Names and values, below the table. */
  readonly facts: readonly (readonly [name: string, value: string])[]
  /** Command that anybody may run to see the same. */
  readonly command: string | null
}

const MARK = (good: boolean | null) => (good === null ? '⏳' : good ? '✅' : '❌')
/** A graph of more is no picture any more. */
const MAX_NODES = 12
const MAX_ROWS = 50
const MAX_FINDINGS = 30

export function summaryOf(it: Summary): string {
  return [
    `### ${MARK(it.good)} Countersign: ${text(it.headline)}`,
    '',
    ...graph(it.steps),
    ...steps(it.steps),
    ...findings(it.findings),
    ...it.facts.map(([name, value]) => `- **${text(name)}** ${code(value)}`),
    '',
    ...(it.command === null ? [] : ['Verify it yourself:', '', fence(it.command), '']),
  ].join('\n')
}

export function shownStep({ link, statement, signer }: VerifiedStep, good: boolean | null): ShownStep {
  const { step, previous, runner } = statement.predicate
  return {
    link,
    name: `${step.name}${step.matrix === null ? '' : ` (${step.matrix})`}${step.attempt === 1 ? '' : ` #${step.attempt}`}`,
    previous: previous.map((one) => one.link),
    system: runner.system,
    signer: signer.identity === null ? signer.name : identityText(signer.identity),
    grade: signer.grade,
    made: statement.subject.map(({ name }) => name),
    good,
  }
}

function graph(all: readonly ShownStep[]): string[] {
  if (all.length < 2) return []
  const nodes = all.slice(-MAX_NODES)
  const ids = new Map(nodes.map(({ link }, i) => [link, `s${i}`]))
  const boxes = nodes.map(({ link, name }) => `  ${ids.get(link)}["${label(name)}"]`)
  const edges = nodes.flatMap(({ link, previous }) =>
    previous.flatMap((before) => (ids.has(before) ? [`  ${ids.get(before)} --> ${ids.get(link)}`] : [])),
  )
  const bad = nodes.filter(({ good }) => good === false).map(({ link }) => `  style ${ids.get(link)} stroke:#d1242f`)
  return ['```mermaid', 'graph LR', ...boxes, ...edges, ...bad, '```', '']
}

function steps(all: readonly ShownStep[]): string[] {
  if (all.length === 0) return []
  const rows = all.slice(-MAX_ROWS).map(({ good, name, system, signer, grade, made, link }) => {
    const things = made.length > 3 ? `${made.slice(0, 3).join(', ')} and ${made.length - 3} more` : made.join(', ')
    return `| ${[MARK(good), text(name), text(system), text(signer), text(grade), text(things), code(short(link))].join(' | ')} |`
  })
  return ['| | Step | System | Signed by | Grade | Vouches for | Link |', '|---|---|---|---|---|---|---|', ...rows, '']
}

function findings(all: readonly ErrorReport[]): string[] {
  if (all.length === 0) return []
  const shown = all
    .slice(0, MAX_FINDINGS)
    .flatMap(({ code: name, what, why, fix }) => [
      `- **${text(name)}**: ${text(what)}<br>${text(why)}<br>**Fix:** ${text(fix)}`,
    ])
  const more = all.length > MAX_FINDINGS ? [`- and ${all.length - MAX_FINDINGS} more`] : []
  return [...shown, ...more, '']
}

/** Markdown and HTML that others wrote, as the letters that they are (T-92). */
function text(given: string): string {
  return plain(given, 400).replace(/[&<>|`*_[\]()#!@\\~:$]/g, (c) => `&#${c.charCodeAt(0)};`)
}

function code(given: string): string {
  return `<code>${text(given)}</code>`
}

function fence(command: string): string {
  return ['```sh', plain(command, 2000).replaceAll('`', "'"), '```'].join('\n')
}

/** Letters that mean nothing to Mermaid. */
function label(name: string): string {
  return plain(name, 60)
    .replace(/[^\p{L}\p{N} .,_/#-]/gu, '_')
    .replaceAll('#', 'no ')
}
