import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { type Evidence, parseEvidence, writeEvidence } from '@countersign/evidence'
import {
  contractPath,
  type Cover,
  type DecisionRecord,
  LISTED,
  listedPath,
  MANIFEST,
  type Manifest,
  packStatement,
  type Records,
  type RefusalRecord,
  REPORT,
  reportOf,
  runPath,
  SIGNATURE,
  summaryPath,
  Tally,
  writeManifest,
  writeRecords,
} from '@countersign/evidence/pack'
import { type Actor, parseCheckpoint, writeBundle } from '@countersign/formats'
import { evidenceOf } from '../packages/evidence/src/evidence.test-kit.ts'
import { runFacts, Summaries, writeArchive } from '@countersign/adapters/audit-pack'
import { ownBasis } from '@countersign/adapters/gathering'
import { ArchiveReader } from '../packages/cli/src/audit/archive.ts'
import { type Caller, type Examined, examinePack } from '../packages/cli/src/audit/examine.ts'
import { at, type Party, type Run, seal, signCheckpoint } from './pipeline.ts'

/** An audit pack in its parts, to be bent before it is sealed. */
export interface Parts {
  /** Without the manifest and its signature. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly cover: Cover
  readonly by: Party
}

export interface PackOf {
  readonly by: Party
  readonly runs: readonly Run[]
  readonly period?: Manifest['period']
  readonly pipelines?: readonly string[]
  readonly environments?: readonly string[]
  /** Who asked the server, where its log signs. */
  readonly askedBy?: Actor
  readonly decisions?: readonly DecisionRecord[]
  readonly refusals?: readonly RefusalRecord[]
  readonly summaries?: readonly Uint8Array[]
  /** Runs that the server listed, and of which there is no evidence. */
  readonly missing?: readonly Run[]
  /** As of when all is judged. */
  readonly createdAt?: string
  /** Who signs for how long the log was; by default the log. */
  readonly log?: Party
  /** What the evidence of a run is; by default all of it. */
  readonly evidence?: (run: Run) => Evidence
}

/** The period in which the runs of the tests are. */
export const NOVEMBER = { since: '2026-11-01T00:00:00.000Z', until: '2026-12-01T00:00:00.000Z' }

/** What an honest exporter makes of some runs, in memory. */
export async function packOf(of: PackOf): Promise<Parts> {
  const { by, runs, period = NOVEMBER, pipelines = [], missing = [], summaries = [] } = of
  const all = [...runs, ...missing]
  const { who } = all[0]!
  const { log = who.server } = of
  const records: Records = {
    runs: all.map(({ chain, contract, steps }) => ({
      chain: chain.id,
      pipeline: chain.pipeline,
      contract: contract.digest,
      steps: steps.length,
      erased: 0,
      late: 0,
      firstAt: at(1),
      lastAt: at(steps.length),
    })),
    contracts: [...new Map(runs.map(({ contract }) => [contract.digest, contract])).values()].map(
      ({ digest, pipeline, revision }) => ({
        pipeline,
        revision,
        digest,
        publishedAt: at(0),
        index: null,
        signatures: 0,
      }),
    ),
    coverage: [],
    decisions: of.decisions ?? [],
    keys: [],
    refusals: of.refusals ?? [],
  }
  const files = new Map<string, Uint8Array>()
  for (const what of LISTED) files.set(listedPath(what), writeRecords(what, records[what]))
  for (const { contract, contractBytes } of runs) files.set(contractPath(contract.digest, false), contractBytes)
  const cover: Cover = {
    createdAt: of.createdAt ?? at(60),
    exporter: { key: by.publicKey, by: of.askedBy ?? null, version: '0.1.0' },
    period,
    pipelines,
    environments: of.environments ?? [],
    server: {
      origin: who.server.name,
      checkpoint: parseCheckpoint(signCheckpoint(log, log, 100, new Uint8Array(32))),
      counts: {
        acts: null,
        contracts: records.contracts.length,
        decisions: records.decisions.length,
        refusals: records.refusals.length,
        runs: all.length,
      },
    },
    missing: missing
      .map(({ chain }) => ({ chain: chain.id, code: 'not-found' }))
      .toSorted((a, b) => (a.chain < b.chain ? -1 : 1)),
  }
  const told = new Summaries(records.decisions, nodeCrypto)
  for (const summary of summaries) {
    told.add(summary)
    files.set(summaryPath(digestOf(summary)), summary)
  }
  const tally = new Tally(records, cover)
  for (const run of runs.toSorted((a, b) => (a.chain.id < b.chain.id ? -1 : 1))) {
    const bytes = writeEvidence(of.evidence?.(run) ?? runEvidence(run))
    files.set(runPath(run.chain.id), bytes)
    const listed = records.runs.find(({ chain }) => chain === run.chain.id)!
    const evidence = parseEvidence(bytes)
    const asked = { run: listed, artifacts: told.artifacts, now: cover.createdAt }
    tally.add(await runFacts(evidence, ownBasis(evidence), asked, nodeCrypto))
  }
  files.set(REPORT, reportOf(cover, tally.finish(told.verified([who.server.publicKey]), null)))
  return { files, cover, by }
}

/** Evidence of a whole run, as packs have it. */
export function runEvidence(run: Run): Evidence {
  return { ...evidenceOf(run), subject: { artifact: null, chains: [run.chain.id] } }
}

/** The files that an archive is made of, signed: its manifest names what is there, whatever that is. */
export function sealed(
  { files, cover, by }: Parts,
  bend: (manifest: Manifest) => Manifest = (one) => one,
): Map<string, Uint8Array> {
  const named = [...files].map(([path, bytes]) => ({ path, sha256: digestOf(bytes), size: bytes.length }))
  const manifest = writeManifest(bend({ ...cover, files: named.toSorted((a, b) => (a.path < b.path ? -1 : 1)) }))
  return new Map([
    [MANIFEST, manifest],
    [SIGNATURE, signatureOf(manifest, by)],
    ...named
      .map(({ path }) => path)
      .toSorted()
      .map((path) => [path, files.get(path)!] as const),
  ])
}

export function signatureOf(manifest: Uint8Array, by: Party): Uint8Array {
  return writeBundle(seal(by, packStatement(digestOf(manifest))))
}

/** An archive of these files in their order. */
export async function archived(
  directory: string,
  name: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<string> {
  const path = join(directory, name)
  await writeArchive(
    path,
    [...files].map(([file, bytes]) => ({ name: file, bytes: () => bytes })),
  )
  return path
}

/** As `audit verify` does. */
export async function examined(path: string, caller: Caller | null = null): Promise<Examined> {
  const archive = await ArchiveReader.open(path)
  try {
    return await examinePack(archive, caller, nodeCrypto, () => undefined)
  } finally {
    await archive.close()
  }
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
