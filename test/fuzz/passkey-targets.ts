import {
  equal,
  fromUtf8,
  openAssertion,
  parseAssertion,
  parsePasskey,
  utf8,
  writeAssertion,
  writePasskey,
} from '@countersign/core'
import { portableCrypto } from '@countersign/core/portable'
import type { Target } from './targets.ts'
import { vectors } from '../vectors/read.ts'
import { demand, JSON_WORDS, of, words } from './words.ts'

interface Vector {
  readonly passkey: string
  readonly message: string
  readonly signature: string
  readonly valid: boolean
}
const [, good] = vectors<Vector>('passkey-signature').find(([name]) => name === 'good')!
const { passkey } = parsePasskey(good.passkey)

/** Readers of passkeys and of what they sign. */
export const PASSKEY_TARGETS: readonly Target[] = [
  {
    name: 'passkey',
    seeds: of('passkey', 'text'),
    words: words(
      'passkey:',
      ':',
      'https://',
      'http://',
      'localhost',
      '.',
      ':8443',
      '/',
      '@',
      '?',
      '\n',
      'xn--',
      'example',
    ),
    run(input) {
      const text = fromUtf8(input)
      const key = parsePasskey(text)
      demand(writePasskey(key.passkey!) === text, 'has two spellings')
      const { host, origin } = new URL(key.passkey!.origin)
      demand(origin === key.passkey!.origin, 'an origin that no browser writes')
      demand(`.${host.replace(/:\d+$/, '')}`.endsWith(`.${key.passkey!.rpId}`), 'an origin of another RP ID')
    },
  },
  {
    name: 'passkey-signature',
    seeds: of('passkey-signature', 'signature'),
    words: [...JSON_WORDS, ...words('"authenticatorData":', '"clientDataJSON":', '"signature":', 'eyJ', '=', '-', '_')],
    run(input) {
      demand(equal(writeAssertion(parseAssertion(input)), input), 'has two spellings')
    },
  },
  {
    name: 'passkey-client-data',
    seeds: of('passkey-signature', 'signature').flatMap((bytes) => {
      try {
        return [parseAssertion(bytes).clientDataJSON]
      } catch {
        return []
      }
    }),
    words: [
      ...JSON_WORDS,
      ...words('"type":', '"webauthn.get"', '"challenge":', '"origin":', '"crossOrigin":', 'false'),
    ],
    run(input) {
      const { authenticatorData, signature } = parseAssertion(utf8(good.signature))
      const bytes = writeAssertion({ authenticatorData, clientDataJSON: input, signature })
      openAssertion(passkey!, utf8(good.message), bytes, portableCrypto)
      // What is taken, every reader of JSON takes for the same.
      const client = JSON.parse(fromUtf8(input)) as Record<string, unknown>
      demand(client['type'] === 'webauthn.get' && client['origin'] === passkey!.origin, 'another was taken')
      demand(client['crossOrigin'] !== true && client['topOrigin'] === undefined, 'a frame was taken')
    },
  },
]
