import { CodedError } from '@countersign/core'
import { nodeCrypto } from '@countersign/adapters/crypto-node'
import { parsePolicy, writeVkey } from '@countersign/formats'
import type { Witness } from '@countersign/log'
import { afterEach, describe, expect, test } from 'vitest'
import { spokenTo, witnessOf, witnessSigner } from '../../packages/log/src/witness.test-kit.ts'
import { Issuing } from '../../server/verbs/issue-certificate.ts'
import { Witnesses } from '../../server/verbs/witnesses.ts'
import { certify } from '../identity/asking.ts'
import { openTestServer, type TestServer } from '../server.ts'

// T-62, at the authority: a certificate that is signed before the log is published could be handed out, and the log say
// nothing of it. So the key of the authority signs nothing that the world cannot see yet, whatever fails.

let server: TestServer
afterEach(() => server.close())

/** Watches the authority's keys: for each signature, how many entries the world saw when it was asked for. */
function watched({ deps }: TestServer): { readonly signed: (number | null)[]; readonly watching: TestServer['deps'] } {
  const signed: (number | null)[] = []
  const { authority } = deps.issuing
  const watch = (signer: typeof authority.signer): typeof authority.signer => ({
    ...signer,
    sign(message) {
      let size: number | null = null
      try {
        ;({ size } = deps.log)
      } catch {
        // Nothing is published.
      }
      signed.push(size)
      return signer.sign(message)
    },
  })
  const { signer, ctSigner } = authority
  const issuing = new Issuing({ ...authority, signer: watch(signer), ctSigner: watch(ctSigner) })
  return { signed, watching: { ...deps, issuing } }
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'issued',
    (error: CodedError) => error.code,
  )

describe('T-62: the authority signs', () => {
  test('what the log has published, and nothing before', async () => {
    server = await openTestServer()
    const { signed, watching } = watched(server)
    for (let i = 0; i < 3; i++) {
      const { index } = await certify({ deps: watching })
      const [sct, certificate] = signed.splice(0)
      expect([index, sct, certificate, signed]).toEqual([i, i + 1, i + 1, []])
    }
  })

  test.each(['lost', 'persisted'] as const)('nothing where the write is %s and reported as failed', async (failure) => {
    let failing = true
    server = await openTestServer({
      wrap: (store) =>
        new Proxy(store, {
          get(target, name) {
            const value: unknown = Reflect.get(target, name)
            if (name !== 'append') return typeof value === 'function' ? value.bind(target) : value
            return async (...given: Parameters<typeof store.append>) => {
              if (!failing) return target.append(...given)
              if (failure === 'persisted') await target.append(...given)
              throw new CodedError('store-failed', 'injected')
            }
          },
        }),
    })
    const { signed, watching } = watched(server)
    expect(await codeOf(certify({ deps: watching }))).toBe('store-failed')
    expect(signed).toEqual([])
    // What was written is a leaf of a certificate that nobody has, and is listed.
    const { items } = await server.store.issued.page('acme', 9, null)
    expect(items).toHaveLength(failure === 'lost' ? 0 : 1)
    // Red control: the same without the fault.
    failing = false
    expect(await codeOf(certify({ deps: watching }))).toBe('issued')
    expect(signed).toHaveLength(2)
  })

  test('nothing while too few witnesses have seen it', async () => {
    let up = true
    server = await openTestServer({
      witnesses: (log) => {
        const deps = witnessOf(log.name, [log], witnessSigner('w'))
        const witness: Witness = {
          key: deps.key,
          addCheckpoint: (body) =>
            up ? spokenTo(deps).addCheckpoint(body) : Promise.reject(new CodedError('server-unreachable', 'down')),
        }
        const policy = parsePolicy(new TextEncoder().encode(`witness w ${writeVkey(deps.key)}\nquorum w\n`), nodeCrypto)
        const times = { paceMs: 1, retryMs: 5, maxRetryMs: 20, quorumMs: 300 }
        return new Witnesses({ policy, witnesses: [witness], crypto: nodeCrypto, observe: () => undefined, times })
      },
    })
    const { signed, watching } = watched(server)
    const { chain } = await certify({ deps: watching })
    expect([chain.length, signed.splice(0)]).toEqual([3, [1, 1]])
    up = false
    expect(await codeOf(certify({ deps: watching }))).toBe('witness-quorum')
    expect(signed).toEqual([])
    // It goes on by itself.
    up = true
    await expect.poll(() => codeOf(certify({ deps: watching }))).toBe('issued')
    expect(signed.every((size) => size !== null && size >= 2)).toBe(true)
  })

  test('nothing once the log has stopped', async () => {
    server = await openTestServer()
    const { signed, watching } = watched(server)
    const { lock, origin } = server.logDeps
    const held = (await lock.read(origin))!
    // Somebody else signs in the log's name.
    expect(await codeOf(certify({ deps: watching }))).toBe('issued')
    const now = (await lock.read(origin))!
    await lock.swap(origin, now, held)
    signed.length = 0
    expect(await codeOf(certify({ deps: watching }))).toBe('checkpoint-conflict')
    expect(signed).toEqual([])
  })
})
