import type { CodeEntry } from './server-codes.ts'

/** The part of the catalogue that is about signed notes: in code a note is a remark, for a note is what a log signs. */
export const REMARK_CODES = {
  'remark-invalid': {
    why: 'A signed note has one form and one spelling, and says in one plain line what it is about; another may read differently to another reader.',
    fix: 'Have it written and signed by: countersign note',
  },
  'remark-elsewhere': {
    why: 'A note names the server and the organisation that it was written for, so that nobody brings it to another one.',
    fix: 'Write it again for this server: countersign note … with its COUNTERSIGN_URL.',
  },
  'remark-supersedes': {
    why: 'What somebody signed is withdrawn by themselves alone; a dispute is resolved by somebody else, who did not sign what is disputed.',
    fix: 'Look at what there is (countersign notes), and supersede the newest entry that is still open, as who may.',
  },
} as const satisfies Record<string, CodeEntry>
