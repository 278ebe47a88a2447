import { ATTACHMENT_LINE as attachment } from './attachment.ts'
import { BUNDLE } from './bundle.ts'
import { DISCLOSURE_LINE as disclosure } from './disclosure.ts'
import { DEVIATION_LINE as deviation } from './endorsed.ts'
import { RECEIPT_LINE as receipt } from './receipt.ts'
import { REMARK_LINE as remark } from './remark.ts'
import type { Topic } from './topic.ts'
import { WITHHELD_LINE as withheld } from './withheld.ts'

const line = JSON.stringify(BUNDLE)
const bad = (text: string, says: string) => ({ text, error: 'chain-file-invalid', says })

export const chainFiles: Topic = {
  name: 'chain-file',
  vectors: {
    empty: { text: '', bundles: 0, receipts: 0 },
    'one-line': { text: `${line}\n`, bundles: 1, receipts: 0 },
    'two-lines': { text: `${line}\n${line}\n`, bundles: 2, receipts: 0 },
    'no-newline-at-end': { text: line, bundles: 1, receipts: 0 },
    'carriage-returns': { text: `${line}\r\n\r\n${line}\r\n`, bundles: 2, receipts: 0 },
    'empty-lines': { text: `\n\n${line}\n\n`, bundles: 1, receipts: 0 },
    'space-line': bad(`${line}\n \n`, 'line 2'),
    'two-bundles-on-a-line': bad(`${line}${line}\n`, 'line 1'),
    'bundle-over-two-lines': bad(line.replace(',', ',\n'), 'line 1'),
    'array-of-bundles': bad(`[${line}]`, 'bundle-invalid'),
    'last-line-truncated': bad(`${line}\n${line.slice(0, -9)}`, 'line 2'),
    'bad-line-between': bad(`${line}\n{}\n${line}\n`, 'line 2: bundle-invalid'),
    'byte-order-mark': bad(`\ufeff${line}\n`, 'line 1'),
    'receipt-after-its-bundle': { text: `${line}\n${receipt}\n`, bundles: 1, receipts: 1 },
    'receipt-before-its-bundle': { text: `${receipt}\n${line}\n`, bundles: 1, receipts: 1 },
    'receipt-alone': { text: `${receipt}\n`, bundles: 0, receipts: 1 },
    'receipt-twice': { text: `${line}\n${receipt}\n${receipt}\n`, bundles: 1, receipts: 2 },
    'receipt-no-newline-at-end': { text: `${line}\n${receipt}`, bundles: 1, receipts: 1 },
    'receipt-carriage-returns': { text: `${line}\r\n\r\n${receipt}\r\n`, bundles: 1, receipts: 1 },
    'receipt-two-carriage-returns': bad(`${line}\n${receipt}\r\r\n`, 'line 2: receipt-invalid'),
    'receipt-space-before': bad(`${line}\n ${receipt}\n`, 'line 2: bundle-invalid'),
    'receipt-space-after': bad(`${line}\n${receipt} \n`, 'line 2: receipt-invalid'),
    'receipt-space-inside': bad(`${line}\n${receipt.replace(':', ': ')}\n`, 'line 2: bundle-invalid'),
    'receipt-other-version': bad(`${line}\n${receipt.replace('.v1+', '.v2+')}\n`, 'line 2: bundle-invalid'),
    'receipt-unknown-field': bad(`${line}\n${receipt.replace(/\}$/, ',"x":1}')}\n`, 'line 2: receipt-invalid'),
    'receipt-without-opening': bad(
      `${line}\n${receipt.replace(/extra [^\\]*\\n/, '')}\n`,
      'line 2: receipt-invalid: the proof has no opening',
    ),
    'receipt-truncated': bad(`${line}\n${receipt.slice(0, -9)}`, 'line 2: json-invalid'),
    'receipt-over-two-lines': bad(`${line}\n${receipt.replace(',', ',\n')}\n`, 'line 2: json-invalid'),
    'receipt-beside-its-bundle-on-a-line': bad(`${line}${receipt}\n`, 'line 1: json-invalid'),
    'withheld-alone': { text: `${withheld}\n`, bundles: 0, receipts: 0, withheld: 1 },
    'withheld-beside-others': { text: `${withheld}\r\n${line}\n${receipt}`, bundles: 1, receipts: 1, withheld: 1 },
    'withheld-twice': { text: `${withheld}\n${withheld}\n`, bundles: 0, receipts: 0, withheld: 2 },
    'withheld-space-before': bad(`${line}\n ${withheld}\n`, 'line 2: bundle-invalid'),
    'withheld-space-after': bad(`${line}\n${withheld} \n`, 'line 2: withheld-invalid'),
    'withheld-other-version': bad(`${withheld.replace('.v1+', '.v2+')}\n`, 'line 1: bundle-invalid'),
    'withheld-unknown-field': bad(`${withheld.replace(/\}$/, ',"x":1}')}\n`, 'line 1: withheld-invalid'),
    'withheld-truncated': bad(withheld.slice(0, -9), 'line 1: json-invalid'),
    'attachment-alone': { text: `${attachment}\n`, bundles: 0, receipts: 0, attachments: 1 },
    'attachment-beside-others': {
      text: `${attachment}\r\n${line}\n${receipt}\n${disclosure}`,
      bundles: 1,
      receipts: 1,
      disclosures: 1,
      attachments: 1,
    },
    'attachment-space-before': bad(`${line}\n ${attachment}\n`, 'line 2: bundle-invalid'),
    'attachment-space-after': bad(`${line}\n${attachment} \n`, 'line 2: attachment-invalid'),
    'attachment-truncated': bad(attachment.slice(0, -9), 'line 1: json-invalid'),
    'disclosure-alone': { text: `${disclosure}\n`, bundles: 0, receipts: 0, disclosures: 1 },
    'disclosure-beside-others': {
      text: `${disclosure}\r\n${line}\n${receipt}\n${withheld}`,
      bundles: 1,
      receipts: 1,
      withheld: 1,
      disclosures: 1,
    },
    'disclosure-twice': { text: `${disclosure}\n${disclosure}\n`, bundles: 0, receipts: 0, disclosures: 2 },
    'disclosure-space-before': bad(`${line}\n ${disclosure}\n`, 'line 2: bundle-invalid'),
    'disclosure-space-after': bad(`${line}\n${disclosure} \n`, 'line 2: disclosure-invalid'),
    'disclosure-other-version': bad(`${disclosure.replace('.v1+', '.v2+')}\n`, 'line 1: bundle-invalid'),
    'disclosure-unknown-field': bad(`${disclosure.replace(/\}$/, ',"x":1}')}\n`, 'line 1: disclosure-invalid'),
    'disclosure-truncated': bad(disclosure.slice(0, -9), 'line 1: json-invalid'),
    'deviation-alone': { text: `${deviation}\n`, bundles: 0, receipts: 0, deviations: 1 },
    'deviation-beside-others': { text: `${line}\r\n${deviation}\n${receipt}`, bundles: 1, receipts: 1, deviations: 1 },
    'deviation-space-before': bad(`${line}\n ${deviation}\n`, 'line 2: bundle-invalid'),
    'deviation-space-after': bad(`${line}\n${deviation} \n`, 'line 2: envelope-invalid'),
    'deviation-other-version': bad(
      `${deviation.replace('deviation.v1+', 'deviation.v2+')}\n`,
      'line 1: bundle-invalid',
    ),
    'deviation-truncated': bad(deviation.slice(0, -9), 'line 1: json-invalid'),
    'note-alone': { text: `${remark}\n`, bundles: 0, receipts: 0, remarks: 1 },
    'note-beside-others': {
      text: `${line}\r\n${remark}\n${deviation}\n${receipt}`,
      bundles: 1,
      receipts: 1,
      deviations: 1,
      remarks: 1,
    },
    'note-space-before': bad(`${line}\n ${remark}\n`, 'line 2: bundle-invalid'),
    'note-space-after': bad(`${line}\n${remark} \n`, 'line 2: envelope-invalid'),
    'note-other-version': bad(`${remark.replace('note.v1+', 'note.v2+')}\n`, 'line 1: bundle-invalid'),
    'note-truncated': bad(remark.slice(0, -9), 'line 1: json-invalid'),
    'bundle-after-a-receipt-on-a-line': bad(`${receipt}${line}\n`, 'line 1: json-invalid'),
  },
}
