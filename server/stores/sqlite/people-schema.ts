import { blob, index, integer, primaryKey, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts'

/** Who signs in. Those removed stay, so that what they did keeps a name. */
export const people = sqliteTable(
  'people',
  {
    id: text('id').primaryKey(),
    tenant: text('tenant').notNull(),
    name: text('name').notNull(),
    email: text('email'),
    role: text('role').notNull(),
    /** Who says who they are; null for whom the server lets in by links. */
    issuer: text('issuer'),
    subject: text('subject'),
    createdAt: text('created_at').notNull(),
    signedInAt: text('signed_in_at'),
    removedAt: text('removed_at'),
  },
  (table) => [
    index('people_tenant').on(table.tenant, table.createdAt),
    // A NULL is like no other, so whom no provider vouches for is not in it.
    uniqueIndex('people_subject').on(table.tenant, table.issuer, table.subject),
    // Commands call local people by their name.
    uniqueIndex('people_name')
      .on(table.tenant, table.name)
      .where(sql`${table.issuer} IS NULL AND ${table.removedAt} IS NULL`),
  ],
)

/** Browsers that are signed in. Of a cookie only the hash of its secret is here. Times are milliseconds since 1970. */
export const personSessions = sqliteTable(
  'person_sessions',
  {
    id: text('id').primaryKey(),
    tenant: text('tenant').notNull(),
    person: text('person').notNull(),
    hash: blob('hash', { mode: 'buffer' }).notNull(),
    by: text('by').notNull(),
    createdAt: integer('created_at').notNull(),
    seenAt: integer('seen_at').notNull(),
    idle: integer('idle').notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    index('person_sessions_person').on(table.tenant, table.person, table.createdAt),
    index('person_sessions_over').on(table.expiresAt),
  ],
)

/** Links that sign somebody in, until they are used. */
export const signInLinks = sqliteTable(
  'sign_in_links',
  {
    id: text('id').primaryKey(),
    tenant: text('tenant').notNull(),
    person: text('person').notNull(),
    hash: blob('hash', { mode: 'buffer' }).notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [
    index('sign_in_links_person').on(table.tenant, table.person),
    index('sign_in_links_over').on(table.expiresAt),
  ],
)

/** Whose a key is that somebody enrolled for themselves. What else there is to say of it, `keys` has. */
export const passkeys = sqliteTable(
  'passkeys',
  {
    tenant: text('tenant').notNull(),
    keyId: text('key_id').notNull(),
    person: text('person').notNull(),
    /** By which its authenticator knows it. */
    credential: blob('credential', { mode: 'buffer' }).notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.keyId] }),
    index('passkeys_person').on(table.tenant, table.person),
  ],
)
