import type { VNode } from 'preact'
import { FILL, type Step } from './scale.ts'

/** What something means; each has a colour, and never a colour alone. */
export type Tone = 'good' | 'bad' | 'warn' | 'unknown' | 'info'

/**
 * What is seen beside the colour: `square` and `dot`, larger or fuller by their step; `check`, `half` and `cross` inside an
 * outline; `line` as charts have it; `ring` an empty one, `corner` one with a corner turned down; `dashed` for what is not there and should be.
 */
export type Shape = 'square' | 'dot' | 'check' | 'half' | 'cross' | 'ring' | 'dashed' | 'diamond' | 'corner' | 'line'

export interface Glyph {
  readonly tone: Tone
  readonly shape: Shape
  /** How much; matters for `square` and `dot` alone. */
  readonly step?: Step
  /** Of a `line`: lengths of its dashes and gaps; none: it is whole. */
  readonly dash?: readonly number[]
}

interface Placed extends Glyph {
  readonly x: number
  readonly y: number
  readonly size: number
}

/** One glyph in a square field. */
export function GlyphShape({ x, y, size, tone, shape, step = 4, dash = [] }: Placed): VNode {
  const inset = size * 0.27
  const [left, right, top, bottom] = [x + inset, x + size - inset, y + inset, y + size - inset]
  const [middleX, middleY] = [x + size / 2, y + size / 2]
  const box = { x: x + 0.5, y: y + 0.5, width: size - 1, height: size - 1, rx: Math.min(4, size / 5) }
  const frame = (fill: number) => <rect {...box} class="mark-box" fill-opacity={fill} />
  switch (shape) {
    case 'square':
      return <g class={`tone-${tone}`}>{frame(FILL[step]!)}</g>
    case 'dot':
      return (
        <g class={`tone-${tone}`}>
          <circle cx={middleX} cy={middleY} r={(size / 2 - 1) * (0.28 + 0.18 * step)} class="mark-solid" />
        </g>
      )
    case 'diamond':
      return (
        <g class={`tone-${tone}`}>
          <path
            d={`M ${middleX} ${y + 1} L ${x + size - 1} ${middleY} L ${middleX} ${y + size - 1} L ${x + 1} ${middleY} Z`}
            class="mark-solid"
          />
        </g>
      )
    case 'check':
      return (
        <g class={`tone-${tone}`}>
          {frame(0.16)}
          <path
            d={`M ${left} ${middleY} L ${middleX - size * 0.04} ${bottom - size * 0.03} L ${right} ${top}`}
            class="mark-line"
          />
        </g>
      )
    case 'cross':
      return (
        <g class={`tone-${tone}`}>
          {frame(0.16)}
          <path d={`M ${left} ${top} L ${right} ${bottom} M ${right} ${top} L ${left} ${bottom}`} class="mark-line" />
        </g>
      )
    case 'half':
      return (
        <g class={`tone-${tone}`}>
          {frame(0.08)}
          <path
            d={`M ${middleX} ${top} A ${size / 2 - inset} ${size / 2 - inset} 0 0 1 ${middleX} ${bottom} Z`}
            class="mark-solid"
          />
          <circle cx={middleX} cy={middleY} r={size / 2 - inset} class="mark-line" />
        </g>
      )
    case 'ring':
      return <g class={`tone-${tone}`}>{frame(0)}</g>
    case 'line':
      return (
        <g class={`tone-${tone}`}>
          <path
            d={`M ${x} ${middleY} h ${size}`}
            class="mark-line"
            stroke-dasharray={dash.length === 0 ? undefined : dash.join(' ')}
          />
        </g>
      )
    case 'corner':
      return (
        <g class={`tone-${tone}`}>
          {frame(0)}
          <path class="grid-corner" d={`M ${x} ${y} h ${size * 0.55} l ${-size * 0.55} ${size * 0.55} Z`} />
        </g>
      )
    case 'dashed':
      return (
        <g class={`tone-${tone}`}>
          <rect {...box} class="mark-box mark-dashed" fill-opacity="0" />
        </g>
      )
  }
}

/** A glyph by itself, as in a legend or before a word. */
export function Sign({ size = 14, ...glyph }: Glyph & { readonly size?: number }): VNode {
  return (
    <svg class="sign" width={size} height={size} viewBox={`0 0 ${size} ${size}`} aria-hidden="true" focusable="false">
      <GlyphShape {...glyph} x={0} y={0} size={size} />
    </svg>
  )
}
