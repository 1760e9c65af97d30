import { EventEmitter } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';
import type { DesktopBridge } from '../../src/contract/desktop-bridge.ts';

it('puts one object on the window, and nothing of Electron or Node with it', async () => {
  const exposed = new Map<string, DesktopBridge>();
  const invoke = vi.fn(async (channel: string, ..._args: unknown[]) => {
    if (channel === 'file:reveal') throw new Error('refused');
    return ['/a'];
  });
  const ipcRenderer = Object.assign(new EventEmitter(), { invoke });
  vi.doMock('electron', () => ({
    contextBridge: { exposeInMainWorld: (name: string, bridge: DesktopBridge) => exposed.set(name, bridge) },
    ipcRenderer,
    webUtils: {
      getPathForFile: (file: unknown) => {
        if (!(file instanceof File)) throw new TypeError('not a file');
        return `/recordings/${file.name}`;
      },
    },
  }));
  await import('./preload.ts');

  expect([...exposed.keys()]).toEqual(['bulkTranscribe']);
  const bridge = exposed.get('bulkTranscribe');
  if (bridge === undefined) throw new Error('nothing was exposed');
  expect(Object.keys(bridge).toSorted()).toEqual([
    'call',
    'onTold',
    'openFiles',
    'openFolder',
    'pathForFile',
    'platform',
    'reveal',
    'secretsKept',
    'subscribe',
  ]);
  expect(invoke.mock.calls).toEqual([['engine:connect']]);
  expect(bridge.platform).toBe(process.platform);
  expect(bridge.pathForFile(new File([], 'a.wav'))).toBe('/recordings/a.wav');
  expect(bridge.pathForFile('/etc/passwd')).toBe('');
  expect([await bridge.openFiles(), await bridge.openFolder()]).toEqual([['/a'], ['/a']]);
  bridge.reveal('/a.srt');
  expect(invoke.mock.calls.slice(1)).toEqual([
    ['dialog:open-files'],
    ['dialog:open-folder'],
    ['file:reveal', '/a.srt'],
  ]);

  const { port1, port2 } = new MessageChannel();
  const events: unknown[] = [];
  const undo = bridge.subscribe((event) => events.push(event));
  ipcRenderer.emit('engine:port', { ports: [] });
  ipcRenderer.emit('engine:port', { ports: [port2] });
  port1.on('message', ({ i, m, a }: { i: string; m: string; a: unknown[] }) =>
    port1.postMessage({ t: 's', i, r: [m, ...a] }),
  );
  expect(await bridge.call('listJobs', { limit: 3 })).toEqual(['call', 'listJobs', { limit: 3 }]);
  port1.postMessage({ t: 'q', m: 'event', a: [{ type: 'ready' }] });
  await vi.waitFor(() => expect(events).toEqual([{ type: 'ready' }]));
  expect(undo()).toBeUndefined();
  port1.close();
});
