import { defineConfig } from 'drizzle-kit'

// From the root: drizzle-kit generate --config server/stores/sqlite/drizzle.config.ts --name WHAT
export default defineConfig({
  dialect: 'sqlite',
  schema: [
    './server/stores/sqlite/schema.ts',
    './server/stores/sqlite/schema-gates.ts',
    './server/stores/sqlite/schema-views.ts',
    './server/stores/sqlite/events-schema.ts',
    './server/stores/sqlite/remarks-schema.ts',
  ],
  out: './server/stores/sqlite/migrations',
})
