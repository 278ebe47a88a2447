import { createRequire } from 'node:module'

/**
 * Drizzle by its CommonJS files. For each ES module Node 24 copies the list of exports in its package.json, which is
 * 170 kB here: imported, each of the two threads would begin with 200 MB of garbage and a quarter of a second.
 */
const require = createRequire(import.meta.url)
const main = require('drizzle-orm') as typeof import('drizzle-orm')
const core = require('drizzle-orm/sqlite-core') as typeof import('drizzle-orm/sqlite-core')
const driver = require('drizzle-orm/better-sqlite3') as typeof import('drizzle-orm/better-sqlite3')
const migrator = require('drizzle-orm/better-sqlite3/migrator') as typeof import('drizzle-orm/better-sqlite3/migrator')

export type { BetterSQLite3Database } from 'drizzle-orm/better-sqlite3'
export const { and, desc, eq, getTableColumns, inArray, lt, sql } = main
export const { blob, check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } = core
export const { drizzle } = driver
export const { migrate } = migrator
