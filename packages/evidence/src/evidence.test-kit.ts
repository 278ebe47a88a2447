import { at, logKeyOf, type Run } from '../../../test/pipeline.ts'
import { NO_ANCHOR_ROOTS } from '@countersign/formats/anchor'
import type { Evidence } from './index.ts'

/** What an honest exporter makes of a run: its artifact, its contract, and the keys of all who had a part in it. */
export function evidenceOf({ app, chain, lines, contract, contractBytes, who }: Run): Evidence {
  const { server, ...signers } = who
  return {
    subject: { artifact: app.digest.sha256, chains: [chain.id] },
    createdAt: at(60),
    lines,
    contracts: [{ digest: contract.digest, bytes: contractBytes }],
    trust: {
      signers: Object.values(signers).map(({ name, publicKey }) => ({ name, key: publicKey, revokedAt: null })),
      logs: [{ key: logKeyOf(server), revokedAt: null }],
      witnesses: [],
      authorities: [],
      anchors: NO_ANCHOR_ROOTS,
    },
    statements: [],
    coverage: [],
    anchors: [],
  }
}
