// A program for the tests: holds the data directory that it is given, says so, and stays until it is killed.

import { writeSync } from 'node:fs';
import { lockDataDirectory } from './engine-lock.ts';

const [, , directory = ''] = process.argv;
lockDataDirectory(directory);
writeSync(1, 'held\n');
setInterval(() => undefined, 1_000_000);
