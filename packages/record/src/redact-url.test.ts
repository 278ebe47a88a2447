import { describe, expect, it } from 'vitest'
import { withoutCredentials } from './redact-url.ts'

describe('a remote without credentials', () => {
  it.each([
    ['https://github.com/acme/shop.git', 'https://github.com/acme/shop.git'],
    ['https://x-access-token:ghs_abc@github.com/acme/shop', 'https://github.com/acme/shop'],
    ['https://token@host/x?private_token=abc#frag', 'https://host/x'],
    ['HTTPS://u:p@ss@host:8443/x', 'https://host:8443/x'],
    ['https://u:p@[::1]:8443/x', 'https://[::1]:8443/x'],
    ['http://[fe80::1]/x', 'http://[fe80::1]/x'],
    ['https://u:pa/ss@host/x', null],
    ['ssh://git@github.com/acme/shop', 'ssh://github.com/acme/shop'],
    ['ssh://git:pw@host:22/x', 'ssh://host:22/x'],
    ['git@github.com:acme/shop.git', 'ssh://github.com/acme/shop.git'],
    ['host:/srv/git/shop', 'ssh://host/srv/git/shop'],
    ['user:pw@host:x', 'ssh://host/x'],
    ['user:pw@host', null],
    ['git@host:a@b/c', null],
    ['./dir:x/y', 'file:./dir:x/y'],
    ['file:///srv/git/shop', 'file:///srv/git/shop'],
    ['/srv/git/shop', 'file:///srv/git/shop'],
    ['../shop', 'file:../shop'],
    ['ext::sh -c evil', null],
    ['', null],
    ['   ', null],
    ['https://host/\nx', null],
    [`https://host/${'x'.repeat(3000)}`, null],
    ['https://host/\ud800', null],
  ])('%j is %j', (remote, clean) => expect(withoutCredentials(remote)).toBe(clean))
})
