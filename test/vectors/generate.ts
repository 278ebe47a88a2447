import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { administrativeActs } from './topics/administrative-act.ts'
import { anchors, anchorTrusts } from './topics/anchor.ts'
import { rekorAnchors } from './topics/anchor-rekor.ts'
import { rfc3161Anchors } from './topics/anchor-rfc3161.ts'
import { ethereumAnchors } from './topics/anchor-ethereum.ts'
import { attachments } from './topics/attachment.ts'
import { auditPacks } from './topics/audit-pack.ts'
import { bundles } from './topics/bundle.ts'
import { certificates } from './topics/certificate.ts'
import { chainFiles } from './topics/chain-file.ts'
import { countersigneds } from './topics/countersigned.ts'
import { disclosures, sealeds } from './topics/disclosure.ts'
import { checkpoints, cosignatures, tlogProofs, witnessMessages } from './topics/checkpoint.ts'
import { deviations, endorseds } from './topics/endorsed.ts'
import { remarks } from './topics/remark.ts'
import { enrolmentCodes, enrolments, revocationLists } from './topics/enrolment.ts'
import { evidences } from './topics/evidence.ts'
import { globs, paths } from './topics/names.ts'
import { der, ecdsa, ed25519, keys } from './topics/keys.ts'
import { base64, hex, jcs, json } from './topics/text.ts'
import { notes, vkeys } from './topics/note.ts'
import { consistencies, entryBundles, inclusions, maps, tilePaths } from './topics/merkle.ts'
import { headProofs, heads } from './topics/head-proof.ts'
import { leaves, openings } from './topics/leaf.ts'
import { logStatements, statementPairs } from './topics/log-statement.ts'
import { opentimestamps, opentimestampsTrusts } from './topics/opentimestamps.ts'
import { otsFiles } from './topics/ots.ts'
import { identityClaims } from './topics/identity-claims.ts'
import { identityTokens } from './topics/identity-token.ts'
import { issuerKeySets, issuerRules } from './topics/issuer-rule.ts'
import { reports } from './topics/report.ts'
import { passkeys, passkeySignatures } from './topics/passkey.ts'
import { paes } from './topics/pae.ts'
import { policies } from './topics/policy.ts'
import { rekorVkeys, signingConfigs, trustedRoots } from './topics/rekor-setup.ts'
import { receipts } from './topics/receipt.ts'
import { sigstoreBundles } from './topics/sigstore-bundle.ts'
import { sigstoreRoots } from './topics/sigstore-root.ts'
import { statements } from './topics/statement.ts'
import { steps } from './topics/step.ts'
import { summaries } from './topics/summary.ts'
import { tokens } from './topics/token.ts'
import { trees } from './topics/tree.ts'
import { signerRoots } from './topics/trusted-root.ts'
import { withhelds } from './topics/withheld.ts'
import type { Topic } from './topics/topic.ts'

const TOPICS: readonly Topic[] = [
  base64,
  hex,
  json,
  jcs,
  paths,
  globs,
  keys,
  der,
  ed25519,
  ecdsa,
  passkeys,
  passkeySignatures,
  statements,
  steps,
  paes,
  bundles,
  chainFiles,
  certificates,
  signerRoots,
  sigstoreBundles,
  sigstoreRoots,
  evidences,
  auditPacks,
  reports,
  summaries,
  receipts,
  countersigneds,
  withhelds,
  disclosures,
  attachments,
  sealeds,
  endorseds,
  deviations,
  remarks,
  administrativeActs,
  leaves,
  openings,
  tokens,
  trees,
  notes,
  vkeys,
  checkpoints,
  cosignatures,
  tlogProofs,
  witnessMessages,
  logStatements,
  statementPairs,
  heads,
  headProofs,
  policies,
  inclusions,
  consistencies,
  maps,
  tilePaths,
  entryBundles,
  anchors,
  anchorTrusts,
  rekorAnchors,
  rfc3161Anchors,
  otsFiles,
  opentimestamps,
  opentimestampsTrusts,
  trustedRoots,
  signingConfigs,
  rekorVkeys,
  ethereumAnchors,
  identityTokens,
  identityClaims,
  issuerRules,
  issuerKeySets,
  enrolmentCodes,
  enrolments,
  revocationLists,
]

/** Every vector file: its path below this folder, and its text. The same on every run and machine. */
export function generate(): Map<string, string> {
  const files = new Map<string, string>()
  for (const { name, vectors } of TOPICS) {
    for (const [vector, content] of Object.entries(vectors)) {
      files.set(`${name}/${vector}.json`, `${escape(JSON.stringify(content, null, 2))}\n`)
    }
  }
  return files
}

/** The folders that hold vectors and nothing else. */
export const FOLDERS: readonly string[] = TOPICS.map((topic) => topic.name)

/** Vectors stay ASCII, so that no editor changes what it shows otherwise. */
function escape(text: string): string {
  return text.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

if (import.meta.main) {
  for (const folder of FOLDERS) {
    const path = join(import.meta.dirname, folder)
    mkdirSync(path, { recursive: true })
    for (const file of readdirSync(path)) rmSync(join(path, file))
  }
  const files = generate()
  for (const [path, text] of files) writeFileSync(join(import.meta.dirname, path), text)
  console.log(`${files.size} vectors`)
}
