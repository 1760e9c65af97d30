// Owns how components reach the store, the client and the commands.

import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { UiClient } from './client/client.ts';
import { type Commands, createCommands, type SaveFile } from './state/commands.ts';
import { createSelectors, type Selectors } from './state/selectors.ts';
import { type AppState, type AppStore, createAppStore } from './state/store.ts';
import { createTranscriptTools, type TranscriptParts, type TranscriptTools } from './state/transcript-tools.ts';

/** What the whole tree shares. */
export interface App {
  readonly client: UiClient;
  readonly store: AppStore;
  readonly selectors: Selectors;
  readonly commands: Commands;
  /** Of the transcript screen. */
  readonly tools: TranscriptTools;
  /** The clock, so that a test or a drawing of a screen can stand still. */
  readonly now: () => number;
}

/** Joins the parts of one window. */
export function createApp(client: UiClient, parts: Partial<TranscriptParts> & { readonly save?: SaveFile } = {}): App {
  const store = createAppStore();
  const now = parts.now ?? Date.now;
  return {
    client,
    store,
    selectors: createSelectors(),
    commands: createCommands(client, store, parts.save),
    tools: createTranscriptTools(client, store, { ...parts, now }),
    now,
  };
}

/** Given by the frame. */
export const AppContext = createContext<App | null>(null);

/** The parts of this window. */
export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('A component was drawn outside of the app.');
  return app;
}

/** Draws anew when `select` gives something else. */
export function useAppState<Part>(select: (state: AppState) => Part): Part {
  return useStore(useApp().store, select);
}
