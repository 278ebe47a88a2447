import { createHash } from 'node:crypto'
import { canonical, SPKI } from './bundle.ts'
import { b64, LOG_PAIR } from './note-signers.ts'
import { mutated, type Topic } from './topic.ts'

const KEY_ID = createHash('sha256').update(Buffer.from(SPKI, 'hex')).digest('hex')
const payloadType = 'application/vnd.in-toto+json'
const wrong = 'remark-invalid'
const [first, second] = ['a1'.repeat(32), 'b2'.repeat(32)]

/** That a step of the example says what is not so. */
const REMARK = {
  _type: 'https://in-toto.io/Statement/v1',
  predicate: {
    at: '2026-11-20T12:00:00.000Z',
    kind: 'dispute',
    nonce: 'c3'.repeat(16),
    place: '//log.example/acme',
    supersedes: null,
    text: 'the test report is of another build, INC-42',
  },
  predicateType: 'https://countersign.dev/note/v1',
  subject: [
    { digest: { sha256: first }, name: `step/${first}` },
    { digest: { sha256: second }, name: `step/${second}` },
  ],
}

const payload = Buffer.from(canonical(REMARK))
const signed = Buffer.concat([Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `), payload])
const LINE = {
  mediaType: 'application/vnd.countersign.note.v1+json',
  payload: b64(payload),
  payloadType,
  signatures: [{ keyid: KEY_ID, sig: b64(LOG_PAIR.sign(signed)) }],
}

/** The good note as it stands in a file. */
export const REMARK_LINE = canonical(LINE)

const subject = (kind: string, digest: string) => ({ digest: { sha256: digest }, name: `${kind}/${digest}` })
const many = (count: number) =>
  Array.from({ length: count }, (_, i) => subject('artifact', i.toString(16).padStart(64, '0')))
const turned = (value: object) => JSON.stringify(Object.fromEntries(Object.entries(value).toReversed()))

export const remarks: Topic = {
  name: 'remark',
  vectors: {
    ...mutated('remark', REMARK, [
      ['whole-null', '', null, 'statement-invalid'],
      ['whole-empty', '', {}, 'statement-invalid'],
      ['predicate-type-of-a-step', 'predicateType', 'https://countersign.dev/step/v1', 'predicate-type'],
      ['predicate-type-of-a-pack', 'predicateType', 'https://countersign.dev/audit-pack/v1', 'predicate-type'],
      ['predicate-type-v2', 'predicateType', 'https://countersign.dev/note/v2', 'predicate-type'],
      ['unknown-field', 'predicate.name', 'mine', wrong],
      ['subject-none', 'subject', [], 'subject-missing'],
      ['subject-artifact', 'subject', [subject('artifact', first)], null],
      ['subject-refusal', 'subject', [subject('refusal', first)], null],
      ['subject-of-no-kind', 'subject', [subject('contract', first)], wrong],
      ['subject-a-file', 'subject.0.name', 'app.tgz', wrong],
      ['subject-of-another-digest', 'subject.0.digest.sha256', second, wrong],
      ['subject-with-two-digests', 'subject.0.digest.sha512', first + first, wrong],
      ['subject-with-a-uri', 'subject.0.uri', 'https://example.com/', wrong],
      ['subject-twice', 'subject', [REMARK.subject[0], REMARK.subject[0]], 'name-collision'],
      ['subjects-in-another-order', 'subject', [REMARK.subject[1], REMARK.subject[0]], wrong],
      ['subjects-32', 'subject', many(32), null],
      ['subjects-33', 'subject', many(33), wrong],
      ['kind-note', 'predicate.kind', 'note', null],
      ['kind-of-nothing', 'predicate.kind', 'approval', wrong],
      ['kind-missing', 'predicate.kind', undefined, wrong],
      ['kind-resolution-of-nothing', 'predicate.kind', 'resolution', wrong],
      ['kind-withdrawal-of-nothing', 'predicate.kind', 'withdrawal', wrong],
      ['kind-resolution', 'predicate', { ...REMARK.predicate, kind: 'resolution', supersedes: 'd4'.repeat(32) }, null],
      ['kind-withdrawal', 'predicate', { ...REMARK.predicate, kind: 'withdrawal', supersedes: 'd4'.repeat(32) }, null],
      ['supersedes-short', 'predicate.supersedes', 'd4'.repeat(31), wrong],
      ['supersedes-missing', 'predicate.supersedes', undefined, wrong],
      ['supersedes', 'predicate.supersedes', 'd4'.repeat(32), null],
      ['text-empty', 'predicate.text', '', wrong],
      ['text-missing', 'predicate.text', undefined, wrong],
      ['text-of-spaces', 'predicate.text', '  ', wrong],
      ['text-space-before', 'predicate.text', ' a', wrong],
      ['text-over-two-lines', 'predicate.text', 'a\nb', wrong],
      ['text-with-an-escape', 'predicate.text', 'a\u001b[2Jb', wrong],
      ['text-with-an-override', 'predicate.text', 'a\u202eb', wrong],
      ['text-with-an-isolate', 'predicate.text', 'a\u2066b', wrong],
      // Inert where it is shown: markup is text.
      ['text-with-markup', 'predicate.text', '<script>alert(1)</script>', null],
      ['text-of-any-writing', 'predicate.text', 'ça va? 検証 שלום 🙂', null],
      ['text-longest', 'predicate.text', 'x'.repeat(4096), null],
      ['text-too-long', 'predicate.text', 'x'.repeat(4097), wrong],
      ['at-missing', 'predicate.at', undefined, wrong],
      ['at-of-no-day', 'predicate.at', '2026-02-30T12:00:00.000Z', wrong],
      ['at-in-another-zone', 'predicate.at', '2026-11-20T12:00:00.000+01:00', wrong],
      ['nonce-short', 'predicate.nonce', 'c3'.repeat(15), wrong],
      ['nonce-missing', 'predicate.nonce', undefined, wrong],
      ['place-nowhere', 'predicate.place', null, null],
      ['place-empty', 'predicate.place', '', wrong],
      ['place-missing', 'predicate.place', undefined, wrong],
    ]),
    'spelling-other-order': { error: wrong, text: turned(REMARK) },
    'spelling-space-after': { error: wrong, text: `${canonical(REMARK)}\n` },
    'key-twice': {
      error: 'json-duplicate-key',
      text: canonical(REMARK).replace('{', `{"predicateType":"${REMARK.predicateType}",`),
    },
    line: { line: LINE },
    'line-signed-twice': {
      error: 'signature-count',
      line: { ...LINE, signatures: [LINE.signatures[0], LINE.signatures[0]] },
    },
    'line-signed-by-nobody': { error: 'signature-missing', line: { ...LINE, signatures: [] } },
    'line-of-a-deviation': {
      error: 'payload-type',
      line: { ...LINE, payloadType: 'application/vnd.countersign.deviation.v1+json' },
    },
    'line-v2': { error: 'envelope-invalid', line: { ...LINE, mediaType: LINE.mediaType.replace('v1', 'v2') } },
  },
}
