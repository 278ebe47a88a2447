// Indexes and sizes go up to 2^53−1, where `>>` and `&` would cut them to 32 bits: only arithmetic is used on them.

/** Whether a number can be the size of a tree: an integer from 0 to 2^53−1. */
export function isSize(n: number): boolean {
  return Number.isSafeInteger(n) && n >= 0
}

export function isOdd(n: number): boolean {
  return n % 2 === 1
}

/** n shifted right by one bit. */
export function half(n: number): number {
  return Math.floor(n / 2)
}

/** The height of the largest perfect tree with at most `n` leaves; n ≥ 1. */
export function heightWithin(n: number): number {
  let height = 0
  for (let width = 2; width <= n; width *= 2) height++
  return height
}

/** Where RFC 6962 splits `n` leaves: the largest power of two smaller than n; n ≥ 2. */
export function splitOf(n: number): number {
  return 2 ** heightWithin(n - 1)
}

/** How many of the bits of n are set: the number of perfect trees that n leaves make. */
export function perfectTreesIn(n: number): number {
  let count = 0
  for (let rest = n; rest > 0; rest = half(rest)) if (isOdd(rest)) count++
  return count
}
