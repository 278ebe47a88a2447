import type { Contract } from '@countersign/contract'
import { outlineContract } from '@countersign/contract'
import type { VNode } from 'preact'
import { contractLayout } from './contract-layout.ts'
import { type LegendItem, Picture, type Twin } from './frame.tsx'
import { fitted } from './fitted.ts'
import { useWidth } from './width.ts'

/** What a step of a draft is, held against the contract in force. */
export type StepChange = 'added' | 'changed'

interface Props {
  readonly title: string
  readonly contract: Contract
  /** By the name of the step; what is not named is as it was. */
  readonly changes?: ReadonlyMap<string, StepChange>
}

type Outlined = ReturnType<typeof outlineContract>

const LEGEND: readonly LegendItem[] = [
  { tone: 'info', shape: 'square', step: 2, says: 'final step' },
  { tone: 'unknown', shape: 'ring', says: 'demanded' },
  { tone: 'unknown', shape: 'dashed', says: 'optional, or after the final step' },
]
const CHANGED: readonly LegendItem[] = [{ tone: 'warn', shape: 'diamond', says: 'new or changed' }]
const LETTER = 6.7
const NO_CHANGES: ReadonlyMap<string, StepChange> = new Map()

/** The steps of a contract: what follows what, who may sign, what is asked for. */
export function ContractGraph({ title, contract, changes = NO_CHANGES }: Props): VNode {
  const [ref, width] = useWidth<HTMLDivElement>()
  const outline = outlineContract(contract)
  const drawn = contractLayout(
    { nodes: outline.steps.map(({ rule }) => rule.name), lines: outline.lines },
    Math.max(width, 200),
  )
  const handed = new Map(outline.lines.map(({ from, to, handed: what }) => [`${from} ${to}`, what]))
  // What is wider than the page is drawn smaller: nothing scrolls sideways.
  const scale = width === 0 ? 1 : Math.min(1, width / drawn.width)
  return (
    <Picture
      title={title}
      legend={changes.size === 0 ? LEGEND : [...LEGEND, ...CHANGED]}
      twin={twinOf(outline, changes)}
    >
      <div ref={ref} class="picture-room">
        {width === 0 ? null : (
          <svg
            class="contract-graph"
            width={drawn.width * scale}
            height={drawn.height * scale}
            viewBox={`0 0 ${drawn.width} ${drawn.height}`}
            role="img"
            aria-label={`${title}: ${outline.steps.map(({ rule }) => rule.name).join(', ')}`}
          >
            {drawn.lines.map(({ from, to, path, tip }) => {
              const what = handed.get(`${from} ${to}`)
              return (
                <g key={`${from} ${to}`} class={what === null ? 'line-order' : 'line-handed'}>
                  <title>{lineText({ from, to, handed: what ?? null })}</title>
                  <path class="line" d={path} />
                  <path class="line-tip" d={tip} />
                </g>
              )
            })}
            {outline.steps.map((step) => {
              const { name } = step.rule
              const { x, y } = drawn.nodes.get(name)!
              return <Box key={name} step={step} change={changes.get(name) ?? null} {...drawn.box} x={x} y={y} />
            })}
          </svg>
        )}
      </div>
    </Picture>
  )
}

interface BoxProps {
  readonly step: Outlined['steps'][number]
  readonly change: StepChange | null
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function Box({ step: { rule, place, demands }, change, x, y, width, height }: BoxProps): VNode {
  const letters = Math.floor((width - 22) / LETTER)
  const name = rule.matrix === null ? rule.name : `${rule.name} ×${rule.matrix.length}`
  const optional = rule.optional !== null || place === 'after'
  return (
    <g class={`box ${place === 'final' ? 'box-final' : optional ? 'box-optional' : ''}`}>
      <title>{[name, signersText(rule), ...demands].join('; ')}</title>
      <rect class="box-edge" x={x} y={y} width={width} height={height} rx="8" />
      {place === 'final' ? (
        <rect class="box-inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx="6" />
      ) : null}
      <text class="box-name" x={x + 12} y={y + 22}>
        {fitted(name, letters - (change === null ? 0 : 2))}
      </text>
      <text class="box-detail" x={x + 12} y={y + 39}>
        {fitted(signersText(rule), letters + 2)}
      </text>
      <text class="box-detail" x={x + 12} y={y + 54}>
        {fitted(demands.join(', '), letters + 2)}
      </text>
      {change === null ? null : <path class="box-changed" d={`M ${x + width - 14} ${y + 9} l 6 6 l -6 6 l -6 -6 Z`} />}
    </g>
  )
}

function signersText({ signers, minimumGrade }: Outlined['steps'][number]['rule']): string {
  return `by ${signers.join(' or ')}${minimumGrade === null ? '' : `, grade ${minimumGrade}`}`
}

function lineText({ from, to, handed }: Outlined['lines'][number]): string {
  if (handed === null) return `${to} comes after ${from}`
  return `${to} receives ${handed === '' ? 'what' : `${handed}, which`} ${from} makes`
}

function twinOf({ steps, lines }: Outlined, changes: ReadonlyMap<string, StepChange>): Twin {
  return {
    head: ['step', 'is', 'follows', 'may be signed', 'makes', 'asks for'],
    rows: steps.map(({ rule, place, demands }) => [
      `${rule.name}${rule.matrix === null ? '' : ` (${rule.matrix.join(', ')})`}`,
      [place === 'after' ? 'after the final step' : place, changes.get(rule.name) ?? '']
        .filter((part) => part !== '')
        .join(', '),
      lines
        .filter(({ to }) => to === rule.name)
        .map(lineText)
        .join('; ') || 'begins the run',
      signersText(rule),
      rule.products?.map(({ pattern }) => pattern).join(', ') ?? 'nothing of its own',
      demands.join(', ') || 'nothing more',
    ]),
  }
}
