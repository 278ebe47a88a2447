import { type Code, parseJson, utf8 } from '@countersign/core'
import { Shape } from '@countersign/formats'
import { expect, test } from 'vitest'
import { readEthereumTrust } from './ethereum.ts'
import { readAddress } from './secp256k1.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const read = (trust: unknown) =>
  readEthereumTrust(new Shape('policy-invalid', parseJson(utf8(JSON.stringify(trust))), 'the trust'))

const HASH = `0x${'ab'.repeat(32)}`
// EIP-55.
const MIXED = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const chain = (more: object = {}) => ({ chainId: 1, blocks: [{ number: 17, hash: HASH }], ...more })

test('what is pinned is read in one spelling', () => {
  const trust = read({
    chains: [chain({ senders: [MIXED], contracts: [MIXED.toLowerCase()] }), chain({ chainId: 10 })],
  })
  expect(trust.chains).toEqual([
    {
      chainId: 1,
      blocks: [{ number: 17, hash: 'ab'.repeat(32) }],
      senders: [MIXED.toLowerCase()],
      contracts: [MIXED.toLowerCase()],
    },
    { chainId: 10, blocks: [{ number: 17, hash: 'ab'.repeat(32) }], senders: [], contracts: [] },
  ])
})

const bad: readonly (readonly [what: string, trust: unknown])[] = [
  ['no chains', {}],
  ['another member', { chains: [], default: true }],
  ['a chain twice', { chains: [chain(), chain()] }],
  ['no blocks', { chains: [{ chainId: 1 }] }],
  ['a chain id of 0', { chains: [chain({ chainId: 0 })] }],
  ['a hash without 0x', { chains: [chain({ blocks: [{ number: 1, hash: HASH.slice(2) }] })] }],
  ['a hash in upper case', { chains: [chain({ blocks: [{ number: 1, hash: `0x${'AB'.repeat(32)}` }] })] }],
  ['a block without number', { chains: [chain({ blocks: [{ hash: HASH }] })] }],
  ['a short address', { chains: [chain({ senders: [MIXED.slice(0, -1)] })] }],
  ['an address with one digit in another case', { chains: [chain({ senders: [MIXED.replace('aA', 'AA')] })] }],
  ['an address in upper case', { chains: [chain({ contracts: [MIXED.toUpperCase().replace('0X', '0x')] })] }],
]
test.each(bad)('%s is refused', (_, trust) => {
  expect(() => read(trust)).toThrow(coded('policy-invalid'))
})

test('an address checks itself (EIP-55)', () => {
  for (const address of [
    MIXED,
    '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
    '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
    '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
  ]) {
    expect(readAddress(address)).toBe(address.toLowerCase())
    expect(readAddress(address.toLowerCase())).toBe(address.toLowerCase())
    expect(readAddress(address.slice(2))).toBeNull()
  }
})
