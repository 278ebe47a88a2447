import type { CodeEntry } from './server-codes.ts'

/** The part of the catalogue that is about audit packs. */
export const PACK_CODES = {
  'pack-invalid': {
    why: 'A pack that other programs may unpack to something else proves one thing to one reader and another to the next.',
    fix: 'Get the pack again, as countersign audit export wrote it: no other program may have packed it anew.',
  },
  'pack-altered': {
    why: 'Every file of a pack is named in its signed manifest with its digest and size, and nothing else may be in it.',
    fix: 'Get the pack again from whoever signed it; if it still does not fit, ask them what was changed.',
  },
  'pack-outside': {
    why: 'What is of another period or pipeline than the manifest says makes its counts mean something else.',
    fix: 'Have the pack exported again for the period and the pipelines that are asked about.',
  },
  'pack-report': {
    why: 'People read the report and not the evidence: it may say nothing that the evidence does not.',
    fix: 'Believe what is counted here, not the report; have the pack exported again.',
  },
  'pack-untrusted': {
    why: 'Whoever makes a pack brings the keys that prove it; what only those prove is nobody else’s word.',
    fix: 'Compare with whom you believe (--trust, --contract): either that is not all of them, or the pack claims too much.',
  },
} as const satisfies Record<string, CodeEntry>
