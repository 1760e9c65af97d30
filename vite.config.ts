// Builds the renderer (src/ui) and holds the vitest projects: one for the rooms that run in Node, one for the UI in jsdom.
import { availableParallelism } from 'node:os';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { recordPackages } from './scripts/bundled-packages.mjs';

/** Nothing is expected to take so long: it is only how a test that hangs ends, on a machine that is slow and has other things to do. */
const patience = { testTimeout: 300_000, hookTimeout: 300_000, expect: { poll: { timeout: 120_000 } } };

export default defineConfig({
  root: 'src/ui',
  base: './',
  plugins: [react(), recordPackages('ui')],
  worker: { plugins: () => [recordPackages('ui-worker')] },
  build: {
    outDir: '../../dist/ui',
    emptyOutDir: true,
    target: 'chrome140',
    // The content security policy allows no inline script or data: module.
    assetsInlineLimit: 0,
    // Read from this computer's disk, never over a network.
    chunkSizeWarningLimit: 4_000,
  },
  test: {
    root: import.meta.dirname,
    // Vitest leaves one core to itself, which of two is half: the long files mostly wait for processes of their own.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        test: {
          name: 'node',
          root: import.meta.dirname,
          environment: 'node',
          include: [
            'src/**/*.test.ts',
            'electron/**/*.test.ts',
            'tests/rooms/**/*.test.ts',
            'tests/small-whisper/**/*.test.ts',
            'tests/scripts/**/*.test.ts',
            'tests/through/**/*.test.ts',
            'tests/faults/**/*.test.ts',
            'tests/attacks/**/*.test.ts',
            'tests/pods/**/*.test.ts',
          ],
          exclude: ['src/ui/**', 'node_modules/**'],
          setupFiles: ['tests/patience-node.ts'],
          ...patience,
        },
      },
      {
        test: {
          name: 'ui',
          root: import.meta.dirname,
          environment: 'jsdom',
          include: ['src/ui/**/*.test.{ts,tsx}'],
          setupFiles: ['tests/patience-ui.ts'],
          ...patience,
        },
      },
    ],
  },
});
