import { randomBytes, sign } from 'node:crypto'
import { portableCrypto } from '@countersign/core/portable'
import { type Contract, parseContract } from '@countersign/contract'
import { utf8 } from '@countersign/core'
import {
  actCommitment,
  type ActLeaf,
  type ActProof,
  actProofOf,
  CONTRACT_PAYLOAD_TYPE,
  type Deviation,
  DEVIATION_PAYLOAD_TYPE,
  type Endorsed,
  pae,
  parseCheckpoint,
  sortedExcuses,
  writeActOpening,
  writeDeviation,
  writeDeviationLine,
  writeLeaf,
  writeSignedContract,
} from '@countersign/formats'
import { leafHash } from '@countersign/merkle'
import type { Act } from '../server/acts.ts'
import type { StoredContract } from '../server/store.ts'
import {
  at,
  contractText,
  file,
  newChainId,
  type Parties,
  type Party,
  party,
  received,
  type Signed,
  signCheckpoint,
  signStep,
  source,
} from './pipeline.ts'
import type { TestServer } from './server.ts'

const SOMEBODY = party('somebody')

/** The act by which a contract comes into force after another, signed by nobody who counts. */
export function publication(contract: StoredContract, time: string, follows: string | null = null): Act {
  const { digest, pipeline, bytes } = contract
  const document = writeSignedContract(endorse(bytes, CONTRACT_PAYLOAD_TYPE, [SOMEBODY]))
  return {
    tenant: 'acme',
    kind: 'contract',
    digest,
    about: pipeline,
    at: time,
    document,
    signed: pae(CONTRACT_PAYLOAD_TYPE, bytes),
    signers: [],
    contract: { ...contract, follows, asked: [] },
  }
}

/** Any payload with the signatures of these parties, honest or not. */
export function endorse(payload: Uint8Array, payloadType: string, by: readonly Party[]): Endorsed {
  const endorsements = by.map(({ publicKey, privateKey }) => ({
    signature: new Uint8Array(
      sign(publicKey.algorithm === 'ed25519' ? null : 'sha256', pae(payloadType, payload), privateKey),
    ),
    keyid: publicKey.keyId,
    certificate: null,
    timestamps: [],
  }))
  return { payloadType, payload, endorsements, logged: null }
}

export function signContract(text: string, by: readonly Party[]): Endorsed {
  return endorse(utf8(text), CONTRACT_PAYLOAD_TYPE, by)
}

/** The contract of the honest run with maintainers, and more of the head. */
export function maintainedText(
  who: Parties,
  maintainers: { readonly threshold: number; readonly of: readonly Party[] } | null,
  more: { revision?: number; countersigned?: boolean; head?: readonly string[] } = {},
): string {
  const key = ({ publicKey }: Party) => Buffer.from(publicKey.spki).toString('base64')
  const lines =
    maintainers === null
      ? []
      : [
          'maintainers:',
          `  threshold: ${maintainers.threshold}`,
          '  of:',
          ...maintainers.of.map((one) => `    ${one.name}: ${key(one)}`),
        ]
  const head = [...lines, ...(more.head ?? [])].map((line) => `${line}\n`).join('')
  return contractText(who, more).replace('steps:\n', `${head}steps:\n`)
}

export function maintained(...given: Parameters<typeof maintainedText>): Contract {
  return parseContract(utf8(maintainedText(...given)))
}

/** A deviation from a contract, for a day. */
export function deviationFrom(contract: Contract, given: Partial<Deviation> & Pick<Deviation, 'excuses'>): Deviation {
  return {
    contract: contract.digest,
    pipeline: contract.pipeline,
    chain: null,
    artifact: null,
    reason: 'the scanner is down, INC-42',
    issuedAt: at(0),
    expiresAt: at(24 * 60),
    ...given,
    excuses: sortedExcuses(given.excuses),
  }
}

export function signDeviation(deviation: Deviation, by: readonly Party[]): Endorsed {
  return endorse(writeDeviation(deviation), DEVIATION_PAYLOAD_TYPE, by)
}

const SHA256 = { size: 32, hash: (bytes: Uint8Array) => portableCrypto.sha256(bytes) }

/** The proof of a log, of which it is the only entry, that it has a document as these parties signed it. */
export function logAct(
  endorsed: Endorsed,
  log: Party,
  by: readonly Party[],
  bent: { leaf?: Partial<ActLeaf>; signedBy?: Party; time?: string } = {},
): ActProof {
  const salt = new Uint8Array(randomBytes(32))
  const signers = by.map(({ publicKey }) => publicKey.keyId).toSorted()
  const signed = pae(endorsed.payloadType, endorsed.payload)
  const leaf: ActLeaf = {
    kind: 'act',
    at: bent.time ?? at(1),
    commitment: actCommitment(salt, { signed, signers }, portableCrypto),
    ...bent.leaf,
  }
  const root = leafHash(writeLeaf(leaf), SHA256)
  const checkpoint = parseCheckpoint(signCheckpoint(log, bent.signedBy ?? log, 1, root))
  return actProofOf({ extra: writeActOpening({ leaf, signers, salt }), index: 0, hashes: [], checkpoint })
}

/** source → build → deploy under a contract: the tests were skipped. */
export function hastyRun(who: Parties, contract: Contract, commit = 'hasty') {
  const chain = { id: newChainId(), pipeline: contract.pipeline, contract: contract.digest }
  const [checkout, app] = [source(commit), file('dist/app.tgz', `app of ${commit}`)]
  const after = (step: Signed, name: string) => [{ link: step.link, step: name }]
  const first = signStep(who.github, { chain, name: 'source', subject: [checkout], minute: 0 })
  const build = signStep(who.codebuild, {
    chain,
    name: 'build',
    previous: after(first, 'source'),
    materials: [received(checkout, first.link)],
    subject: [app],
    minute: 2,
  })
  const deploy = signStep(who.azure, {
    chain,
    name: 'deploy',
    previous: after(build, 'build'),
    materials: [received(app, build.link)],
    subject: [app],
    minute: 4,
  })
  return { chain, app, source: first, build, deploy, steps: [first, build, deploy] }
}

/** What a run without tests needs to be let through: see `hastyRun`. */
export const WITHOUT_TESTS = [
  { code: 'step-skipped', step: 'deploy' },
  { code: 'step-skipped', step: 'test' },
  { code: 'step-order', step: 'deploy' },
  { code: 'material-unexplained', step: 'deploy' },
]

/** Publishes a contract that these parties have signed. */
export function publishSigned(server: TestServer, text: string, by: readonly Party[]): Promise<Response> {
  const { pipeline } = parseContract(utf8(text))
  return server.request('PUT', `/v1/contracts/${pipeline}`, { body: writeSignedContract(signContract(text, by)) })
}

/** Has a deviation wait for a second signature, under a contract of its own; gives its id. */
export async function waitingIn(server: TestServer, who: Parties): Promise<string> {
  const [ann, bob] = [party('ann'), party('bob')]
  const text = maintainedText(who, { threshold: 2, of: [ann, bob] }).replace('shop/web', `shop/waits-${++waits}`)
  await publishSigned(server, text, [ann, bob])
  const chain = newChainId()
  const deviation = deviationFrom(parseContract(utf8(text)), { chain, excuses: WITHOUT_TESTS })
  const body = writeDeviationLine(signDeviation(deviation, [ann]))
  const reply = await server.request('POST', `/v1/chains/${chain}/proposals`, { body })
  if (reply.status !== 202) throw new Error(await reply.text())
  return ((await reply.json()) as { id: string }).id
}
let waits = 0

/** Lets a run without tests through, under a contract of its own. */
export async function letThrough(server: TestServer, who: Parties): Promise<Response> {
  const [ann, bob] = [party('ann'), party('bob')]
  const text = maintainedText(who, { threshold: 2, of: [ann, bob] }).replace('shop/web', 'shop/kept')
  await publishSigned(server, text, [ann, bob])
  const contract = parseContract(utf8(text))
  const run = hastyRun(who, contract)
  await server.append(run.source.bundle)
  const deviation = signDeviation(
    deviationFrom(contract, { chain: run.chain.id, excuses: WITHOUT_TESTS, issuedAt: at(0) }),
    [ann, bob],
  )
  const path = `/v1/chains/${run.chain.id}/deviations`
  return server.request('POST', path, { body: writeDeviationLine(deviation) })
}
