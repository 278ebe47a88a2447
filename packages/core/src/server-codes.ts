/** What a code means to a user: the rule or attack behind it, and the way out. */
export interface CodeEntry {
  readonly why: string
  readonly fix: string
}

/** The part of the catalogue that is about a server and its clients. */
export const SERVER_CODES = {
  'server-unreachable': {
    why: 'The server did not answer.',
    fix: 'Check COUNTERSIGN_URL and the network; signed steps wait in the spool.',
  },
  'server-answer': {
    why: 'The server answered with something that is not its protocol.',
    fix: 'Check that COUNTERSIGN_URL points to a countersign server of this version.',
  },
  'token-missing': {
    why: 'Every request names its tenant by an API token.',
    fix: 'Set COUNTERSIGN_TOKEN to a token of this server.',
  },
  'token-scope': {
    why: 'The token does not have the scope this request needs.',
    fix: 'Use a token with the scope named.',
  },
  'request-invalid': {
    why: 'The request does not have the shape the API describes.',
    fix: "See /openapi.json for the request's shape.",
  },
  'not-found': {
    why: 'There is nothing by that name for this tenant.',
    fix: "Check the digest or name, and the token's tenant.",
  },
  erased: {
    why: 'The attestation was erased for good; only its place in its chain is left, and nothing may follow it or bring it back.',
    fix: 'Run the pipeline again in a new run: what was erased can no longer be checked.',
  },
  'tenant-exists': {
    why: 'A name is of one tenant for good: whoever is given a token by it must find nobody else there.',
    fix: 'Choose another name; those that are taken: npm start -- --tenants',
  },
  'method-unknown': {
    why: 'There is no such route.',
    fix: 'See /openapi.json for the routes.',
  },
  'idempotency-conflict': {
    why: 'The idempotency key was used for another request.',
    fix: 'Use a new key for a new request.',
  },
  'address-refused': {
    why: 'Whoever names an address to a server has it ask for him: into the house, to its neighbours, to the metadata of its cloud. So nothing is sent but by https to the public internet (SSRF).',
    fix: 'Name an https address on the public internet. A host of your own network is for the operator to allow: --webhook-allow HOST.',
  },
  'server-busy': {
    why: 'The server takes no more work than it can do in time.',
    fix: 'Try again after the time in Retry-After.',
  },
  'store-failed': {
    why: 'The store could not be opened, or did not make the write durable; nothing was acknowledged.',
    fix: 'Check the disk of the server, then send the request again.',
  },
  'storage-full': {
    why: 'The disk of the server has no room left, so nothing was written and nothing acknowledged. What it holds is still served.',
    fix: 'Make room on the disk of its database and lock; it goes on by itself. Then send the request again.',
  },
  'keys-missing': {
    why: 'Every attestation is stored encrypted under a key of its own, in a file beside the database; without it nobody can read them.',
    fix: 'Bring back the newest copy of the keys (--keys FILE). SECURITY.md says it step by step: Backups.',
  },
  'data-in-use': {
    why: 'Two servers on one data directory sign for one log: the one that is overtaken fails at every write from then on.',
    fix: 'Stop the other server, or name another data directory: --data DIR',
  },
  'server-stopping': {
    why: 'The server is stopping and finishes only what it has begun.',
    fix: 'Send the request again to the next instance.',
  },
  internal: {
    why: "Something failed that should not; the details are in the server's log only.",
    fix: 'Try again; report it with the time and the request id.',
  },
} as const satisfies Record<string, CodeEntry>
