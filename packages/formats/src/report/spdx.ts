import { CodedError, type JsonObject, type JsonValue } from '@countersign/core'
import { looseOf } from '../anchor/signing-config.ts'
import { type ObjectShape, Shape } from '../shape.ts'
import type { DigestSet } from '../statement.ts'
import type { Reader } from './document.ts'
import { digestSetOf, MAX_ITEMS, membersOf, textOf, texts } from './reading.ts'

const CODE = 'report-invalid'
const MEDIA_TYPE = 'application/spdx+json'

/** SPDX 2.2 and 2.3 in JSON (ISO/IEC 5962). */
export const spdx2: Reader = {
  name: 'SPDX 2',
  is: (given) => Object.hasOwn(given, 'spdxVersion'),
  read(given) {
    const it = looseOf(new Shape(CODE, given, 'spdx'), ['spdxVersion', 'SPDXID', 'creationInfo'])
    const version = it.exactly('spdxVersion', 'SPDX-2.2', 'SPDX-2.3').slice('SPDX-'.length)
    it.exactly('SPDXID', 'SPDXRef-DOCUMENT')
    const packages = it.has('packages') ? it.get('packages').array(MAX_ITEMS) : []
    const files = it.has('files') ? it.get('files').array(MAX_ITEMS) : []
    const described = describedIn(it)
    const about = [...packages, ...files].flatMap((one) => {
      const member = looseOf(one, ['SPDXID'])
      return described.has(member.text('SPDXID')) ? checksumsOf(member) : []
    })
    return {
      type: 'spdx',
      mediaType: MEDIA_TYPE,
      about,
      facts: { version, packages: packages.length, files: files.length },
      attestation: null,
    }
  },
}

function describedIn(it: ObjectShape): ReadonlySet<string> {
  const described = new Set(it.has('documentDescribes') ? texts(it.get('documentDescribes')) : [])
  for (const one of it.has('relationships') ? it.get('relationships').array(MAX_ITEMS) : []) {
    const relation = looseOf(one, ['spdxElementId', 'relationshipType', 'relatedSpdxElement'])
    if (relation.text('relationshipType') !== 'DESCRIBES') continue
    if (relation.text('spdxElementId') === 'SPDXRef-DOCUMENT') described.add(relation.text('relatedSpdxElement'))
  }
  return described
}

function checksumsOf(member: ObjectShape): DigestSet[] {
  if (!member.has('checksums')) return []
  const sums = member
    .get('checksums')
    .array(32)
    .map((sum) => {
      const it = looseOf(sum, ['algorithm', 'checksumValue'])
      return [it.text('algorithm'), it.text('checksumValue')] as const
    })
  return digestSetOf(sums)
}

const CONTEXT = /^https:\/\/spdx\.org\/rdf\/(3\.0(?:\.\d{1,2})?)\/spdx-context\.jsonld$/

/** SPDX 3.0 in JSON-LD. */
export const spdx3: Reader = {
  name: 'SPDX 3',
  is: (given) => Object.hasOwn(given, '@graph'),
  read(given) {
    const it = new Shape(CODE, given, 'spdx').object(['@context', '@graph'])
    const version = CONTEXT.exec(it.text('@context'))?.[1]
    if (version === undefined) it.get('@context').fail('is not that of SPDX 3.0')
    const elements = it
      .get('@graph')
      .array(MAX_ITEMS)
      .map((shape) => shape.members())
    const documents = elements.filter((one) => one['type'] === 'SpdxDocument')
    if (documents.length !== 1) throw new CodedError(CODE, `it holds ${documents.length} documents, not one`)
    const roots = rootsOf(documents[0]!, elements)
    const count = (type: string) => elements.filter((one) => one['type'] === type).length
    return {
      type: 'spdx',
      mediaType: MEDIA_TYPE,
      about: roots.flatMap(verifiedUsing),
      facts: { version: version!, packages: count('software_Package'), files: count('software_File') },
      attestation: null,
    }
  },
}

/** What the document is about: its roots, and those of the BOMs that are among these. */
function rootsOf(document: JsonObject, elements: readonly JsonObject[]): JsonObject[] {
  const byId = new Map(elements.map((one) => [textOf(one['spdxId']), one]))
  const named = (one: JsonObject): JsonObject[] =>
    listOf(one['rootElement']).flatMap((id): JsonObject[] => {
      const root = byId.get(textOf(id))
      return root === undefined ? [] : [root]
    })
  return named(document).flatMap((root) => (root['type'] === 'software_Sbom' ? named(root) : [root]))
}

function verifiedUsing(element: JsonObject): DigestSet[] {
  const hashes = listOf(element['verifiedUsing']).flatMap((value) => {
    const hash = membersOf(value)
    return hash === null || hash['type'] !== 'Hash'
      ? []
      : [[textOf(hash['algorithm']), textOf(hash['hashValue'])] as const]
  })
  return digestSetOf(hashes)
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined) return []
  if (!Array.isArray(value) || value.length > MAX_ITEMS) throw new CodedError(CODE, 'a list of it is none')
  return value
}
