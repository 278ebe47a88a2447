import { expect, test } from 'vitest'
import { utf8 } from '@countersign/core'
import { parseContract } from '@countersign/contract'
import { trustOf } from '@countersign/verify'
import { file, newChainId, party, received, type Signed, signStep, source } from '../pipeline.ts'
import { gate } from './judging.ts'

const NAMES = ['source', 'lint', 'build', 'test', 'pack', 'scan'] as const
const by = party('ci')
const contract = parseContract(
  utf8(
    [
      'contract: v1',
      'pipeline: p',
      'revision: 1',
      `signers: { ci: ${Buffer.from(by.publicKey.spki).toString('base64')} }`,
      'steps:',
      ...NAMES.map(
        (name, i) =>
          `  ${name}: { signers: [ci]${i === 0 ? '' : `, after: [${NAMES[i - 1]}]`}${i === 0 ? '' : ', products: ["**"]'} }`,
      ),
      `final: ${NAMES.at(-1)}`,
      '',
    ].join('\n'),
  ),
)

/** The steps in any order, each rightly signed and taking over from the one before it. */
function chainOf(order: readonly string[]): { steps: Signed[]; artifact: string } {
  const chain = { id: newChainId(), pipeline: 'p', contract: contract.digest }
  const steps: Signed[] = []
  let product = source('c')
  for (const [i, name] of order.entries()) {
    const before = steps.at(-1)
    const made = i === 0 ? product : file(name, `${name} of ${chain.id}`)
    steps.push(
      signStep(by, {
        chain,
        name,
        subject: [made],
        minute: 2 * i,
        ...(before === undefined
          ? {}
          : {
              previous: [{ link: before.link, step: before.statement.predicate.step.name }],
              materials: [received(product, before.link)],
            }),
      }),
    )
    product = made
  }
  return { steps, artifact: product.digest.sha256 }
}

function* permutations(items: readonly string[]): Generator<readonly string[]> {
  if (items.length <= 1) {
    yield items
    return
  }
  for (const [i, item] of items.entries()) {
    for (const rest of permutations([...items.slice(0, i), ...items.slice(i + 1)])) yield [item, ...rest]
  }
}

test('T-19: every order of six honest steps but the contract’s is refused', { timeout: 120_000 }, () => {
  const passed: string[] = []
  let count = 0
  for (const order of permutations(NAMES)) {
    count++
    const { steps, artifact } = chainOf(order)
    const judged = gate(
      contract,
      steps.map(({ bundle }) => bundle),
      artifact,
      trustOf(contract),
    )
    if (judged.verdict === 'pass') passed.push(order.join(' '))
    // Where the last step is not the final one, the gate does not even look at the way.
    else if (order.at(-1) === 'scan') expect(['step-order', 'step-skipped']).toContain(judged.codes[0])
    else expect(judged.codes).toEqual(['final-missing'])
  }
  expect(count).toBe(720)
  // Red control: the right order passes.
  expect(passed).toEqual([NAMES.join(' ')])
})
