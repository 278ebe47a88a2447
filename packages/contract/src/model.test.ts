import { isHex } from '@countersign/core'
import { expect, test } from 'vitest'
import { keylessContract } from '../../../test/keyless.ts'
import { lint, parse } from './contract.test-kit.ts'
import { PUBLIC_SIGSTORE } from './model.ts'

test('the public Sigstore is called public, and no digest is spelled so', () => {
  const text = keylessContract({ authorities: '  sigstore: { sigstore: public }' })
  expect(lint(text)).toEqual([])
  expect(parse(text).authorities.get('sigstore')).toMatchObject({ kind: 'sigstore', id: PUBLIC_SIGSTORE })
  expect(PUBLIC_SIGSTORE).toBe('public')
  expect(isHex(PUBLIC_SIGSTORE, 64)).toBe(false)
})
