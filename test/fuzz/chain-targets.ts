import { equal, fromUtf8, hasControl } from '@countersign/core'
import { parseEvidence, writeEvidence } from '@countersign/evidence'
import { packedKind, parseManifest, writeManifest } from '@countersign/evidence/pack'
import {
  type Disclosure,
  isAttachment,
  isDeviation,
  isDisclosure,
  isReceipt,
  isRemark,
  isSealed,
  isWithheld,
  parseAttachment,
  parseChainFile,
  parseDeviation,
  parseDeviationLine,
  parseDisclosure,
  parseReceipt,
  parseRemark,
  parseStep,
  parseWithheld,
  withFields,
  writeAttachment,
  writeChainFile,
  writeDeviation,
  writeDeviationLine,
  writeDisclosure,
  writeLeaf,
  writeOpening,
  writeReceipt,
  writeRemark,
  writeRemarkLine,
  writeStep,
  writeUnopened,
  writeWithheld,
} from '@countersign/formats'
import type { Target } from './targets.ts'
import {
  ATTACHMENT_START,
  demand,
  DEVIATION_START,
  DISCLOSURE_START,
  JSON_WORDS,
  NOTE_WORDS,
  of,
  RECEIPT_START,
  WITHHELD_START,
  words,
} from './words.ts'

const [GOOD_STEP] = of('sealed', 'statement') as [Uint8Array]

/** Readers of what stands in a chain file, and in evidence. */
export const CHAIN_TARGETS: readonly Target[] = [
  {
    name: 'receipt',
    seeds: [...of('receipt', 'receipt'), ...of('receipt', 'text')],
    words: [...JSON_WORDS, ...NOTE_WORDS, ...words('\\n', '\\n\\n', '\\n\u2014 ')],
    run(input) {
      const receipt = parseReceipt(input)
      demand(equal(writeReceipt(receipt), input), 'has two spellings')
      demand(equal(writeOpening(receipt.opening), receipt.proof.extra!), 'two spellings of one opening')
      demand(receipt.proof.index < receipt.proof.checkpoint.size, 'a proof of nothing')
    },
  },
  {
    name: 'evidence',
    seeds: [...of('evidence', 'evidence'), ...of('evidence', 'text')],
    words: [
      ...JSON_WORDS,
      ...words('"lines":[', '"anchors":[{}]', '"coverage":[', '"statements":[', '"sha3_256":', '"revokedAt":', '\\"'),
      ...NOTE_WORDS,
    ],
    run(input) {
      const evidence = parseEvidence(input)
      demand(equal(writeEvidence(evidence), input), 'has two spellings')
      demand(evidence.lines.length > 0 && evidence.subject.chains.length > 0, 'evidence of nothing')
    },
  },
  {
    name: 'audit-pack',
    seeds: [...of('audit-pack', 'manifest'), ...of('audit-pack', 'text')],
    words: [...JSON_WORDS, ...NOTE_WORDS, ...words('"files":[', '"path":"../', '"missing":[', '"layout":1', '/', '..')],
    run(input) {
      const manifest = parseManifest(input)
      demand(equal(writeManifest(manifest), input), 'has two spellings')
      for (const { path } of manifest.files) {
        demand(packedKind(path) !== null && /^[a-z0-9]+(?:[./][a-z0-9]+)+$/.test(path), 'a path that is none')
      }
    },
  },
  {
    name: 'withheld',
    seeds: [...of('withheld', 'withheld'), ...of('withheld', 'text')],
    words: [...JSON_WORDS, ...NOTE_WORDS, ...words('\\n', '\\n\\n', '\\n\u2014 ', '"tombstone":')],
    run(input) {
      const withheld = parseWithheld(input)
      const { unopened, proof, tombstone } = withheld
      demand(equal(writeWithheld(withheld), input), 'has two spellings')
      demand(equal(writeUnopened(unopened), proof.extra!), 'two spellings of what is told')
      demand(!('salt' in unopened), 'the salt is told')
      demand(proof.index < proof.checkpoint.size, 'a proof of nothing')
      if (tombstone !== null) demand(equal(writeLeaf(tombstone.leaf), tombstone.proof.extra!), 'two tombstones in one')
    },
  },
  {
    name: 'disclosure',
    seeds: [...of('disclosure', 'disclosure'), ...of('disclosure', 'text'), ...of('sealed', 'disclosure')],
    words: [...JSON_WORDS, ...words('"field":"', '"argv"', '"tools"', '"value":{"sealed":"', '"value":null')],
    run(input) {
      const disclosure = parseDisclosure(input)
      demand(equal(writeDisclosure(disclosure), input), 'has two spellings')
      demand(disclosure.salt.length === 32 && !isSealed(disclosure.value), 'opens nothing')
      demand(isHeldByAStep(disclosure), 'tells what no step can hold')
    },
  },
  {
    name: 'attachment',
    seeds: [...of('attachment', 'attachment'), ...of('attachment', 'text')],
    words: [...JSON_WORDS, ...words('"content":"', '"link":"', ATTACHMENT_START)],
    run(input) {
      const attachment = parseAttachment(input)
      demand(equal(writeAttachment(attachment), input), 'has two spellings')
      demand(attachment.content.length > 0, 'attaches nothing')
    },
  },
  {
    name: 'endorsed',
    seeds: [...of('endorsed', 'endorsed'), ...of('endorsed', 'text')],
    words: [...JSON_WORDS, ...words('"signatures":[', '"proof":"', '"payloadType":"', DEVIATION_START)],
    run(input) {
      const endorsed = parseDeviationLine(input)
      demand(equal(writeDeviationLine(endorsed), input), 'has two spellings')
      demand(endorsed.endorsements.length > 0, 'is signed by nobody')
    },
  },
  {
    name: 'deviation',
    seeds: [...of('deviation', 'deviation'), ...of('deviation', 'text')],
    words: [...JSON_WORDS, ...words('"excuses":[', '"expiresAt":"', '"code":"step-skipped"')],
    run(input) {
      const deviation = parseDeviation(input)
      demand(equal(writeDeviation(deviation), input), 'has two spellings')
      demand(deviation.excuses.length > 0, 'excuses nothing')
      demand(deviation.chain !== null || deviation.artifact !== null, 'is about nothing')
      demand(deviation.issuedAt < deviation.expiresAt, 'never ends')
    },
  },
  {
    name: 'remark',
    seeds: [...of('remark', 'remark'), ...of('remark', 'text')],
    words: [...JSON_WORDS, ...words('"predicate":{', '"supersedes":"', '"kind":"dispute"', '"name":"step/')],
    run(input) {
      const remark = parseRemark(input)
      demand(equal(writeRemark(remark), input), 'has two spellings')
      demand(remark.about.length > 0, 'is about nothing')
      demand(!hasControl(remark.text), 'says what its reader does not see')
    },
  },
  {
    name: 'chain-file',
    seeds: of('chain-file', 'text'),
    words: [
      ...JSON_WORDS,
      ...words(
        '\n',
        '\r\n',
        '\n\n',
        RECEIPT_START,
        WITHHELD_START,
        DISCLOSURE_START,
        ATTACHMENT_START,
        DEVIATION_START,
      ),
      ...of('receipt', 'receipt').slice(0, 1),
    ],
    run(input) {
      const read = parseChainFile(input)
      const written = writeChainFile(read)
      demand(equal(writeChainFile(parseChainFile(written)), written), 'not stable')
      const lines = fromUtf8(input)
        .split('\n')
        .map((line) => line.replace(/\r$/, ''))
      for (const line of read) {
        if (isReceipt(line)) demand(lines.includes(fromUtf8(writeReceipt(line))), 'a receipt that does not stand there')
        if (isDisclosure(line))
          demand(lines.includes(fromUtf8(writeDisclosure(line))), 'a value that does not stand there')
        if (isAttachment(line)) {
          demand(lines.includes(fromUtf8(writeAttachment(line))), 'a report that does not stand there')
        }
        if (isDeviation(line)) {
          demand(lines.includes(fromUtf8(writeDeviationLine(line))), 'a deviation that does not stand there')
        }
        if (isRemark(line)) demand(lines.includes(fromUtf8(writeRemarkLine(line))), 'a note that does not stand there')
        if (isWithheld(line)) demand(lines.includes(fromUtf8(writeWithheld(line))), 'a line that does not stand there')
      }
    },
  },
]

/** What reports are about is for the step that has them. */
function unbound(reports: Extract<Disclosure, { field: 'evidence' }>['value']) {
  return reports.map(({ annotations, ...report }) =>
    annotations === undefined ? report : { ...report, annotations: { ...annotations, about: [] } },
  )
}

function isHeldByAStep({ field, value }: Disclosure): boolean {
  const step = parseStep(GOOD_STEP)
  try {
    writeStep({
      ...step,
      predicate: withFields(step.predicate, { [field]: field === 'evidence' ? unbound(value) : value }),
    })
    return true
  } catch {
    return false
  }
}
