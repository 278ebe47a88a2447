import type { Api } from '../e2e/server.ts'
import type { CiSystem, Jobs } from './jobs.ts'

interface Told {
  readonly issuer: string
  readonly subject: { readonly value: string }
  readonly sourceRepositoryIdentifier: string | null
  readonly sourceRepositoryURI: string | null
}

export interface ContractOptions {
  readonly pipeline: string
  readonly systems: readonly CiSystem[]
  readonly audience: string
  /** A line of a system's signer, in the place of the one that has the same name, or beside them. */
  readonly more?: Readonly<Partial<Record<CiSystem, string>>>
  /** What the step on a system makes. */
  readonly products: (system: CiSystem) => string
  /** Each step runs in a checkout, for which the first one vouches. */
  readonly checkouts?: boolean
}

/** Who may sign what: steps in a row, `on-SYSTEM` each, by the system of its name, by the repository's id where it has one. */
export async function contractOfJobs(server: Api, jobs: Jobs, options: ContractOptions): Promise<string> {
  const { pipeline, systems, more = {}, products, checkouts = false } = options
  const { vkey } = (await (await server.ask('/v1/server')).json()) as { vkey: string }
  const bundle = (await (await server.ask('/api/v2/trustBundle')).json()) as { chains: { certificates: string[] }[] }
  const pem = bundle.chains[0]!.certificates.join('').trimEnd().split('\n')
  const signers = await Promise.all(
    systems.map(async (system) => {
      const who = identityLines(await identityOf(server, jobs, system, options.audience))
      const line = more[system]
      const name = line?.split(':', 1)[0]
      const lines = line === undefined ? who : [...who.filter((one) => !one.startsWith(`${name}:`)), line]
      return [`  ${system}:`, ...lines.map((one) => `    ${one}`)]
    }),
  )
  const before = (i: number) => [...new Set([...(checkouts ? [0] : []), i - 1])].map((j) => `on-${systems[j]}`)
  const steps = systems.flatMap((system, i) => [
    `  on-${system}:`,
    ...(i === 0 ? [] : [`    after: [${before(i).join(', ')}]`]),
    `    signers: [${system}]`,
    `    products: ["${products(system)}"]`,
  ])
  return [
    'contract: v1',
    `pipeline: ${pipeline}`,
    'revision: 1',
    'authorities:',
    '  ours:',
    '    certificates: |',
    ...pem.map((line) => `      ${line}`),
    `    log: ${vkey}`,
    `countersigners: ["${vkey}"]`,
    'signers:',
    ...signers.flat(),
    'steps:',
    ...steps,
    `final: on-${systems.at(-1)}`,
    '',
  ].join('\n')
}

function identityLines({ issuer, subject, sourceRepositoryIdentifier: id, sourceRepositoryURI: uri }: Told): string[] {
  const named = [`subject: ${subject.value}`, ...(uri === null ? [] : [`sourceRepositoryURI: ${uri}`])]
  return [`issuer: ${issuer}`, ...(id === null ? named : [`sourceRepositoryIdentifier: "${id}"`])]
}

/** What the server makes of a token of a system, without using it up. */
async function identityOf(server: Api, jobs: Jobs, system: CiSystem, audience: string): Promise<Told> {
  const token = jobs.token(system, audience)
  const tried = await server.ask('/v1/issuers/test', JSON.stringify({ token }))
  const { token: known } = (await tried.json()) as { token: { identity: Told } | null }
  if (known === null) throw new Error(`${system} is not let in`)
  return known.identity
}
