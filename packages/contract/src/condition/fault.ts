/** A condition that cannot be read; `at` counts characters from 0. */
export class ConditionFault extends Error {
  override readonly name = 'ConditionFault'
  readonly at: number

  constructor(at: number, what: string) {
    super(what)
    this.at = at
  }
}
