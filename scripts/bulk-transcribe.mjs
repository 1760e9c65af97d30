#!/usr/bin/env node
// The command line from a checkout: builds the page first where the command shows it, then runs src/host/cli.ts under Node 24.
// @ts-check
import { join } from 'node:path';
import { buildUiWhenStale } from './build.mjs';
import { become, root } from './node24.mjs';

const args = process.argv.slice(2);
const asksForHelp = args.includes('--help') || args.includes('-h');
if (args.includes('serve') && !asksForHelp) await buildUiWhenStale();
become([join(root, 'src/host/cli.ts'), ...args]);
