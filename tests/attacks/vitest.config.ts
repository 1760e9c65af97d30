// Holds what `npm run test:attacks` runs: the attacks of `npm test`, all of them.
import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    name: 'attacks',
    root: resolve(import.meta.dirname, '../..'),
    environment: 'node',
    env: { ATTACKS: 'all' },
    include: ['tests/attacks/**/*.test.ts'],
    fileParallelism: false,
    setupFiles: ['tests/patience-node.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
  },
});
