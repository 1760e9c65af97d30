// Owns opening the whole window over an engine in memory, in a page without layout, for the tests of the screens.

import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, vi } from 'vitest';
import { type App, createApp } from '../app-context.ts';
import type { Desktop } from '../client/client.ts';
import { createMemoryClient, type MemoryEngine } from '../client/memory-client.ts';
import { createSilentSound } from '../player/silent-sound.ts';
import { startFeed } from '../state/feed.ts';
import { Window } from './window.tsx';

/** The clock of these tests. */
export const NOW = new Date(2026, 10, 23, 13, 34).getTime();

/** Gives every element the size that the virtual list asks for: jsdom lays nothing out. */
export function withLayout(): void {
  beforeEach(() => {
    localStorage.clear();
    vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(2000);
    vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(1000);
    vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(33);
    vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);
    vi.stubGlobal('ResizeObserver', StillSize);
    vi.stubGlobal('matchMedia', () => Object.assign(new EventTarget(), { matches: false }));
  });
  afterEach(() => {
    cleanup();
    for (const end of ends.splice(0)) end();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });
}

/** Nothing changes its size here. */
class StillSize implements ResizeObserver {
  observe(): void {
    return;
  }
  unobserve(): void {
    return;
  }
  disconnect(): void {
    return;
  }
}

/** The clock of the sound: a test lets it pass. */
export const soundTime = { ms: 0 };

const ends: (() => void)[] = [];

/** A window that is open and has its first snapshot. */
export interface OpenWindow {
  readonly app: App;
  readonly engine: MemoryEngine;
  readonly user: ReturnType<typeof userEvent.setup>;
  readonly saved: { filename: string; text: string }[];
  /** Lets everything that was begun come to an end. */
  settle(): Promise<void>;
  /** Does something as the engine, and lets the window take it. */
  engineDoes(what: () => void): Promise<void>;
}

/** Turns in which what was told is drawn. */
const TURNS = 5;

/** Whether a dropped file is looked into before it is sent: for what that needs is fetched first, it may take its time. */
function isLooking({ store }: App): boolean {
  const { uploads } = store.getState();
  const sent = uploads.filter(({ state }) => state === 'sending' || state === 'joining').length;
  return sent < 2 && uploads.some(({ state }) => state === 'waiting');
}

/** Opens the window. `prepare` puts into the engine what is there from the start. */
export async function openWindow(
  prepare: (engine: MemoryEngine) => void = () => undefined,
  desktop?: Desktop,
): Promise<OpenWindow> {
  const { client, engine } = createMemoryClient({ now: () => NOW, ...(desktop === undefined ? {} : { desktop }) });
  prepare(engine);
  const saved: { filename: string; text: string }[] = [];
  const sound = createSilentSound(3600, () => soundTime.ms);
  const app = createApp(client, {
    now: () => NOW,
    save: (file) => saved.push(file),
    sound,
    nextFrame: () => undefined,
  });
  ends.push(startFeed({ ...app, schedule: (run) => setTimeout(run, 0) }));
  render(<Window app={app} />);
  const settle = (): Promise<void> =>
    act(async () => {
      for (let left = TURNS; left > 0; left -= 1) {
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (isLooking(app)) left = TURNS + 1;
      }
    });
  await settle();
  const engineDoes = async (what: () => void): Promise<void> => {
    await act(async () => what());
    await settle();
  };
  return { app, engine, user: userEvent.setup(), saved, settle, engineDoes };
}

/** Drops files on the window, as a browser tells of it. */
export function dropFiles(files: readonly File[]): void {
  fireEvent.drop(document.body, { dataTransfer: transferOf(files) });
}

/** What a drag of files carries. */
export function transferOf(files: readonly File[]): unknown {
  return {
    types: ['Files'],
    files,
    items: files.map((file) => ({ kind: 'file', getAsFile: () => file, webkitGetAsEntry: () => null })),
  };
}

/** The row of a recording, by the beginning of its name. */
export function rowOf(name: string): HTMLElement {
  return screen.getByRole('row', { name: (full) => full.startsWith(`${name},`) });
}

/** A file as a person drops it; nothing says what it is. */
export const recording = (name: string, bytes = 1000): File => new File([new Uint8Array(bytes)], name);

/** A window in which one recording was dropped. */
export async function withOne(): Promise<OpenWindow & { id: string }> {
  const parts = await openWindow();
  dropFiles([recording('Day 5.mp4')]);
  await parts.settle();
  return { ...parts, id: [...parts.engine.jobs.keys()][0] ?? '' };
}
