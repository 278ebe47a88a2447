import type { EthereumSigner } from '@countersign/adapters/anchor-ethereum'
import type { AwsKmsKey } from '@countersign/adapters/kms-aws'
import type { Anchor } from '@countersign/anchor'
import { CodedError, type ConcurrentCrypto } from '@countersign/core'
import type { AnchorKind } from '@countersign/formats/anchor'
import { parseCertificates } from '@countersign/formats/x509'
import type { Signer } from '@countersign/sign'
import { anchorTrustOf, parseAnchorTrust } from '@countersign/verify/anchors'
import type { AnchorSettings, AwsKmsSettings } from './anchor-settings.ts'

/** Makes an anchor of its settings; its adapter is loaded where one is set up, and nowhere else. */
type Open<K extends AnchorKind> = (
  settings: Extract<AnchorSettings, { kind: K }>,
  crypto: ConcurrentCrypto,
) => Promise<Anchor>

const OPEN: { readonly [K in AnchorKind]: Open<K> } = {
  async rekor({ name, url, version, signingConfig, trustedRoot, key }, crypto) {
    const [{ rekorAnchor, rekorAt }, { openKeyFile }, { parseSigningConfig }] = await Promise.all([
      import('@countersign/adapters/anchor-rekor'),
      import('@countersign/adapters/signer-file'),
      import('@countersign/formats/anchor'),
    ])
    const trust = anchorTrustOf(parseAnchorTrust(trustedRoot.bytes, crypto), crypto).rekor
    if (trust === null) throw new CodedError('anchor-setup-invalid', `${trustedRoot.path} names no Rekor log`)
    const services = signingConfig === null ? [rekorAt(url!, version)] : parseSigningConfig(signingConfig.bytes)
    const anchor = (signer: Signer) => rekorAnchor({ name, services, signer, trust, crypto })
    const fix =
      'Name where the passphrase is, beside the key in the file of the anchors: "passphrase": {"file": …} or {"env": …}.'
    if ('file' in key) return anchor(await openKeyFile(key.file, key.passphrase, fix))
    if ('kms' in key) {
      const { kmsAnchor } = await import('@countersign/adapters/kms-anchor')
      const { uri, env } = key.kms
      return kmsAnchor({ kind: 'rekor', name, uri, door: { env, now: () => Date.now() }, anchor })
    }
    const { awsKmsSigner } = await import('@countersign/adapters/kms-aws')
    return withAwsKms(key.awsKms, 'rekor', name, (held) => anchor(awsKmsSigner(held)))
  },
  async rfc3161({ name, url, roots }) {
    const [{ rfc3161Anchor }, { nodeCrypto: crypto }] = await Promise.all([
      import('@countersign/adapters/anchor-rfc3161'),
      import('@countersign/adapters/crypto-node'),
    ])
    const pinned = roots.flatMap(({ bytes }) => parseCertificates(bytes, 'anchor-invalid'))
    return rfc3161Anchor({ name: name.slice('tsa:'.length), url, pinned, crypto })
  },
  async ethereum({ name, chainId, rpcs, key, contract, feeCap, tipCap, lookEvery }) {
    const { ethereumAnchor, ethereumSigner } = await import('@countersign/adapters/anchor-ethereum')
    const anchor = (signer: EthereumSigner) =>
      ethereumAnchor({
        chainId,
        rpcs,
        signer,
        contract,
        maxFeePerGas: BigInt(feeCap),
        ...(tipCap === null ? {} : { maxPriorityFeePerGas: BigInt(tipCap) }),
        ...(lookEvery === null ? {} : { pollMs: lookEvery }),
      })
    if (!('awsKms' in key)) return anchor(ethereumSigner(key.digits))
    const { awsKmsEthereumSigner } = await import('@countersign/adapters/kms-aws-ethereum')
    return withAwsKms(key.awsKms, 'ethereum', name, (held) => anchor(awsKmsEthereumSigner(held)))
  },
  async opentimestamps({ calendars, headers, network, lookEvery }, crypto) {
    const [{ opentimestampsAnchor }, { coreHeaders, esploraHeaders }] = await Promise.all([
      import('@countersign/adapters/anchor-opentimestamps'),
      import('@countersign/adapters/bitcoin-headers'),
    ])
    return opentimestampsAnchor({
      calendars,
      headers: headers.map(({ api, url }) => (api === 'core' ? coreHeaders : esploraHeaders)({ url, crypto })),
      crypto,
      network,
      ...(lookEvery === null ? {} : { askEveryMs: lookEvery }),
    })
  },
}

async function withAwsKms(
  { key, region, endpoint, credentials: source }: AwsKmsSettings,
  kind: 'rekor' | 'ethereum',
  name: string,
  make: (key: AwsKmsKey) => Anchor,
): Promise<Anchor> {
  const [{ awsKmsAnchor }, { awsCredentials }] = await Promise.all([
    import('@countersign/adapters/kms-anchor'),
    import('@countersign/adapters/aws-credentials'),
  ])
  const now = () => Date.now()
  return awsKmsAnchor({
    kind,
    name,
    key: { key, region, endpoint, credentials: awsCredentials({ source, now }), now },
    spec: kind === 'rekor' ? 'ECC_NIST_P256' : 'ECC_SECG_P256K1',
    anchor: make,
  })
}

/** Throws `anchor-setup-invalid` for what the settings cannot mean, and what opening keys and trust roots throws. */
export async function openAnchors(
  settings: readonly AnchorSettings[],
  crypto: ConcurrentCrypto,
): Promise<readonly Anchor[]> {
  return Promise.all(
    settings.map(async (one) => {
      const anchor = await (OPEN[one.kind] as Open<typeof one.kind>)(one as never, crypto)
      // What is stored is found by its name again.
      if (anchor.name !== one.name) throw new CodedError('internal', `${one.name} calls itself ${anchor.name}`)
      return anchor
    }),
  )
}
