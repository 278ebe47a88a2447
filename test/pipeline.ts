import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { parsePasskey, parsePublicKey, type PublicKey, utf8, writePasskey } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Contract, parseContract } from '@countersign/contract'
import {
  type AttestationLeaf,
  blindChain,
  type Bundle,
  type ChainLine,
  type Committed,
  commitmentOf,
  enrolmentMessage,
  linkDigest,
  type NoteKey,
  noteKey,
  pae,
  parseCheckpoint,
  PAYLOAD_TYPE,
  type Receipt,
  receiptOf,
  type Resource,
  signerOf,
  type StepPredicate,
  type StepStatement,
  writeCheckpoint,
  writeLeaf,
  writeNote,
  writeOpening,
  writeStep,
  writeVkey,
} from '@countersign/formats'
import { leafHash, nodeHash, type TreeHash } from '@countersign/merkle'

/** Somebody with a key of their own. */
export interface Party {
  readonly name: string
  readonly publicKey: PublicKey
  /** Of a passkey that of the key within it. */
  readonly privateKey: KeyObject
}

export function party(name: string, algorithm: 'ecdsa-p256' | 'ed25519' = 'ecdsa-p256'): Party {
  const pair =
    algorithm === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const publicKey = parsePublicKey(new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' })))
  KEYS.set(publicKey.keyId, publicKey)
  return { name, publicKey, privateKey: pair.privateKey }
}

/** The same party with a passkey for one origin: an authenticator in software. */
export function withPasskey(by: Party, rpId = 'shop.example', origin = 'https://countersign.shop.example'): Party {
  const publicKey = parsePasskey(writePasskey({ rpId, origin, key: by.publicKey }))
  KEYS.set(publicKey.keyId, publicKey)
  return { ...by, publicKey }
}

/** A key as contracts name it, in one line. */
export function keyText({ publicKey: { spki, passkey } }: Party): string {
  return Buffer.from(spki).toString(passkey === undefined ? 'base64' : 'utf8')
}

/** What a bent authenticator, or page, does otherwise. */
export interface BentAssertion {
  readonly rpId?: string
  readonly flags?: number
  readonly counter?: number
  /** Behind the 37 bytes. */
  readonly more?: Uint8Array
  /** Members of the client data; undefined takes one out. */
  readonly client?: Readonly<Record<string, unknown>>
  /** The client data themselves. */
  readonly clientDataJSON?: string
}

/** User present and verified, backed up. */
export const FLAGS_GOOD = 0x1d

/** The signature of a passkey over a message, as WebAuthn L3 §6.3.3 says it is made. */
export function assertionOf(by: Party, message: Uint8Array, bent: BentAssertion = {}): Uint8Array {
  const { rpId, origin } = by.publicKey.passkey!
  const challenge = createHash('sha256').update(message).digest('base64url')
  const client = { type: 'webauthn.get', challenge, origin, crossOrigin: false, ...bent.client }
  const clientDataJSON = Buffer.from(bent.clientDataJSON ?? JSON.stringify(client))
  const counter = Buffer.alloc(4)
  counter.writeUInt32BE(bent.counter ?? 0)
  const authenticatorData = Buffer.concat([
    createHash('sha256')
      .update(bent.rpId ?? rpId)
      .digest(),
    Buffer.of(bent.flags ?? FLAGS_GOOD),
    counter,
    bent.more ?? Buffer.of(),
  ])
  const signed = Buffer.concat([authenticatorData, createHash('sha256').update(clientDataJSON).digest()])
  const signature = sign(by.privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256', signed, by.privateKey)
  const [data, json, own] = [authenticatorData, clientDataJSON, signature].map((one) => one.toString('base64url'))
  return new Uint8Array(Buffer.from(JSON.stringify({ authenticatorData: data, clientDataJSON: json, signature: own })))
}

/** A party's signature over some bytes. */
export function signatureOf(by: Party, message: Uint8Array): Uint8Array {
  if (by.publicKey.passkey !== undefined) return assertionOf(by, message)
  return new Uint8Array(sign(by.publicKey.algorithm === 'ed25519' ? null : 'sha256', message, by.privateKey))
}

/** The keys of all parties, by id. */
const KEYS = new Map<string, PublicKey>()

/** What an honest log commits to for a bundle, and what the opening says of it. Its key is the one that it names. */
export function committedBy(bundle: Bundle): Committed & { readonly digest: string } {
  const { envelope, key } = bundle
  const known = key.kind === 'publicKey' ? KEYS.get(key.hint ?? '') : { spki: new Uint8Array() }
  if (known === undefined) throw new Error('the bundle names the key of no party')
  const signer = signerOf(bundle, known)
  return { signed: pae(envelope.payloadType, envelope.payload), signer, digest: digestOf(signer) }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Signs any payload bytes, honest or not. */
export function seal(by: Party, payload: Uint8Array): Bundle {
  const signature = signatureOf(by, pae(PAYLOAD_TYPE, payload))
  return {
    key: { kind: 'publicKey', hint: by.publicKey.keyId },
    tlogEntries: [],
    timestamps: [],
    envelope: { payloadType: PAYLOAD_TYPE, payload, signature, keyid: null },
  }
}

/** Base64 of the proof that somebody holds the key that is enrolled, by a code or (null) by an administrator. */
export function possession(by: Party, code: string | null, keyId = by.publicKey.keyId): string {
  return Buffer.from(signatureOf(by, enrolmentMessage(code, keyId))).toString('base64')
}

export function linkOf(bundle: Bundle): string {
  return linkDigest(bundle.envelope, portableCrypto)
}

export function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

/** A regular file as a product. */
export function file(name: string, content: string, mode: '100644' | '100755' = '100644'): Resource {
  return { name, digest: { sha256: sha256(content) }, annotations: { mode } }
}

/** A source checkout as a product. */
export function source(commit: string, content = commit): Resource {
  const gitCommit = createHash('sha1').update(commit).digest('hex')
  return {
    name: 'source',
    uri: `git+https://git.example/shop@${gitCommit}`,
    digest: { sha256: sha256(content), gitCommit, gitTree: createHash('sha1').update(`tree ${content}`).digest('hex') },
  }
}

/** A product as the next step's material. */
export function received(resource: Resource, from: string | null): Resource {
  return { ...resource, annotations: { ...resource.annotations, from } }
}

export interface StepInput {
  readonly chain: StepPredicate['chain']
  readonly name: string
  readonly attempt?: number
  readonly matrix?: string | null
  readonly nonce?: string
  readonly previous?: StepPredicate['previous']
  readonly materials?: readonly Resource[]
  readonly subject: readonly Resource[]
  readonly exitCode?: number
  readonly evidence?: StepPredicate['evidence']
  /** Minutes since the run began. */
  readonly minute?: number
}

const BEGAN = Date.parse('2026-11-01T12:00:00.000Z')

/** The time `minute` minutes into every run of these tests. */
export function at(minute: number): string {
  return new Date(BEGAN + minute * 60_000).toISOString()
}

export function statement(input: StepInput): StepStatement {
  const minute = input.minute ?? 0
  return {
    subject: input.subject,
    predicate: {
      chain: input.chain,
      step: {
        name: input.name,
        attempt: input.attempt ?? 1,
        matrix: input.matrix ?? null,
        nonce: input.nonce ?? randomBytes(16).toString('hex'),
      },
      previous: input.previous ?? [],
      materials: input.materials ?? [],
      invocation: {
        argv: ['make', input.name],
        exitCode: input.exitCode ?? 0,
        signal: null,
        error: null,
        startedAt: at(minute),
        finishedAt: at(minute + 1),
        workingDirectory: null,
        environment: {},
      },
      runner: { system: 'local', identity: null, os: 'linux', arch: 'x64', tools: {}, actions: {} },
      evidence: input.evidence ?? [],
    },
  }
}

/** A signed step and what the next one needs to know of it. */
export interface Signed {
  readonly bundle: Bundle
  readonly link: string
  readonly statement: StepStatement
}

export function signStep(by: Party, input: StepInput): Signed {
  const step = statement(input)
  const bundle = seal(by, writeStep(step))
  return { bundle, link: linkOf(bundle), statement: step }
}

/** What is bent in a receipt that is no honest one. */
export interface Bent {
  readonly leaf?: Partial<AttestationLeaf>
  /** Whose signature is on the checkpoint. */
  readonly signedBy?: Party
  readonly acceptedAt?: string
  /** Entries behind it under the checkpoint. */
  readonly behind?: number
}

/** The receipt of a server whose log has `index` other entries before it. The server's key is Ed25519. */
export function countersign(
  server: Party,
  { bundle, link, statement: { predicate } }: Signed,
  index: number,
  bent: Bent = {},
): Receipt {
  const [salt, blind] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))]
  const { digest: signer, ...committed } = committedBy(bundle)
  const leaf: AttestationLeaf = {
    kind: 'attestation',
    acceptedAt: bent.acceptedAt ?? at(index + 1),
    chain: { id: blindChain(blind, predicate.chain.id, portableCrypto), seq: index },
    commitment: commitmentOf(salt, committed, portableCrypto),
    late: false,
    ...bent.leaf,
  }
  const others = (count: number) => Array.from({ length: count }, (_, i) => leafHash(Uint8Array.of(i), SHA256))
  const tree = [...others(index), leafHash(writeLeaf(leaf), SHA256), ...others(bent.behind ?? 0)]
  const extra = writeOpening({ link, leaf, signer, salt, blind })
  const checkpoint = signCheckpoint(server, bent.signedBy ?? server, tree.length, rootOf(tree))
  return receiptOf({ extra, index, hashes: pathOf(index, tree), checkpoint: parseCheckpoint(checkpoint) })
}

const SHA256: TreeHash = { size: 32, hash: (bytes) => portableCrypto.sha256(bytes) }

/** RFC 6962 §2.1, word by word. */
function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  if (hashes.length === 1) return hashes[0]!
  const left = leftOf(hashes.length)
  return nodeHash(rootOf(hashes.slice(0, left)), rootOf(hashes.slice(left)), SHA256)
}

/** RFC 6962 §2.1.1. */
function pathOf(index: number, hashes: readonly Uint8Array[]): Uint8Array[] {
  if (hashes.length === 1) return []
  const left = leftOf(hashes.length)
  const [before, behind] = [hashes.slice(0, left), hashes.slice(left)]
  return index < left ? [...pathOf(index, before), rootOf(behind)] : [...pathOf(index - left, behind), rootOf(before)]
}

/** The largest power of two below a size. */
function leftOf(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1))
}

/** Bytes of a checkpoint of one party's log, by whoever signs it. */
export function signCheckpoint(log: Party, by: Party, size: number, root: Uint8Array): Uint8Array {
  const text = writeCheckpoint({ origin: log.name, size, root })
  const { keyId } = logKeyOf(log)
  const signature = new Uint8Array(sign(null, utf8(text), by.privateKey))
  return writeNote({ text, signatures: [{ name: log.name, keyId, signature }] })
}

/** The key of a server's log. */
export function logKeyOf({ name, publicKey }: Party): NoteKey {
  return noteKey(name, 'ed25519', publicKey, portableCrypto)
}

export function newChainId(): string {
  return randomBytes(16).toString('hex')
}

/** The parties of the honest run. */
export interface Parties {
  readonly github: Party
  readonly codebuild: Party
  readonly cloudbuild: Party
  readonly azure: Party
  readonly server: Party
}

export function parties(): Parties {
  return {
    github: party('github'),
    codebuild: party('codebuild'),
    cloudbuild: party('cloudbuild', 'ed25519'),
    azure: party('azure'),
    server: party('server', 'ed25519'),
  }
}

/** source → build → test → deploy, on four clouds. */
export function contractText(
  who: Parties,
  more: { countersigned?: boolean; attempts?: string; revision?: number } = {},
): string {
  const key = keyText
  return [
    'contract: v1',
    'pipeline: shop/web',
    `revision: ${more.revision ?? 1}`,
    'signers:',
    `  github: ${key(who.github)}`,
    `  codebuild: ${key(who.codebuild)}`,
    `  cloudbuild: ${key(who.cloudbuild)}`,
    `  azure: ${key(who.azure)}`,
    ...(more.countersigned === true ? [`countersigners: ["${writeVkey(logKeyOf(who.server))}"]`] : []),
    ...(more.attempts === undefined ? [] : [`attempts: ${more.attempts}`]),
    'steps:',
    '  source:',
    '    signers: [github]',
    '  build:',
    '    after: [source]',
    '    signers: [codebuild]',
    '    products: ["dist/app.tgz"]',
    '  test:',
    '    after: [build]',
    '    signers: [cloudbuild]',
    '  deploy:',
    '    after: [test]',
    '    signers: [azure]',
    'final: deploy',
    '',
  ].join('\n')
}

/** An honest run of the contract, and everything needed to bend it. */
export interface Run {
  readonly who: Parties
  readonly contractBytes: Uint8Array
  readonly contract: Contract
  readonly chain: StepPredicate['chain']
  readonly app: Resource
  readonly source: Signed
  readonly build: Signed
  readonly test: Signed
  readonly deploy: Signed
  readonly steps: readonly Signed[]
  readonly receipts: readonly Receipt[]
  /** All steps, then all receipts. */
  readonly lines: readonly ChainLine[]
}

export function honestRun(
  options: {
    who?: Parties
    commit?: string
    countersigned?: boolean
    attempt?: number
    chain?: string
    contract?: string
  } = {},
): Run {
  const who = options.who ?? parties()
  const contractBytes = utf8(options.contract ?? contractText(who, { countersigned: options.countersigned ?? false }))
  const contract = parseContract(contractBytes)
  const chain = { id: options.chain ?? newChainId(), pipeline: 'shop/web', contract: contract.digest }
  const attempt = options.attempt ?? 1
  const commit = source(options.commit ?? 'first')
  const app = file('dist/app.tgz', `app of ${options.commit ?? 'first'}`)
  const first = signStep(who.github, { chain, attempt, name: 'source', subject: [commit], minute: 0 })
  const after = (step: Signed, name: string) => [{ link: step.link, step: name }]
  const build = signStep(who.codebuild, {
    chain,
    attempt,
    name: 'build',
    previous: after(first, 'source'),
    materials: [received(commit, first.link)],
    subject: [app],
    minute: 2,
  })
  const test = signStep(who.cloudbuild, {
    chain,
    attempt,
    name: 'test',
    previous: after(build, 'build'),
    materials: [received(app, build.link)],
    subject: [app],
    minute: 4,
  })
  const deploy = signStep(who.azure, {
    chain,
    attempt,
    name: 'deploy',
    previous: after(test, 'test'),
    materials: [received(app, test.link)],
    subject: [app],
    minute: 6,
  })
  const steps = [first, build, test, deploy]
  const receipts = steps.map((step, i) => countersign(who.server, step, i))
  const lines = [...steps.map((step) => step.bundle), ...receipts]
  return { who, contractBytes, contract, chain, app, source: first, build, test, deploy, steps, receipts, lines }
}
