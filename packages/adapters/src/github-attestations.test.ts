import type { Code } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { isGithubRepository, listGithubAttestations } from './github-attestations.ts'
import { unpackSnappy } from './snappy.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const DIGEST = 'a1'.repeat(32)

interface Asked {
  readonly url: string
  readonly authorization: string | null
}

/** GitHub, answering what it is told to, in turn. */
function github(...answers: readonly (() => Response)[]) {
  const asked: Asked[] = []
  const fetch = (async (url: URL, init: RequestInit) => {
    const authorization = new Headers(init.headers).get('authorization')
    asked.push({ url: String(url), authorization })
    return answers[asked.length - 1]?.() ?? new Response('', { status: 500 })
  }) as unknown as typeof globalThis.fetch
  return { asked, from: { api: 'https://api.github.com', repository: 'shop/web', token: 'secret', fetch } }
}
const json =
  (value: unknown, headers: Record<string, string> = {}, status = 200) =>
  () =>
    new Response(JSON.stringify(value), { status, headers })

describe('attestations at GitHub', () => {
  test('are those beside the answer, and those in its storage, which is asked without the token', async () => {
    const packed = Buffer.concat([Buffer.of(9, 8 << 2), Buffer.from('{"b": 2 }')])
    const { asked, from } = github(
      json(
        { attestations: [{ bundle: { b: 1 } }, { bundle: null, bundle_url: 'https://blobs.example/x?sig=1' }] },
        { link: '<https://evil.example/?after=cursor1>; rel="next"' },
      ),
      () => new Response(packed, { headers: { 'content-type': 'application/x-snappy' } }),
      json({ attestations: [{ bundle: { b: 3 } }] }),
    )
    const found = await listGithubAttestations(from, DIGEST)
    expect(found.map((one) => Buffer.from(one).toString())).toEqual(['{"b":1}', '{"b": 2 }', '{"b":3}'])
    const base = `https://api.github.com/repos/shop/web/attestations/sha256:${DIGEST}?per_page=30`
    expect(asked.map(({ url, authorization }) => [url, authorization])).toEqual([
      [base, 'Bearer secret'],
      ['https://blobs.example/x?sig=1', null],
      // The cursor alone is taken from what leads elsewhere.
      [`${base}&after=cursor1`, 'Bearer secret'],
    ])
  })

  test('none are none; what is no list, leads nowhere, or never ends is refused', async () => {
    expect(await listGithubAttestations(github(json({}, {}, 404)).from, DIGEST)).toEqual([])
    const refused = (answer: () => Response, code: Code) =>
      expect(listGithubAttestations(github(answer).from, DIGEST)).rejects.toThrow(coded(code))
    await refused(json({}, {}, 403), 'service-refused')
    await refused(json({}, {}, 302), 'service-answer')
    await refused(json([]), 'service-answer')
    await refused(json({ attestations: {} }), 'service-answer')
    await refused(json({ attestations: [1] }), 'service-answer')
    await refused(json({ attestations: [{}] }), 'service-answer')
    for (const url of ['http://blobs.example/x', 'file:///etc/passwd', 'https://a:b@blobs.example/x', 'x']) {
      await refused(json({ attestations: [{ bundle_url: url }] }), 'service-answer')
    }
    const endless = Array.from({ length: 12 }, () => json({ attestations: [] }, { link: '<?after=x>; rel="next"' }))
    await expect(listGithubAttestations(github(...endless).from, DIGEST)).rejects.toThrow(coded('service-answer'))
  })

  test.each(['shop', 'shop/web/x', '../web', 'shop/..', 'shop/we b', '-shop/web', 'shop/web?x'])(
    '%s is no repository',
    (name) => {
      expect(isGithubRepository(name)).toBe(false)
    },
  )
})

describe('Snappy', () => {
  const of = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()

  test.each([
    ['00', ''],
    ['03 08 616263', 'abc'],
    // A copy of one byte of offset, overlapping what it writes.
    ['09 00 61 11 01', 'a'.repeat(9)],
    ['06 08 616263 0a 0300', 'abcabc'],
    ['06 08 616263 0b 03000000', 'abcabc'],
    ['03 f0 02 616263', 'abc'],
  ])('%s', (packed, expected) => {
    expect(text(unpackSnappy(of(packed), 100))).toBe(expected)
  })

  test.each([
    ['nothing', ''],
    ['a length without an end', 'ffffffffff'],
    ['a length of more than 32 bits', 'ffffffff7f'],
    ['more than is read', '65 00'],
    ['less than it says', '03 00 61'],
    ['more than it says', '01 08 616263'],
    ['a literal that is cut off', '03 08 61'],
    ['a literal of a length that is cut off', '03 f4 02'],
    ['a copy of what is not there', '06 08 616263 0a 0400'],
    ['a copy of nothing', '06 08 616263 0a 0000'],
    ['a copy that is cut off', '06 08 616263 0a 03'],
    ['a copy of more than it says', '05 08 616263 0a 0300'],
  ])('%s is refused', (_, packed) => {
    expect(() => unpackSnappy(of(packed), 100)).toThrow(coded('service-answer'))
  })
})
