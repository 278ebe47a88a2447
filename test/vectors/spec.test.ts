import { execFileSync } from 'node:child_process'
import { createHash, createHmac, createPublicKey, verify } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { CATALOGUE, fromUtf8, hex, parsePublicKey, utf8 } from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import * as formats from '@countersign/formats'
import { isSystemName, SYSTEM_NAMES, SYSTEMS } from '@countersign/identity'
import { leafHash, verifyInclusion } from '@countersign/merkle'
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
  const [step] = section('## 6. Step').split('\n### ')
  const table = rows(step!).filter(([field]) => field!.startsWith('`'))
  const fields = table.map(([field, , , nullable]) => `${field!.slice(1, -1)} ${nullable === '–' ? '' : 'null'}`.trim())
  expect(fields.toSorted()).toEqual(leaves(schema, schema, '').toSorted())
})

test('the tables of reports have the fields of their notes, and every type that a vector has', () => {
  const [notes, types] = section('### Reports')
    .split('**Types.**')
    .map((text) => rows(text).flatMap(([name]) => /^`(.*)`$/.exec(name!)?.[1] ?? []))
  const schema = JSON.parse(readFileSync(join(ROOT, 'packages/formats/schema/step-v1.schema.json'), 'utf8')) as Schema
  expect(notes!.toSorted()).toEqual(Object.keys(schema.$defs!['notes']!.properties!).toSorted())
  const known = vectors<{ readonly says?: { readonly type: string } }>('report').map(([, { says }]) => says?.type)
  expect(types!.toSorted()).toEqual([...new Set(known.filter((type) => type !== undefined))].toSorted())
})

interface Schema {
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly oneOf?: readonly Schema[]
  readonly else?: Schema
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

/** What stands there when it is not sealed. */
function told(whole: Schema, schema: Schema): Schema {
  const at = schema.$ref === undefined ? schema : whole.$defs![schema.$ref.slice('#/$defs/'.length)]!
  if (at.else !== undefined) return told(whole, at.else)
  const [first, second] = at.oneOf ?? []
  return second?.$ref === '#/$defs/sealed' ? told(whole, first!) : at
}

/** The places of a schema that a table names: leaves, lists of resources, and objects that may be null. */
function leaves(whole: Schema, schema: Schema, path: string): string[] {
  const at = told(whole, schema)
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

test('the tables of the receipt and of its opening have exactly their fields', () => {
  const fields = (heading: string) =>
    rows(section(heading)).flatMap(([field]) => /^`([a-z]+)`$/i.exec(field!)?.[1] ?? [])
  const { receipt, opening } = goodReceipt()
  expect(fields('## 7. Receipt').slice(0, 2)).toEqual(Object.keys(receipt))
  expect(fields('### Proofs')).toEqual(Object.keys(JSON.parse(opening) as object))
})

test('sealed fields: the table has exactly the list, and the worked example is what node:crypto makes of the vector', () => {
  const places = new Map(rows(section('### Sealed fields')).map(([field, place]) => [field, place]))
  const { predicate } = formats.parseStep(utf8(JSON.stringify(sealedVector().statement)))
  expect([...places.keys()].slice(2)).toEqual([...formats.SEALED_FIELDS])
  for (const field of formats.SEALED_FIELDS) {
    const path = places.get(field)!.slice(1, -1).split('.')
    const there = path.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], predicate)
    expect(there, field).toBe(formats.sealableFields(predicate)[field])
  }

  const { disclosure } = sealedVector()
  const table = rows(section('### Disclosures'))
  const fields = table.flatMap(([field]) => /^`([a-z]+)`$/i.exec(field!)?.[1] ?? [])
  expect(fields.slice(0, 4)).toEqual(Object.keys(disclosure))
  const numbers = new Map(table.map(([what, value]) => [what, value!.replaceAll('`', '')]))
  const example = table.findLast(([field]) => field === '`salt`')![1]!.slice(1, -1)
  expect(example).toBe(disclosure.salt)
  const hmac = createHmac('sha256', Buffer.from(example, 'base64')).update(numbers.get('message')!).digest('hex')
  expect(numbers.get('`sealed`')).toBe(hmac)
  expect(predicate.invocation.argv).toEqual({ sealed: hmac })
})

interface SealedVector {
  readonly statement: object
  readonly disclosure: { readonly salt: string }
}

function sealedVector(): SealedVector {
  return vectors<SealedVector>('sealed').find(([name]) => name === 'argv')![1]
}

test('the tables of the withheld attestation and of what it tells have exactly their fields', () => {
  const fields = rows(section('### Withheld attestations')).flatMap(
    ([field]) => /^`([a-z]+)`$/i.exec(field!)?.[1] ?? [],
  )
  const [, { withheld }] = vectors<{ withheld: { proof: string } }>('withheld').find(([name]) => name === 'good')!
  const told = Buffer.from(/^extra (.*)$/m.exec(withheld.proof)![1]!, 'base64').toString()
  expect(fields).toEqual([...Object.keys(withheld), ...Object.keys(JSON.parse(told) as object)])
})

function goodReceipt() {
  const { receipt } = vectors<{ receipt: { proof: string } }>('receipt').find(([name]) => name === 'good')![1]
  const [head, ...checkpoint] = receipt.proof.split('\n\n')
  const [, extra, index, ...hashes] = head!.split('\n')
  const opening = Buffer.from(extra!.slice('extra '.length), 'base64').toString()
  return { receipt, opening, index: Number(index!.slice('index '.length)), hashes, note: checkpoint.join('\n\n') }
}

test('the worked example of the receipt: every value is what node:crypto makes of the vectors', () => {
  const signed = vectors<Signed>('bundle').find(([name]) => name === 'signed')![1]
  const { receipt, opening, index, hashes, note } = goodReceipt()
  const values = new Map(
    rows(section('## 7. Receipt')).map(([what, value]) => [what, value!.replace(/^`(.*)`$/, '$1')]),
  )
  const pae = Buffer.from(signed.pae, 'base64')
  const [salt, blind] = ['`salt`', '`blind`'].map((name) => Buffer.from(values.get(name)!, 'base64'))
  const hmac = (hash: string, key: Buffer, data: Buffer) => createHmac(hash, key).update(data).digest('hex')
  const signer = Buffer.from(signed.spki, 'hex')
  const committed = Buffer.concat([pae, signer])
  expect(values.get('`commitment.sha256`')).toBe(hmac('sha256', salt!, committed))
  expect(values.get('`commitment.sha3_256`')).toBe(hmac('sha3-256', salt!, committed))
  const chain = values.get('`chain.id` of the step')!
  expect(pae.toString()).toContain(`"chain":{"contract":"${'c0'.repeat(32)}","id":"${chain}"`)
  expect(values.get('`chain.id` of the leaf')).toBe(hmac('sha256', blind!, Buffer.from(chain, 'hex')))

  // The vector says the same, in the one spelling.
  const [before, leaf, after] = opening.split(/(?<="leaf":)(.*)(?=,"link")/)
  expect(before).toBe(`{"blind":"${blind!.toString('base64')}","leaf":`)
  expect(after).toBe(`,"link":"${sha256(pae)}","salt":"${salt!.toString('base64')}","signer":"${sha256(signer)}"}`)
  const said = JSON.parse(leaf!) as { chain: { id: string }; commitment: object }
  expect(said.chain.id).toBe(values.get('`chain.id` of the leaf'))
  expect(said.commitment).toEqual({
    sha256: values.get('`commitment.sha256`'),
    sha3_256: values.get('`commitment.sha3_256`'),
  })
  expect(values.get('leaf')).toBe(`${Buffer.byteLength(leaf!)} bytes`)
  expect(values.get("leaf's hash, SHA-256(0x00 ‖ leaf)")).toBe(sha256(Buffer.from(`\0${leaf}`)))
  expect(values.get('receipt')).toBe(`${Buffer.byteLength(JSON.stringify(receipt))} bytes`)

  // Up from the leaf at 4 of 7: twice a sibling on the right, then one on the left.
  const [origin, size, root] = note.split('\n')
  expect(values.get('index, size')).toBe(`${index} of ${size}, with ${hashes.length} hashes`)
  const [right, beyond, left] = hashes.map((hash) => Buffer.from(hash, 'base64'))
  const node = (a: Buffer, b: Buffer) =>
    createHash('sha256')
      .update(Buffer.concat([Buffer.of(1), a, b]))
      .digest()
  const first = createHash('sha256').update(`\0${leaf}`).digest()
  const computed = node(left!, node(node(first, right!), beyond!))
  expect(values.get('root')).toBe(computed.toString('hex'))
  expect(root).toBe(computed.toString('base64'))

  // The checkpoint is signed by the log that it names.
  const [name, id, ...key] = values.get('verifier key')!.split('+')
  expect(name).toBe(origin)
  const material = Buffer.from(key.join('+'), 'base64')
  const line = note.split('\n').at(-2)!.split(' ')
  expect(line[1]).toBe(name)
  const blob = Buffer.from(line[2]!, 'base64')
  expect(blob.subarray(0, 4).toString('hex')).toBe(id)
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), material.subarray(1)])
  expect(spki.toString('hex')).toBe(signed.spki)
  const publicKey = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  expect(verify(null, Buffer.from(`${note.split('\n\n')[0]}\n`), publicKey, blob.subarray(4))).toBe(true)
  for (const known of ['', '---', '`mediaType`', '`proof`', 'Field', 'PAE, link digest', 'signer', '`signer`'])
    values.delete(known)
  expect(values.size).toBe(12)

  // And ours says the same.
  const read = formats.parseReceipt(JSON.stringify(receipt))
  const { salt: s, blind: b, leaf: l, link } = read.opening
  expect(link).toBe(signed.link)
  expect(formats.commitmentOf(s, { signed: pae, signer }, portableCrypto)).toEqual(l.commitment)
  expect(formats.blindChain(b, chain, portableCrypto)).toBe(l.chain.id)
  expect(fromUtf8(formats.writeLeaf(l))).toBe(leaf)
  const trusted = formats.parseVkey(values.get('verifier key')!, portableCrypto)
  const { checkpoint } = read.proof
  expect(() =>
    formats.verifyCheckpoint(checkpoint, { origin: trusted.name, keys: [trusted], witnesses: [] }, portableCrypto),
  ).not.toThrow()
  const hash = { size: 32, hash: portableCrypto.sha256 }
  const place = { index, size: checkpoint.size, leafHash: leafHash(utf8(leaf!), hash), path: read.proof.hashes }
  expect(() => verifyInclusion(place, checkpoint.root, hash)).not.toThrow()
})

test('the sizes are the constants', () => {
  const sizes = new Map(rows(section('## 10. Sizes')).map(([what, most]) => [what, most]))
  expect(sizes.get('bundle')).toBe(`${number(formats.MAX_BUNDLE_BYTES)} bytes`)
  expect(sizes.get('payload')).toBe(`${number(formats.MAX_PAYLOAD_BYTES)} bytes`)
  expect(sizes.get('receipt')).toBe(`${number(formats.MAX_RECEIPT_BYTES)} bytes`)
  expect(section('## 7. Receipt')).toContain(` ${number(formats.MAX_RECEIPT_BYTES)} bytes`)
  expect(sizes.get('withheld attestation')).toBe(`${number(formats.MAX_WITHHELD_BYTES)} bytes`)
  expect(section('### Withheld attestations')).toContain(` ${number(formats.MAX_WITHHELD_BYTES)} bytes`)
  expect(sizes.get('disclosure')).toBe(`${number(formats.MAX_DISCLOSURE_BYTES)} bytes`)
  expect(section('### Disclosures')).toContain(` ${number(formats.MAX_DISCLOSURE_BYTES)} bytes`)
  expect(sizes.get('opening')).toBe(`${number(formats.MAX_OPENING_BYTES)} bytes`)
  expect(sizes.get('leaf')).toBe(`${number(formats.MAX_LEAF_BYTES)} bytes`)
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
  expect(sizes.get('head proof')).toBe(`${number(formats.MAX_HEAD_PROOF_BYTES)} bytes`)
  const { MAX_POLICY_BYTES, MAX_POLICY_ENTRIES: most } = formats
  expect(sizes.get('witness policy')).toBe(
    `${number(MAX_POLICY_BYTES)} bytes, ${most} logs, ${most} witnesses, ${most} groups`,
  )
  expect(sizes.get('list of revoked keys')).toBe(
    `${number(formats.MAX_REVOCATIONS_BYTES)} bytes, ${number(formats.MAX_REVOCATIONS)} keys`,
  )
  expect(section('### Cosignatures')).toContain(` ${formats.MAX_COSIGNATURE_TIME},`)
})

test('the names on the wire are the constants', () => {
  const names = [
    formats.STEP_PREDICATE,
    formats.RECEIPT_MEDIA_TYPE,
    formats.WITHHELD_MEDIA_TYPE,
    formats.STATEMENT_TYPE,
    formats.PAYLOAD_TYPE,
    formats.BUNDLE_V03,
    formats.TREE_MEDIA_TYPE,
    formats.CHAIN_MEDIA_TYPE,
    formats.TLOG_SIZE_MEDIA_TYPE,
    formats.HEAD_PROOF_MEDIA_TYPE,
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

test('the lines of a statement, and the fields of a head proof, are those of the vectors', () => {
  const [, { note }] = vectors<{ note: string }>('log-statement').find(([name]) => name === 'good')!
  const lines = note.split('\n\n')[0]!.split('\n')
  const block = /```\n([\s\S]*?)\n```/.exec(section('### Statements'))![1]!.split('\n')
  expect(block[0]).toBe(lines[0])
  expect(block.map((line) => line.split(' ')[0])).toEqual(lines.map((line) => line.split(' ')[0]))
  const [, { proof }] = vectors<{ proof: object }>('head-proof').find(([name]) => name === 'good')!
  const fields = rows(section('### Chain heads')).flatMap(([field]) => /^`(\w+)`$/.exec(field!)?.[1] ?? [])
  expect(fields.toSorted()).toEqual(Object.keys(proof).toSorted())
})

test('a list of revoked keys has the fields that are listed, and the message of an enrolment is the one that is shown', () => {
  const [item] = JSON.parse(
    fromUtf8(formats.writeRevocations([{ keyId: '0'.repeat(64), since: '2026-11-20T12:00:00.000Z', reason: null }])),
  ).revocations as object[]
  const listed = rows(section('### Lists of revoked keys')).flatMap(
    ([field]) => /^`revocations\[\]\.(\w+)`$/.exec(field!)?.[1] ?? [],
  )
  expect(listed).toEqual(Object.keys(item!))
  expect(section('### Lists of revoked keys')).toContain(
    `| \`mediaType\` | \`${formats.REVOCATIONS_MEDIA_TYPE}\`, exactly |`,
  )
  for (const reason of formats.REVOCATION_REASONS)
    expect(section('### Lists of revoked keys')).toContain(`\`${reason}\``)
  const shown = /```\n([\s\S]*?)```/.exec(section('### Enrolled keys'))![1]!
  const [code, keyId] = ['0a1b2c3d4e5f', '0'.repeat(64)]
  const written = shown.replace('<id of the code>', code).replace('<key id>', keyId)
  expect(fromUtf8(formats.enrolmentMessage(code, keyId))).toBe(written)
})

test('the codes are those that core, formats and identity throw at documents, and each has a vector', () => {
  const listed = rows(section('## 12. Errors')).flatMap(([code]) => /^`([a-z0-9-]+)`$/.exec(code!)?.[1] ?? [])
  const thrown = new Set<string>()
  for (const room of ['core', 'formats', 'identity']) {
    const folder = join(ROOT, 'packages', room, 'src')
    for (const file of readdirSync(folder, { encoding: 'utf8', recursive: true })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file.endsWith('codes.ts') || file === 'errors.ts')
        continue
      const source = readFileSync(join(folder, file), 'utf8')
      for (const [, code] of source.matchAll(/'([a-z0-9]+(?:-[a-z0-9]+)+)'/g)) {
        if (Object.hasOwn(CATALOGUE, code!)) thrown.add(code!)
      }
    }
  }
  // Patterns stand in contracts, not in these formats.
  thrown.delete('pattern-invalid')
  // Of what a provider says beside a token, which is no document.
  thrown.delete('identity-mismatch')
  expect(listed.toSorted()).toEqual([...thrown].toSorted())

  const shown = new Set<string | undefined>(['input-too-large'])
  for (const topic of FOLDERS) {
    for (const [, { error }] of vectors<{ error?: string }>(topic)) shown.add(error)
  }
  for (const code of listed) expect(shown, code).toContain(code)
})

test('the systems of identity tokens are those that are known, with what is fixed for each', () => {
  const ticked = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)
  const listed: string[] = []
  for (const [names, , algorithms, pins, lifetime, grade] of rows(section('### Identity tokens'))) {
    for (const name of ticked(names!).filter(isSystemName)) {
      listed.push(name)
      const traits = SYSTEMS[name]
      const all = SYSTEMS.oidc.algorithms
      const meant = algorithms!.startsWith('all')
        ? all.filter((one) => !algorithms!.includes(one))
        : algorithms!.split(', ')
      expect(meant, name).toEqual(traits.algorithms)
      if (pins !== '–') expect(ticked(pins!), name).toEqual(traits.pins)
      expect(lifetime, name).toBe(traits.lifetime === 3900 ? '65 min' : '24 h 5 min')
      const good = vectors<{ grade: string; error?: string }>('identity-claims').find(
        ([one]) => one === `${name}-good`,
      )!
      expect(grade, name).toMatch(good[1].grade)
    }
  }
  expect(listed.toSorted()).toEqual(SYSTEM_NAMES.toSorted())
})
