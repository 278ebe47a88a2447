import type { JsonObject } from '@countersign/core'
import { cyclonedx } from './cyclonedx.ts'
import { openvex } from './openvex.ts'
import type { Report } from './report.ts'
import { sarif } from './sarif.ts'
import { spdx2, spdx3 } from './spdx.ts'

/** A kind of JSON: how it is told from all others, by its own members alone, and how it is read. */
export interface Reader {
  readonly name: string
  is(given: JsonObject): boolean
  /** Throws `report-invalid` and what reading a shape throws. */
  read(given: JsonObject): Report
}

/** Reports that are documents of their own. */
export const DOCUMENTS: readonly Reader[] = [spdx2, spdx3, cyclonedx, openvex, sarif]
