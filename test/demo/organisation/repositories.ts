import { writeSignedContract } from '@countersign/formats'
import type { Party } from '../../pipeline.ts'
import { signContract } from '../../acts.ts'
import { CLOUDBUILD_ACCOUNT, CODEBUILD_ROLE, GITHUB, ISSUERS, OWNER, type Repository } from './clouds.ts'
import type { Office } from './office.ts'

export const REPOSITORIES = {
  'checkout-web': { name: 'checkout-web', id: '4210031' },
  'orders-api': { name: 'orders-api', id: '4210044' },
  'payments-ledger': { name: 'payments-ledger', id: '4210058' },
  'catalog-search': { name: 'catalog-search', id: '4210063' },
  'edge-infra': { name: 'edge-infra', id: '4210079' },
} as const satisfies Readonly<Record<string, Repository>>

export type RepositoryName = keyof typeof REPOSITORIES

/** Who holds keys of their own: a build host, people who approve, and people who keep the contract of the ledger. */
export interface Keys {
  readonly host: Party
  readonly infra: Party
  readonly approvers: readonly [Party, Party]
  readonly maintainers: readonly [Party, Party, Party]
}

/** A contract by its SHA-256. */
export interface InForce {
  readonly digest: string
  readonly revision: number
}

const spki = ({ publicKey }: Party) => Buffer.from(publicKey.spki).toString('base64')

/** The contracts of the organisation, as their maintainers write them. */
export class Contracts {
  readonly #office: Office
  readonly #keys: Keys
  readonly #head: readonly string[]
  readonly #current = new Map<string, InForce>()

  private constructor(office: Office, keys: Keys, head: readonly string[]) {
    this.#office = office
    this.#keys = keys
    this.#head = head
  }

  static async open(office: Office, keys: Keys): Promise<Contracts> {
    const { vkey } = await office.ask<{ vkey: string }>('GET', '/v1/server')
    const bundle = await office.ask<{ chains: { certificates: string[] }[] }>('GET', '/api/v2/trustBundle')
    const pem = bundle.chains[0]!.certificates.join('').trimEnd().split('\n')
    const head = [
      'authorities:',
      '  ours:',
      '    certificates: |',
      ...pem.map((line) => `      ${line}`),
      `    log: ${vkey}`,
      `countersigners: ["${vkey}"]`,
    ]
    return new Contracts(office, keys, head)
  }

  /** The one in force; null where there is none. */
  current(pipeline: string): InForce | null {
    return this.#current.get(pipeline) ?? null
  }

  /** Has somebody publish a revision; those of the ledger are signed by two of its maintainers. */
  async publish(name: string, pipeline: Exclude<RepositoryName, 'edge-infra'>, revision: number): Promise<void> {
    const text = this.text(pipeline, revision)
    const [mei, tomas] = this.#keys.maintainers
    const body =
      pipeline === 'payments-ledger'
        ? new TextDecoder().decode(writeSignedContract(signContract(text, [mei, tomas])))
        : text
    const { digest } = await this.#office.does<{ digest: string }>(name, 'PUT', `/v1/contracts/${pipeline}`, body)
    this.#current.set(pipeline, { digest, revision })
  }

  text(pipeline: Exclude<RepositoryName, 'edge-infra'>, revision: number): string {
    const body = STEPS[pipeline](this.#keys, revision)
    return [`contract: v1`, `pipeline: ${pipeline}`, `revision: ${revision}`, ...this.#head, ...body, ''].join('\n')
  }
}

const github = (repository: Repository) => [
  '  github:',
  `    issuer: ${ISSUERS['github-actions']}`,
  `    sourceRepositoryIdentifier: "${repository.id}"`,
  '    sourceRepositoryRef: refs/heads/main',
  `    buildConfigURI: { prefix: "${GITHUB}/${OWNER}/${repository.name}/.github/workflows/release.yml" }`,
  '    grade: A',
]
const codebuild = [
  '  codebuild:',
  `    issuer: ${ISSUERS['aws-codebuild']}`,
  `    subject: ${CODEBUILD_ROLE}`,
  '    grade: B',
]
const cloudbuild = [
  '  cloud-build:',
  `    issuer: ${ISSUERS['google-cloud-build']}`,
  `    subject: ${CLOUDBUILD_ACCOUNT}`,
  '    grade: B',
]

const STEPS: Readonly<
  Record<Exclude<RepositoryName, 'edge-infra'>, (keys: Keys, revision: number) => readonly string[]>
> = {
  // The scan was asked for from the second revision on.
  'checkout-web': (_, revision) => [
    'signers:',
    ...github(REPOSITORIES['checkout-web']),
    ...(revision === 1 ? [] : codebuild),
    ...cloudbuild,
    'steps:',
    '  source:',
    '    signers: [github]',
    '  build:',
    '    after: [source]',
    '    signers: [github]',
    '    products: [dist/checkout-web.tar]',
    '    evidence: { sbom: products }',
    '  test:',
    '    after: [build]',
    '    signers: [github]',
    '    matrix: [chromium, firefox, webkit]',
    '    evidence: { tests: passed }',
    ...(revision === 1
      ? []
      : [
          '  scan:',
          '    after: [build]',
          '    signers: [codebuild]',
          '    evidence:',
          '      vulnerabilities: { below: high, tools: [Trivy] }',
        ]),
    '  package:',
    `    after: [build, test${revision === 1 ? '' : ', scan'}]`,
    '    signers: [cloud-build]',
    '    materials: [{ from: build }]',
    '    products: ["*.oci.tar"]',
    '  deploy:',
    '    after: [package]',
    '    signers: [cloud-build]',
    'final: package',
  ],
  // The build was moved off the team's own host when that was broken into.
  'orders-api': ({ host }, revision) => [
    'signers:',
    ...github(REPOSITORIES['orders-api']),
    ...codebuild,
    ...cloudbuild,
    ...(revision === 1 ? [`  ${host.name}: ${spki(host)}`] : []),
    'steps:',
    '  source:',
    '    signers: [github]',
    '  build:',
    '    after: [source]',
    `    signers: [${revision === 1 ? host.name : 'codebuild'}]`,
    '    products: [target/orders-api.jar]',
    '  test:',
    '    after: [build]',
    '    signers: [codebuild]',
    '    evidence: { tests: passed }',
    '  image:',
    '    after: [build, test]',
    '    signers: [cloud-build]',
    '    materials: [{ from: build }]',
    '    products: [orders-api.oci.tar]',
    '    evidence: { sbom: products }',
    'final: image',
  ],
  'payments-ledger': ({ approvers, maintainers }) => [
    'signers:',
    ...github(REPOSITORIES['payments-ledger']),
    ...codebuild,
    ...cloudbuild,
    ...approvers.map((one) => `  ${one.name}: ${spki(one)}`),
    'maintainers:',
    '  threshold: 2',
    '  of:',
    ...maintainers.map((one) => `    ${one.name}: ${spki(one)}`),
    'grace: 24h',
    'steps:',
    '  source:',
    '    signers: [github]',
    '  build:',
    '    after: [source]',
    '    signers: [codebuild]',
    '    products: [bin/ledger]',
    '    evidence: { sbom: products }',
    '  test:',
    '    after: [build]',
    '    signers: [codebuild]',
    '    evidence: { tests: { atLeast: 40 } }',
    '  approve:',
    '    after: [build]',
    `    signers: [${approvers.map(({ name }) => name).join(', ')}]`,
    '    approvals: 1',
    '  image:',
    '    after: [build, test, approve]',
    '    signers: [cloud-build]',
    '    materials: [{ from: build }]',
    '    products: [ledger.oci.tar]',
    'final: image',
  ],
  'catalog-search': (_, revision) => [
    'signers:',
    ...github(REPOSITORIES['catalog-search']),
    ...cloudbuild,
    'attempts: carry',
    'steps:',
    '  source:',
    '    signers: [github]',
    '  build:',
    '    after: [source]',
    '    signers: [github]',
    '    matrix: [x64, arm64]',
    '    products: ["out/indexer-*"]',
    '  test:',
    '    after: [build]',
    '    signers: [github]',
    '    matrix: [x64, arm64]',
    `    evidence: { tests: ${revision === 1 ? 'passed' : '{ atLeast: 20 }'} }`,
    '  release:',
    '    after: [build, test]',
    '    signers: [cloud-build]',
    '    materials: [{ from: build }]',
    '    products: [catalog-search.oci.tar]',
    'final: release',
  ],
}
