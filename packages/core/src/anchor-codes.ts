import type { CodeEntry } from './server-codes.ts'

/** The part of the catalogue that is about anchors: outside evidence for statements. */
export const ANCHOR_CODES = {
  'anchor-invalid': {
    why: 'A proof from outside must be readable in exactly one way before anything in it counts.',
    fix: 'Get the proof again from the server, or from whoever issued it.',
  },
  'anchor-mismatch': {
    why: 'The proof is sound, and is about something else than this statement.',
    fix: 'Use the proof that was made for this statement.',
  },
  'anchor-unproven': {
    why: 'A signature, a certificate or an inclusion in the proof does not verify, so it proves nothing.',
    fix: 'Treat it as forged until it is explained; anchor the statement again.',
  },
  'anchor-untrusted': {
    why: 'The proof hangs on something that this verifier has no reason to believe: another log, authority or block.',
    fix: 'Pin the key, certificate or block that it hangs on, from a source you trust.',
  },
  'anchor-missing': {
    why: 'Outside evidence was demanded, and this statement does not have it.',
    fix: 'Wait until it is final, or see why it is not: countersign anchor list',
  },
  'anchor-pending': {
    why: 'Outside evidence was demanded, is not there yet, and may still come in time.',
    fix: 'Wait until the next statement is final in its anchors, then export the evidence again or ask again.',
  },
  'anchor-late': {
    why: 'Until something is anchored its log could have been rewritten; the contract says how long that may be.',
    fix: 'See why the anchor came late: countersign anchor list',
  },
  'anchor-unreachable': {
    why: 'The anchor did not answer, or not in time; the statement stays pending and is submitted again.',
    fix: 'Check its address and the network: countersign anchor doctor',
  },
  'anchor-refused': {
    why: 'The anchor refused the statement, or answered with what it cannot prove; trying again would change nothing.',
    fix: 'See what it said, mend it, and put the statement back: countersign anchor retry',
  },
  'anchor-setup-invalid': {
    why: 'A setting of an anchor says where statements go and who is believed; one that can be read in two ways is a risk.',
    fix: 'Mend the address, configuration or trust root that is named; countersign anchor doctor looks at all of them.',
  },
} as const satisfies Record<string, CodeEntry>
