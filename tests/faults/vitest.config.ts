// Holds what `npm run test:faults` runs: the bounded tests with larger counts, and those that `npm test` has no time for.
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'faults',
    root: resolve(import.meta.dirname, '../..'),
    environment: 'node',
    include: ['tests/faults/**/*.{test,faults}.ts', 'tests/pods/crash.test.ts'],
    fileParallelism: false,
    setupFiles: ['tests/patience-node.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
  },
});
