import type { CodeEntry } from './server-codes.ts'

/** The part of the catalogue that is about gates where things are deployed. */
export const GATE_CODES = {
  'summary-refused': {
    why: 'A verification summary is a yes only where it says PASSED; whatever else it says is none.',
    fix: 'Ask the gate why: countersign gate ARTIFACT --remote',
  },
  'summary-expired': {
    why: 'What was verified long ago says nothing of keys that were revoked since.',
    fix: 'Have the artifact judged anew: countersign gate ARTIFACT --remote',
  },
  'image-unpinned': {
    why: 'A tag can be moved between the moment it is judged and the moment it is pulled; a digest cannot.',
    fix: 'Name the image with its digest, NAME@sha256:…, or let the mutating webhook put it there.',
  },
  'image-unruled': {
    why: 'Nobody has said under which contract this image must be built, so nothing can prove it.',
    fix: 'Name it in the rules of the webhook, with its pipeline or contract, or among what is exempt.',
  },
  'admission-invalid': {
    why: 'What cannot be read as an admission review is not admitted.',
    fix: 'Register the webhook as workflows/kubernetes has it: admission.k8s.io/v1, for the resources named there.',
  },
} as const satisfies Record<string, CodeEntry>
