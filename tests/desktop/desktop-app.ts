// Owns the desktop app as a test starts it: its built main process, preload and engine, with Electron's own part played by the stand-in,
// and the page of its window, in a real Chromium, for the test to use.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { chromium, expect, type Page } from '@playwright/test';
import { ROOT } from '../through/engine-process.ts';
import { PAGE_AT } from './stand-in/window.ts';

/** What a test may ask of the stand-in: to do what a person or the system does, or to say what it was asked for. */
export type Order =
  | { readonly what: 'address' | 'seen' | 'look-away' | 'kill-engine' | 'crash-page' | 'close-window' | 'quit' }
  | { readonly what: 'answer'; readonly boxes?: readonly number[]; readonly paths?: readonly string[][] }
  | { readonly what: 'choose'; readonly label: string }
  | { readonly what: 'emit'; readonly event: string; readonly args: readonly unknown[] }
  | { readonly what: 'paths'; readonly paths: readonly (readonly [string, string])[] }
  | {
      readonly what: 'invoke';
      readonly channel: string;
      readonly origin: string | null;
      readonly args: readonly unknown[];
    };

export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** What the system was asked for so far. */
export interface Seen {
  readonly boxes: readonly { readonly message: string; readonly detail?: string }[];
  readonly errors: readonly string[][];
  readonly notifications: readonly { readonly body?: string }[];
  readonly recent: readonly string[];
  readonly revealed: readonly string[];
  readonly external: readonly string[];
  readonly badge: number;
  readonly blockers: number;
  readonly tray: readonly string[];
  readonly trayMenu: readonly string[];
  readonly sandboxed: boolean;
  readonly privileged: readonly string[];
  readonly sessionHandlers: readonly string[];
  readonly progress: { readonly value: number; readonly mode: string } | null;
  readonly windows: number;
  /** Process ids. */
  readonly engines: readonly number[];
}

export interface DesktopApp {
  readonly child: ChildProcess;
  /** The page of the window that is open now. */
  page(): Promise<Page>;
  order(order: Order): Promise<unknown>;
  seen(): Promise<Seen>;
  /** Quits as a person does, without a question, and waits for the end. */
  quit(): Promise<void>;
}

export interface DesktopOptions {
  /** Folder for the app's own files. */
  readonly userData: string;
  readonly env: NodeJS.ProcessEnv;
  /** Arguments of the start: files, links. */
  readonly args?: readonly string[];
}

const MAIN = join(import.meta.dirname, 'stand-in/main.ts');

/** Starts the app; resolves when its main process runs. A second start of the same `userData` ends by itself. */
export async function startDesktop({ userData, env, args = [] }: DesktopOptions): Promise<DesktopApp> {
  // As Electron of a checkout: the binary, the app's folder, then what it was given.
  const child = fork(MAIN, [...args], {
    cwd: ROOT,
    env: { ...env, STAND_IN_USER_DATA: userData, STAND_IN_APP: ROOT },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const started = Promise.withResolvers<unknown>();
  waiting.set(0, started);
  const ended = once(child, 'exit');
  child.on('message', ({ id, value, error }: Reply) => {
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(value);
    else asked?.reject(new Error(error));
  });
  void ended.then(([code]) => {
    for (const { reject } of waiting.values()) reject(new Error(`The app ended with ${code}.`));
  });
  let last = 0;
  const order = (what: Order): Promise<unknown> => {
    const reply = Promise.withResolvers<unknown>();
    last += 1;
    waiting.set(last, reply);
    child.send({ id: last, ...what });
    return reply.promise;
  };
  await started.promise;
  let browser: Awaited<ReturnType<typeof chromium.connectOverCDP>> | null = null;
  return {
    child,
    order,
    async page() {
      browser ??= await chromium.connectOverCDP(String(await order({ what: 'address' })));
      const [context] = browser.contexts();
      if (context === undefined) throw new Error('Chromium has no context.');
      const ours = (): Page | undefined => context.pages().find((page) => page.url().startsWith(PAGE_AT));
      // A page is there before it is anywhere.
      await expect.poll(ours, { timeout: 120_000 }).toBeDefined();
      const page = ours();
      if (page === undefined) throw new Error('The window was closed again.');
      return page;
    },
    seen: async () => (await order({ what: 'seen' })) as Seen,
    async quit() {
      if (child.exitCode === null && child.signalCode === null) {
        await order({ what: 'answer', boxes: [1, 1, 1] });
        order({ what: 'quit' }).catch(() => undefined);
      }
      await ended;
      await browser?.close().catch(() => undefined);
    },
  };
}
