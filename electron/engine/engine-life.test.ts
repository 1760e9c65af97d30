import { describe, expect, it, vi } from 'vitest';
import type { FromEngine } from '../../src/contract/engine-messages.ts';
import { AppError } from '../../src/contract/errors.ts';
import { standInApi } from '../../src/host/app-api.cases.ts';
import { type EngineLife, liveEngine } from './engine-life.ts';
import type { EnginePort } from './engine-port.ts';

function live(run: EngineLife['run']) {
  const told: FromEngine[] = [];
  const exit = vi.fn();
  let receive: (data: unknown, port?: EnginePort) => void = () => undefined;
  liveEngine({
    parent: {
      postMessage: (message) => told.push(structuredClone(message)),
      on: (_event, listener) => {
        receive = (data, port) => listener({ data, ports: port === undefined ? [] : [port] });
      },
    },
    run,
    exit,
  });
  return { told, exit, send: (data: unknown, port?: EnginePort) => receive(data, port) };
}

function port() {
  return { postMessage: vi.fn(), on: vi.fn(), start: vi.fn(), close: vi.fn() } satisfies EnginePort;
}

const start = { type: 'start', resourcesDir: null, secrets: { 'worker-1': 'token' } };

describe('the process of the engine', () => {
  it('starts once, with the secrets that main has, and tells main of every change', async () => {
    const run = vi.fn<EngineLife['run']>(async ({ secrets }) => {
      expect(secrets.get('worker-1')).toBe('token');
      expect(secrets.get('constructor')).toBeNull();
      secrets.set('link', 'key');
      expect(secrets.get('link')).toBe('key');
      secrets.delete('worker-1');
      secrets.delete('never there');
      expect(secrets.get('worker-1')).toBeNull();
      return { api: standInApi(), port: 8476, logDir: '/logs', close: async () => undefined };
    });
    const { told, send } = live(run);
    send(start);
    send(start);
    await vi.waitFor(() => expect(told).toContainEqual({ type: 'started', port: 8476, logDir: '/logs' }));
    expect(run).toHaveBeenCalledOnce();
    expect(told).toEqual([
      { type: 'secret', name: 'link', value: 'key' },
      { type: 'secret', name: 'worker-1', value: null },
      { type: 'started', port: 8476, logDir: '/logs' },
    ]);
  });

  it('says why it cannot start, and exits', async () => {
    const { told, exit, send } = live(() => Promise.reject(new AppError('DATABASE_NEWER')));
    send(start);
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(1));
    expect(told).toMatchObject([{ type: 'failed', error: { code: 'DATABASE_NEWER' } }]);
  });

  it('serves the port it is given, and none before it runs', async () => {
    const engine = standInApi();
    const { told, send } = live(async () => ({
      api: engine,
      port: 8476,
      logDir: '/logs',
      close: async () => undefined,
    }));
    const early = port();
    send({ type: 'connect' }, early);
    expect(early.close).toHaveBeenCalled();
    send(start);
    await vi.waitFor(() => expect(told).toHaveLength(1));
    send({ type: 'connect' }, port());
    await vi.waitFor(() => expect(engine.listeners).toBe(1));
    send({ type: 'connect' });
    expect(engine.listeners).toBe(1);
  });

  it('closes in order when told, once', async () => {
    const close = vi.fn(async () => undefined);
    const { exit, send } = live(async () => ({ api: standInApi(), port: 8476, logDir: '/logs', close }));
    send(start);
    send({ type: 'close' });
    send({ type: 'close' });
    await vi.waitFor(() => expect(exit).toHaveBeenCalledWith(0));
    expect(close).toHaveBeenCalledOnce();
  });

  it('passes over what it does not understand', () => {
    const run = vi.fn<EngineLife['run']>();
    const { send } = live(run);
    for (const odd of [
      null,
      7,
      'start',
      {},
      { type: 'x' },
      { type: 'start' },
      { ...start, secrets: { a: 7 } },
      { ...start, resourcesDir: 7 },
    ])
      send(odd);
    expect(run).not.toHaveBeenCalled();
  });
});
