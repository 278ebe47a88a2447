import type { Database, Statement } from 'better-sqlite3'
import { identityOf } from '../../counting.ts'
import type { Tags } from './keyring.ts'

/** What a signer of a pipeline is known by, whatever its run: half a tag, which says nothing without the keyring. */
export function identityTag(tags: Tags, tenant: string, pipeline: string, signer: string): string {
  return tags.of(tenant, JSON.stringify(['seen', pipeline, identityOf(signer)])).slice(0, 32)
}

/** Most that are remembered; all are forgotten when there are more. */
const MOST = 20_000

/**
 * Who has signed in which pipeline. Somebody new is noticed in the transaction of his first step; for everybody else it
 * costs an append no more than a look at what is remembered.
 */
export class Seen {
  readonly #tags: Tags
  readonly #known = new Set<string>()
  readonly #begun: Statement<[string, string], object>
  readonly #behind: Statement<[string], object>
  readonly #insert: Statement<[string, string, string, number]>
  readonly #notice: Statement<[string, string, string, string]>

  constructor(db: Database, tags: Tags) {
    this.#tags = tags
    this.#begun = db.prepare('SELECT 1 FROM seen_identities WHERE tenant = ? AND pipeline = ? LIMIT 1')
    // What was there before anybody looked is looked through yet: whoever signs may have signed then.
    this.#behind = db.prepare('SELECT 1 FROM watched WHERE tenant = ? AND attestation < quiet')
    this.#insert = db.prepare(
      'INSERT INTO seen_identities (tenant, pipeline, identity, "index") VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
    )
    this.#notice = db.prepare(
      `INSERT INTO notices (tenant, at, kind, about, facts) VALUES (?, ?, 'identity.first-seen', ?, ?)
       ON CONFLICT DO NOTHING`,
    )
  }

  /** To be called within the transaction of an attestation, which is at `index`. */
  see(row: { tenant: string; pipeline: string; signer: string; acceptedAt: string }, index: number): void {
    const { tenant, pipeline, signer, acceptedAt } = row
    const name = `${tenant} ${pipeline}\n${identityOf(signer)}`
    if (this.#known.has(name)) return
    const newPipeline = this.#begun.get(tenant, pipeline) === undefined
    const tag = identityTag(this.#tags, tenant, pipeline, signer)
    const { changes } = this.#insert.run(tenant, pipeline, tag, index)
    if (changes === 1 && this.#behind.get(tenant) === undefined) {
      this.#notice.run(tenant, acceptedAt, String(index), JSON.stringify({ newPipeline }))
    }
    if (this.#known.size >= MOST) this.#known.clear()
    this.#known.add(name)
  }

  /** To be called where a transaction was undone, or took somebody out. */
  forget(): void {
    this.#known.clear()
  }
}
