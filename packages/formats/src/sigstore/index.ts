export { parseSigstoreBundle, type SigstoreBundle, type SigstoreContent } from './bundle.ts'
export { type EntryBody, type EntryKind } from './entry-body.ts'
export { type LogEntry, type LogInclusion } from './entry.ts'
