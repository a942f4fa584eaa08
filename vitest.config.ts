import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/setup.ts'],
    maxWorkers: '100%', // one core less is the default, and much here waits
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
})
