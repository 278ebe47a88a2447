import { invalid } from '../jws.ts'

/** What Go's net/url leaves as it is in a path or a fragment that is encoded already. */
const KEPT = /^[A-Za-z0-9_.~$&+,/:;=@!'()*[\]-]$/
const PLAIN = /^[%A-Za-z0-9_.~$&+,/:;=@!'()*[\]-]*$/
/** What it encodes as well where it encodes the whole. */
const ENCODED_IN_PATH = /^[!'()*[\]]$/
const ENCODED_IN_FRAGMENT = /^['[\]]$/
const encoder = new TextEncoder()

/**
 * A URL as Fulcio puts it into a certificate: parsed and written again by Go's net/url, which leaves a path alone that
 * is encoded already and encodes it whole otherwise. Without that, a branch with a letter beyond ASCII would have two
 * names. Throws `identity-token-invalid`.
 */
export function certificateUri(text: string): string {
  const hash = text.indexOf('#')
  const [before, fragment] = hash < 0 ? [text, null] : [text.slice(0, hash), text.slice(hash + 1)]
  const start = before.indexOf('/', before.indexOf('://') + 3)
  const path = start < 0 ? '' : before.slice(start)
  const head = start < 0 ? before : before.slice(0, start)
  if (!/^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$/.test(head)) {
    throw invalid('a claim holds something else than a host where a URL is made of it')
  }
  if (before.includes('?')) throw invalid('a claim holds a question mark where a URL is made of it')
  return head + encoded(path, ENCODED_IN_PATH) + (fragment ? `#${encoded(fragment, ENCODED_IN_FRAGMENT)}` : '')
}

function encoded(text: string, too: RegExp): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw invalid('a claim holds a percent sign that no URL can have')
  if (PLAIN.test(text)) return text
  if (text.includes('%')) throw invalid('a claim is only half in the form of a URL')
  return [...text].map((c) => (KEPT.test(c) && !too.test(c) ? c : percent(c))).join('')
}

function percent(character: string): string {
  return [...encoder.encode(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
}
