import { CodedError, type JsonObject, type JsonValue } from '@countersign/core'

/** An image that an object names, and where: a JSON pointer (RFC 6901). */
export interface NamedImage {
  readonly path: string
  readonly image: string
}

/** Where a kind has the specification of its pods. */
const PODS: Readonly<Record<string, readonly string[]>> = {
  '/Pod': ['spec'],
  '/ReplicationController': ['spec', 'template', 'spec'],
  'apps/Deployment': ['spec', 'template', 'spec'],
  'apps/StatefulSet': ['spec', 'template', 'spec'],
  'apps/DaemonSet': ['spec', 'template', 'spec'],
  'apps/ReplicaSet': ['spec', 'template', 'spec'],
  'batch/Job': ['spec', 'template', 'spec'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
}
/** Every list of containers that a pod may have: one that is left out would be the way around (T-100). */
const CONTAINERS = ['initContainers', 'containers', 'ephemeralContainers']
const MAX_IMAGES = 256

export const POD = '/Pod'

export function hasPods(kind: string): boolean {
  return Object.hasOwn(PODS, kind)
}

/** Every image that an object of the kind would have pulled. Throws `admission-invalid` for one that cannot be read. */
export function imagesOf(kind: string, object: JsonObject): readonly NamedImage[] {
  const place = PODS[kind]
  if (place === undefined) throw new CodedError('admission-invalid', `objects of kind ${kind} are not judged`)
  let spec: JsonValue | undefined = object
  for (const member of place) spec = membersOf(spec, member)[member]
  const pod = membersOf(spec, place.join('.'))
  const base = `/${place.join('/')}`
  const found: NamedImage[] = []
  for (const list of CONTAINERS) {
    for (const [i, container] of listOf(pod[list], list).entries()) {
      const { image } = membersOf(container, list)
      // A template may leave the image to whoever makes pods of it; a pod's own is judged then.
      if (image === undefined || image === '') {
        if (kind === POD) throw new CodedError('admission-invalid', `${list} ${i} names no image`)
        continue
      }
      found.push({ path: `${base}/${list}/${i}/image`, image: textOf(image, list) })
    }
  }
  for (const [i, volume] of listOf(pod['volumes'], 'volumes').entries()) {
    const { image } = membersOf(volume, 'volumes')
    if (image === undefined || image === null) continue
    const { reference } = membersOf(image, 'volumes.image')
    if (reference === undefined || reference === '') continue
    found.push({ path: `${base}/volumes/${i}/image/reference`, image: textOf(reference, 'volumes') })
  }
  if (found.length > MAX_IMAGES) throw new CodedError('admission-invalid', `it names ${found.length} images`)
  return found
}

function listOf(value: JsonValue | undefined, what: string): readonly JsonValue[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value)) return value as readonly JsonValue[]
  throw new CodedError('admission-invalid', `${what} is no list`)
}

function membersOf(value: JsonValue | undefined, what: string): JsonObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject
  throw new CodedError('admission-invalid', `${what} is no object`)
}

function textOf(value: JsonValue, what: string): string {
  if (typeof value === 'string') return value
  throw new CodedError('admission-invalid', `an image of ${what} is no text`)
}
