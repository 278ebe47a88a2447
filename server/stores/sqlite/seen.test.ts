import { createHash } from 'node:crypto'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { Seen } from './seen.ts'

test('the runs of one workflow are one identity, and are told of once', () => {
  const db = new Database(':memory:')
  db.exec(`CREATE TABLE seen_identities (tenant, pipeline, identity, "index", PRIMARY KEY (tenant, pipeline, identity));
    CREATE TABLE watched (tenant, attestation, quiet);
    CREATE TABLE notices (tenant, at, kind, about, facts)`)
  const tags = { of: (tenant: string, text: string) => createHash('sha256').update(`${tenant} ${text}`).digest('hex') }
  const seen = new Seen(db, tags as never)
  const sign = (signer: string, index: number) =>
    seen.see({ tenant: 'acme', pipeline: 'p', signer, acceptedAt: '2026-11-01T12:00:00.000Z' }, index)
  const told = () => db.prepare('SELECT about FROM notices ORDER BY rowid').pluck().all()
  for (let run = 0; run < 3; run++) sign(`github.com/acme/shop@main · build.yml · run ${run}/1`, run)
  // Not by what is remembered alone.
  seen.forget()
  sign('github.com/acme/shop@main · build.yml · run 9/1', 3)
  expect(told()).toEqual(['0'])
  sign('github.com/acme/shop@main · other.yml · run 9/1', 4)
  sign('build', 5)
  expect(told()).toEqual(['0', '4', '5'])
  db.close()
})
