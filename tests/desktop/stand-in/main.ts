// Starts the app's built main process with the stand-in in Electron's place, and does what the test says: `fork`ed with an IPC channel.

import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MenuItemConstructorOptions } from 'electron';
import type { Order, Reply } from '../desktop-app.ts';
import { childPids } from './engine-process.ts';

/** So many times faster than real time do the pauses of main pass: it waits half a minute before it starts a dying engine again. */
const haste = Number(process.env['STAND_IN_HASTE'] ?? 1);
if (haste > 1) {
  const { setTimeout: slow } = globalThis;
  const fast = (run: () => void, ms = 0) => slow(run, ms / haste);
  globalThis.setTimeout = Object.assign(fast, slow) as typeof setTimeout;
}

const standIn = new URL('./electron.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: standIn, shortCircuit: true } : next(specifier, context),
});

const electron = await import('./electron.ts');

function item(items: readonly MenuItemConstructorOptions[], label: string): MenuItemConstructorOptions | undefined {
  for (const each of items) {
    if (each.label === label) return each;
    const below = Array.isArray(each.submenu) ? item(each.submenu, label) : undefined;
    if (below !== undefined) return below;
  }
  return undefined;
}

async function obey(order: Order): Promise<unknown> {
  const { app, answers, menus, seen, world } = electron;
  const [window] = world.windows;
  switch (order.what) {
    case 'address':
      return (await world.chromium()).address;
    case 'seen':
      return {
        ...seen,
        progress: window?.progress ?? null,
        windows: world.windows.size,
        engines: childPids(),
        trayMenu: menus.tray.map(({ label }) => label ?? ''),
      };
    case 'answer':
      answers.boxes.push(...(order.boxes ?? []));
      answers.paths.push(...(order.paths ?? []));
      return null;
    case 'choose': {
      const chosen = item([...menus.app, ...menus.tray], order.label);
      if (chosen?.click === undefined) throw new Error(`No menu has ${order.label}.`);
      chosen.click(undefined as never, undefined, undefined as never);
      return null;
    }
    case 'emit':
      app.emit(order.event, { preventDefault: () => undefined }, ...order.args);
      return null;
    case 'paths':
      for (const [name, path] of order.paths) world.paths.set(name, path);
      return null;
    case 'look-away':
      for (const each of world.windows) each.focused = false;
      return null;
    case 'kill-engine':
      for (const pid of childPids()) process.kill(pid, 'SIGKILL');
      return null;
    case 'crash-page':
      await window?.crash();
      return null;
    case 'close-window':
      await window?.close();
      return null;
    case 'invoke': {
      const frame = order.origin === null ? null : { ...(window?.frame() as object), origin: order.origin };
      const handler = world.invokes.get(order.channel);
      try {
        return { answered: (await handler?.({ senderFrame: frame }, ...order.args)) ?? null };
      } catch (thrown) {
        return { refused: String(thrown) };
      }
    }
    case 'quit':
      app.quit();
      return null;
  }
}

process.on('message', (order: Order & { id: number }) => {
  obey(order).then(
    (value) => process.send?.({ id: order.id, value } satisfies Reply),
    (error: unknown) => process.send?.({ id: order.id, error: String(error) } satisfies Reply),
  );
});
// The test is gone.
process.on('disconnect', () => process.exit(1));

await import(pathToFileURL(join(process.env['STAND_IN_APP'] ?? '', 'dist/electron/main.js')).href);
process.send?.({ id: 0, value: 'started' } satisfies Reply);
