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
  'pack-busy': {
    why: 'The server makes one audit pack at a time, and keeps a few: each reads whole runs and takes room on its disk.',
    fix: 'Wait until the pack that is being made is ready, and download and remove those that are; then ask again.',
  },
  'pack-stopped': {
    why: 'A pack that is not whole is none: whoever asked stopped it, or the server did.',
    fix: 'Ask for it again.',
  },
} as const satisfies Record<string, CodeEntry>
