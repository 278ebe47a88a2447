import { blob, index, integer, primaryKey, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts'

// Every row belongs to a tenant, and every index begins with it.

export const tenants = sqliteTable('tenants', {
  id: text('id').primaryKey(),
  createdAt: text('created_at').notNull(),
  /** Next index of the tenant's order. */
  nextIndex: integer('next_index').notNull().default(0),
})

export const tokens = sqliteTable('tokens', {
  id: text('id').primaryKey(),
  tenant: text('tenant')
    .notNull()
    .references(() => tenants.id),
  hash: blob('hash', { mode: 'buffer' }).notNull(),
  scopes: text('scopes').notNull(),
  createdAt: text('created_at').notNull(),
  /** From when on it counts no more; null for one that does not end by itself. */
  expiresAt: text('expires_at'),
})

export const keys = sqliteTable(
  'keys',
  {
    tenant: text('tenant').notNull(),
    keyId: text('key_id').notNull(),
    name: text('name').notNull(),
    spki: blob('spki', { mode: 'buffer' }).notNull(),
    enrolledAt: text('enrolled_at').notNull(),
    /** As of when; may be in the past or in the future of the moment it was said. */
    revokedAt: text('revoked_at'),
    reason: text('reason'),
    /** Attestations under it that were accepted, those that were erased since among them. */
    steps: integer('steps').notNull().default(0),
    lastUsedAt: text('last_used_at'),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.keyId] })],
)

/** What happened to keys. Rows are only ever added: triggers see to it. */
export const keyEvents = sqliteTable(
  'key_events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    tenant: text('tenant').notNull(),
    keyId: text('key_id').notNull(),
    at: text('at').notNull(),
    /** Who did it: a token or a code, by its id. */
    by: text('by').notNull(),
    kind: text('kind').notNull(),
    /** From when on a rotated or revoked key counts no more. */
    asOf: text('as_of'),
    reason: text('reason'),
    /** The key that it replaces, or that replaces it. */
    other: text('other'),
    /** Whether its holder has shown that he has its private half. */
    proven: integer('proven', { mode: 'boolean' }),
  },
  (table) => [
    index('key_events_key').on(table.tenant, table.keyId, table.id),
    index('key_events_newest').on(table.tenant, table.id),
  ],
)

/** Codes that let keys in. Of a code only the hash is here. */
export const invitations = sqliteTable(
  'invitations',
  {
    id: text('id').primaryKey(),
    tenant: text('tenant').notNull(),
    hash: blob('hash', { mode: 'buffer' }).notNull(),
    name: text('name').notNull(),
    createdAt: text('created_at').notNull(),
    by: text('by').notNull(),
    expiresAt: text('expires_at').notNull(),
    /** How many keys it lets in, and how many it has let in. */
    uses: integer('uses').notNull(),
    used: integer('used').notNull().default(0),
    withdrawnAt: text('withdrawn_at'),
  },
  (table) => [index('invitations_newest').on(table.tenant, table.createdAt, table.id)],
)

/** Which keys an invitation has let in, so that a repeated request is known. */
export const invitationUses = sqliteTable(
  'invitation_uses',
  {
    invitation: text('invitation').notNull(),
    keyId: text('key_id').notNull(),
    at: text('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.invitation, table.keyId] })],
)

export const contracts = sqliteTable(
  'contracts',
  {
    tenant: text('tenant').notNull(),
    digest: text('digest').notNull(),
    pipeline: text('pipeline').notNull(),
    revision: integer('revision').notNull(),
    bytes: blob('bytes', { mode: 'buffer' }).notNull(),
    publishedAt: text('published_at').notNull(),
    /** JSON: names of the steps that no run may do without; null for one that an older version published. */
    asked: text('asked'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.digest] }),
    uniqueIndex('contracts_revision').on(table.tenant, table.pipeline, table.revision),
    // By its row id, which every index ends with: in the order in which they were published.
    index('contracts_newest').on(table.tenant),
  ],
)

export const chains = sqliteTable(
  'chains',
  {
    tenant: text('tenant').notNull(),
    id: text('id').notNull(),
    pipeline: text('pipeline').notNull(),
    contract: text('contract'),
    /** Keys the chain's id in the log's leaves. */
    blind: blob('blind', { mode: 'buffer' }),
    /** Attestations so far. */
    length: integer('length').notNull().default(0),
    /** The chain's id under its blind, as its leaves have it: 32 bytes. */
    key: blob('key', { mode: 'buffer' }),
    /** Its first and last leaf in the log. */
    firstLeaf: integer('first_leaf'),
    headLeaf: integer('head_leaf'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.id] }),
    // The map of heads is the log's, over all tenants. Each holds what the other is searched by, so that of many chains
    // none is read but those that count.
    index('chains_key').on(table.key, table.firstLeaf),
    index('chains_first_leaf').on(table.firstLeaf, table.key),
  ],
)

export const attestations = sqliteTable(
  'attestations',
  {
    tenant: text('tenant').notNull(),
    index: integer('index').notNull(),
    link: text('link').notNull(),
    chain: text('chain').notNull(),
    pipeline: text('pipeline').notNull(),
    step: text('step').notNull(),
    attempt: integer('attempt').notNull(),
    matrix: text('matrix'),
    /** One spelling of (chain, step, attempt, matrix): NULLs would not be unique. */
    place: text('place').notNull(),
    /** SHA-256 of the nonce: the nonce itself is what keeps a link digest from being guessed at. */
    nonce: text('nonce').notNull(),
    signer: text('signer').notNull(),
    keyId: text('key_id').notNull(),
    /** SHA-256 of the certificate or key that its leaf commits to; null where an older version logged it without. */
    signedUnder: text('signed_under'),
    /** Tags that it is in `signings` by, with a space between; null for a bare key. */
    facts: text('facts'),
    system: text('system').notNull(),
    succeeded: integer('succeeded', { mode: 'boolean' }).notNull(),
    finishedAt: text('finished_at').notNull(),
    acceptedAt: text('accepted_at').notNull(),
    late: integer('late', { mode: 'boolean' }).notNull(),
    subjects: integer('subjects').notNull(),
    /** Sealed under its key. */
    bundle: blob('bundle', { mode: 'buffer' }).notNull(),
    /** Index of its leaf in the log. */
    leaf: integer('leaf'),
    /** Which key of the keyring is its own. */
    key: integer('key'),
    /** How well its signer was known, and when the recorder began; null where an older version accepted it. */
    grade: text('grade'),
    startedAt: text('started_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.index] }),
    uniqueIndex('attestations_link').on(table.tenant, table.link),
    uniqueIndex('attestations_place').on(table.tenant, table.place),
    uniqueIndex('attestations_nonce').on(table.tenant, table.nonce),
    index('attestations_chain').on(table.tenant, table.chain, table.index),
    index('attestations_pipeline').on(table.tenant, table.pipeline, table.index),
    // And `attestations_signed`, what a key signed since a time, in the migration alone: drizzle-kit writes no index on
    // an expression. A quarter of a key's id tells keys apart; those that it does not, the query does.
  ],
)

/** Attestations by who vouched for their signers, and for whom; those under bare keys are found by the key. In the migration without row ids. */
export const signings = sqliteTable(
  'signings',
  {
    tenant: text('tenant').notNull(),
    /** Tag of a fact. */
    fact: text('fact').notNull(),
    acceptedAt: text('accepted_at').notNull(),
    index: integer('index').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.fact, table.acceptedAt, table.index] })],
)

/** What is left of attestations that were erased: their places, which nobody gets again, and why. */
export const erasures = sqliteTable(
  'erasures',
  {
    tenant: text('tenant').notNull(),
    index: integer('index').notNull(),
    link: text('link').notNull(),
    chain: text('chain').notNull(),
    pipeline: text('pipeline').notNull(),
    step: text('step').notNull(),
    attempt: integer('attempt').notNull(),
    matrix: text('matrix'),
    place: text('place').notNull(),
    acceptedAt: text('accepted_at').notNull(),
    late: integer('late', { mode: 'boolean' }).notNull(),
    leaf: integer('leaf').notNull(),
    erasedAt: text('erased_at').notNull(),
    ground: text('ground').notNull(),
    /** Index of its tombstone in the log. */
    tombstone: integer('tombstone').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.index] }),
    uniqueIndex('erasures_link').on(table.tenant, table.link),
    uniqueIndex('erasures_place').on(table.tenant, table.place),
    index('erasures_chain').on(table.tenant, table.chain, table.index),
    index('erasures_pipeline').on(table.tenant, table.pipeline, table.index),
    index('erasures_newest').on(table.tenant, table.tombstone),
  ],
)

/** What the authority has issued, or was about to: written with its leaf, before it is signed. */
export const certificates = sqliteTable(
  'certificates',
  {
    tenant: text('tenant').notNull(),
    /** Index of its leaf in the log. */
    leaf: integer('leaf').notNull(),
    /** Hex of the serial number. */
    serial: text('serial').notNull(),
    /** Key id of the authority's key, and of the key that is certified. */
    authority: text('authority').notNull(),
    keyId: text('key_id').notNull(),
    issuedAt: text('issued_at').notNull(),
    notAfter: text('not_after').notNull(),
    /** TBSCertificate before the extensions that prove its issuance: who it names is in here. Sealed under its key. */
    tbs: blob('tbs', { mode: 'buffer' }).notNull(),
    /** Which key of the keyring is its own. */
    key: integer('key').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.leaf] }),
    uniqueIndex('certificates_serial').on(table.tenant, table.serial),
    index('certificates_key').on(table.tenant, table.keyId),
  ],
)

/** Certificates that were erased, for what else they have signed: each a tag of its serial number, which nobody can guess. */
export const erasedCertificates = sqliteTable(
  'erased_certificates',
  {
    tenant: text('tenant').notNull(),
    tag: text('tag').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.tag] })],
)

/** Keys of what was erased. Looked for again at each start, for an old copy of the keyring would bring them back. */
export const forgottenKeys = sqliteTable('forgotten_keys', { key: integer('key').primaryKey() })

/** One row: the keyring that the attestations are sealed with. */
export const keyrings = sqliteTable('keyrings', { id: blob('id', { mode: 'buffer' }).primaryKey() })

// Digests, commits and names of tags are kept under a key (`Tags`), and say nothing without the keyring.

export const subjects = sqliteTable(
  'subjects',
  {
    tenant: text('tenant').notNull(),
    sha256: text('sha256').notNull(),
    index: integer('index').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.sha256, table.index] })],
)

export const commits = sqliteTable(
  'commits',
  {
    tenant: text('tenant').notNull(),
    commit: text('commit').notNull(),
    index: integer('index').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.commit, table.index] })],
)

export const edges = sqliteTable(
  'edges',
  {
    tenant: text('tenant').notNull(),
    from: text('from').notNull(),
    to: text('to').notNull(),
    found: text('found').notNull(),
    strength: text('strength').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenant, table.from, table.to] })],
)

export const idempotency = sqliteTable(
  'idempotency',
  {
    tenant: text('tenant').notNull(),
    key: text('key').notNull(),
    body: text('body').notNull(),
    at: text('at').notNull(),
    /** The attestation it was for, so that it goes with it. */
    link: text('link'),
  },
  (table) => [
    primaryKey({ columns: [table.tenant, table.key] }),
    index('idempotency_link').on(table.tenant, table.link),
  ],
)

export const inbox = sqliteTable(
  'inbox',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    tenant: text('tenant').notNull(),
    at: text('at').notNull(),
    lastAt: text('last_at').notNull(),
    count: integer('count').notNull(),
    code: text('code').notNull(),
    report: text('report').notNull(),
    findings: text('findings').notNull(),
    body: text('body').notNull(),
    /** Sealed under its key; a body may hold what is erased later. */
    bytes: blob('bytes', { mode: 'buffer' }),
    key: integer('key'),
    /** Bytes of the body where it is kept. */
    kept: integer('kept'),
    link: text('link'),
    /** The attestation that the body says to be, verified or not. */
    about: text('about'),
    chain: text('chain'),
    step: text('step'),
  },
  (table) => [
    uniqueIndex('inbox_body').on(table.tenant, table.body, table.code),
    index('inbox_newest').on(table.tenant, table.id),
    index('inbox_chain').on(table.tenant, table.chain, table.id).where(sql`chain IS NOT NULL`),
  ],
)

// The log is the server's, over all tenants; its entries say nothing of what they are about.

export const logEntries = sqliteTable('log_entries', {
  index: integer('index').primaryKey(),
  tenant: text('tenant').notNull(),
  entry: blob('entry', { mode: 'buffer' }).notNull(),
  /** Where salts were before there was a keyring; null by now. */
  salt: blob('salt', { mode: 'buffer' }),
})

export const logTiles = sqliteTable(
  'log_tiles',
  {
    tree: text('tree').notNull(),
    level: integer('level').notNull(),
    index: integer('index').notNull(),
    /** One row a tile, as wide as it is by now: narrower ones are its beginning. */
    data: blob('data', { mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tree, table.level, table.index] })],
)

export const statements = sqliteTable('statements', {
  number: integer('number').primaryKey(),
  /** What is signed: decided once, so that no number ever gets a second text. */
  text: text('text').notNull(),
  /** Start of its period; the next one starts where it ends. */
  start: text('start').notNull().unique(),
  /** The text with its signature; null until the lock holds it. */
  note: blob('note', { mode: 'buffer' }),
})

export const headTiles = sqliteTable(
  'head_tiles',
  {
    statement: integer('statement').notNull(),
    level: integer('level').notNull(),
    index: integer('index').notNull(),
    hashes: blob('hashes', { mode: 'buffer' }).notNull(),
    keys: blob('keys', { mode: 'buffer' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.statement, table.level, table.index] })],
)

/** By what tenants let tokens of issuers in. */
export const issuers = sqliteTable(
  'issuers',
  {
    serial: integer('serial').primaryKey({ autoIncrement: true }),
    tenant: text('tenant').notNull(),
    id: text('id').notNull(),
    issuer: text('issuer').notNull(),
    rule: text('rule').notNull(),
    addedAt: text('added_at').notNull(),
    addedBy: text('added_by').notNull(),
    removedAt: text('removed_at'),
  },
  (table) => [
    uniqueIndex('issuers_id').on(table.tenant, table.id).where(sql`removed_at IS NULL`),
    index('issuers_added').on(table.tenant, table.serial),
    // A token comes before its tenant is known.
    index('issuers_issuer').on(table.issuer).where(sql`removed_at IS NULL`),
  ],
)

/** Identity tokens that count no more, whoever's they were. Times are milliseconds since 1970. */
export const usedTokens = sqliteTable(
  'used_tokens',
  {
    issuer: text('issuer').notNull(),
    /** SHA-256 of the token's id. */
    hash: blob('hash', { mode: 'buffer' }).notNull(),
    expiresAt: integer('expires_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.issuer, table.hash] }), index('used_tokens_expiry').on(table.expiresAt)],
)

/** API tokens for a while. Of the identity no more is kept than tells it apart. */
export const sessions = sqliteTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    tenant: text('tenant').notNull(),
    rule: integer('rule').notNull(),
    hash: blob('hash', { mode: 'buffer' }).notNull(),
    scopes: text('scopes').notNull(),
    holder: text('holder').notNull(),
    expiresAt: integer('expires_at').notNull(),
    /** SHA-256 of the id of the token that opened it, and digest of whom that certifies; null in what is older. */
    token: blob('token', { mode: 'buffer' }),
    identity: text('identity'),
    /** How often that token was shown. */
    shown: integer('shown').notNull().default(1),
  },
  (table) => [index('sessions_rule').on(table.rule), index('sessions_expiry').on(table.expiresAt)],
)

export { acts } from './acts-schema.ts'
export { anchorEntries, anchors } from './anchors-schema.ts'
export { proposals } from './proposals-schema.ts'
export { passkeys, people, personSessions, signInLinks } from './people-schema.ts'

/** The contract in force for a tenant's pipeline. */
export const CURRENT_CONTRACT =
  'SELECT * FROM contracts WHERE tenant = ? AND pipeline = ? ORDER BY revision DESC LIMIT 1'
