import { dirname, resolve } from 'node:path'
import { type AwsCredentialSource, awsCredentialSource } from '@countersign/adapters/aws-credentials'
import { parseKmsUri } from '@countersign/adapters/kms-uri'
import { isAnchorName } from '@countersign/anchor'
import { CodedError, parseJson } from '@countersign/core'
import { type ObjectShape, Shape } from '@countersign/formats'
import { ANCHOR_KINDS, type AnchorKind } from '@countersign/formats/anchor'
import { BITCOIN_NETWORKS, type BitcoinNetwork } from '@countersign/verify/anchors'
import { type Place, readNamed, secretOf } from './secret-setting.ts'

interface Named {
  /** Unique, and the same for as long as its proofs are to be found: what the statements are listed under. */
  readonly name: string
  /** Milliseconds after which a statement without final proof is an alarm. */
  readonly alarmAfter: number
}

/** A file that an anchor's settings name, as it was when they were read. */
export interface NamedFile {
  /** As the settings name it. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** A key that AWS KMS holds. */
export interface AwsKmsSettings {
  /** ARN, id or alias. */
  readonly key: string
  readonly region: string
  /** Null for AWS's own. */
  readonly endpoint: string | null
  /** May hold a secret access key. Never to be shown, kept or logged. */
  readonly credentials: AwsCredentialSource
}

/** A key that any key service holds. */
export interface KmsSettings {
  /** As `countersign run --key` takes it. */
  readonly uri: string
  /** Where its credentials are. Never to be shown, kept or logged. */
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface RekorSettings extends Named {
  readonly kind: 'rekor'
  /** One of the two: the log's address, or a SigningConfig that names the logs of today. */
  readonly url: string | null
  readonly signingConfig: NamedFile | null
  /** Of its API, where it is named by its address. */
  readonly version: 1 | 2
  /** The logs' keys: a trusted root of Sigstore, or a file of anchor trust of our own. */
  readonly trustedRoot: NamedFile
  /** ECDSA P-256. A file is PKCS#8 in PEM: absolute path, and what opens it where it is encrypted. */
  readonly key:
    | { readonly file: string; readonly passphrase: string | null }
    | { readonly awsKms: AwsKmsSettings }
    | { readonly kms: KmsSettings }
}

export interface Rfc3161Settings extends Named {
  readonly kind: 'rfc3161'
  readonly url: string
  /** Certificates in PEM that its own must lead to. */
  readonly roots: readonly NamedFile[]
}

export interface EthereumSettings extends Named {
  readonly kind: 'ethereum'
  readonly chainId: number
  /** Two or more, of different operators. */
  readonly rpcs: readonly string[]
  /** Private key: 64 hex digits, with or without 0x. Never to be shown, kept or logged. Or who holds it. */
  readonly key: { readonly digits: string } | { readonly awsKms: AwsKmsSettings }
  /** Most wei that a unit of gas may cost, in decimal, and most of it that goes to the block's maker. */
  readonly feeCap: string
  readonly tipCap: string | null
  /** Address of a contract that logs statements; null for calldata to the account itself. */
  readonly contract: string | null
  /** Milliseconds between two looks; null for the adapter's own. */
  readonly lookEvery: number | null
}

export interface OpenTimestampsSettings extends Named {
  readonly kind: 'opentimestamps'
  readonly calendars: readonly string[]
  /** Where Bitcoin's block headers are asked for: an Esplora API, or a Bitcoin Core node's REST interface. */
  readonly headers: readonly { readonly api: 'esplora' | 'core'; readonly url: string }[]
  readonly network: BitcoinNetwork
  /** Milliseconds between two looks; null for the adapter's own. */
  readonly lookEvery: number | null
}

export type AnchorSettings = RekorSettings | Rfc3161Settings | EthereumSettings | OpenTimestampsSettings

export interface AnchorSettingsInput {
  readonly file: string
  /** What the environment holds; the settings name what of it is theirs. */
  readonly env: Readonly<Record<string, string | undefined>>
}

const CODE = 'anchor-setup-invalid'
const MAX_ANCHORS = 16
const MAX_BYTES = 65_536
const MAX_FILE_BYTES = 1 << 20
const DAY = 86_400
/** Seconds: a Bitcoin block that counts takes hours, and a calendar gathers for some before. */
const ALARM_AFTER: Readonly<Record<AnchorKind, number>> = {
  rekor: DAY,
  rfc3161: DAY,
  ethereum: DAY,
  opentimestamps: 3 * DAY,
}
/** ARN with its region, alias, or id. */
const KMS_KEY =
  /^(?:arn:aws[a-z-]{0,20}:kms:([a-z0-9-]{1,32}):\d{12}:(?:key\/[A-Za-z0-9-]{1,128}|alias\/[A-Za-z0-9/_-]{1,250})|alias\/[A-Za-z0-9/_-]{1,250}|(?:mrk-)?[0-9a-f-]{32,36})$/
const COMMON = ['name', 'alarmAfter'] as const

/**
 * The anchors that a settings file sets up: strict JSON, `{"anchors": [{"kind": …}]}`; files are named from its own
 * directory. Secrets are never in it: it says which file or which variable holds them. Throws `file-missing`,
 * `input-too-large`, `anchor-setup-invalid` with the place of the fault, and what `parseJson` throws.
 */
export function readAnchorSettings({ file, env }: AnchorSettingsInput): AnchorSettings[] {
  const place: Place = { directory: dirname(file), env, whose: 'the anchor settings' }
  const root = new Shape(CODE, parseJson(readNamed(file, MAX_BYTES, place)), 'the anchor settings').object(['anchors'])
  const anchors = root.get('anchors').array(MAX_ANCHORS)
  const settings = anchors.map((it) => READ[kindOf(it)](it, place))
  for (const [i, { name }] of settings.entries()) {
    if (settings.findIndex((other) => other.name === name) !== i) {
      anchors[i]!.fail(`has the name ${name}, as another before it`)
    }
  }
  return settings
}

const READ: Readonly<Record<AnchorKind, (it: Shape, place: Place) => AnchorSettings>> = {
  rekor(it, place) {
    const object = it.object(['kind', 'trustedRoot', 'key'], [...COMMON, 'url', 'version', 'signingConfig'])
    if (object.has('url') === object.has('signingConfig')) it.fail('has not one of url and signingConfig')
    return {
      kind: 'rekor',
      ...namedOf(object, 'rekor', 'rekor'),
      url: object.has('url') ? urlOf(object.get('url'), place) : null,
      version: object.has('version') ? (object.integer('version', 1, 2) as 1 | 2) : 2,
      signingConfig: object.has('signingConfig') ? fileOf(object.get('signingConfig'), place) : null,
      trustedRoot: fileOf(object.get('trustedRoot'), place),
      key: awsKmsOf(object.get('key'), place) ?? kmsOf(object.get('key'), place) ?? keyFileOf(object.get('key'), place),
    }
  },
  rfc3161(it, place) {
    const object = it.object(['kind', 'url', 'roots'], COMMON)
    // Most authorities speak plain http: a hash goes there, and what comes back is signed.
    const url = urlOf(object.get('url'), place, true)
    const named = namedOf(object, 'rfc3161', `tsa:${new URL(url).hostname}`)
    if (!/^tsa:[a-z0-9][a-z0-9.-]{0,59}$/.test(named.name)) {
      it.fail(`has the name ${named.name}, which is not tsa: and letters, digits, dots and hyphens`)
    }
    return { kind: 'rfc3161', ...named, url, roots: some(object.get('roots'), 1, 16).map((one) => fileOf(one, place)) }
  },
  ethereum(it, place) {
    const object = it.object(
      ['kind', 'chainId', 'rpcs', 'key', 'feeCap'],
      ['alarmAfter', 'tipCap', 'contract', 'lookEvery'],
    )
    const chainId = object.integer('chainId', 1, Number.MAX_SAFE_INTEGER)
    const rpcs = some(object.get('rpcs'), 2, 8).map((one) => urlOf(one, place))
    if (new Set(rpcs).size < rpcs.length) object.get('rpcs').fail('names one twice: it would vouch for itself')
    return {
      kind: 'ethereum',
      ...namedOf(object, 'ethereum', `eip155:${chainId}`),
      chainId,
      rpcs,
      key: awsKmsOf(object.get('key'), place) ?? hexKeyOf(object.get('key'), place),
      feeCap: weiOf(object.get('feeCap')),
      tipCap: object.has('tipCap') ? weiOf(object.get('tipCap')) : null,
      contract: object.has('contract') ? object.text('contract', 42) : null,
      lookEvery: secondsOf(object, 'lookEvery', 3_600),
    }
  },
  opentimestamps(it, place) {
    const object = it.object(['kind', 'calendars', 'headers'], ['alarmAfter', 'network', 'lookEvery'])
    const network = object.has('network') ? object.exactly('network', ...BITCOIN_NETWORKS) : 'mainnet'
    const calendars = some(object.get('calendars'), 2, 8).map((one) => urlOf(one, place))
    if (new Set(calendars).size < calendars.length) object.get('calendars').fail('names one twice')
    return {
      kind: 'opentimestamps',
      // Proofs of a trial are never found under the name of the real thing.
      ...namedOf(object, 'opentimestamps', network === 'mainnet' ? 'opentimestamps' : `opentimestamps:${network}`),
      calendars,
      headers: some(object.get('headers'), 1, 8).map((one) => headersOf(one, place)),
      network,
      lookEvery: secondsOf(object, 'lookEvery', 6 * 3_600),
    }
  },
}

function kindOf(it: Shape): AnchorKind {
  const { kind } = it.members()
  // Whether it is one of ours is asked of the list: every object has a constructor.
  const known = ANCHOR_KINDS.find((one) => one === kind)
  return (
    known ??
    it.fail(`is of no kind there is (${ANCHOR_KINDS.join(', ')}): ${JSON.stringify(kind ?? null).slice(0, 60)}`)
  )
}

function namedOf(object: ObjectShape, kind: AnchorKind, otherwise: string): Named {
  const name = object.has('name') ? object.text('name', 64) : otherwise
  if (!isAnchorName(name)) object.get('name').fail('is not a name: lower-case letters, digits, and . _ : - between')
  const seconds = object.has('alarmAfter') ? object.integer('alarmAfter', 60, 366 * DAY) : ALARM_AFTER[kind]
  return { name, alarmAfter: seconds * 1000 }
}

/** Milliseconds; null where nothing is said. */
function secondsOf(object: ObjectShape, key: string, most: number): number | null {
  return object.has(key) ? object.integer(key, 1, most) * 1000 : null
}

function weiOf(it: Shape): string {
  const text = it.text(30)
  if (!/^[1-9][0-9]*$/.test(text)) it.fail('is not a number of wei, in decimal')
  return text
}

/** A URL is that of an Esplora API; `{"core": URL}` one of a node. */
function headersOf(it: Shape, place: Place): OpenTimestampsSettings['headers'][number] {
  if (isText(it) || !Object.hasOwn(it.members(), 'core')) return { api: 'esplora', url: urlOf(it, place) }
  return { api: 'core', url: urlOf(it.object(['core']).get('core'), place) }
}

function keyFileOf(it: Shape, place: Place): { file: string; passphrase: string | null } {
  const key = it.object(['file'], ['passphrase'])
  const passphrase = key.has('passphrase') ? secretOf(key.get('passphrase'), place) : null
  return { file: resolve(place.directory, key.text('file')), passphrase }
}

function hexKeyOf(it: Shape, place: Place): { digits: string } {
  const digits = secretOf(it, place)
  // What it is instead is nobody's business.
  if (!/^(?:0x)?[0-9a-fA-F]{64}$/.test(digits)) it.fail('does not lead to 64 hex digits')
  return { digits }
}

/** What `{"awsKms": …}` names; null for a key that is kept elsewhere. */
function awsKmsOf(it: Shape, place: Place): { awsKms: AwsKmsSettings } | null {
  if (!Object.hasOwn(it.members(), 'awsKms')) return null
  const named = it.object(['awsKms']).get('awsKms').object(['key', 'region'], ['endpoint'])
  const region = named.text('region', 32)
  if (!/^[a-z0-9-]+$/.test(region)) named.get('region').fail('is not a region such as eu-central-1')
  const key = named.text('key', 400)
  const parts = KMS_KEY.exec(key)
  if (parts === null) named.get('key').fail('is not the ARN, the id or the alias (alias/…) of a key in AWS KMS')
  if (parts![1] !== undefined && parts![1] !== region) named.get('key').fail(`is of the region ${parts![1]}`)
  const endpoint = named.has('endpoint') ? urlOf(named.get('endpoint'), place) : null
  if (endpoint !== null && new URL(endpoint).pathname !== '/') named.get('endpoint').fail('has more than a host')
  return { awsKms: { key, region, endpoint, credentials: awsCredentialSource(place.env) } }
}

/** What `{"kms": URI}` names; null for a key that is kept elsewhere. */
function kmsOf(it: Shape, { env }: Place): { kms: KmsSettings } | null {
  if (!Object.hasOwn(it.members(), 'kms')) return null
  const named = it.object(['kms'])
  const uri = named.text('kms', 1_000)
  try {
    parseKmsUri(uri)
  } catch (error) {
    if (error instanceof CodedError) named.get('kms').fail(`is not the address of a key. ${error.fix}`)
    throw error
  }
  return { kms: { uri, env } }
}

function some(it: Shape, least: number, most: number): Shape[] {
  const items = it.array(most)
  if (items.length < least) it.fail(`has fewer than ${least} ${least === 1 ? 'item' : 'items'}`)
  return items
}

/** An address in the open, or one that is a secret itself, as those that hold an API key are. */
function urlOf(it: Shape, place: Place, plain = false): string {
  const text = isText(it) ? it.text(2_000) : secretOf(it, place)
  const url = URL.parse(text)
  if (url === null) return it.fail('is not a URL')
  if (url.username !== '' || url.password !== '' || url.hash !== '')
    it.fail('is a URL with more than a host and a path')
  if (isText(it) && url.search !== '')
    it.fail('is a URL with a query: name it by file or env, so that no key is in here')
  const loopback = /^(localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(url.hostname)
  const good = url.protocol === 'https:' || (url.protocol === 'http:' && (plain || loopback))
  if (!good) it.fail('is not https; plain http is for this machine')
  return text
}

function isText(it: Shape): boolean {
  try {
    it.string()
    return true
  } catch {
    return false
  }
}

function fileOf(it: Shape, place: Place): NamedFile {
  const path = it.text()
  return { path, bytes: readNamed(resolve(place.directory, path), MAX_FILE_BYTES, place) }
}
