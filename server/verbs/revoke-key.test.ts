import { afterEach, describe, expect, it } from 'vitest'
import { CodedError, publicKeyPem } from '@countersign/core'
import { honestRun } from '../../test/pipeline.ts'
import { codeOf, openTestServer, type TestServer } from '../../test/server.ts'

let server: TestServer
afterEach(() => server.close())

describe('keys, where the store cannot say whether it has written (T-77)', () => {
  it('a revocation that was written all the same counts at once, and an enrolment too', async () => {
    server = await openTestServer()
    const run = honestRun()
    const { github, codebuild } = run.who
    await server.enrol([github])
    await server.request('PUT', '/v1/contracts/shop/web', { body: run.contractBytes })
    // The trust of the tenant is remembered from here on.
    expect((await server.append(run.source.bundle)).status).toBe(201)
    expect(await codeOf(server.append(run.build.bundle))).toBe('signer-unknown')
    const { store } = server
    const failing = () => {
      const real = store.administer.bind(store)
      const once: typeof real = async (administration) => {
        Object.assign(store, { administer: real })
        await real(administration)
        throw new CodedError('store-failed', 'injected')
      }
      Object.assign(store, { administer: once })
    }
    const body = JSON.stringify({ name: 'codebuild', publicKey: publicKeyPem(codebuild.publicKey) })
    const enrol = () => server.request('POST', '/v1/keys', { body })
    failing()
    expect(await codeOf(enrol())).toBe('store-failed')
    expect((await server.append(run.build.bundle)).status).toBe(201)
    expect((await enrol()).status).toBe(201)

    const revoke = () => server.request('POST', `/v1/keys/${github.publicKey.keyId}/revoke`)
    expect((await server.append(run.source.bundle)).status).toBe(200)
    failing()
    expect(await codeOf(revoke())).toBe('store-failed')
    const next = honestRun({ who: run.who, commit: 'second' })
    expect(await codeOf(server.append(next.source.bundle))).toBe('signer-revoked')
    expect((await revoke()).status).toBe(200)
  })
})
