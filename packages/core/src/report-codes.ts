import type { CodeEntry } from './server-codes.ts'

/** The part of the catalogue that is about reports of a step: what others made, and what they say. */
export const REPORT_CODES = {
  'attachment-invalid': {
    why: 'What lies beside a step has one spelling; anything beside its known fields is refused.',
    fix: 'Use the chain file as countersign wrote it.',
  },
  'report-unknown': {
    why: 'A report is known by what it holds, never by its name; this one is of no type that is read.',
    fix: 'Say what it is, to record it by its digest alone: --evidence TYPE=FILE, with a type of your own.',
  },
  'report-invalid': {
    why: 'What two programs read differently, or breaks its own format, says nothing for sure.',
    fix: 'Have the tool write it again; see what countersign reads in SPEC.md §6, Reports.',
  },
  'report-type': {
    why: 'A report of one type must not count as one of another.',
    fix: 'Name its type rightly, or leave the type out to have it found.',
  },
  'report-subject': {
    why: 'What is said of another artifact says nothing of this one, however well it is signed.',
    fix: 'Get the report that was made for this artifact, or record it with the step that made what it is about.',
  },
  'report-mismatch': {
    why: 'What lies beside a step is its report only where the digest that was signed is its own, and it says what was signed.',
    fix: 'Get the report again from whoever recorded the step; its digest is in: countersign inspect',
  },
  'report-signer': {
    why: 'A step says who signed what it took in, and what it took in says otherwise: whoever recorded it is not to be believed.',
    fix: 'Import the attestation again yourself, and look into how that step was recorded.',
  },
  'service-unreachable': {
    why: 'A registry, or the API of a forge, did not answer in time; nothing is known of what it has.',
    fix: 'Check its address and the network, then try again.',
  },
  'service-answer': {
    why: 'What does not keep to its own protocol is not mended by guessing: it could mean anything.',
    fix: 'Check that the address is that of the service, and that nothing between changes its answers.',
  },
  'service-refused': {
    why: 'The service knows who is asking, or does not, and will not do this for them.',
    fix: 'Log in to it, or give the job the permission that it needs.',
  },
} as const satisfies Record<string, CodeEntry>
