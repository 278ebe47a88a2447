import { CodedError, isHex } from '@countersign/core'

/**
 * The hand-over token (`COUNTERSIGN_CHAIN`): which run to go on with, and from which steps. It carries,
 * it does not prove: whoever receives it fetches and verifies the steps it names. Not secret.
 */
export interface HandoverToken {
  readonly chain: string
  /** Link digests, at most {@link MAX_TOKEN_LINKS}. */
  readonly links: readonly string[]
}

export const MAX_TOKEN_LINKS = 64

const MAX_TOKEN_TEXT = 8192

/** `cs1.<chain>.<link>[.<link>…]`: safe in URLs, dotenv files and headers. Throws `token-invalid` for what no reader would take. */
export function writeToken(token: HandoverToken): string {
  const text = ['cs1', token.chain, ...token.links].join('.')
  parseToken(text)
  return text
}

/** Token from its text; white space around it is forgiven. Throws `token-invalid`. */
export function parseToken(text: string): HandoverToken {
  const [version, chain, ...links] = text.length > MAX_TOKEN_TEXT ? [] : text.trim().split('.')
  const good =
    version === 'cs1' &&
    chain !== undefined &&
    isHex(chain, 32) &&
    links.length >= 1 &&
    links.length <= MAX_TOKEN_LINKS &&
    links.every((link) => isHex(link, 64)) &&
    new Set(links).size === links.length
  if (!good) throw new CodedError('token-invalid', 'COUNTERSIGN_CHAIN is not a hand-over token')
  return { chain, links }
}
