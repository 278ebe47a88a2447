import {
  canonicalJson,
  CodedError,
  hex,
  type JsonObject,
  type JsonValue,
  parseJson,
  sha256,
  utf8,
} from '@countersign/core'
import { ObjectShape, Shape } from '@countersign/formats'
import { OciHttp, type OciHttpOptions } from './oci-http.ts'
import { isDigest, type OciReference } from './oci-reference.ts'

const MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
const INDEX = 'application/vnd.oci.image.index.v1+json'
const MANIFESTS = [
  MANIFEST,
  INDEX,
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]
/** Registries keep no larger manifest (distribution-spec, “Pushing manifests”). */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024
const MAX_REFERRERS = 1000
const MAX_PAGES = 20
const MAX_LAYERS = 64
const EMPTY = utf8('{}')
const EMPTY_CONFIG = 'application/vnd.oci.empty.v1+json'

/** What stands for some content (image-spec, descriptor). */
export interface OciDescriptor {
  readonly mediaType: string
  /** `sha256:` and 64 hex digits. */
  readonly digest: string
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

/** One file that is attached to an image. */
export interface OciAttachment {
  /** Also the media type of its one layer. */
  readonly artifactType: string
  readonly content: Uint8Array
  readonly annotations: Readonly<Record<string, string>>
}

/**
 * A repository of a registry, as far as things are attached to images and found there (OCI distribution-spec 1.1,
 * referrers). What comes back is held against its digest. Throws what {@link OciHttp} throws, and `not-found`.
 */
export class OciRepository {
  readonly #http: OciHttp
  readonly #base: string

  constructor({ origin, repository }: Pick<OciReference, 'origin' | 'repository'>, options: OciHttpOptions) {
    this.#http = new OciHttp(origin, options)
    this.#base = `/v2/${repository}`
  }

  /** What a tag or digest is now: asked for once, so that what is judged is what is meant (T-98). */
  async resolve(reference: string): Promise<OciDescriptor> {
    const found = await this.#manifest(reference)
    if (found !== null) return found.descriptor
    throw new CodedError('not-found', `${this.#http.host} has no ${reference} there`)
  }

  /** Attaches a file to what is named by its descriptor. Gives the descriptor of what was put there. */
  async attach(subject: OciDescriptor, { artifactType, content, annotations }: OciAttachment): Promise<OciDescriptor> {
    const [config, layer] = [EMPTY, content].map(descriptorOf)
    await this.#pushBlob(config!, EMPTY)
    await this.#pushBlob(layer!, content)
    const { mediaType, digest, size } = subject
    const bytes = canonicalJson({
      schemaVersion: 2,
      mediaType: MANIFEST,
      artifactType,
      config: { ...config!, mediaType: EMPTY_CONFIG },
      layers: [{ ...layer!, mediaType: artifactType }],
      subject: { mediaType, digest, size },
      annotations,
    } as unknown as JsonValue)
    const made: OciDescriptor = { ...descriptorOf(bytes), mediaType: MANIFEST, artifactType, annotations }
    const lists = await this.#pushManifest(made.digest, MANIFEST, bytes)
    if (!lists) await this.#list(subject, made)
    return made
  }

  /** What is attached to an image, of one type or of any; by the registry's list, or by the tag where it keeps none. */
  async referrers(digest: string, artifactType: string | null): Promise<OciDescriptor[]> {
    const all = (await this.#listed(digest)) ?? (await this.#tagged(digest))
    return all.filter((one) => artifactType === null || one.artifactType === artifactType)
  }

  /** The one file of what is attached, held against its digests. */
  async fetch({ digest }: Pick<OciDescriptor, 'digest'>, maxBytes: number): Promise<Uint8Array> {
    const found = await this.#manifest(digest)
    if (found === null) throw new CodedError('not-found', `${this.#http.host} has no ${digest} there`)
    const layers = objectOf(found.bytes).get('layers').array(MAX_LAYERS).map(readDescriptor)
    if (layers.length !== 1) throw this.#http.answered('has more than one file, or none, under what is attached')
    const [layer] = layers as [OciDescriptor]
    if (layer.size > maxBytes)
      throw this.#http.answered(`has a file of ${layer.size} bytes, at most ${maxBytes} are read`)
    const { status, body } = await this.#http.download(`${this.#base}/blobs/${layer.digest}`, maxBytes)
    if (status !== 200) throw this.#http.answered(`answered with status ${status}`)
    this.#check(layer.digest, body)
    return body
  }

  async #manifest(
    reference: string,
  ): Promise<{ readonly descriptor: OciDescriptor; readonly bytes: Uint8Array } | null> {
    const headers = MANIFESTS.map((type) => ['accept', type] as const)
    const path = `${this.#base}/manifests/${reference}`
    const { status, headers: told, body } = await this.#http.request(path, { headers }, MAX_MANIFEST_BYTES)
    if (status === 404) return null
    if (status !== 200) throw this.#http.answered(`answered with status ${status}`)
    if (isDigest(reference)) this.#check(reference, body)
    const mediaType = (told.get('content-type') ?? '').split(';')[0]!.trim()
    if (!MANIFESTS.includes(mediaType)) throw this.#http.answered('has something else than a manifest there')
    return { descriptor: { ...descriptorOf(body), mediaType }, bytes: body }
  }

  /** Null where the registry keeps no lists. */
  async #listed(digest: string): Promise<OciDescriptor[] | null> {
    const found: OciDescriptor[] = []
    let path: string | null = `${this.#base}/referrers/${digest}`
    for (let page = 0; path !== null && page < MAX_PAGES; page++) {
      const answer = await this.#http.request(path, { headers: [['accept', INDEX]] }, MAX_MANIFEST_BYTES)
      // Registries from before the list answer as they like to what they do not know.
      if (page === 0 && [400, 404, 405, 501].includes(answer.status)) return null
      if (answer.status !== 200) throw this.#http.answered(`answered with status ${answer.status}`)
      found.push(...readIndex(answer.body))
      if (found.length > MAX_REFERRERS) throw this.#http.answered('lists too much')
      const next = /<([^<>]{1,2048})>;\s*rel="?next"?/.exec(answer.headers.get('link') ?? '')?.[1]
      const url: URL | null =
        next === undefined ? null : URL.parse(next, new URL(path, `http://${this.#http.host}`).href)
      path = url === null ? null : `${url.pathname}${url.search}`
    }
    return found
  }

  async #tagged(digest: string): Promise<OciDescriptor[]> {
    const found = await this.#manifest(tagOf(digest))
    return found === null ? [] : readIndex(found.bytes)
  }

  /** Puts it into the list that is kept under a tag (distribution-spec, “Referrers Tag Schema”). The last writer wins there. */
  async #list(subject: OciDescriptor, made: OciDescriptor): Promise<void> {
    const others = (await this.#tagged(subject.digest)).filter(({ digest }) => digest !== made.digest)
    const manifests = [...others, made] as unknown as JsonValue
    const bytes = canonicalJson({ schemaVersion: 2, mediaType: INDEX, manifests })
    await this.#pushManifest(tagOf(subject.digest), INDEX, bytes)
  }

  async #pushBlob({ digest }: OciDescriptor, content: Uint8Array): Promise<void> {
    const known = await this.#http.request(`${this.#base}/blobs/${digest}`, { method: 'HEAD' }, 0)
    if (known.status === 200) return
    const begun = await this.#http.request(`${this.#base}/blobs/uploads/`, { method: 'POST', body: '' }, 1 << 16)
    const location = begun.headers.get('location')
    if (begun.status !== 202 || location === null) throw this.#http.answered(`answered with status ${begun.status}`)
    const url = URL.parse(location, `http://${this.#http.host}`)
    if (url === null || url.host !== this.#http.host) throw this.#http.answered('led to another place')
    url.searchParams.set('digest', digest)
    const headers = [['content-type', 'application/octet-stream'] as const]
    const put = { method: 'PUT', headers, body: content } as const
    const { status } = await this.#http.request(`${url.pathname}${url.search}`, put, 1 << 16)
    if (status !== 201) throw this.#http.answered(`answered with status ${status}`)
  }

  /** Whether the registry keeps the list of what is attached to the subject. */
  async #pushManifest(reference: string, type: string, bytes: Uint8Array): Promise<boolean> {
    const headers = [['content-type', type] as const]
    const path = `${this.#base}/manifests/${reference}`
    const { status, headers: told } = await this.#http.request(path, { method: 'PUT', headers, body: bytes }, 1 << 16)
    if (status !== 201) throw this.#http.answered(`answered with status ${status}`)
    return told.has('oci-subject')
  }

  #check(digest: string, bytes: Uint8Array): void {
    if (digest !== descriptorOf(bytes).digest) throw this.#http.answered('gave something of another digest')
  }
}

function descriptorOf(bytes: Uint8Array): OciDescriptor {
  return { mediaType: 'application/octet-stream', digest: `sha256:${hex(sha256(bytes))}`, size: bytes.length }
}

/** `sha256-<hex>`, the tag under which a list is kept. */
function tagOf(digest: string): string {
  return digest.replace(':', '-')
}

function objectOf(bytes: Uint8Array): ObjectShape {
  const shape = new Shape('service-answer', parse(bytes), 'manifest')
  return shape.object(['schemaVersion'], Object.keys(shape.members()))
}

function parse(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(bytes, { maxBytes: MAX_MANIFEST_BYTES })
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause
    throw new CodedError('service-answer', `a manifest cannot be read: ${cause.what}`, { cause })
  }
}

function readIndex(bytes: Uint8Array): OciDescriptor[] {
  return objectOf(bytes).get('manifests').array(MAX_REFERRERS).map(readDescriptor)
}

function readDescriptor(shape: Shape): OciDescriptor {
  const it = shape.object(['mediaType', 'digest', 'size'], Object.keys(shape.members()))
  const digest = it.text('digest', 256)
  if (!isDigest(digest)) it.get('digest').fail('is no sha256 digest')
  const annotations = it.has('annotations') && !it.isNull('annotations') ? it.get('annotations').members() : null
  return {
    mediaType: it.text('mediaType', 256),
    digest,
    size: it.integer('size', 0, Number.MAX_SAFE_INTEGER),
    ...(it.has('artifactType') && it.as<{ artifactType: unknown }>().artifactType !== ''
      ? { artifactType: it.text('artifactType', 256) }
      : {}),
    ...(annotations === null ? {} : { annotations: textsOf(annotations) }),
  }
}

function textsOf(members: JsonObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
