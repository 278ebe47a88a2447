import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { certifiedStep } from '../../../test/identity/asking.ts'
import { file, newChainId, party, signStep } from '../../../test/pipeline.ts'
import { openTestServer } from '../../../test/server.ts'
import { byFact } from './keys.ts'

it('what was signed under a certificate is found by facts, in their order, and under a bare key by none', async () => {
  const server = await openTestServer()
  const key = party('key')
  await server.enrol([key])
  const { link } = await certifiedStep(server)
  const chain = { id: newChainId(), pipeline: 'p', contract: null }
  const bare = signStep(key, { chain, name: 'build', subject: [file('a', 'a')] })
  expect((await server.append(bare.bundle)).status).toBe(201)
  const db = new Database(server.file, { readonly: true })
  const rows = () => db.prepare('SELECT "index", fact FROM signings').all() as { index: number; fact: string }[]
  // Authority by name and root, issuer, subject; it is of no repository.
  expect(rows().map(({ index }) => index)).toEqual([0, 0, 0, 0])
  for (const { fact } of rows()) expect(fact).toMatch(/^[0-9a-f]{32}$/)

  const planOf = (sql: string) => {
    const asked = { tenant: 'acme', value: 'x', acceptedAt: '', index: -1, room: 3 }
    const plan = db.prepare<[object], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(asked)
    return plan.map(({ detail }) => detail).join()
  }
  const { source } = byFact(db).signed
  expect(planOf(source)).toContain('PRIMARY KEY (tenant=? AND fact=? AND (accepted_at,index)>(?,?))')
  expect(planOf(source)).not.toContain('TEMP B-TREE')
  // Red control: by anything else it would have to be sorted.
  expect(planOf(source.replace('s.fact = @value', 's.tenant = @value'))).toContain('TEMP B-TREE')

  // Erased, it leaves nothing that it could be found by.
  const body = JSON.stringify({ ground: 'asked for' })
  expect((await server.request('POST', `/v1/attestations/${link}/erase`, { body })).status).toBe(200)
  expect(rows()).toEqual([])
  db.close()
  await server.close()
})
