// Owns what the window may ask of Electron's main process: every channel with the parser of its arguments. The engine is not asked
// through these but through a port of its own (engine-port.ts).

import * as z from 'zod';

const nothing = z.tuple([]);

/** All channels; each is answered (`invoke`), or refused with an error. */
export const DESKTOP_CHANNELS = {
  /** Sends a fresh port to the engine (`ENGINE_PORT_CHANNEL`), now and whenever the engine was started anew. */
  'engine:connect': nothing,
  'dialog:open-files': nothing,
  'dialog:open-folder': nothing,
  'file:reveal': z.tuple([z.string().min(1).max(32_768)]),
} as const;
export type DesktopChannel = keyof typeof DESKTOP_CHANNELS;
export type DesktopArguments<Channel extends DesktopChannel> = z.output<(typeof DESKTOP_CHANNELS)[Channel]>;

/** The one message from main to the window: it brings a MessagePort and nothing else. */
export const ENGINE_PORT_CHANNEL = 'engine:port';
export type EnginePortChannel = typeof ENGINE_PORT_CHANNEL;

/** Where the page of the desktop app comes from. A standard, secure scheme that nothing else answers. */
export const PAGE_SCHEME = 'app';
export const PAGE_HOST = 'bulk-transcribe';
export const PAGE_ORIGIN = `${PAGE_SCHEME}://${PAGE_HOST}`;
