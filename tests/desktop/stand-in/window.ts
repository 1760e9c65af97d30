// Owns `BrowserWindow` and its web contents in the stand-in: a page of a real Chromium, with the app's real preload in an isolated world.
// Chromium knows no private scheme, so the page lives under an https origin that no network has; whatever it asks for there is asked of
// the app's own handler, and everything else is refused.

import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { CDPSession, Frame, Page, Route } from '@playwright/test';
import type { BrowserWindowConstructorOptions, WebContents } from 'electron';
import type { Chromium } from './browser.ts';
import { PortExchange, type PortMain } from './ports.ts';
import { PAGE_WORLD, preloadWorld } from './worlds.ts';

/** Stands for `app://bulk-transcribe`. */
export const PAGE_AT = 'https://app.bulk-transcribe.test';
const APP_AT = 'app://bulk-transcribe';

export type SchemeHandler = (request: Request) => Response | Promise<Response>;
export type InvokeHandler = (event: { senderFrame: unknown }, ...args: unknown[]) => unknown;

/** What all windows share. */
export interface WindowWorld {
  /** Started for the first window. */
  readonly chromium: () => Promise<Chromium>;
  readonly schemes: ReadonlyMap<string, SchemeHandler>;
  readonly invokes: ReadonlyMap<string, InvokeHandler>;
  /** Told of every web contents that is made. */
  readonly created: (contents: WebContents) => void;
  /** Paths that a dropped or chosen file has, by its name. */
  readonly paths: Map<string, string>;
  readonly windows: Set<StandInWindow>;
}

type OpenHandler = (details: { url: string }) => { action: 'allow' | 'deny' };

class StandInContents extends EventEmitter {
  openHandler: OpenHandler = () => ({ action: 'allow' });
  readonly #window: StandInWindow;

  constructor(window: StandInWindow) {
    super();
    this.#window = window;
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.openHandler = handler;
  }

  send(channel: string, ...args: unknown[]): void {
    this.#window.tell({ kind: 'send', channel, args });
  }

  reload(): void {
    this.#window.load();
  }
}

export class StandInWindow extends EventEmitter {
  readonly options: BrowserWindowConstructorOptions;
  readonly webContents: StandInContents;
  readonly progress: { value: number; mode: string } = { value: -1, mode: 'none' };
  focused = false;
  #world: WindowWorld;
  #page: Promise<{ page: Page; cdp: CDPSession }>;
  #preloadContext: number | null = null;
  #exchange: PortExchange;
  #waiting: unknown[] = [];
  #closed = false;
  #dead = false;

  constructor(world: WindowWorld, options: BrowserWindowConstructorOptions) {
    super();
    this.#world = world;
    this.options = options;
    this.webContents = new StandInContents(this);
    this.#exchange = new PortExchange({ send: (frame) => this.tell({ kind: 'port', ...frame }) });
    this.#page = this.#open();
    world.windows.add(this);
    world.created(this.webContents as unknown as WebContents);
  }

  async loadURL(url: string): Promise<void> {
    if (!url.startsWith(APP_AT)) throw new Error(`ERR_ABORTED loading ${url}`);
    const { page } = await this.#page;
    await page.goto(url.replace(APP_AT, PAGE_AT));
    this.webContents.emit('did-finish-load');
    this.emit('ready-to-show');
  }

  /** Draws anew, also after the page's process died. */
  load(): void {
    this.#forget();
    // What Playwright knows to be dead stays dead: the window gets another page, as it gets another process.
    if (this.#dead) {
      this.#dead = false;
      void this.#page.then(({ page }) => page.close()).catch(() => undefined);
      this.#page = this.#open();
    }
    void this.#page
      .then(async ({ page }) => {
        await page.goto(`${PAGE_AT}/`);
        this.webContents.emit('did-finish-load');
      })
      .catch(() => undefined);
  }

  show(): void {
    this.focused = true;
  }
  focus(): void {
    this.focused = true;
  }
  isFocused(): boolean {
    return this.focused;
  }
  isMinimized(): boolean {
    return false;
  }
  restore(): void {
    this.focus();
  }
  isMaximized(): boolean {
    return false;
  }
  maximize(): void {
    this.show();
  }
  getNormalBounds() {
    return { x: 10, y: 20, width: 1280, height: 800 };
  }
  setProgressBar(value: number, { mode = 'normal' }: { mode?: string } = {}): void {
    Object.assign(this.progress, { value, mode });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.emit('close');
    this.#forget();
    this.#world.windows.delete(this);
    await (await this.#page).page.close().catch(() => undefined);
    this.emit('closed');
  }

  /** The page's process dies, as Chromium itself makes it die. */
  async crash(): Promise<void> {
    const { cdp } = await this.#page;
    await cdp.send('Page.crash').catch(() => undefined);
  }

  /** Sends a frame to the preload as soon as it is there. */
  tell(frame: unknown): void {
    if (this.#preloadContext === null) this.#waiting.push(frame);
    else void this.#evaluate(frame);
  }

  async #open(): Promise<{ page: Page; cdp: CDPSession }> {
    const { context } = await this.#world.chromium();
    const page = await context.newPage();
    page.on('crash', () => {
      this.#forget();
      this.#dead = true;
      this.webContents.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 });
    });
    page.on('popup', (popup) => {
      const { action } = this.webContents.openHandler({ url: popup.url() });
      if (action === 'deny') void popup.close().catch(() => undefined);
    });
    await page.route('**/*', (route) => this.#answer(route));
    const cdp = await context.newCDPSession(page);
    cdp.on('Runtime.bindingCalled', ({ name, payload }) => {
      if (name === 'standInSend') void this.#hear(JSON.parse(payload));
    });
    cdp.on('Runtime.executionContextCreated', ({ context: made }) => {
      if (made.name === 'preload') this.#attach(made.id);
    });
    await cdp.send('Runtime.enable');
    await cdp.send('Page.enable');
    await cdp.send('Runtime.addBinding', { name: 'standInSend', executionContextName: 'preload' });
    const preload = readFileSync(this.options.webPreferences?.preload ?? '', 'utf8');
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
      source: preloadWorld(preload, process.platform),
      worldName: 'preload',
    });
    await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: PAGE_WORLD });
    return { page, cdp };
  }

  #attach(id: number): void {
    this.#exchange.closeAll();
    this.#preloadContext = id;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const frame of waiting) void this.#evaluate(frame);
  }

  #forget(): void {
    this.#preloadContext = null;
    this.#exchange.closeAll();
    this.#waiting = [];
  }

  async #evaluate(frame: unknown): Promise<void> {
    const contextId = this.#preloadContext;
    if (contextId === null) return;
    const { cdp } = await this.#page;
    const paths = JSON.stringify({ kind: 'paths', paths: [...this.#world.paths] });
    await cdp
      .send('Runtime.evaluate', {
        contextId,
        expression: `standInReceive(${paths}); standInReceive(${JSON.stringify(frame)})`,
      })
      // A page that was drawn anew meanwhile has no such world any more.
      .catch(() => undefined);
  }

  async #hear(frame: {
    kind: string;
    id: number;
    channel: string;
    args: unknown[];
    port: number;
    data?: unknown;
    close?: boolean;
  }): Promise<void> {
    if (frame.kind === 'port') {
      this.#exchange.take(frame);
      return;
    }
    const handler = this.#world.invokes.get(frame.channel);
    try {
      if (handler === undefined) throw new Error(`No handler registered for '${frame.channel}'`);
      const value = (await handler({ senderFrame: this.frame() }, ...frame.args)) ?? null;
      this.tell({ kind: 'answer', id: frame.id, value });
    } catch (thrown) {
      this.tell({ kind: 'refuse', id: frame.id, message: `Error invoking remote method: ${String(thrown)}` });
    }
  }

  /** The top frame of the page, as the app's own handlers see it. */
  frame(): unknown {
    return {
      origin: APP_AT,
      parent: null,
      detached: false,
      postMessage: (channel: string, message: unknown, [port]: readonly PortMain[]) => {
        if (port !== undefined) this.tell({ kind: 'post', channel, message, port: this.#exchange.hand(port) });
      },
    };
  }

  /** Whether the app holds a navigation back. */
  #prevented(url: string, frame: Frame): boolean {
    let prevented = false;
    const preventDefault = (): void => {
      prevented = true;
    };
    const isMainFrame = frame.parentFrame() === null;
    this.webContents.emit('will-frame-navigate', { url, isMainFrame, preventDefault });
    if (isMainFrame) this.webContents.emit('will-navigate', { url, isMainFrame, preventDefault });
    return prevented;
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const url = request.url();
    // The page itself is loaded by the app, and drawn anew without being asked.
    if (request.isNavigationRequest() && url !== `${PAGE_AT}/` && this.#prevented(url, request.frame()))
      return route.abort('aborted');
    if (!url.startsWith(`${PAGE_AT}/`)) return route.abort('blockedbyclient');
    const handler = this.#world.schemes.get('app');
    if (handler === undefined) return route.abort('failed');
    const answer = await handler(
      new Request(url.replace(PAGE_AT, APP_AT), { method: request.method(), headers: await headersOf(route) }),
    );
    await route
      .fulfill({
        status: answer.status,
        headers: Object.fromEntries(answer.headers),
        body: Buffer.from(await answer.arrayBuffer()),
      })
      .catch(() => undefined);
  }
}

/** Of what Chromium sends, the ones that an answer can depend on. */
async function headersOf(route: Route): Promise<Record<string, string>> {
  const all = await route.request().allHeaders();
  return Object.fromEntries(Object.entries(all).filter(([name]) => name === 'range' || name === 'accept'));
}
