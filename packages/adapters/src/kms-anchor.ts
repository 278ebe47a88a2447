import type { Anchor, AnchorCheck } from '@countersign/anchor'
import { CodedError, utf8 } from '@countersign/core'
import { type AwsKeySpec, type AwsKmsKey, type AwsKmsOptions, openAwsKmsKey } from './kms-aws.ts'
import { AS_ANCHOR, type KmsDoor, type KmsSigner, openKmsSigner } from './kms-signer.ts'

export interface AwsKmsAnchorOptions extends Pick<Anchor, 'kind' | 'name'> {
  readonly key: AwsKmsOptions
  readonly spec: AwsKeySpec
  /** The anchor itself, of this name, once its key is known. */
  readonly anchor: (key: AwsKmsKey) => Anchor
}

/** An anchor whose key AWS KMS holds, of any kind that is of use. */
export function awsKmsAnchor({ key: options, spec, ...anchor }: AwsKmsAnchorOptions): Anchor {
  return heldAnchor({
    ...anchor,
    service: 'AWS KMS',
    open: () => openAwsKmsKey(options, spec),
    about: ({ id }) => `${id}, ${spec}`,
    tryOut: (key) => key.tryOut(),
  })
}

export interface KmsAnchorOptions extends Pick<Anchor, 'kind' | 'name'> {
  /** Its address: `awskms://`, `gcpkms://`, `azurekms://` or `hashivault://`. */
  readonly uri: string
  readonly door: Omit<KmsDoor, 'codes'>
  /** The anchor itself, of this name, once its key is known. */
  readonly anchor: (signer: KmsSigner) => Anchor
}

/** An anchor that signs as steps do, with a key that any key service holds. */
export function kmsAnchor({ uri, door, ...anchor }: KmsAnchorOptions): Anchor {
  return heldAnchor({
    ...anchor,
    service: 'the key service',
    open: () => openKmsSigner(uri, { ...door, codes: AS_ANCHOR }),
    about: ({ name, publicKey }) => `${name}, ${publicKey.algorithm}`,
    // Words that nothing else is signed for: few services only tell whether they would sign.
    tryOut: async (signer) => void (await signer.sign(utf8('countersign: may this key sign?'))),
  })
}

interface HeldAnchorOptions<K> extends Pick<Anchor, 'kind' | 'name'> {
  readonly service: string
  readonly open: () => Promise<K>
  readonly about: (key: K) => string
  readonly tryOut: (key: K) => Promise<void>
  readonly anchor: (key: K) => Anchor
}

/**
 * The service is asked for the key when it is needed first, and again as long as it does not answer: the server starts
 * without it, and statements wait. Once known, the key stays the same until the next start.
 */
function heldAnchor<K>(options: HeldAnchorOptions<K>): Anchor {
  const { kind, name, service, about } = options
  interface Opened {
    readonly key: K
    readonly anchor: Anchor
  }
  let opened: Opened | null = null
  let opening: Promise<Opened> | null = null

  async function open(): Promise<Opened> {
    if (opened !== null) return opened
    opening ??= options
      .open()
      .then((key) => ({ key, anchor: settled(() => options.anchor(key)) }))
      .finally(() => {
        opening = null
      })
    opened = await opening
    return opened
  }

  async function mayUse(key: K): Promise<AnchorCheck> {
    try {
      await options.tryOut(key)
      return { name: 'may sign', ok: true, found: `${service} would sign with ${about(key)}`, code: null }
    } catch (error) {
      return failed('may sign', error)
    }
  }

  function failed(check: string, error: unknown): AnchorCheck {
    const known = error instanceof CodedError
    const found = known ? error.what : `${service} could not be asked`
    return { name: check, ok: false, found, code: known ? error.code : 'anchor-unreachable' }
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
      const found: AnchorCheck = { name: 'key', ok: true, found: `${service} holds ${about(key)}`, code: null }
      const [allowed, others] = await Promise.all([mayUse(key), anchor.check(now)])
      return [found, allowed, ...others]
    },
  }
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
