export { and, desc, eq, getTableColumns, inArray, lt, sql } from 'drizzle-orm'
export { type BetterSQLite3Database, drizzle } from 'drizzle-orm/better-sqlite3'
export { migrate } from 'drizzle-orm/better-sqlite3/migrator'
export {
  blob,
  check,
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
} from 'drizzle-orm/sqlite-core'
