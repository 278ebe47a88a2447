import type { Topic } from './topic.ts'

const CHAIN = '0123456789abcdef0123456789abcdef'
const LINK = 'a1'.repeat(32)
const links = (n: number) => Array.from({ length: n }, (_, i) => i.toString(16).padStart(64, '0'))
const bad = (token: string) => ({ token, error: 'token-invalid' })

export const tokens: Topic = {
  name: 'token',
  vectors: {
    'one-link': { token: `cs1.${CHAIN}.${LINK}`, chain: CHAIN, links: [LINK] },
    '64-links': { token: ['cs1', CHAIN, ...links(64)].join('.'), chain: CHAIN, links: links(64) },
    'space-around': { token: ` cs1.${CHAIN}.${LINK}\n`, chain: CHAIN, links: [LINK] },
    empty: bad(''),
    'no-link': bad(`cs1.${CHAIN}`),
    'no-chain': bad('cs1'),
    '65-links': bad(['cs1', CHAIN, ...links(65)].join('.')),
    'same-link-twice': bad(`cs1.${CHAIN}.${LINK}.${LINK}`),
    'other-version': bad(`cs2.${CHAIN}.${LINK}`),
    'version-upper-case': bad(`CS1.${CHAIN}.${LINK}`),
    'chain-upper-case': bad(`cs1.${CHAIN.toUpperCase()}.${LINK}`),
    'chain-short': bad(`cs1.${CHAIN.slice(1)}.${LINK}`),
    'chain-long': bad(`cs1.${CHAIN}0.${LINK}`),
    'link-upper-case': bad(`cs1.${CHAIN}.${LINK.toUpperCase()}`),
    'link-short': bad(`cs1.${CHAIN}.${LINK.slice(1)}`),
    'link-empty': bad(`cs1.${CHAIN}.${LINK}.`),
    'space-inside': bad(`cs1.${CHAIN}. ${LINK}`),
    comma: bad(`cs1,${CHAIN},${LINK}`),
    quoted: bad(`"cs1.${CHAIN}.${LINK}"`),
    'very-long': bad('cs1.'.repeat(5000)),
  },
}
