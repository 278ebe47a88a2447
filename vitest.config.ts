import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // On a machine that is busy with other tests a second is soon over.
    expect: { poll: { timeout: 15_000 } },
    include: ['packages/*/src/**/*.test.ts', 'server/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'test/interop/**'],
    // One worker less than cores is the default: of two cores it would leave one idle.
    maxWorkers: '100%',
    // Servers that are started as processes, hundreds of times, compile once.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compiled') },
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
