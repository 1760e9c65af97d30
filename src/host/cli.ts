// Owns the process of the command line: its variables, and what is typed.

import { existsSync } from 'node:fs';
import { config } from 'dotenv';
import { commandLine } from './command-line.ts';

if (existsSync('.env')) config({ quiet: true });

// Who reads only the first lines (`| head`) closes the pipe; the command ends as it would have, without anybody to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

await commandLine().parseAsync();
