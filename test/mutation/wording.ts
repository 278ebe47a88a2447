import type { Ignorer } from '@stryker-mutator/api/ignore'

interface Text {
  readonly node?: {
    readonly type: string
    readonly value?: unknown
    readonly quasis?: readonly { readonly value: { readonly raw: string } }[]
  }
}

/** Leaves words for people as they are: tests hold codes, and a sentence that says it otherwise is no fault. */
export const wording: Ignorer = {
  shouldIgnore(path) {
    const { node } = path as Text
    const texts =
      node?.type === 'StringLiteral'
        ? [String(node.value)]
        : node?.type === 'TemplateLiteral'
          ? (node.quasis ?? []).map(({ value }) => value.raw)
          : []
    return texts.some((text) => /[a-z,:] | [a-z]/i.test(text)) ? 'wording' : undefined
  },
}
