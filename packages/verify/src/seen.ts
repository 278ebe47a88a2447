import type { SeenRun } from '@countersign/contract'
import { succeeded, writeVkey } from '@countersign/formats'
import { type Chain, reportsIn } from './chain.ts'
import { factsOf } from './claims.ts'
import type { Signer, Trust } from './types.ts'

/** The runs of a chain as a contract is learned from them: what verified, and nothing that is withheld. */
export function seenRuns(chain: Chain, { countersigners }: Pick<Trust, 'countersigners'>): SeenRun[] {
  const runs = Map.groupBy(chain.steps.values(), ({ statement }) => statement.predicate.chain.id)
  return [...runs].map(([id, steps]) => {
    const logs = steps.map(({ link }) =>
      (chain.receipts.get(link) ?? []).flatMap(({ countersigner }) => vkeysOf(countersigner, countersigners)),
    )
    return {
      id,
      pipeline: steps[0]!.statement.predicate.chain.pipeline,
      logs: logs[0]!.filter((log, i, all) => all.indexOf(log) === i && logs.every((own) => own.includes(log))),
      steps: steps.map((step) => {
        const {
          link,
          signer,
          under,
          statement: { subject, predicate },
        } = step
        return {
          link,
          subject,
          step: predicate.step,
          previous: predicate.previous,
          materials: predicate.materials,
          succeeded: succeeded(predicate),
          reports: reportsIn(chain, step),
          signer: {
            ...factsOf(signer),
            name: signer.name,
            spki: signer.certificate === null ? under.der : null,
            system: signer.certificate?.system ?? null,
          },
        }
      }),
    }
  })
}

function vkeysOf({ name, keyId }: Signer, logs: Trust['countersigners']): readonly string[] {
  return logs.filter(({ key }) => key.name === name && key.publicKey.keyId === keyId).map(({ key }) => writeVkey(key))
}
