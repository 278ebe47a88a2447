import { createHash } from 'node:crypto'
import { utf8 } from '@countersign/core'
import { describe, expect, test } from 'vitest'
import { pageOf } from './index.ts'
import { plain, plainLines } from './plain.ts'

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes)
const digest = (of: string) => `sha256-${createHash('sha256').update(of).digest('base64')}`

describe('a page', () => {
  const bundle = { script: 'alert("ü")', style: 'body { color: red }' }

  test('holds the evidence as base64, and lets run and load nothing but its own', () => {
    const evidence = utf8('</script><script>alert(1)</script><!-- \u202e')
    const html = text(pageOf(evidence, bundle))
    expect(html).toContain(`id="evidence">${Buffer.from(evidence).toString('base64')}</script>`)
    const [, policy] = /Content-Security-Policy" content="([^"]*)"/.exec(html)!
    expect(policy!.split('; ')).toEqual([
      "default-src 'none'",
      `script-src '${digest(bundle.script)}'`,
      `style-src '${digest(bundle.style)}'`,
      "base-uri 'none'",
      "form-action 'none'",
      "require-trusted-types-for 'script'",
    ])
    expect(html.match(/<script/g)!.length).toBe(2)
    expect(html).not.toContain('alert(1)')
    expect(html).not.toMatch(/https?:|\ssrc=|\shref=/)
  })

  test('is the same bytes for the same evidence', () => {
    expect(pageOf(utf8('{}'), bundle)).toEqual(pageOf(utf8('{}'), bundle))
  })

  test.each(['</script>', '</SCRIPT ', '<!--'])('refuses a script with %s in it', (end) => {
    expect(() => pageOf(utf8('{}'), { ...bundle, script: `"${end}"` })).toThrow('internal')
  })

  test.each(['</style>', '<!--'])('refuses a style with %s in it', (end) => {
    expect(() => pageOf(utf8('{}'), { ...bundle, style: `a { content: "${end}" }` })).toThrow('internal')
  })
})

test('text on it is plain: nothing moves, hides or turns around what is beside it', () => {
  expect(plain('a\u202egpj.exe\u0000\u001b[2J\u2066\n')).toBe('a\ufffdgpj.exe\ufffd\ufffd[2J\ufffd\ufffd')
  expect(plain('x'.repeat(500))).toBe(`${'x'.repeat(399)}…`)
  expect(plain(`${'x'.repeat(8)}\ud83d\ude00y`, 10).isWellFormed()).toBe(true)
  expect(plain('\ud800').isWellFormed()).toBe(true)
  expect(plainLines('a\r\nb\u202e\tc')).toBe('a\nb\ufffd\ufffdc')
})
