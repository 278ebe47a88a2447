import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/interop/**/*.test.ts'],
    testTimeout: 60_000,
    // The first run builds cosign from the Go module proxy.
    hookTimeout: 20 * 60_000,
  },
})
