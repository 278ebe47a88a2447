import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // On a machine that is busy with other tests a second is soon over.
    expect: { poll: { timeout: 15_000 } },
    include: ['packages/*/src/**/*.test.ts', 'server/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', 'test/interop/**'],
    // One worker less than cores is the default: of two cores it would leave one idle.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
