// Every screen as it is drawn, in both themes and both sizes, of the scenes in src/ui/design: nothing sticks out, nothing is wrong for
// axe, nothing is written to the console. The pictures lie in test-results/screens afterwards, to be looked at.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { build, type PreviewServer, preview } from 'vite';
import { ROOT } from '../through/engine-process.ts';
import { expectAccessible, expectContrast } from './accessibility.ts';

const SIZES = [
  { width: 1280, height: 800 },
  { width: 900, height: 600 },
  // The larger window at 200 % zoom: the page then has half as much room each way.
  { width: 640, height: 400 },
] as const;

/** By name: the address of a scene, and what is done in it before it is looked at. */
const SCREENS: Readonly<Record<string, { query: string; inBrowser?: boolean; act?: (page: Page) => Promise<void> }>> = {
  queue: { query: '' },
  'queue-uploads': { query: 'uploads' },
  'queue-lost': { query: 'lost', act: (page) => page.getByRole('alert').waitFor() },
  empty: { query: 'scene=empty' },
  search: { query: 'screen=search' },
  'search-hits': {
    query: 'screen=search',
    act: async (page) => {
      await page.getByRole('combobox').fill('boat');
      await page.getByRole('option', { name: /boat/ }).first().waitFor();
    },
  },
  'search-nothing': {
    query: 'screen=search',
    act: async (page) => {
      await page.getByRole('combobox').fill('zebra');
      await page.getByText('No transcript contains').waitFor();
    },
  },
  workers: { query: 'screen=workers' },
  'workers-end': {
    query: 'screen=workers',
    act: (page) => page.locator('.cards').evaluate((cards) => cards.scrollTo(0, cards.scrollHeight)),
  },
  'add-worker': { query: 'screen=add-worker' },
  transcript: { query: 'screen=text&state=read', act: opened },
  'transcript-writing': { query: 'screen=text&state=writing', act: opened },
  'transcript-naming': { query: 'screen=text&state=naming', act: opened },
  'transcript-doubt': { query: 'screen=text&state=doubt', act: opened },
  'transcript-subtitles': { query: 'screen=text&state=subtitles', act: opened },
  'transcript-compare': { query: 'screen=text&state=compare', act: opened },
  'transcript-find': { query: 'screen=text&state=find', act: opened },
  'transcript-beside': { query: 'screen=text&state=speakers', act: opened },
  'transcript-export': { query: 'screen=text&state=export', act: opened },
  'transcript-missing': { query: 'screen=text&state=missing', act: opened },
  settings: { query: 'screen=settings' },
  options: { query: '', act: (page) => press(page, 'button', 'Options…') },
  'batch-menu': { query: '', act: (page) => press(page, 'button', /^Actions for the batch/) },
  'job-history': {
    query: '',
    act: async (page) => {
      await press(page, 'button', 'Actions for Day 4, morning session.mp4');
      await press(page, 'menuitem', 'History…');
    },
  },
  'paste-expected': { query: 'screen=workers', act: (page) => press(page, 'button', 'Paste expected…') },
  'edit-worker': { query: 'screen=workers', act: (page) => press(page, 'button', 'Edit lab-a100') },
  doctor: { query: 'screen=workers', act: (page) => press(page, 'button', 'Check everything…') },
  'settings-end': {
    query: 'screen=settings',
    act: (page) => page.locator('.settings').evaluate((settings) => settings.scrollTo(0, settings.scrollHeight)),
  },
  pods: { query: 'scene=pods&screen=workers' },
  rent: {
    query: 'scene=pods&screen=rent',
    act: (page) => page.getByRole('radio', { name: /^RTX 4090/ }).waitFor(),
  },
  'rent-key': { query: 'screen=rent' },
  'pod-log': { query: 'scene=pods&screen=pod-log', act: (page) => page.getByText('image pulled').waitFor() },
  spending: { query: 'scene=pods&screen=spending', act: (page) => page.getByRole('table').waitFor() },
  'spending-none': { query: 'screen=spending', act: (page) => page.getByText('Nothing was rented').waitFor() },
  'pods-found': { query: 'scene=pods' },
  locate: { query: '', inBrowser: true, act: (page) => press(page, 'button', 'Locate…') },
  keys: { query: 'screen=settings', act: (page) => page.keyboard.press('?') },
  remove: { query: 'screen=remove' },
  'queue-hard': { query: 'scene=hard' },
  'queue-hard-german': { query: 'scene=hard&language=de' },
  'workers-hard': { query: 'scene=hard&screen=workers' },
  'transcript-german': { query: 'language=de&screen=text&state=read', act: opened },
  'queue-german': { query: 'language=de' },
  'workers-german': { query: 'language=de&screen=workers' },
  'settings-german': { query: 'language=de&screen=settings' },
  gate: { query: 'screen=gate&refused' },
};

/** Presses the first of that name. */
const press = (page: Page, role: 'button' | 'menuitem', name: string | RegExp): Promise<void> =>
  page.getByRole(role, { name }).first().click();

const folder = join(ROOT, 'test-results/screens');
let server: PreviewServer;
let address = '';
let context: BrowserContext;
let page: Page;

// What a failure is made of is in its message and in the picture.
test.use({ trace: 'off' });

// Built, as people get it: a development server brings its styles inline, which the page's own policy refuses.
// One page for all: each scene is opened anew in it, and remembers nothing of the one before.
test.beforeAll(async ({ browser }) => {
  const shared = {
    configFile: join(ROOT, 'vite.config.ts'),
    mode: 'design',
    logLevel: 'error',
    build: { outDir: join(ROOT, 'test-results/design'), minify: false },
  } as const;
  await build(shared);
  server = await preview({ ...shared, preview: { host: '127.0.0.1', port: 0 } });
  address = server.resolvedUrls?.local[0] ?? '';
  await mkdir(folder, { recursive: true });
  context = await browser.newContext({ viewport: SIZES[0] });
  await context.addInitScript(() => localStorage.clear());
  page = await context.newPage();
});
test.afterAll(async () => {
  await context.close();
  await server.close();
});

for (const [name, { query, inBrowser = false, act }] of Object.entries(SCREENS)) {
  test(`${name} stays inside its window and is right for axe`, async () => {
    const said: string[] = [];
    page.removeAllListeners('console');
    page.removeAllListeners('pageerror');
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') said.push(message.text());
    });
    page.on('pageerror', (error) => said.push(error.message));
    await page.setViewportSize(SIZES[0]);
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
    await page.goto(`${address}?${inBrowser ? '' : 'desktop&'}${query}`);
    await page.getByRole('heading').first().waitFor();
    await act?.(page);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const size of SIZES) {
        await page.setViewportSize(size);
        const picture = `${name}-${size.width}-${colorScheme}.png`;
        await page.screenshot({ path: join(folder, picture), animations: 'disabled' });
        expect(await sticksOut(page), picture).toEqual([]);
      }
      // The rest of axe's rules do not see colours.
      await (colorScheme === 'light' ? expectAccessible(page) : expectContrast(page));
    }
    expect(said).toEqual([]);
  });
}

/** The scene has made its edits and shows what was asked for. */
async function opened(page: Page): Promise<void> {
  await page.locator('html[data-shown]').waitFor();
}

/** What reaches out of the window at its right, or makes a part of the page scroll sideways. */
function sticksOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const shortened = new Set<Element>();
    const isShortened = (element: Element | null): boolean =>
      element !== null && (shortened.has(element) || isShortened(element.parentElement));
    for (const element of document.querySelectorAll('body *')) {
      const style = getComputedStyle(element);
      if (style.textOverflow === 'ellipsis' && style.overflowX !== 'visible') shortened.add(element);
      const box = element.getBoundingClientRect();
      if (box.width === 0 || style.visibility === 'hidden' || element.closest('.said') !== null) continue;
      // What is shortened with an ellipsis reaches on behind it, unseen; the box that shortens it is looked at itself.
      if (isShortened(element.parentElement)) continue;
      const name = `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}`;
      if (box.right > window.innerWidth + 1) found.push(`${name} ends at ${box.right}`);
      const scrolls = style.overflowX === 'auto' || style.overflowX === 'scroll';
      if (scrolls && element.scrollWidth > element.clientWidth + 1) found.push(`${name} scrolls sideways`);
    }
    return found;
  });
}
