import { concat } from '@countersign/core'

/** Random numbers that a seed repeats (mulberry32). */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** An integer from 0 up to, not including, `below`. */
  below(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }
}

const MAX_INPUT = 1 << 16
const BYTES = [
  0x00, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x3a, 0x3d, 0x5c, 0x7f, 0x80, 0xc0, 0xed, 0xff,
]

type Mutator = (
  input: Uint8Array,
  dice: Dice,
  corpus: readonly Uint8Array[],
  words: readonly Uint8Array[],
) => Uint8Array

/** The input with `gone` bytes at `at` replaced by `more`. */
function put(input: Uint8Array, at: number, gone: number, more: Uint8Array): Uint8Array {
  return concat(input.subarray(0, at), more, input.subarray(at + gone))
}

const MUTATORS: readonly Mutator[] = [
  function flipBit(input, dice) {
    if (input.length === 0) return input
    const at = dice.below(input.length)
    return input.with(at, input[at]! ^ (1 << dice.below(8)))
  },
  function setByte(input, dice) {
    if (input.length === 0) return input
    return input.with(dice.below(input.length), dice.below(2) === 0 ? dice.pick(BYTES) : dice.below(256))
  },
  function insertByte(input, dice) {
    return put(input, dice.below(input.length + 1), 0, Uint8Array.of(dice.pick(BYTES)))
  },
  function insertWord(input, dice, _, words) {
    return put(input, dice.below(input.length + 1), 0, dice.pick(words))
  },
  function replaceByWord(input, dice, _, words) {
    return put(input, dice.below(input.length + 1), dice.below(12), dice.pick(words))
  },
  function remove(input, dice) {
    return put(input, dice.below(input.length + 1), 1 + dice.below(8), new Uint8Array(0))
  },
  function cut(input, dice) {
    return input.slice(0, dice.below(input.length + 1))
  },
  function repeat(input, dice) {
    const at = dice.below(input.length + 1)
    const piece = input.slice(at, at + 1 + dice.below(40))
    const times = dice.below(8) === 0 ? 200 : 2
    return put(input, at, 0, concat(...Array.from({ length: times }, () => piece)))
  },
  function swap(input, dice) {
    const at = dice.below(input.length + 1)
    const size = 1 + dice.below(30)
    return concat(
      input.subarray(0, at),
      input.subarray(at + size, at + 2 * size),
      input.subarray(at, at + size),
      input.subarray(at + 2 * size),
    )
  },
  function splice(input, dice, corpus) {
    const other = dice.pick(corpus)
    const from = dice.below(other.length + 1)
    const size = dice.below(60)
    return put(input, dice.below(input.length + 1), dice.below(60), other.slice(from, from + size))
  },
]

/** One to four changes to an input of the corpus; at most 64 KiB. */
export function mutate(dice: Dice, corpus: readonly Uint8Array[], words: readonly Uint8Array[]): Uint8Array {
  let input = dice.pick(corpus)
  for (let changes = 1 + dice.below(4); changes > 0; changes--) {
    input = dice.pick(MUTATORS)(input, dice, corpus, words).slice(0, MAX_INPUT)
  }
  return input
}
