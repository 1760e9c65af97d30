// Owns what the window may ask of Electron's main process and what main tells it: every channel with the parser of its arguments, and the
// closed list of what the menu can ask of the page. The engine is not asked through these but through a port of its own (engine-port.ts).

import * as z from 'zod';

const nothing = z.tuple([]);

/** All channels; each is answered (`invoke`), or refused with an error. */
export const DESKTOP_CHANNELS = {
  /** Sends a fresh port to the engine (`ENGINE_PORT_CHANNEL`), now and whenever the engine was started anew. */
  'engine:connect': nothing,
  'dialog:open-files': nothing,
  'dialog:open-folder': nothing,
  'file:reveal': z.tuple([z.string().min(1).max(32_768)]),
  /** Whether a secret that is given to the app outlives it: the system offers real encryption. */
  'secrets:kept': nothing,
} as const;
export type DesktopChannel = keyof typeof DESKTOP_CHANNELS;
export type DesktopArguments<Channel extends DesktopChannel> = z.output<(typeof DESKTOP_CHANNELS)[Channel]>;

/** What each channel answers. */
export interface DesktopAnswers {
  'engine:connect': undefined;
  'dialog:open-files': string[];
  'dialog:open-folder': string[];
  'file:reveal': undefined;
  'secrets:kept': boolean;
}

/** Brings a MessagePort to the window and nothing else. */
export const ENGINE_PORT_CHANNEL = 'engine:port';
export type EnginePortChannel = typeof ENGINE_PORT_CHANNEL;

/** Tells the window one of `PAGE_TOLD`. */
export const PAGE_CHANNEL = 'page:told';
export type PageChannel = typeof PAGE_CHANNEL;

/** What main tells the page: what was chosen in a menu, and what happened to the processes around it. */
export const PAGE_TOLD = [
  'add-files',
  'add-folder',
  'show-queue',
  'show-search',
  'show-workers',
  'show-settings',
  'show-keys',
  'show-doctor',
  'engine-restarted',
  'page-restarted',
] as const;
export const pageToldSchema = z.enum(PAGE_TOLD);
export type PageTold = z.infer<typeof pageToldSchema>;

/** Where the page of the desktop app comes from. A standard, secure scheme that nothing else answers. */
export const PAGE_SCHEME = 'app';
export const PAGE_HOST = 'bulk-transcribe';
export const PAGE_ORIGIN = `${PAGE_SCHEME}://${PAGE_HOST}`;
