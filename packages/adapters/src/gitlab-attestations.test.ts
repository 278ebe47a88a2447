import type { Code } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { isGitlabProject, listGitlabAttestations } from './gitlab-attestations.ts'

const coded = (code: Code) => expect.objectContaining({ name: 'CodedError', code })
const DIGEST = 'a1'.repeat(32)
const BASE = 'https://gitlab.example/git/api/v4/projects/shop%2Fsub%2Fweb/attestations'

/** GitLab, answering what it is told to, in turn. */
function gitlab(...answers: readonly (() => Response)[]) {
  const asked: (readonly [string, string | null])[] = []
  const fetch = (async (url: URL, init: RequestInit) => {
    asked.push([String(url), new Headers(init.headers).get('private-token')])
    return answers[asked.length - 1]?.() ?? new Response('', { status: 500 })
  }) as unknown as typeof globalThis.fetch
  return { asked, from: { url: 'https://gitlab.example/git/', project: 'shop/sub/web', token: 'secret', fetch } }
}
const json =
  (value: unknown, headers: Record<string, string> = {}, status = 200) =>
  () =>
    new Response(JSON.stringify(value), { status, headers })
const to = (location: string) => json({}, { location }, 302)

describe('attestations at GitLab', () => {
  test('are fetched by number, from its storage without the token', async () => {
    const { asked, from } = gitlab(
      json(
        [
          { iid: 3, status: 'success', download_url: 'https://evil.example/' },
          { iid: 4, status: 'error' },
        ],
        { 'x-next-page': '2' },
      ),
      json([{ iid: 5, status: 'success' }], { 'x-next-page': '' }),
      json({ b: 3 }),
      to('https://blobs.example/x?sig=1'),
      json({ b: 5 }),
    )
    const found = await listGitlabAttestations(from, DIGEST)
    expect(found.map((one) => Buffer.from(one).toString())).toEqual(['{"b":3}', '{"b":5}'])
    expect(asked).toEqual([
      [`${BASE}/${DIGEST}?page=1`, 'secret'],
      [`${BASE}/${DIGEST}?page=2`, 'secret'],
      [`${BASE}/3/download`, 'secret'],
      [`${BASE}/5/download`, 'secret'],
      ['https://blobs.example/x?sig=1', null],
    ])
  })

  test('none are none; what is no list, leads nowhere, or never ends is refused', async () => {
    expect(await listGitlabAttestations(gitlab(json({}, {}, 404)).from, DIGEST)).toEqual([])
    const refused = (code: Code, ...answers: readonly (() => Response)[]) =>
      expect(listGitlabAttestations(gitlab(...answers).from, DIGEST)).rejects.toThrow(coded(code))
    await refused('service-refused', json({}, {}, 401))
    await refused('service-answer', to('https://gitlab.example/'))
    await refused('service-answer', json({}))
    await refused('service-answer', json([1]), json({}, {}, 500))
    await refused('service-answer', json([{ status: 'success', iid: '../1' }]))
    const one = json([{ status: 'success', iid: 1 }])
    await refused('service-answer', one, json({}, {}, 404))
    for (const url of ['http://blobs.example/x', 'file:///etc/passwd', 'https://a:b@blobs.example/x', 'http://[']) {
      await refused('service-answer', one, to(url))
    }
    const endless = Array.from({ length: 12 }, (_, i) => json([], { 'x-next-page': String(i + 2) }))
    await refused('service-answer', ...endless)
  })

  test.each(['shop', '', '../web', 'shop/..', 'shop/we b', '-shop/web', 'shop/web?x', 'shop//web', '1/'])(
    '%s is no project',
    (name) => expect(isGitlabProject(name)).toBe(false),
  )
  test('a project is a path, or an id', () => expect(['a/b', 'a/b/c.d', '42'].every(isGitlabProject)).toBe(true))
})
