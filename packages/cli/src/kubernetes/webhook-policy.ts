import type { AskedContract } from '@countersign/client'
import { CodedError, type Glob, isHex, parseJson, parseTextGlob } from '@countersign/core'
import { isName, Shape } from '@countersign/formats'
import type { ImageName } from './image-name.ts'

/** What is done where an image is not allowed: it is recorded, it is told, it is denied. */
export const MODES = ['observe', 'warn', 'enforce'] as const
export type Mode = (typeof MODES)[number]

export interface ImageRule {
  readonly images: readonly Glob[]
  readonly contract: AskedContract
}

/** What the webhook judges by. */
export interface WebhookPolicy {
  /** Of several that name an image the first counts. */
  readonly rules: readonly ImageRule[]
  /** Images that are admitted as they are. */
  readonly exempt: readonly Glob[]
  /** Modes that no label of a namespace lowers. */
  readonly namespaces: ReadonlyMap<string, Mode>
  /** What the server records as the place that it is to go to. */
  readonly environment: string
  /** Milliseconds that a verdict counts. */
  readonly maxAge: number
}

const MAX_POLICY_BYTES = 1 << 20
const MAX_SECONDS = 86_400
const DEFAULT_SECONDS = 300

/** The policy in its JSON (workflows/kubernetes/README.md). Throws `usage`, naming the place, and what reading JSON throws. */
export function readWebhookPolicy(bytes: Uint8Array): WebhookPolicy {
  const it = new Shape('usage', parseJson(bytes, { maxBytes: MAX_POLICY_BYTES }), 'webhook').object(
    ['rules', 'environment'],
    ['exempt', 'namespaces', 'maxAge'],
  )
  const rules = it.get('rules').array(1_000).map(readRule)
  // Nothing named would be nothing admitted: somebody forgot it.
  if (rules.length === 0) throw new CodedError('usage', 'the webhook has no rules')
  const modes = it.has('namespaces') ? it.get('namespaces').members() : {}
  const namespaces = new Map(
    Object.entries(modes).map(([name, text]) => {
      const mode = MODES.find((one) => one === text)
      if (mode === undefined)
        throw new CodedError('usage', `the mode of namespace ${name} is none of ${MODES.join(', ')}`)
      return [name, mode] as const
    }),
  )
  return {
    rules,
    exempt: it.has('exempt') ? it.get('exempt').array(1_000).map(readPattern) : [],
    namespaces,
    environment: it.text('environment', 256),
    maxAge: 1000 * (it.has('maxAge') ? it.integer('maxAge', 1, MAX_SECONDS) : DEFAULT_SECONDS),
  }
}

/** The stricter of what the label of the namespace says and what the policy says of it. */
export function modeFor({ namespaces }: WebhookPolicy, namespace: string, labelled: Mode): Mode {
  const own = namespaces.get(namespace) ?? 'observe'
  return MODES[Math.max(MODES.indexOf(own), MODES.indexOf(labelled))]!
}

export function ruleFor({ rules }: WebhookPolicy, { name }: ImageName): ImageRule | null {
  return rules.find(({ images }) => images.some((image) => image.matches(name))) ?? null
}

export function isExempt({ exempt }: WebhookPolicy, { name }: ImageName): boolean {
  return exempt.some((image) => image.matches(name))
}

function readRule(shape: Shape): ImageRule {
  const it = shape.object(['images'], ['pipeline', 'contract'])
  const images = it.get('images').array(1_000).map(readPattern)
  if (images.length === 0) shape.fail('names no image')
  if (it.has('pipeline') === it.has('contract')) shape.fail('names not exactly one of pipeline and contract')
  if (it.has('contract')) {
    const digest = it.text('contract', 128).replace(/^sha256:/, '')
    if (!isHex(digest, 64)) it.get('contract').fail('is no SHA-256 digest')
    return { images, contract: { digest } }
  }
  const pipeline = it.text('pipeline', 256)
  if (!isName(pipeline)) it.get('pipeline').fail('is no name of a pipeline')
  return { images, contract: { pipeline } }
}

/** A pattern of names in full: one that begins with a star would match whatever host somebody makes up. */
function readPattern(shape: Shape): Glob {
  const text = shape.text(1024)
  const host = text.split('/')[0]!
  if (host.includes('*') || !/[.:]|^localhost$/.test(host) || /[@\s]/.test(text)) {
    shape.fail('does not name a registry, like ghcr.io/shop/**')
  }
  return parseTextGlob(text)
}
