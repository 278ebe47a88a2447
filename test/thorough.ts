/** Set by `.ci/run`: what is looked for longer there than a contributor waits for. */
export const THOROUGH = process.env['COUNTERSIGN_THOROUGH'] !== undefined

/** Of two amounts, the first for everybody, the second where the tests are thorough. */
export function rounds(usual: number, thorough: number): number {
  return THOROUGH ? thorough : usual
}

/** All cases where the tests are thorough, else `usual` of them, from the first to the last. */
export function some<T>(usual: number, cases: readonly T[]): readonly T[] {
  if (THOROUGH || usual >= cases.length) return cases
  return Array.from({ length: usual }, (_, i) => cases[Math.floor((i * cases.length) / usual)]!)
}
