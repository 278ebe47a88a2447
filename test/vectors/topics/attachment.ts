import { createHash } from 'node:crypto'
import { canonical, pae } from './bundle.ts'
import { b64 } from './note-signers.ts'
import { mutated, type Topic } from './topic.ts'

const LINK = createHash('sha256').update(pae).digest('hex')
const mediaType = 'application/vnd.countersign.attachment.v1+json'
const ATTACHMENT = {
  content: b64(Buffer.from('{"bomFormat":"CycloneDX","specVersion":"1.6"}')),
  link: LINK,
  mediaType,
}
const bad = 'attachment-invalid'

/** The good attachment as it stands in a file. */
export const ATTACHMENT_LINE = canonical(ATTACHMENT)

export const attachments: Topic = {
  name: 'attachment',
  vectors: {
    ...mutated('attachment', ATTACHMENT, [
      ['whole-null', '', null, bad],
      ['whole-empty', '', {}, bad],
      ['unknown-field', 'name', 'sbom.json', bad],
      ['media-type-missing', 'mediaType', undefined, bad],
      ['media-type-v2', 'mediaType', mediaType.replace('v1', 'v2'), bad],
      ['media-type-of-a-disclosure', 'mediaType', 'application/vnd.countersign.disclosure.v1+json', bad],
      ['link-missing', 'link', undefined, bad],
      ['link-null', 'link', null, bad],
      ['link-uppercase', 'link', 'D4'.repeat(32), bad],
      ['link-short', 'link', LINK.slice(1), bad],
      ['content-missing', 'content', undefined, bad],
      ['content-null', 'content', null, bad],
      ['content-empty', 'content', '', bad],
      ['content-an-object', 'content', {}, bad],
      ['content-without-padding', 'content', 'YQ', 'base64-invalid'],
      ['content-with-hidden-bits', 'content', 'YR==', 'base64-invalid'],
      ['content-in-the-url-alphabet', 'content', '__8=', 'base64-invalid'],
      // Whether it is a report of the step is for the verifier.
      ['content-of-any-kind', 'content', b64(Buffer.from([0, 255])), null],
      ['of-another-step', 'link', 'd4'.repeat(32), null],
    ]),
    'spelling-other-order': {
      error: bad,
      text: JSON.stringify({ mediaType, link: ATTACHMENT.link, content: ATTACHMENT.content }),
    },
    'spelling-space-after': { error: bad, text: `${ATTACHMENT_LINE} ` },
    'key-twice': { error: 'json-duplicate-key', text: ATTACHMENT_LINE.replace('{', '{"content":"YQ==",') },
  },
}
