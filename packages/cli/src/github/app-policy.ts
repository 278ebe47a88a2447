import type { AskedContract } from '@countersign/client'
import { CodedError, isHex, parseJson } from '@countersign/core'
import { isName, Shape } from '@countersign/formats'

export interface EnvironmentRule {
  /** Number of the repository: a name may be somebody else's tomorrow (T-16). */
  readonly repository: number
  /** Null: every one. */
  readonly environments: readonly string[] | null
  readonly pipeline: string
  /** The contract in force for the pipeline, or one that is pinned. */
  readonly contract: AskedContract
}

/** What the App judges by. */
export interface AppPolicy {
  readonly api: string
  readonly appId: string
  readonly rules: readonly EnvironmentRule[]
  /** Milliseconds that an unknown verdict is asked for again, before it is a no. */
  readonly patience: number
}

const API = 'https://api.github.com'
const MAX_POLICY_BYTES = 1 << 20
const DEFAULT_SECONDS = 600
const MAX_SECONDS = 86_400

/** The policy in its JSON (packages/formats/SPEC.md, GitHub). Throws `usage`, naming the place, and what reading JSON throws. */
export function readAppPolicy(bytes: Uint8Array): AppPolicy {
  const it = new Shape('usage', parseJson(bytes, { maxBytes: MAX_POLICY_BYTES }), 'app').object(
    ['appId', 'rules'],
    ['api', 'patience'],
  )
  const rules = it.get('rules').array(10_000).map(readRule)
  if (rules.length === 0) throw new CodedError('usage', 'the App has no rules')
  return {
    api: it.has('api') ? it.text('api', 2_048) : API,
    appId: it.text('appId', 100),
    rules,
    patience: 1000 * (it.has('patience') ? it.integer('patience', 1, MAX_SECONDS) : DEFAULT_SECONDS),
  }
}

export function environmentRule({ rules }: AppPolicy, repository: number, environment: string): EnvironmentRule | null {
  // To GitHub `Production` is `production`: no spelling may be a way to the rule for all others.
  const named = environment.toLowerCase()
  const own = rules.filter((rule) => rule.repository === repository)
  const isFor = ({ environments }: EnvironmentRule) =>
    environments === null || environments.some((one) => one.toLowerCase() === named)
  return own.find(isFor) ?? null
}

function readRule(shape: Shape): EnvironmentRule {
  const it = shape.object(['repository', 'pipeline'], ['environments', 'contract'])
  const pipeline = it.text('pipeline', 256)
  if (!isName(pipeline)) it.get('pipeline').fail('is no name of a pipeline')
  const pin = it.has('contract') ? it.text('contract', 128).replace(/^sha256:/, '') : null
  if (pin !== null && !isHex(pin, 64)) it.get('contract').fail('is no SHA-256 digest')
  return {
    repository: it.integer('repository', 1, Number.MAX_SAFE_INTEGER),
    environments: it.has('environments')
      ? it
          .get('environments')
          .array(1_000)
          .map((one) => one.text(255))
      : null,
    pipeline,
    contract: pin === null ? { pipeline } : { digest: pin },
  }
}
