import { randomBytes } from 'node:crypto'
import { canonicalJson, hex, parsePublicKey, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import { type Contract, parseContract } from '@countersign/contract'
import {
  type Bundle,
  type ChainLine,
  type ClaimedIdentity,
  pae,
  PAYLOAD_TYPE,
  type Receipt,
  type Resource,
  type StepPredicate,
  type StepStatement,
  writeStep,
  writeVkey,
} from '@countersign/formats'
import { type Identity, trustedRootJson } from '@countersign/formats/identity'
import { derSequence } from '@countersign/formats/x509'
import { seededKey, type TestKey } from './anchors/certificates.ts'
import { CT_KEY, type IssueOptions, type Issued, LocalAuthority, LOG, RUN } from './identity/local-ca.ts'
import {
  at,
  countersign,
  file,
  linkOf,
  logKeyOf,
  newChainId,
  type Party,
  party,
  received,
  type Signed,
  source,
  statement,
  type StepInput,
} from './pipeline.ts'

export const CA = new LocalAuthority({ name: 'ours', seed: 'keyless' })

/** `trusted_root.json` of a Sigstore whose Fulcio is {@link CA}; each number is another edition of it. */
export function sigstoreRoot(edition = 1): Uint8Array {
  const validFor = { start: Date.parse(at(0)) - 86_400_000 * edition, end: null }
  const fulcio = { uri: 'https://fulcio.example', organization: 'example', commonName: 'fulcio', validFor }
  const authorities = [{ ...fulcio, chain: [CA.intermediate!.der, CA.root.der] }]
  const ctlogs = [{ baseUrl: 'https://ct.example', key: parsePublicKey(CT_KEY.spki), validFor }]
  return canonicalJson(trustedRootJson({ authorities, ctlogs }, portableCrypto))
}

/** A certificate for a fresh key, valid from a minute of the run on for ten. */
export function issued(
  options: IssueOptions & { readonly minute?: number; readonly by?: LocalAuthority } = {},
): Issued {
  const { minute = 0, by = CA, ...more } = options
  const key = more.key ?? seededKey(hex(new Uint8Array(randomBytes(16))))
  return by.issue({ notBefore: Date.parse(at(minute)), ...more, key })
}

/** Signs any payload under a certificate, honest or not. */
export function sealUnder(
  { der, key }: { readonly der: Uint8Array; readonly key: TestKey },
  payload: Uint8Array,
): Bundle {
  return {
    key: { kind: 'certificate', chain: [der] },
    tlogEntries: [],
    timestamps: [],
    envelope: { payloadType: PAYLOAD_TYPE, payload, signature: key.sign(pae(PAYLOAD_TYPE, payload)), keyid: null },
  }
}

/** What a recorder on GitHub claims of this identity: the same. */
export function claimsOf(identity: Identity): ClaimedIdentity {
  const { issuer, sourceRepositoryURI, sourceRepositoryDigest, sourceRepositoryRef, sourceRepositoryIdentifier } =
    identity
  const { buildConfigURI, buildTrigger, runInvocationURI, runnerEnvironment } = identity
  return {
    issuer,
    sourceRepositoryURI,
    sourceRepositoryDigest,
    sourceRepositoryRef,
    sourceRepositoryIdentifier,
    buildConfigURI,
    buildTrigger,
    runInvocationURI,
    runnerEnvironment,
  }
}

/** A step that says where it ran. */
export function claiming(
  input: StepInput,
  runner: { readonly system?: string; readonly identity?: StepPredicate['runner']['identity'] },
): StepStatement {
  const made = statement(input)
  return { ...made, predicate: { ...made.predicate, runner: { ...made.predicate.runner, ...runner } } }
}

export function signUnder(certificate: Issued, made: StepStatement): Signed {
  const bundle = sealUnder(certificate, writeStep(made))
  return { bundle, link: linkOf(bundle), statement: made }
}

/** The run of one workflow of the shop, by its file. */
export function workflow(name: string, more: Partial<Identity> = {}): Identity {
  const uri = `https://github.com/acme/shop/.github/workflows/${name}.yml@refs/heads/main`
  return { ...RUN, subject: { kind: 'uri', value: uri }, buildSignerURI: uri, buildConfigURI: uri, ...more }
}

/** Certificates as a contract holds them. */
export function pemOf(...ders: readonly Uint8Array[]): string {
  return ders
    .map((der) => {
      const lines = Buffer.from(der)
        .toString('base64')
        .match(/.{1,64}/g)!
      return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
    })
    .join('')
}

/** An authority in a contract, indented below its name. */
export function authorityYaml(by: LocalAuthority = CA, log: string = LOG.vkey): string {
  const chain = by.intermediate === null ? [by.root] : [by.intermediate, by.root]
  const pem = pemOf(...chain.map(({ der }) => der))
  return [
    `    certificates: |`,
    ...pem
      .trimEnd()
      .split('\n')
      .map((line) => `      ${line}`),
    `    log: ${log}`,
  ].join('\n')
}

export interface ContractOptions {
  /** Lines of `signers`, by step. */
  readonly signers?: Readonly<Record<'source' | 'build' | 'deploy', string>>
  /** Lines below `authorities:`. */
  readonly authorities?: string
  /** Verifier key of the server that is to countersign; null for none. */
  readonly server?: Party | null
  /** A line more in each step. */
  readonly step?: string
  readonly top?: string
}

const REPOSITORY = `    issuer: ${RUN.issuer}\n    sourceRepositoryIdentifier: "${RUN.sourceRepositoryIdentifier}"`
/** Each workflow of the shop may sign the step of its name. */
export const WORKFLOWS = {
  source: `${REPOSITORY}\n    buildConfigURI: { prefix: "https://github.com/acme/shop/.github/workflows/source.yml@" }`,
  build: `${REPOSITORY}\n    buildConfigURI: { prefix: "https://github.com/acme/shop/.github/workflows/build.yml@" }`,
  deploy: `${REPOSITORY}\n    buildConfigURI: { prefix: "https://github.com/acme/shop/.github/workflows/deploy.yml@" }`,
} as const

/** source → build → deploy, each signed by a workflow. */
export function keylessContract(options: ContractOptions = {}): string {
  const { signers = WORKFLOWS, authorities = `  ours:\n${authorityYaml()}`, server = SERVER, step, top } = options
  const lines = (after: string, more: string) => [after, more, step].filter((line) => line !== undefined && line !== '')
  return [
    'contract: v1',
    'pipeline: shop/web',
    'revision: 1',
    ...(top === undefined ? [] : [top]),
    'signers:',
    ...Object.entries(signers).flatMap(([name, rule]) => [
      `  ${name}:${rule.startsWith('    ') ? `\n${rule}` : ` ${rule}`}`,
    ]),
    ...(authorities === '' ? [] : ['authorities:', authorities]),
    ...(server === null ? [] : [`countersigners: ["${writeVkey(logKeyOf(server))}"]`]),
    'steps:',
    '  source:',
    '    signers: [source]',
    ...(step === undefined ? [] : [step]),
    '  build:',
    ...lines('    after: [source]', '    signers: [build]'),
    '    products: ["dist/app.tgz"]',
    '  deploy:',
    ...lines('    after: [build]', '    signers: [deploy]'),
    'final: deploy',
    '',
  ].join('\n')
}

export const SERVER = party('server', 'ed25519')

type StepName = 'source' | 'build' | 'deploy'

export interface KeylessRun {
  readonly contractBytes: Uint8Array
  readonly contract: Contract
  readonly chain: StepPredicate['chain']
  readonly app: Resource
  readonly steps: readonly Signed[]
  readonly certificates: readonly Issued[]
  readonly receipts: readonly Receipt[]
  readonly lines: readonly ChainLine[]
}

/** What is bent in a run that is no honest one. */
export interface KeylessOptions {
  readonly contract?: string
  readonly chain?: string
  /** How the certificate of each step differs. */
  readonly issue?: (name: StepName) => Parameters<typeof issued>[0]
  /** What each step says of where it ran; left out, what its certificate says. */
  readonly claims?: (name: StepName, identity: Identity) => Parameters<typeof claiming>[1]
  /** Minute at which the log accepted each; by default a minute after its certificate. */
  readonly accepted?: (name: StepName, minute: number) => number
}

/** An honest run, each step signed under a certificate of its own within its minutes. */
export function keylessRun(options: KeylessOptions = {}): KeylessRun {
  const contractBytes = utf8(options.contract ?? keylessContract())
  const contract = parseContract(contractBytes)
  const chain = { id: options.chain ?? newChainId(), pipeline: 'shop/web', contract: contract.digest }
  const commit = source('first')
  const app = file('dist/app.tgz', 'app')
  const steps: Signed[] = []
  const certificates: Issued[] = []
  const receipts: Receipt[] = []
  for (const [i, name] of (['source', 'build', 'deploy'] as const).entries()) {
    const minute = 2 * i
    const before = steps.at(-1)
    const given = before?.statement.subject.map((one) => received(one, before.link)) ?? []
    const certificate = issued({ identity: workflow(name), minute: minute + 1, ...options.issue?.(name) })
    const identity = options.issue?.(name)?.identity ?? workflow(name)
    const runner = options.claims?.(name, identity) ?? { system: 'github-actions', identity: claimsOf(identity) }
    const made = claiming(
      {
        chain,
        name,
        minute,
        previous: before === undefined ? [] : [{ link: before.link, step: before.statement.predicate.step.name }],
        materials: given,
        subject: name === 'source' ? [commit] : [app],
      },
      runner,
    )
    const signed = signUnder(certificate, made)
    steps.push(signed)
    certificates.push(certificate)
    const acceptedAt = at(options.accepted?.(name, minute + 2) ?? minute + 2)
    receipts.push(countersign(SERVER, signed, i, { acceptedAt }))
  }
  const lines = [...steps.map(({ bundle }) => bundle), ...receipts]
  return { contractBytes, contract, chain, app, steps, certificates, receipts, lines }
}

/** DER that is none of a certificate. */
export const NOTHING = derSequence()
