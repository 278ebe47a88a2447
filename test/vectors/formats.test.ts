import { nodeCrypto } from '@countersign/adapters/crypto-node'
import {
  base64,
  canonicalJson,
  type Code,
  fromBase64,
  fromHex,
  fromUtf8,
  type JsonValue,
  parseJson,
  parsePublicKey,
  utf8,
} from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import {
  isAttachment,
  isDeviation,
  isDisclosure,
  isReceipt,
  isRemark,
  isWithheld,
  linkDigest,
  linkDigestOfPae,
  opens,
  pae,
  PAYLOAD_TYPE,
  parseAttachment,
  parseBundle,
  parseChainFile,
  parseDeviation,
  parseDeviationLine,
  parseDisclosure,
  parseReceipt,
  parseRemark,
  parseRemarkLine,
  parseStatement,
  parseSignedContract,
  parseStep,
  parseToken,
  parseTree,
  parseWithheld,
  readAttachment,
  readDisclosure,
  readReceipt,
  readWithheld,
  treeLine,
  writeAttachment,
  writeBundle,
  writeChainFile,
  writeDeviation,
  writeDeviationLine,
  writeDisclosure,
  writeReceipt,
  writeRemark,
  writeRemarkLine,
  writeStep,
  writeSignedContract,
  writeToken,
  writeWithheld,
} from '@countersign/formats'
import { verifyStep } from '@countersign/verify'
import { describe, expect, test } from 'vitest'
import { vectors } from './read.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })

interface Document {
  readonly statement: JsonValue
  readonly error?: Code
}

describe('statements', () => {
  test.each(vectors<Document>('statement'))('%s', (_, { statement, error }) => {
    const payload = canonicalJson(statement)
    if (error !== undefined) expect(() => parseStatement(payload)).toThrow(coded(error))
    else {
      const read = parseStatement(payload)
      const { subject, predicateType, predicate } = statement as { [key: string]: JsonValue }
      expect(canonicalJson(read as unknown as JsonValue)).toEqual(
        canonicalJson({ subject, predicateType, predicate } as JsonValue),
      )
    }
  })
})

describe('steps', () => {
  test.each(vectors<Document>('step'))('%s', (_, { statement, error }) => {
    const payload = canonicalJson(statement)
    if (error !== undefined) expect(() => parseStep(payload)).toThrow(coded(error))
    else expect(fromUtf8(writeStep(parseStep(payload)))).toBe(fromUtf8(payload))
  })
})

describe('receipts', () => {
  interface Vector {
    readonly receipt?: JsonValue
    /** In another spelling than the canonical one. */
    readonly text?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('receipt'))('%s', (_, { receipt, text, error }) => {
    const bytes = text === undefined ? canonicalJson(receipt!) : utf8(text)
    for (const input of [bytes, fromUtf8(bytes)]) {
      if (error !== undefined) expect(() => parseReceipt(input)).toThrow(coded(error))
      else expect(writeReceipt(parseReceipt(input))).toEqual(bytes)
    }
    // Whatever the spelling, once it is JSON that somebody else has read.
    const spelling = error === 'receipt-invalid' && text !== undefined
    if (error === undefined || spelling) expect(readReceipt(parseJson(bytes)).opening.salt.length).toBe(32)
    else if (receipt !== undefined) expect(() => readReceipt(receipt)).toThrow(coded(error))
  })
})

describe('withheld attestations', () => {
  interface Vector {
    readonly withheld?: JsonValue
    /** In another spelling than the canonical one. */
    readonly text?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('withheld'))('%s', (_, { withheld, text, error }) => {
    const bytes = text === undefined ? canonicalJson(withheld!) : utf8(text)
    for (const input of [bytes, fromUtf8(bytes)]) {
      if (error !== undefined) expect(() => parseWithheld(input)).toThrow(coded(error))
      else expect(writeWithheld(parseWithheld(input))).toEqual(bytes)
    }
    // Whatever the spelling, once it is JSON that somebody else has read.
    const spelling = error === 'withheld-invalid' && text !== undefined
    if (error === undefined || spelling) expect(readWithheld(parseJson(bytes)).unopened.blind.length).toBe(32)
    else if (withheld !== undefined) expect(() => readWithheld(withheld)).toThrow(coded(error))
  })
})

describe('disclosures', () => {
  interface Vector {
    readonly disclosure?: JsonValue
    /** In another spelling than the canonical one. */
    readonly text?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('disclosure'))('%s', (_, { disclosure, text, error }) => {
    const bytes = text === undefined ? canonicalJson(disclosure!) : utf8(text)
    for (const input of [bytes, fromUtf8(bytes)]) {
      if (error !== undefined) expect(() => parseDisclosure(input)).toThrow(coded(error))
      else expect(writeDisclosure(parseDisclosure(input))).toEqual(bytes)
    }
    // Whatever the spelling, once it is JSON that somebody else has read.
    const spelling = error === 'disclosure-invalid' && text !== undefined
    if (error === undefined || spelling) expect(readDisclosure(parseJson(bytes)).salt.length).toBe(32)
    else if (disclosure !== undefined) expect(() => readDisclosure(disclosure)).toThrow(coded(error))
  })
})

describe('attachments', () => {
  interface Vector {
    readonly attachment?: JsonValue
    /** In another spelling than the canonical one. */
    readonly text?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('attachment'))('%s', (_, { attachment, text, error }) => {
    const bytes = text === undefined ? canonicalJson(attachment!) : utf8(text)
    for (const input of [bytes, fromUtf8(bytes)]) {
      if (error !== undefined) expect(() => parseAttachment(input)).toThrow(coded(error))
      else expect(writeAttachment(parseAttachment(input))).toEqual(bytes)
    }
    // Whatever the spelling, once it is JSON that somebody else has read.
    if (attachment !== undefined && error !== undefined) expect(() => readAttachment(attachment)).toThrow(coded(error))
  })
})

describe('documents that several signed', () => {
  interface Vector {
    readonly endorsed?: JsonValue
    readonly contract?: JsonValue
    readonly text?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('endorsed'))('%s', (_, { endorsed, contract, text, error }) => {
    const value = endorsed === undefined ? contract : endorsed
    const bytes = text === undefined ? canonicalJson(value!) : utf8(text)
    const [read, write] =
      contract === undefined ? [parseDeviationLine, writeDeviationLine] : [parseSignedContract, writeSignedContract]
    if (error !== undefined) expect(() => read(bytes)).toThrow(coded(error))
    else expect(write(read(bytes))).toEqual(bytes)
  })
})

describe('deviations', () => {
  interface Vector {
    readonly deviation?: JsonValue
    readonly text?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('deviation'))('%s', (_, { deviation, text, error }) => {
    const bytes = text === undefined ? canonicalJson(deviation!) : utf8(text)
    if (error !== undefined) expect(() => parseDeviation(bytes)).toThrow(coded(error))
    else expect(writeDeviation(parseDeviation(bytes))).toEqual(bytes)
  })
})

describe('signed notes', () => {
  interface Vector {
    readonly remark?: JsonValue
    readonly line?: JsonValue
    readonly text?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('remark'))('%s', (_, { remark, line, text, error }) => {
    const bytes = text === undefined ? canonicalJson((line ?? remark)!) : utf8(text)
    const written = () =>
      line === undefined ? writeRemark(parseRemark(bytes)) : writeRemarkLine(parseRemarkLine(bytes))
    if (error !== undefined) expect(written).toThrow(coded(error))
    else expect(written()).toEqual(bytes)
  })
})

describe('sealed fields', () => {
  interface Vector {
    readonly statement: JsonValue
    readonly disclosure: JsonValue
    readonly error?: Code
  }
  test.each(vectors<Vector>('sealed'))('%s', (_, { statement, disclosure, error }) => {
    const payload = canonicalJson(statement)
    const read = readDisclosure(disclosure)
    const own = read.link === linkDigestOfPae(pae(PAYLOAD_TYPE, payload), portableCrypto)
    expect(own && opens(read, parseStep(payload).predicate, portableCrypto)).toBe(error === undefined)
  })
})

describe('what a signature covers (DSSE, PAE)', () => {
  interface Vector {
    readonly payloadType: string
    readonly payload: string
    readonly pae?: string
    readonly spki?: string
    readonly signature?: string
    readonly valid?: boolean
    /** What the signature covers instead. */
    readonly signed?: string
    readonly error?: Code
  }
  test.each(vectors<Vector>('pae'))('%s', (_, { payloadType, payload, valid, signed, error, ...vector }) => {
    const body = fromBase64(payload)
    if (error !== undefined) {
      expect(() => pae(payloadType, body)).toThrow(coded(error))
      return
    }
    const encoded = pae(payloadType, body)
    expect(base64(encoded)).toBe(vector.pae)
    const [key, signature] = [parsePublicKey(fromHex(vector.spki!)), fromHex(vector.signature!)]
    for (const crypto of [portableCrypto, nodeCrypto]) {
      expect(crypto.verify(key, encoded, signature)).toBe(valid)
      // It is refused for what it covers, and is no broken signature.
      if (signed !== undefined) expect(crypto.verify(key, fromBase64(signed), signature)).toBe(true)
    }
    expect(signed === undefined).toBe(valid)
  })
})

describe('bundles', () => {
  interface Vector {
    readonly bundle: JsonValue
    readonly error?: Code
    readonly spki?: string
    readonly pae?: string
    readonly link?: string
    /** Where it is signed at all, it verifies, unless this says otherwise. */
    readonly valid?: false
  }
  test.each(vectors<Vector>('bundle'))('%s', (_, vector) => {
    const bytes = canonicalJson(vector.bundle)
    if (vector.error !== undefined) {
      expect(() => parseBundle(bytes)).toThrow(coded(vector.error))
      return
    }
    const bundle = parseBundle(bytes)
    const written = writeBundle(bundle)
    expect(writeBundle(parseBundle(written))).toEqual(written)
    if (vector.link === undefined) return
    const { envelope } = bundle
    expect(Buffer.from(pae(envelope.payloadType, envelope.payload)).toString('base64')).toBe(vector.pae)
    expect(linkDigest(envelope, portableCrypto)).toBe(vector.link)
    const key = parsePublicKey(fromHex(vector.spki!))
    expect(bundle.key).toEqual({ kind: 'publicKey', hint: key.keyId })
    const trust = { signers: [{ name: 'ci', key, revokedAt: null }], countersigners: [] }
    if (vector.valid === false)
      expect(() => verifyStep(bundle, trust, portableCrypto)).toThrow(coded('signature-invalid'))
    else expect(verifyStep(bundle, trust, portableCrypto).link).toBe(vector.link)
  })
})

describe('chain files', () => {
  interface Vector {
    readonly text: string
    readonly bundles?: number
    readonly receipts?: number
    /** None where it is left out. */
    readonly withheld?: number
    readonly disclosures?: number
    readonly attachments?: number
    readonly deviations?: number
    readonly remarks?: number
    readonly error?: Code
    readonly says?: string
  }
  test.each(vectors<Vector>('chain-file'))('%s', (_, { text, error, says, ...count }) => {
    if (error !== undefined) {
      expect(() => parseChainFile(utf8(text))).toThrow(coded(error))
      expect(() => parseChainFile(utf8(text))).toThrow(says)
      return
    }
    const read = parseChainFile(utf8(text))
    const {
      bundles,
      receipts,
      withheld = 0,
      disclosures = 0,
      attachments = 0,
      deviations = 0,
      remarks: noted = 0,
    } = count
    expect(read.filter(isReceipt).length).toBe(receipts)
    expect(read.filter(isWithheld).length).toBe(withheld)
    expect(read.filter(isDisclosure).length).toBe(disclosures)
    expect(read.filter(isAttachment).length).toBe(attachments)
    expect(read.filter(isDeviation).length).toBe(deviations)
    expect(read.filter(isRemark).length).toBe(noted)
    expect(read.length).toBe(bundles! + receipts! + withheld + disclosures + attachments + deviations + noted)
    expect(parseChainFile(writeChainFile(read))).toEqual(read)
  })
})

describe('hand-over tokens', () => {
  interface Vector {
    readonly token: string
    readonly chain?: string
    readonly links?: readonly string[]
    readonly error?: Code
  }
  test.each(vectors<Vector>('token'))('%s', (_, { token, chain, links, error }) => {
    if (error !== undefined) expect(() => parseToken(token)).toThrow(coded(error))
    else {
      expect(parseToken(token)).toEqual({ chain, links })
      expect(writeToken(parseToken(token))).toBe(token.trim())
    }
  })
})

describe('trees', () => {
  interface Vector {
    readonly manifest: string
    readonly entries?: readonly object[]
    readonly error?: Code
  }
  test.each(vectors<Vector>('tree'))('%s', (_, { manifest, entries, error }) => {
    if (error !== undefined) expect(() => parseTree(manifest)).toThrow(coded(error))
    else {
      expect(parseTree(manifest)).toEqual(entries)
      expect(parseTree(manifest).map(treeLine).join('')).toBe(manifest)
    }
  })
})
