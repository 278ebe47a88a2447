import type { Anchor, AnchorCheck } from '@countersign/anchor'
import { CodedError } from '@countersign/core'
import { type AwsKeySpec, type AwsKmsKey, type AwsKmsOptions, openAwsKmsKey } from './kms-aws.ts'

export interface AwsKmsAnchorOptions extends Pick<Anchor, 'kind' | 'name'> {
  readonly key: AwsKmsOptions
  readonly spec: AwsKeySpec
  /** The anchor itself, of this name, once its key is known. */
  readonly anchor: (key: AwsKmsKey) => Anchor
}

/**
 * An anchor whose key AWS KMS holds. KMS is asked for the key when it is needed first, and again as long as it does not
 * answer: the server starts without it, and statements wait. Once known, the key stays the same until the next start.
 */
export function awsKmsAnchor({ kind, name, key: options, spec, anchor: make }: AwsKmsAnchorOptions): Anchor {
  let opened: Opened | null = null
  let opening: Promise<Opened> | null = null

  async function open(): Promise<Opened> {
    if (opened !== null) return opened
    opening ??= openAwsKmsKey(options, spec)
      .then((key) => ({ key, anchor: settled(() => make(key)) }))
      .finally(() => {
        opening = null
      })
    opened = await opening
    return opened
  }

  return {
    kind,
    name,
    async move(job) {
      return (await open()).anchor.move(job)
    },
    async check(now) {
      let known: Opened
      try {
        known = await open()
      } catch (error) {
        return [failed('key', error)]
      }
      const { key, anchor } = known
      const found: AnchorCheck = { name: 'key', ok: true, found: `AWS KMS holds ${key.id}, ${key.spec}`, code: null }
      const [allowed, others] = await Promise.all([mayUse(key), anchor.check(now)])
      return [found, allowed, ...others]
    },
  }
}

interface Opened {
  readonly key: AwsKmsKey
  readonly anchor: Anchor
}

/** Settings that cannot work are no reason to give a statement up. */
function settled(make: () => Anchor): Anchor {
  try {
    return make()
  } catch (cause) {
    if (!(cause instanceof CodedError) || cause.code === 'anchor-setup-invalid') throw cause
    throw new CodedError('anchor-setup-invalid', cause.what, { fix: cause.fix, cause })
  }
}

async function mayUse(key: AwsKmsKey): Promise<AnchorCheck> {
  try {
    await key.tryOut()
    return { name: 'may sign', ok: true, found: `AWS KMS would sign with ${key.id}`, code: null }
  } catch (error) {
    return failed('may sign', error)
  }
}

function failed(name: string, error: unknown): AnchorCheck {
  const known = error instanceof CodedError
  const found = known ? error.what : 'AWS KMS could not be asked'
  return { name, ok: false, found, code: known ? error.code : 'anchor-unreachable' }
}
