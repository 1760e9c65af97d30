// Owns that schemas are parsed in the page without code made of text: the page's policy forbids it (page-files.ts), and zod would ask
// at each load whether it may, which the browser reports as an error. Comes before every module that makes a schema.

import { config } from 'zod';

config({ jitless: true });
