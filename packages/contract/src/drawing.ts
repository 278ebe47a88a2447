import { durationText } from './duration.ts'
import type { EvidenceRule } from './evidence-rule.ts'
import { required } from './graph.ts'
import type { Contract, MaterialRule, StepRule } from './model.ts'

/** `text` for a terminal, `mermaid` for Markdown, `dot` for Graphviz. */
export type Drawing = 'text' | 'mermaid' | 'dot'

/** The steps of a contract as somebody draws them, and what follows what. */
export interface Outline {
  /** Each behind those that it follows. */
  readonly steps: readonly {
    readonly rule: StepRule
    /** `after`: it follows the final step, and nothing that is let through needs it. */
    readonly place: 'final' | 'demanded' | 'after'
    /** What it asks for beside its signers and what it receives and makes, in a few words each. */
    readonly demands: readonly string[]
  }[]
  /** `handed`: what is handed over, empty where all is; null: it only comes after. */
  readonly lines: readonly { readonly from: string; readonly to: string; readonly handed: string | null }[]
}

export function outlineContract({ steps: all, final }: Pick<Contract, 'steps' | 'final'>): Outline {
  const steps = inOrder(all)
  const needed = required(all, final)
  return {
    steps: steps.map((rule) => ({
      rule,
      place: rule.name === final ? 'final' : needed.has(rule.name) ? 'demanded' : 'after',
      demands: demandsOf(rule),
    })),
    lines: linesOf(steps).map((line) => ({
      from: line.from,
      to: line.to,
      handed: line.handed === null ? null : handedText(line),
    })),
  }
}

/**
 * The steps of a contract and what follows what: a hand-over is a solid line with what is handed over, order alone a dotted
 * one. The final step is marked, and what only follows it. Lines end in LF.
 */
export function drawContract(contract: Contract, drawing: Drawing): string {
  const steps = inOrder(contract.steps)
  if (drawing === 'mermaid') return mermaid(contract, steps)
  return drawing === 'dot' ? dot(contract, steps) : text(contract, steps)
}

/** Each step behind those that it follows; of those that may come next, the first of the contract first. */
function inOrder(steps: Contract['steps']): readonly StepRule[] {
  const ordered = new Map<string, StepRule>()
  const left = new Map(steps)
  while (left.size > 0) {
    const next = [...left.values()].filter(({ after }) => after.every((name) => ordered.has(name)))
    // A contract that was parsed has no circle.
    if (next.length === 0) break
    for (const step of next) {
      ordered.set(step.name, step)
      left.delete(step.name)
    }
  }
  return [...ordered.values()]
}

interface Line {
  readonly from: string
  readonly to: string
  /** Null: it comes after, and receives nothing. */
  readonly handed: MaterialRule | null
}

function linesOf(steps: readonly StepRule[]): Line[] {
  return steps.flatMap(({ name, after, materials }) =>
    after.map((from) => ({ from, to: name, handed: materials.find((rule) => rule.from === from) ?? null })),
  )
}

function handedText({ handed }: Line): string {
  if (handed === null) return 'order'
  const patterns = handed.match.map(({ pattern }) => pattern).filter((pattern) => pattern !== '**')
  return patterns.join(', ')
}

/** What else it asks for, short: a diff tells it whole. */
function demandsOf({ approvals, evidence, fresh, conditions, runner, optional }: StepRule): string[] {
  const count = conditions.length
  return [
    approvals === null ? '' : `approved by ${approvals.atLeast} of ${approvals.people.size}`,
    evidence === null ? '' : `with ${evidenceText(evidence)}`,
    fresh === null ? '' : `counts ${durationText(fresh)}`,
    runner === null ? '' : `on ${runner} runners`,
    count === 0 ? '' : `on ${count} condition${count === 1 ? '' : 's'}`,
    optional === null ? '' : optional === 'always' ? 'optional' : 'optional at times',
  ].filter((part) => part !== '')
}

function evidenceText({ tests, sbom, vulnerabilities, reports }: EvidenceRule): string {
  return [
    tests === null ? '' : tests.atLeast === 1 ? 'tests' : `${tests.atLeast} tests`,
    sbom === null ? '' : 'SBOM',
    vulnerabilities === null ? '' : `vulnerabilities below ${vulnerabilities.below}`,
    ...reports,
  ]
    .filter((part) => part !== '')
    .join(', ')
}

function text({ pipeline, revision, final, steps: all, maintainers }: Contract, steps: readonly StepRule[]): string {
  const needed = required(all, final)
  const rows = steps.map((step) => {
    const mark = step.name === final ? '◆' : needed.has(step.name) ? '●' : '○'
    const before = linesOf([step]).map((line) => {
      const handed = handedText(line)
      return handed === '' ? line.from : `${line.from} (${handed})`
    })
    const outside = step.outside.map(({ match, sha256 }) =>
      sha256 === null ? match.pattern : `${match.pattern}@${sha256.slice(0, 12)}`,
    )
    return [
      `${mark} ${step.name}${step.matrix === null ? '' : ` [${step.matrix.join(', ')}]`}`,
      before.length === 0 ? 'begins the run' : `after ${before.join(', ')}`,
      `by ${step.signers.join(' or ')}${step.minimumGrade === null ? '' : ` of grade ${step.minimumGrade}`}`,
      [
        step.products === null ? '' : `makes ${step.products.map(({ pattern }) => pattern).join(', ')}`,
        outside.length === 0 ? '' : `from outside ${outside.join(', ')}`,
        ...demandsOf(step),
      ]
        .filter((part) => part !== '')
        .join('; '),
    ]
  })
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const signed =
    maintainers === null ? '' : `, signed by ${maintainers.threshold} of ${[...maintainers.of.keys()].join(', ')}`
  return `${[`${pipeline} revision ${revision}${signed}`, ...lines, '◆ final  ● demanded  ○ after the final step'].join('\n')}\n`
}

function nodeText(step: StepRule): string {
  const { name, matrix } = step
  return [matrix === null ? name : `${name} [${matrix.join(', ')}]`, ...demandsOf(step)].join('; ')
}

function mermaid({ final, steps: all }: Contract, steps: readonly StepRule[]): string {
  const ids = new Map(steps.map(({ name }, i) => [name, `s${i}`]))
  const needed = required(all, final)
  const label = (shown: string) => `"${shown.replace(/[^ -~]|["#&<>\\`]/g, (c) => `#${c.codePointAt(0)};`)}"`
  const nodes = steps.map((step) => {
    const { name } = step
    const shown = label(nodeText(step))
    return `  ${ids.get(name)}${name === final ? `[[${shown}]]` : needed.has(name) ? `[${shown}]` : `(${shown})`}`
  })
  const lines = linesOf(steps).map((line) => {
    const arrow = line.handed === null ? '-.->' : '-->'
    const handed = line.handed === null ? '' : handedText(line)
    return `  ${ids.get(line.from)} ${arrow}${handed === '' ? '' : `|${label(handed)}|`} ${ids.get(line.to)}`
  })
  return `${['flowchart LR', ...nodes, ...lines].join('\n')}\n`
}

function dot({ pipeline, final, steps: all }: Contract, steps: readonly StepRule[]): string {
  const needed = required(all, final)
  const label = (shown: string) => `"${shown.replace(/["\\]/g, (c) => `\\${c}`)}"`
  const nodes = steps.map((step) => {
    const { name } = step
    const shape = name === final ? 'doubleoctagon' : needed.has(name) ? 'box' : 'ellipse'
    const shown = nodeText(step)
    return `  ${label(name)} [label=${label(shown)}, shape=${shape}];`
  })
  const lines = linesOf(steps).map((line) => {
    const handed = line.handed === null ? '' : handedText(line)
    const style = line.handed === null ? 'style=dotted' : `label=${label(handed)}`
    return `  ${label(line.from)} -> ${label(line.to)} [${style}];`
  })
  return `${[`digraph ${label(pipeline)} {`, '  rankdir=LR;', ...nodes, ...lines, '}'].join('\n')}\n`
}
