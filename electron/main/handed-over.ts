// Owns what other programs hand to the app: files that a person opens with it, on whichever way the system brings them, and links of its own
// scheme. Starts, second starts, the dock and the browser all end here.

import { resolve } from 'node:path';
import { type HandedOver, handedOverSchema } from '../../src/contract/handed-over.ts';
import { APP_LINK_SCHEME } from './app-link.ts';

import { isLocalPath } from './dialogs.ts';

/** What a start asks for: absolute paths of this computer, and links as they came. */
export interface Request {
  readonly paths: readonly string[];
  readonly links: readonly string[];
}

/** What this process was started with, as a second start sends it to the first. `packaged`: without the app's own folder among the arguments. */
export function ownRequest(argv: readonly string[], cwd: string, packaged: boolean): HandedOver {
  return { argv: argv.slice(packaged ? 1 : 2), cwd };
}

/**
 * Reads what a start was given. Options (`--…`) are for Chromium and passed over, as is everything that is no path of this computer:
 * `\\server\share` would send the user's credentials there before anybody had looked at it.
 */
export function readRequest(sent: unknown): Request {
  const parsed = handedOverSchema.safeParse(sent);
  if (!parsed.success) return { paths: [], links: [] };
  const { argv, cwd } = parsed.data;
  const given = argv.filter((argument) => argument !== '' && !argument.startsWith('-'));
  const links = given.filter(isLink);
  const paths = given.filter((argument) => !isElsewhere(argument)).map((path) => resolve(cwd, path));
  return { links, paths: paths.filter(isLocalPath) };
}

/** An address, or a share of another computer. A single letter before the colon is a drive. */
function isElsewhere(argument: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(argument) || /^[/\\]{2}/.test(argument);
}

function isLink(argument: string): boolean {
  return argument.toLowerCase().startsWith(`${APP_LINK_SCHEME}:`);
}
