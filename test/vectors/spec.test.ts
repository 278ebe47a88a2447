import { execFileSync } from 'node:child_process'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CATALOGUE, hex, parsePublicKey, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import * as formats from '@countersign/formats'
import { expect, test } from 'vitest'
import { FOLDERS } from './generate.ts'
import { vectors } from './read.ts'

const ROOT = join(import.meta.dirname, '../..')
const spec = readFileSync(join(ROOT, 'packages/formats/SPEC.md'), 'utf8')

/** The part under a heading, up to the next one of its rank or above. */
function section(heading: string): string {
  const level = heading.split(' ')[0]!
  const start = spec.indexOf(`\n${heading}\n`)
  expect(start, heading).toBeGreaterThan(0)
  const rest = spec.slice(start + heading.length + 2)
  const end = rest.search(new RegExp(`^#{1,${level.length}} `, 'm'))
  return end < 0 ? rest : rest.slice(0, end)
}

const rows = (text: string) =>
  [...text.matchAll(/^\|(.*)\|$/gm)].map((match) => match[1]!.split('|').map((cell) => cell.trim()))

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const number = (n: number) => n.toLocaleString('en-US')

interface Signed {
  readonly bundle: {
    readonly dsseEnvelope: { readonly payload: string; readonly signatures: { readonly sig: string }[] }
  }
  readonly spki: string
  readonly pae: string
  readonly link: string
}

test('the worked example: every number is what node:crypto makes of the vector', () => {
  const signed = vectors<Signed>('bundle').find(([name]) => name === 'signed')![1]
  const payload = Buffer.from(signed.bundle.dsseEnvelope.payload, 'base64')
  const type = 'application/vnd.in-toto+json'
  const pae = Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload])
  const spki = Buffer.from(signed.spki, 'hex')
  const numbers = new Map(rows(section('## 2. The link digest')).map(([what, value]) => [what, value]))
  expect(numbers.get('payload type')).toBe(`\`${type}\`, ${Buffer.byteLength(type)} bytes`)
  expect(numbers.get('payload')).toBe(`${payload.length} bytes`)
  expect(numbers.get('SHA-256 of the payload')).toBe(`\`${sha256(payload)}\``)
  expect(pae.toString().startsWith(numbers.get('PAE begins')!.slice(1, -1))).toBe(true)
  expect(numbers.get('PAE')).toBe(`${pae.length} bytes`)
  expect(numbers.get('**link digest**')).toBe(`\`${sha256(pae)}\``)
  expect(numbers.get('key (Ed25519, RFC 8032 §7.1 test 1), SPKI')).toBe(`\`${signed.spki}\``)
  expect(numbers.get('key id')).toBe(`\`${sha256(spki)}\``)
  numbers.delete('')
  numbers.delete('---')
  expect(numbers.size).toBe(8)

  const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  expect(verify(null, pae, key, Buffer.from(signed.bundle.dsseEnvelope.signatures[0]!.sig, 'base64'))).toBe(true)

  // And ours says the same.
  const bundle = formats.parseBundle(JSON.stringify(signed.bundle))
  expect(formats.linkDigest(bundle.envelope, portableCrypto)).toBe(sha256(pae))
  expect(hex(formats.pae(type, bundle.envelope.payload))).toBe(pae.toString('hex'))
  expect(parsePublicKey(spki).keyId).toBe(sha256(spki))
})

test('the trees: the commands and the digest are real', () => {
  const line = formats.treeLine({ mode: '100644', sha256: hex(portableCrypto.sha256(utf8(''))), path: 'empty' })
  const printed = execFileSync('sha256sum', { input: line, encoding: 'utf8' }).slice(0, 64)
  expect(section('### Trees')).toContain(`\`${printed}\``)
  const list = execFileSync('cut', ['-c8-'], { input: line, encoding: 'utf8' })
  expect(list).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  empty\n')
})

test('the table of the step has exactly the fields of the schema, and null where it allows null', () => {
  const schema = JSON.parse(readFileSync(join(ROOT, 'packages/formats/schema/step-v1.schema.json'), 'utf8')) as Schema
  const table = rows(section('## 6. Step')).filter(([field]) => field!.startsWith('`'))
  const fields = table.map(([field, , , nullable]) => `${field!.slice(1, -1)} ${nullable === '–' ? '' : 'null'}`.trim())
  expect(fields.toSorted()).toEqual(leaves(schema, schema, '').toSorted())
})

interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly oneOf?: readonly Schema[]
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

/** The places of a schema that a table names: leaves, lists of resources, and objects that may be null. */
function leaves(whole: Schema, schema: Schema, path: string): string[] {
  const at = schema.$ref === undefined ? schema : whole.$defs![schema.$ref.slice('#/$defs/'.length)]!
  const nullable = at.type?.includes('null') === true || at.oneOf?.some((one) => one.type === 'null') === true
  const here = `${path}${nullable ? ' null' : ''}`
  if (at.items?.properties !== undefined) return leaves(whole, at.items, `${path}[]`)
  if (at.items !== undefined && !nullable) return [`${path}[]`]
  if (at.properties === undefined) return [here]
  const inside = Object.entries(at.properties).flatMap(([key, value]) =>
    leaves(whole, value, path === '' ? key : `${path}.${key}`),
  )
  return nullable ? [here, ...inside] : inside
}

test('the table of the receipt has exactly its fields', () => {
  const receipt = vectors<{ statement: { predicate: object } }>('receipt').find(([name]) => name === 'good')![1]
  const table = rows(section('## 7. Receipt')).flatMap(([field]) => /^`(\w+)`$/.exec(field!)?.[1] ?? [])
  expect(table).toEqual(Object.keys(receipt.statement.predicate))
})

test('the sizes are the constants', () => {
  const sizes = new Map(rows(section('## 10. Sizes')).map(([what, most]) => [what, most]))
  expect(sizes.get('bundle')).toBe(`${number(formats.MAX_BUNDLE_BYTES)} bytes`)
  expect(sizes.get('payload')).toBe(`${number(formats.MAX_PAYLOAD_BYTES)} bytes`)
  expect(sizes.get('chain file')).toBe(
    `${number(formats.MAX_CHAIN_BYTES)} bytes, ${number(formats.MAX_CHAIN_LINES)} lines`,
  )
  expect(sizes.get('subjects, materials')).toBe(`${number(formats.MAX_RESOURCES)} each`)
  expect(sizes.get('predecessors')).toBe(number(formats.MAX_PREVIOUS))
  expect(sizes.get('links in a token')).toBe(number(formats.MAX_TOKEN_LINKS))
  expect(sizes.get('signed note')).toBe(
    `${number(formats.MAX_NOTE_BYTES)} bytes, ${formats.MAX_NOTE_SIGNATURES} signatures`,
  )
  expect(sizes.get('hashes of a proof')).toBe(number(formats.MAX_PROOF_HASHES))
  expect(sizes.get('extra data of a proof')).toBe(`${number(formats.MAX_PROOF_EXTRA_BYTES)} bytes`)
  expect(section('### Cosignatures')).toContain(` ${formats.MAX_COSIGNATURE_TIME},`)
})

test('the names on the wire are the constants', () => {
  const names = [
    formats.STEP_PREDICATE,
    formats.RECEIPT_PREDICATE,
    formats.STATEMENT_TYPE,
    formats.PAYLOAD_TYPE,
    formats.BUNDLE_V03,
    formats.TREE_MEDIA_TYPE,
    formats.CHAIN_MEDIA_TYPE,
    formats.TLOG_SIZE_MEDIA_TYPE,
  ]
  for (const name of names) expect(spec).toContain(`\`${name}\``)
})

test('the worked example of the log: every value is what node:crypto makes of the vector', () => {
  const [, { note }] = vectors<{ note: string }>('checkpoint').find(([name]) => name === 'good')!
  const text = `${note.split('\n\n')[0]}\n`
  const values = new Map(rows(section('### Proofs')).map(([what, value]) => [what, value]))
  const [name, id, ...key] = values.get('verifier key')!.slice(1, -1).split('+')
  const material = Buffer.from(key.join('+'), 'base64')
  expect(name).toBe(text.split('\n')[0])
  expect(material[0]).toBe(1)
  expect(sha256(Buffer.concat([Buffer.from(`${name}\n`), material])).slice(0, 8)).toBe(id)
  expect(values.get('key id')).toBe(`\`${id}\``)
  expect(values.get('signed text')).toBe(`${Buffer.byteLength(text)} bytes`)
  const line = values.get('signature line')!.slice(1, -1)
  expect(note).toBe(`${text}\n${line}\n`)
  const blob = Buffer.from(line.split(' ')[2]!, 'base64')
  expect(blob.subarray(0, 4).toString('hex')).toBe(id)
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), material.subarray(1)])
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  expect(verify(null, Buffer.from(text), publicKey, blob.subarray(4))).toBe(true)
})

test('the codes are those that core and formats throw at documents, and each has a vector', () => {
  const listed = rows(section('## 12. Errors')).flatMap(([code]) => /^`([a-z0-9-]+)`$/.exec(code!)?.[1] ?? [])
  const thrown = new Set<string>()
  for (const room of ['core', 'formats']) {
    const folder = join(ROOT, 'packages', room, 'src')
    for (const file of readdirSync(folder)) {
      if (file.endsWith('.test.ts') || file === 'codes.ts' || file === 'errors.ts') continue
      const source = readFileSync(join(folder, file), 'utf8')
      for (const [, code] of source.matchAll(/'([a-z0-9]+(?:-[a-z0-9]+)+)'/g)) {
        if (Object.hasOwn(CATALOGUE, code!)) thrown.add(code!)
      }
    }
  }
  // Patterns stand in contracts, not in these formats.
  thrown.delete('pattern-invalid')
  expect(listed.toSorted()).toEqual([...thrown].toSorted())

  const shown = new Set<string | undefined>(['input-too-large'])
  for (const topic of FOLDERS) {
    for (const [, { error }] of vectors<{ error?: string }>(topic)) shown.add(error)
  }
  for (const code of listed) expect(shown, code).toContain(code)
})
