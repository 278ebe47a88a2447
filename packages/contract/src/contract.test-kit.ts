import { utf8 } from '@countersign/core'
import { writeVkey } from '@countersign/formats'
import { logKeyOf, party } from '../../../test/pipeline.ts'
import { type Contract, type Fault, lintContract, parseContract } from './index.ts'

const keys = new Map<string, string>()

/** The public key of a signer of this name, base64 of its SPKI; the same each time. */
export function keyOf(name: string): string {
  if (!keys.has(name)) keys.set(name, Buffer.from(party(name).publicKey.spki).toString('base64'))
  return keys.get(name)!
}

/** The verifier key of a log of this name. */
export function vkeyOf(name: string): string {
  return writeVkey(logKeyOf(party(name, 'ed25519')))
}

/** A whole contract around its steps, with a key for every signer that they name. */
export function contractYaml(steps: string, more: { final?: string; top?: string } = {}): string {
  const names = new Set([...steps.matchAll(/signers: \[([^\]]*)\]/g)].flatMap(([, list]) => list!.split(/, */)))
  const last = [...steps.matchAll(/^ {2}([\w./-]+):/gm)].at(-1)?.[1]
  return [
    'contract: v1',
    'pipeline: shop/web',
    'revision: 1',
    'signers:',
    ...[...names].filter((name) => /^[\w./-]+$/.test(name)).map((name) => `  ${name}: ${keyOf(name)}`),
    ...(more.top === undefined ? [] : [more.top]),
    'steps:',
    steps.replace(/\n$/, ''),
    `final: ${more.final ?? last}`,
    '',
  ].join('\n')
}

export function parse(text: string): Contract {
  return parseContract(utf8(text))
}

export function lint(text: string): Fault[] {
  return lintContract(utf8(text))
}

/** The text of the line that a fault points to, from its column on. */
export function pointedAt(text: string, fault: Fault): string {
  return text.split('\n')[fault.line - 1]!.slice(fault.column - 1)
}
