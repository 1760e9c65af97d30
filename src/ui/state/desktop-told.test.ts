import { expect, it, vi } from 'vitest';
import { PAGE_TOLD, type PageTold } from '../../contract/desktop-ipc.ts';
import { createMemoryClient } from '../client/memory-client.ts';
import { startTold } from './desktop-told.ts';
import { createAppStore } from './store.ts';

function told() {
  const { client } = createMemoryClient({ now: () => 0 });
  const store = createAppStore();
  const choose = vi.fn(async () => undefined);
  let tell: (what: PageTold) => void = () => undefined;
  const undo = vi.fn();
  const desktop = {
    pathOf: () => '',
    openFiles: async () => [],
    openFolder: async () => [],
    reveal: () => undefined,
    secretsKept: async () => true,
    onTold: (listener: (what: PageTold) => void) => {
      tell = listener;
      return undo;
    },
  };
  const stop = startTold({ client: { ...client, desktop }, store, commands: { choose } });
  return { store, choose, undo, stop, tell: (what: PageTold) => tell(what) };
}

it("does what was chosen in the app's menu", () => {
  const { store, choose, undo, stop, tell } = told();
  tell('add-files');
  tell('add-folder');
  expect(choose.mock.calls).toEqual([['files'], ['folder']]);
  tell('show-workers');
  expect(store.getState().screen).toEqual({ name: 'workers' });
  tell('show-keys');
  // Over the screen where one is.
  expect(store.getState()).toMatchObject({ screen: { name: 'workers' }, dialog: { kind: 'keys' } });
  store.setState({ dialog: { kind: 'none' } });
  tell('show-settings');
  expect(store.getState().screen).toEqual({ name: 'settings' });
  tell('show-queue');
  expect(store.getState().screen).toEqual({ name: 'queue' });
  stop();
  expect(undo).toHaveBeenCalledOnce();
});

it('says of what had to be started anew that nothing was lost', () => {
  const { store, tell } = told();
  for (const what of ['engine-restarted', 'page-restarted'] as const) {
    tell(what);
    expect(store.getState().notice?.lost).toMatch(/^Nothing was lost/);
    store.setState({ notice: null });
  }
});

it('changes something for everything that it can be told', () => {
  for (const what of PAGE_TOLD) {
    const { store, choose, tell } = told();
    store.setState({ screen: { name: 'text', jobId: 'j' } });
    const before = store.getState();
    tell(what);
    expect(store.getState() !== before || choose.mock.calls.length > 0, what).toBe(true);
  }
});

it('does nothing in a browser', () => {
  const { client } = createMemoryClient({ now: () => 0 });
  const stop = startTold({ client, store: createAppStore(), commands: { choose: async () => undefined } });
  expect(stop).not.toThrow();
});
