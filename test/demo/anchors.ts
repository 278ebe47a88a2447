import { join } from 'node:path'
import { type LocalAnchors, startLocalAnchors } from '../anchors/local-anchors.ts'
import { must } from './clouds.ts'
import { countersign, type Server } from './world.ts'

export { type LocalAnchors, startLocalAnchors }

export interface AnchoredProof {
  /** How each anchor proves the day's statement: as `countersign anchor now` prints it. */
  readonly proofs: string
  /** The verdict that demands all of them, from one file, without a network. */
  readonly verdict: string
  /** Bytes of that file. */
  readonly evidence: string
  readonly anchors: readonly { readonly anchor: string; readonly phase: string }[]
}

/** Has the statement of the log anchored in all of them, and holds an artifact against that, offline. */
export async function anchorRelease(
  server: Server,
  local: LocalAnchors,
  release: { readonly directory: string; readonly artifact: string; readonly contract: string },
): Promise<AnchoredProof> {
  const { directory: cwd, artifact, contract } = release
  const env = { COUNTERSIGN_URL: server.url, COUNTERSIGN_TOKEN: server.token }
  await must(countersign(['anchor', 'doctor'], { cwd, env }))
  const now = await must(countersign(['anchor', 'now', '--wait', '--timeout', '90'], { cwd, env }))
  const again = await must(countersign(['anchor', 'now', '--wait', '--format', 'json'], { cwd, env }))
  const { anchors } = JSON.parse(again.out) as { anchors: { anchor: string; phase: string }[] }
  // What somebody believes who has nodes of his own.
  const trust = join(cwd, 'anchors.trust.json')
  await local.writeTrust(trust)
  const evidence = `${artifact}.evidence.json`
  await must(
    countersign(['evidence', 'export', artifact, '--contract', contract, '--anchor-trust', trust, '--out', evidence], {
      cwd,
      env,
    }),
  )
  const demand = ['--require-anchors', String(anchors.length), '--anchor-trust', trust]
  const judged = await must(
    countersign(['verify', artifact, '--contract', contract, '--evidence', evidence, ...demand], { cwd }),
  )
  return {
    proofs: now.out.split('\n').slice(1).join('\n').trimEnd(),
    verdict: judged.out.trimEnd(),
    evidence: join(cwd, evidence),
    anchors: anchors.map(({ anchor, phase }) => ({ anchor, phase })),
  }
}
