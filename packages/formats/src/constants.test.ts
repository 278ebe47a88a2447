import { expect, test } from 'vitest'
import * as constants from './constants.ts'

test('the names on the wire do not move', () => {
  expect({ ...constants }).toEqual({
    STEP_PREDICATE: 'https://countersign.dev/step/v1',
    STATEMENT_TYPE: 'https://in-toto.io/Statement/v1',
    PAYLOAD_TYPE: 'application/vnd.in-toto+json',
    BUNDLE_V03: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    TREE_MEDIA_TYPE: 'application/vnd.countersign.tree.v1',
    WITHHELD_MEDIA_TYPE: 'application/vnd.countersign.withheld.v1+json',
    ATTACHMENT_MEDIA_TYPE: 'application/vnd.countersign.attachment.v1+json',
    DISCLOSURE_MEDIA_TYPE: 'application/vnd.countersign.disclosure.v1+json',
    RECEIPT_MEDIA_TYPE: 'application/vnd.countersign.receipt.v1+json',
    CHAIN_MEDIA_TYPE: 'application/vnd.countersign.chain.v1+jsonl',
    MAX_RESOURCES: 10_000,
    MAX_BUNDLE_BYTES: 8 * 1024 * 1024,
    MAX_PAYLOAD_BYTES: 6_000_000,
    MAX_ARGUMENTS: 10_000,
    MAX_PREVIOUS: 1_000,
  })
})
