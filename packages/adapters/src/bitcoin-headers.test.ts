import { afterEach, describe, expect, test } from 'vitest'
import type { Code } from '@countersign/core'
import { headerApi, serve } from '../../../test/anchors/local-ots.ts'
import { RegtestChain } from '../../../test/anchors/regtest-chain.ts'
import { agreedHeaders, type BitcoinHeaderSource, coreHeaders, esploraHeaders } from './bitcoin-headers.ts'
import { nodeCrypto } from './crypto-node.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code }) as Error
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const clock = () => Date.UTC(2026, 10, 21)
const mined = (blocks: number, salt = '') => {
  const chain = new RegtestChain(clock, salt)
  for (let i = 0; i < blocks; i++) chain.mine([])
  return chain
}
async function url(listener: Parameters<typeof serve>[0]): Promise<string> {
  const served = await serve(listener)
  closing.push(() => served.close())
  return served.url
}
const crypto = nodeCrypto
const ours = (chain: RegtestChain, from: number, count: number) =>
  Array.from({ length: count }, (_, i) => new Uint8Array(chain.at(from + i)!.header))
const listed = (headers: readonly Uint8Array[]) => headers.map((header) => new Uint8Array(header))

describe.each([
  ['Esplora', (base: string) => esploraHeaders({ url: `${base}/esplora`, crypto, timeoutMs: 300 })],
  ['Bitcoin Core', (base: string) => coreHeaders({ url: base, crypto, timeoutMs: 300 })],
] as const)('%s', (_, source) => {
  test('gives headers as far as there are some', async () => {
    const chain = mined(4)
    const from = source(await url(headerApi(chain)))
    expect(listed(await from.headers(1, 3))).toEqual(ours(chain, 1, 3))
    expect(listed(await from.headers(3, 9))).toEqual(ours(chain, 3, 2))
    expect(await from.headers(5, 1)).toEqual([])
    expect(await from.tip()).toBe(4)
  })

  const chain = mined(4)
  const other = mined(4, 'other')
  test.each<[what: string, listener: Parameters<typeof serve>[0]]>([
    ['is broken', (__, response) => void response.writeHead(500).end()],
    ['says nothing', () => undefined],
    ['says something else', (__, response) => void response.end('<html>')],
    ['says it in capitals', (__, response) => void response.end(chain.tip.hash.toUpperCase())],
    ['redirects', (__, response) => void response.writeHead(302, { location: 'http://127.0.0.1:1' }).end()],
    ['never ends', (__, response) => void response.end(Buffer.alloc(20_000))],
    [
      'gives another header than it names',
      (request, response) => {
        const hash = /block-height|blockhash/.test(request.url!)
        response.end(hash ? chain.tip.hash : other.tip.header.toString('hex'))
      },
    ],
    [
      'gives half a header',
      (request, response) => {
        const hash = /block-height|blockhash/.test(request.url!)
        response.end(hash ? chain.tip.hash : chain.tip.header.toString('hex').slice(80))
      },
    ],
  ])('counts for nothing where it %s', async (__, listener) => {
    await expect(source(await url(listener)).headers(4, 1)).rejects.toThrow(coded('anchor-unreachable'))
  })
})

describe('of several sources', () => {
  const chain = mined(8)
  const fork = mined(3)
  for (let i = 0; i < 5; i++) fork.mine([Buffer.from('fork')])
  const of = (known: RegtestChain): BitcoinHeaderSource => ({
    name: 'source',
    headers: (height, count) =>
      Promise.resolve(ours(known, height, Math.max(0, Math.min(count, known.tip.height - height + 1)))),
    tip: () => Promise.resolve(known.tip.height),
  })
  const silent: BitcoinHeaderSource = {
    name: 'silent',
    headers: () => new Promise(() => undefined),
    tip: () => new Promise(() => undefined),
  }
  const ask = (sources: readonly BitcoinHeaderSource[], height = 2, count = 6) =>
    agreedHeaders(sources, height, count, 100)

  test('two that agree are believed, as far as they agree', async () => {
    expect(listed(await ask([of(chain), of(chain)]))).toEqual(ours(chain, 2, 6))
    expect(listed(await ask([of(chain), of(fork)]))).toEqual(ours(chain, 2, 2))
    expect(listed(await ask([of(chain), of(mined(4))]))).toEqual(ours(chain, 2, 3))
    expect(await ask([of(chain), of(chain)], 9)).toEqual([])
  })

  test('a third one that is silent, or lies, changes nothing', async () => {
    for (const third of [silent, of(mined(8, 'other')), of(mined(0))]) {
      expect(listed(await ask([third, of(chain), of(chain)]))).toEqual(ours(chain, 2, 6))
    }
  })

  test('one alone is believed where there is no other, and not where there is', async () => {
    expect(listed(await ask([of(chain)]))).toEqual(ours(chain, 2, 6))
    for (const second of [silent, of(mined(8, 'other')), of(mined(0))]) {
      await expect(ask([of(chain), second])).rejects.toThrow(coded('anchor-unreachable'))
    }
    await expect(ask([])).rejects.toThrow(coded('anchor-unreachable'))
  })
})
