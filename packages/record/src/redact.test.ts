import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { REDACTED, Redactor } from './redact.ts'
import { looksSecret, TOKEN_SHAPES } from './secrets.ts'
import { rounds } from '../../../test/thorough.ts'

const none = new Redactor({})

describe('names that look secret', () => {
  it.each([
    'GITHUB_TOKEN',
    'NPM_TOKEN',
    'npm_config__authToken',
    'AWS_SECRET_ACCESS_KEY',
    'DB_PASSWORD',
    'db-password',
    'PGPASSWORD',
    'MYSQL_PWD',
    'apiKey',
    'API_KEY',
    'ACCOUNTKEY',
    'AccountKey',
    'SSH_PRIVATE_KEY',
    'X-Amz-Signature',
    'sig',
    'Authorization',
    'Cookie',
    'set-cookie',
    'client_credentials',
    'GOOGLE_APPLICATION_CREDENTIALS',
    '_auth',
    '--password',
    '-storepass',
    '-passin',
    'passphrase',
    'GITHUB_PAT',
    'COUNTERSIGN_KEY_PASSPHRASE',
    'SENTRY_DSN',
    'ConnectionString',
    'bearer',
    'TOTP',
    'SLACK_WEBHOOK_URL',
    'signingKeys',
    'KEY',
  ])('%s does', (name) => expect(looksSecret(name)).toBe(true))

  it.each([
    'PATH',
    'PWD',
    'OLDPWD',
    'HOME',
    'GIT_AUTHOR_NAME',
    'AUTHOR',
    'CI',
    'GITHUB_SHA',
    'BYPASS_CACHE',
    'MONKEY',
    '',
    'COMPASS',
    'KEYBOARD',
    'SSH_AUTH_SOCK',
    'PATTERN',
    'SIGNAL',
    'PINNED',
    'https',
    'BUILDKITE_STEP_KEY',
    '=',
    '-',
  ])('%s does not', (name) => expect(looksSecret(name)).toBe(false))
})

describe('texts', () => {
  it.each([
    // Addresses
    ['https://user:hunter2@host/path', 'https://[redacted]@host/path'],
    ['https://hunter2@host/path', 'https://[redacted]@host/path'],
    ['https://user:hun@ter2@host/', 'https://[redacted]@host/'],
    ['https://user:hun/ter2@host/x', 'https://[redacted]@host/x'],
    ['a postgres://u:hunter2@h:5432/db b', 'a postgres://[redacted]@h:5432/db b'],
    ['"redis://:hunter2@h"', '"redis://[redacted]@h"'],
    ['https://h/x?token=hunter2&page=2', 'https://h/x?token=[redacted]&page=2'],
    ['https://h/x?page=2&X-Amz-Signature=hunter2#top', 'https://h/x?page=2&X-Amz-Signature=[redacted]'],
    ['https://h/?sig=hunter2', 'https://h/?sig=[redacted]'],
    // Assignments
    ['PASSWORD=hunter2 make', 'PASSWORD=[redacted] make'],
    ['export PASSWORD="hunter two" && make', 'export PASSWORD="[redacted]" && make'],
    ["PASSWORD='hunter two' make", "PASSWORD='[redacted]' make"],
    ['{"user":"me","password": "hunter2"}', '{"user":"me","password": "[redacted]"}'],
    ['password: hunter2', 'password: [redacted]'],
    ['make --password hunter2 all', 'make --password [redacted] all'],
    ['make --token=hunter2 all', 'make --token=[redacted] all'],
    ['AccountName=me;AccountKey=hunter2==;Suffix=x', 'AccountName=me;AccountKey=[redacted];Suffix=x'],
    ['--set auth.token=hunter2,replicas=3', '--set auth.token=[redacted],replicas=3'],
    // Headers
    ['Authorization: Bearer hunter2', 'Authorization: [redacted]'],
    ['authorization: Basic aHVudGVy Mg==', 'authorization: [redacted]'],
    ["-H 'Authorization: token hunter2' https://h", "-H 'Authorization: [redacted]' https://h"],
    ['Cookie: a=hunter2; b=hunter3', 'Cookie: [redacted]'],
    ['X-Api-Key: hunter2', 'X-Api-Key: [redacted]'],
    ['sent Bearer abcdefghijklmnop0123 there', 'sent Bearer [redacted] there'],
    ['basic YWRtaW46aHVudGVyMg==', 'basic [redacted]'],
    // Keys
    ['-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\nrest', '[redacted]\nrest'],
    ['x -----BEGIN PRIVATE KEY-----AAAA', 'x [redacted]'],
    // Tokens by their shape
    ['use ghp_0123456789abcdefghijABCDEFGHIJ012345 now', 'use [redacted] now'],
    ['xghp_0123456789abcdefghijABCDEFGHIJ012345', 'x[redacted]'],
    ['AKIAIOSFODNN7EXAMPLE', '[redacted]'],
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig-na_ture', '[redacted]'],
  ])('%j becomes %j', (text, clean) => expect(none.text(text)).toBe(clean))

  it.each([
    'make all',
    'https://github.com/acme/shop.git',
    'ssh://git@github.com/acme/shop',
    'git@github.com:acme/shop',
    'docker run -p 80:80 node:24',
    'https://registry.npmjs.org/@scope/pkg',
    'time: 12:30',
    'a=b',
    'x ? y : z',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
    'ghp_short',
    'task-runner-with-a-long-name-here',
    '--password',
    '--password=',
    'npm_config',
    'the basic idea',
    'eyJ',
    'C:\\dir',
    '',
    'https://host:8080/a:b',
    'xAKIAIOSFODNN7EXAMPLE',
    'sha256:0123456789abcdef',
  ])('%j stays', (text) => expect(none.text(text)).toBe(text))

  it('of every known token are recognised', () => {
    for (const { prefix, min } of TOKEN_SHAPES) {
      const token = prefix + 'Ab1'.repeat(min)
      expect([prefix, none.text(`a ${token}, b`)]).toEqual([prefix, `a ${REDACTED}, b`])
      // Too short for a token.
      expect(none.text(`a ${prefix}${'x'.repeat(Math.max(min - 1, 0))} b`)).toContain(prefix)
    }
  })

  it('that are redacted stay as they are', () => {
    const texts = ['--token=x y', 'https://u:p@h/?token=x', 'Authorization: Bearer x', 'PASSWORD="a b"']
    for (const text of texts) expect(none.text(none.text(text))).toBe(none.text(text))
  })

  it('that are broken or endless are still texts', () => {
    expect(none.text('a\ud800b')).toBe('a\ufffdb')
    expect(none.text('x'.repeat(300_000))).toBe(REDACTED)
  })
})

describe('values of variables that look secret', () => {
  const value = 'Zq7!pl/um+x y'
  const redactor = new Redactor({ DEPLOY_TOKEN: value, HOME: '/home/me', EMPTY_TOKEN: '', GONE_TOKEN: undefined })

  it.each([
    ['as it is', value],
    ['inside a word', `a${value}b`],
    ['in a URL', encodeURIComponent(value)],
    ['in JSON', JSON.stringify(`a"${value}`).slice(1, -1)],
    ['in base64', Buffer.from(value).toString('base64')],
    ['in base64url', Buffer.from(value).toString('base64url')],
  ])('are found %s', (_what, text) => {
    const clean = redactor.text(`before ${text} after /home/me`)
    expect(clean).toContain(REDACTED)
    expect(clean).not.toContain('Zq7')
    expect(clean.startsWith('before ')).toBe(true)
    expect(clean.endsWith(' after /home/me')).toBe(true)
  })

  it('are found line by line, and without the newline at their end', () => {
    const key = new Redactor({ SIGNING_KEY: 'first-line-of-the-key\nsecond-line-of-the-key\n' })
    expect(key.text('x second-line-of-the-key y')).toBe(`x ${REDACTED} y`)
    expect(new Redactor({ A_TOKEN: 'hunter2hunter2\n' }).text('hunter2hunter2')).toBe(REDACTED)
  })

  it('are found longest first, so that none leaves its remains', () => {
    const both = new Redactor({ A_TOKEN: 'abcdefgh', B_TOKEN: 'abcdefghijkl' })
    expect(both.text('abcdefghijkl abcdefgh')).toBe(`${REDACTED} ${REDACTED}`)
  })

  it('are found as whole words only where they are short, and not at all in facts', () => {
    const short = new Redactor({ PIN: '1234', PROJECT_KEY: 'shop', USE_TOKEN: 'true', A_TOKEN: 'x' })
    expect(short.text('pin 1234, 12345 x true')).toBe(`pin ${REDACTED}, 12345 x true`)
    expect(short.fact('https://git.example/acme/shop')).toBe('https://git.example/acme/shop')
  })

  it('count as secret where they are passwords in an address', () => {
    const url = new Redactor({ DATABASE_URL: 'postgres://me:hunter2hunter2@h/db', HTTP_PROXY: 'http://proxy:3128' })
    expect(url.text('--pw hunter2hunter2')).toBe(`--pw ${REDACTED}`)
    expect(url.text('proxy 3128')).toBe('proxy 3128')
  })

  it('are no patterns', () => {
    expect(new Redactor({ A_TOKEN: '.*.*.*.*$&' }).text('abc .*.*.*.*$& $&')).toBe(`abc ${REDACTED} $&`)
  })
})

describe('command lines', () => {
  it.each([
    [
      ['tool', '--password', 'hunter2', 'x'],
      ['tool', '--password', REDACTED, 'x'],
    ],
    [
      ['tool', '--password', '-v', 'x'],
      ['tool', '--password', '-v', 'x'],
    ],
    [
      ['tool', '--password=hunter two, three'],
      ['tool', `--password=${REDACTED}`],
    ],
    [
      ['env', 'TOKEN=hunter two', 'make'],
      ['env', `TOKEN=${REDACTED}`, 'make'],
    ],
    [
      ['env', 'TOKEN=', 'make'],
      ['env', 'TOKEN=', 'make'],
    ],
    [
      ['sh', '-ec', 'TOKEN=hunter2 make all'],
      ['sh', '-ec', `TOKEN=${REDACTED} make all`],
    ],
    [
      ['docker', 'build', '--build-arg', 'NPM_TOKEN=hunter2', '.'],
      ['docker', 'build', '--build-arg', `NPM_TOKEN=${REDACTED}`, '.'],
    ],
    [
      ['curl', '-u', 'me:hunter2', 'https://h'],
      ['curl', '-u', REDACTED, 'https://h'],
    ],
    [
      ['curl', '--user=me:hunter2', 'https://h'],
      ['curl', `--user=${REDACTED}`, 'https://h'],
    ],
    [
      ['docker', 'run', '-u', '1000:1000', '-p', '80:80', 'x'],
      ['docker', 'run', '-u', '1000:1000', '-p', '80:80', 'x'],
    ],
    [
      ['docker', 'login', '-p', 'hunter2'],
      ['docker', 'login', '-p', REDACTED],
    ],
    [
      ['/usr/bin/mysql', '-phunter2', 'db'],
      ['/usr/bin/mysql', `-p${REDACTED}`, 'db'],
    ],
    [
      ['sshpass', '-p', 'hunter2', 'ssh'],
      ['sshpass', '-p', REDACTED, 'ssh'],
    ],
    [
      ['openssl', 'pkcs8', '-passin', 'pass:hunter2'],
      ['openssl', 'pkcs8', '-passin', REDACTED],
    ],
    [
      ['git', '-c', 'http.extraheader=AUTHORIZATION: basic aHVudGVyMg=='],
      ['git', '-c', `http.extraheader=AUTHORIZATION: ${REDACTED}`],
    ],
    [
      ['npm', 'test', '--', '-g', 'a=b'],
      ['npm', 'test', '--', '-g', 'a=b'],
    ],
    [[], []],
  ])('%j becomes %j', (argv, clean) => expect(none.argv(argv)).toEqual(clean))
})

describe('hostile input', () => {
  it('is redacted without throwing, and a known secret never survives', () => {
    const secret = 'S3cr3t-Value-42'
    const redactor = new Redactor({ MY_TOKEN: secret })
    const piece = fc.constantFrom(
      secret,
      '://',
      '@',
      ':',
      '=',
      '"',
      "'",
      ' ',
      '-',
      'token',
      'Bearer ',
      'eyJ',
      'ghp_',
      '\n',
      '?',
      '&',
    )
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string({ maxLength: 5, unit: 'binary' })), { maxLength: 30 }),
        (pieces) => {
          const text = pieces.join('')
          expect(redactor.text(text)).not.toContain(secret)
          expect(redactor.argv([text, ...pieces]).join('\0')).not.toContain(secret)
        },
      ),
      { numRuns: rounds(200, 500) },
    )
  })

  // Each of these takes minutes where a scan begins anew at every match: 10^10 steps and more.
  it.each([
    'eyJ',
    'ghp_',
    'AKIA',
    'xAKIA',
    '://',
    '://a:b/',
    '://a:b@',
    'token=',
    'a=',
    '"',
    "='",
    '-----BEGIN ',
    'bearer ',
    '@',
    '-----BEGIN PRIVATE KEY',
    '--token ',
    'password:',
    ' ',
    '-',
    'sk-',
    'Authorization:',
    'Cookie: ',
    '\n',
    'basic a',
  ])('of many %j is read in one go', (piece) => {
    const text = piece.repeat(Math.floor(250_000 / piece.length))
    expect(typeof none.text(text)).toBe('string')
    expect(typeof none.text(`x${text}`)).toBe('string')
  })
})
