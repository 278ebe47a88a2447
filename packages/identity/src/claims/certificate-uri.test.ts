import { expect, test } from 'vitest'
import { certificateUri } from './certificate-uri.ts'

// The right-hand sides are what Go 1.26 makes of them: url.Parse, then String.
test.each([
  ['https://github.com/a/b/.github/workflows/c.yml@refs/heads/main'],
  ['https://gitlab.com/a/b//.gitlab-ci.yml@refs/heads/main'],
  ['https://github.com/a/b/c.yml@refs/heads/a!(b)*'],
  ['https://buildkite.com/a/b'],
  ["https://github.com/a'b[c]"],
  ['https://github.com/a#b[1]'],
  ['https://[::1]:8080/a'],
  ['https://github.com/a/c.yml@refs/heads/f%C3%BCr'],
  ['https://github.com/a/c.yml@refs/heads/a#b'],
])('%s stays as it is', (url) => {
  expect(certificateUri(url)).toBe(url)
})

test.each([
  ['https://github.com/a/c.yml@refs/heads/für', 'https://github.com/a/c.yml@refs/heads/f%C3%BCr'],
  ['https://github.com/a/c.yml@refs/heads/😀', 'https://github.com/a/c.yml@refs/heads/%F0%9F%98%80'],
  ['https://github.com/a/c.yml@refs/heads/{x}', 'https://github.com/a/c.yml@refs/heads/%7Bx%7D'],
  ['https://github.com/a/c.yml@refs/heads/für(x)', 'https://github.com/a/c.yml@refs/heads/f%C3%BCr%28x%29'],
  ['https://github.com/a b', 'https://github.com/a%20b'],
  ["https://github.com/a'b{", 'https://github.com/a%27b%7B'],
  ['https://github.com/a#ü(x)!*', 'https://github.com/a#%C3%BC(x)!*'],
  ['https://github.com/a#b#c', 'https://github.com/a#b%23c'],
  ['https://github.com/a#', 'https://github.com/a'],
])('%s is encoded whole', (url, written) => {
  expect(certificateUri(url)).toBe(written)
})

// biome-ignore format: a list of URLs
test.each([
  'https://gitlab.com@evil.example/a', 'https://gítlab.com/a', 'https://gitlab.com:x/a', 'https:///a', 'https://', 'a',
  'https://a\\b/c', 'https://%67itlab.com/a', 'ftp://gitlab.com/a',
])('%s has no host that can be taken', (url) => {
  expect(() => certificateUri(url)).toThrow(expect.objectContaining({ code: 'identity-token-invalid' }))
})

test.each(['https://github.com/50%', 'https://github.com/%zz', 'https://github.com/a?b', 'https://github.com/ü%41'])(
  '%s is refused',
  (url) => {
    expect(() => certificateUri(url)).toThrow(expect.objectContaining({ code: 'identity-token-invalid' }))
  },
)
