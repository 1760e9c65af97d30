// Owns the process of the command line: its variables, and what is typed.

import { config } from 'dotenv';
import { commandLine } from './command-line.ts';
import { envFile } from './env-file.ts';

const variables = envFile(process.cwd());
if (variables !== null) config({ path: variables, quiet: true });

// Who reads only the first lines (`| head`) closes the pipe; the command ends as it would have, without anybody to tell.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

await commandLine().parseAsync();
