import type { CodeEntry } from './server-codes.ts'

/** The part of the catalogue that is about bundles that Sigstore's own clients made, and about Sigstore's trust root. */
export const SIGSTORE_CODES = {
  'entry-mismatch': {
    why: 'The log has an entry, and it is about another signature, another key or other bytes than these.',
    fix: 'Get the bundle that was made for this artifact from whoever signed it.',
  },
  'entry-unproven': {
    why: 'A signature of the log or the way to its root does not verify, so it does not prove that the entry is there.',
    fix: 'Treat it as forged until it is explained; get the bundle again from whoever signed it.',
  },
  'entry-untrusted': {
    why: 'The entry is of a log that the trust root does not name, or not for that time.',
    fix: 'Use the trust root of the instance that signed, and a current one: countersign trust update',
  },
  'entry-missing': {
    why: 'A signature counts only where as many independent logs have it as are demanded; one log twice is one log.',
    fix: 'Sign with the log, or demand fewer where you know why.',
  },
  'artifact-mismatch': {
    why: 'The signature is good, and is over something else than this artifact.',
    fix: 'Get the artifact and its bundle again from one place.',
  },
  'trust-root-expired': {
    why: 'Whoever can hold back news of a trust root can keep a stolen key believed; so news must be fresh.',
    fix: 'Fetch it again: countersign trust update; if that fails, find out who stands between you and the mirror.',
  },
  'trust-root-refused': {
    why: 'The mirror gave what its root of trust does not vouch for: older, mixed, too large, or not signed by enough.',
    fix: 'Nothing was changed. Try another mirror; if all do it, find out why before you believe any.',
  },
  'trust-root-unreachable': {
    why: 'The mirror of the trust root did not answer, or not in time; what is there is what was there.',
    fix: 'Check the network and --mirror, then try again.',
  },
} as const satisfies Record<string, CodeEntry>
