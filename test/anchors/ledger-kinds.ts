import { join } from 'node:path'
import type { Anchor } from '@countersign/anchor'
import { CodedError } from '@countersign/core'
import { existsSync } from 'node:fs'
import type { AnchorSettings } from '../../server/anchor-settings.ts'
import { fileLedger, ledgerAnchor } from './local-file.ts'

/** In the place of the adapters: every kind is a ledger in a file of its name, down while `NAME.down` is there. */
export function openAnchors(settings: readonly AnchorSettings[]): Promise<readonly Anchor[]> {
  const directory = process.env['COUNTERSIGN_TEST_LEDGERS']!
  return Promise.resolve(
    settings.map(({ kind, name }) => {
      const path = join(directory, name.replaceAll(':', '-'))
      const before = () => {
        if (existsSync(`${path}.down`)) throw new CodedError('anchor-unreachable', `${name} is down`)
        if (existsSync(`${path}.refuses`)) throw new CodedError('anchor-refused', `${name} will not have it`)
      }
      const anchor = ledgerAnchor({ kind, name, ledger: fileLedger(`${path}.ledger`), settles: 200, before })
      return {
        ...anchor,
        async check(now: number) {
          const up = !existsSync(`${path}.down`)
          const found = up ? 'answers' : 'does not answer'
          const reachable = { name: 'reachable', ok: up, found, code: up ? null : ('anchor-unreachable' as const) }
          return [reachable, ...(await anchor.check(now)).slice(1)]
        },
      }
    }),
  )
}
