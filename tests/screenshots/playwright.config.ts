// `npm run screenshots`: the pictures in docs/images, taken by specs in this folder from the real page.
import { defineConfig } from '@playwright/test';
import base from '../../playwright.config.ts';

export default defineConfig({
  ...base,
  projects: (base.projects ?? [])
    .filter((project) => project.name === 'browser')
    .map((project) => ({ ...project, name: 'screenshots', testDir: import.meta.dirname })),
});
