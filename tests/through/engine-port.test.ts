import { MessageChannel, type MessagePort as NodePort } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { type EnginePort, servePort } from '../../electron/engine/engine-port.ts';
import { type CallEngine, listenToEngine } from '../../electron/main/engine-client.ts';
import { createEngineLink, type EngineLink } from '../../electron/preload/engine-link.ts';
import { type AppApi, type AppEvent, apiErrorSchema, appEventSchema } from '../../src/contract/api.ts';
import { AppError } from '../../src/contract/errors.ts';
import { appApiCases, standInApi } from '../../src/host/app-api.cases.ts';
import { SAMPLES } from '../../src/host/app-api-samples.cases.ts';

/** A port of node:worker_threads as Electron's utility process shows one. */
function asEnginePort(port: NodePort): EnginePort {
  return {
    postMessage: (message) => port.postMessage(message),
    on: (event: string, listener: (event: { readonly data: unknown }) => void) =>
      port.on(event, (data: unknown) => listener({ data })),
    start: () => port.start(),
    close: () => port.close(),
  };
}

/** The window's client, over the real preload link: refusals are values here, as over the context bridge. */
function clientOf(link: EngineLink): AppApi {
  return {
    async call(name, params) {
      const answer = structuredClone(await link.call(name, params));
      const refused = apiErrorSchema.safeParse(answer);
      if (refused.success) throw new AppError(refused.data.code, refused.data.error);
      return answer as never;
    },
    subscribe: (listener) => link.subscribe((event) => listener(appEventSchema.parse(event))),
  };
}

function join() {
  const engine = standInApi();
  const link = createEngineLink();
  const ports: NodePort[] = [];
  const attach = (): NodePort => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1);
    servePort(engine, asEnginePort(port1));
    link.attach(port2 as unknown as MessagePort);
    return port1;
  };
  const close = async (): Promise<void> => {
    for (const port of ports) port.close();
  };
  return { engine, link, client: clientOf(link), attach, close };
}

describe('over a MessagePort', () => {
  // The port itself is the window's subscription: the engine stops sending when the port closes, not with the last listener.
  appApiCases(async () => {
    const { engine, client, attach, close } = join();
    const port = attach();
    const subscribe: AppApi['subscribe'] = (listener) => {
      const undo = client.subscribe(listener);
      return () => {
        undo();
        port.close();
      };
    };
    return { engine, client: { ...client, subscribe }, close };
  });

  it('a call made before there is an engine waits for it', async () => {
    const { client, attach, close } = join();
    const asked = client.call('listWorkers', {});
    attach();
    expect(await asked).toEqual(SAMPLES.listWorkers.result);
    await close();
  });

  it('a listener that comes late is told ready, and every listener again after a restart', async () => {
    const { engine, client, attach, close } = join();
    const first: AppEvent[] = [];
    const second: AppEvent[] = [];
    client.subscribe((event) => first.push(event));
    const port = attach();
    await vi.waitFor(() => expect(first).toHaveLength(1));
    client.subscribe((event) => second.push(event));
    expect(second).toEqual([{ type: 'ready' }]);
    port.close();
    await vi.waitFor(() => expect(engine.listeners).toBe(0));
    attach();
    await vi.waitFor(() => expect([first.length, second.length]).toEqual([2, 2]));
    await close();
  });

  it('a call under way when the engine dies is refused, and the next one waits for the new engine', async () => {
    const { engine, link, attach, close } = join();
    const port = attach();
    vi.spyOn(engine, 'call').mockImplementationOnce(() => new Promise(() => undefined));
    const lost = link.call('listWorkers', {});
    await vi.waitFor(() => expect(engine.call).toHaveBeenCalledOnce());
    port.close();
    expect(await lost).toMatchObject({ code: 'INTERNAL' });
    const next = link.call('listWorkers', {});
    attach();
    expect(await next).toEqual(SAMPLES.listWorkers.result);
    await close();
  });

  it('an engine serves several windows, each with its own events', async () => {
    const engine = standInApi();
    const links = [createEngineLink(), createEngineLink()];
    const seen = links.map((link) => {
      const { port1, port2 } = new MessageChannel();
      servePort(engine, asEnginePort(port1));
      link.attach(port2 as unknown as MessagePort);
      const events: unknown[] = [];
      link.subscribe((event) => events.push(event));
      return { events, port1 };
    });
    await vi.waitFor(() => expect(engine.listeners).toBe(2));
    seen[0]?.port1.close();
    await vi.waitFor(() => expect(engine.listeners).toBe(1));
    engine.emit({ type: 'job-removed', id: 'j' });
    await vi.waitFor(() => expect(seen[1]?.events).toContainEqual({ type: 'job-removed', id: 'j' }));
    seen[1]?.port1.close();
  });
});

describe('what does not make sense', () => {
  it('reaches no function, inherited ones included, and fells nothing', async () => {
    const engine = standInApi();
    const { port1, port2 } = new MessageChannel();
    servePort(engine, asEnginePort(port1));
    const answers: unknown[] = [];
    port2.on('message', (frame: unknown) => answers.push(frame));
    const frames: unknown[] = [
      null,
      undefined,
      0,
      '',
      'q',
      [],
      {},
      { t: 'q' },
      { t: 's' },
      { t: 's', i: 7 },
      { t: 'x', m: 'call', a: [] },
      { t: 'q', m: 'call', a: 'listJobs' },
      { t: 'q', m: 'call', a: [1, 2, 3, 4, 5] },
      { t: 'q', m: 7, a: [] },
      new Map(),
      new Uint8Array(9),
    ];
    for (const method of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'event', '$close', 'then', ''])
      frames.push({ t: 'q', i: `m:${method}`, m: method, a: ['x'] });
    for (const name of [
      'constructor',
      '__proto__',
      'toString',
      'valueOf',
      '',
      7,
      null,
      ['getJob'],
      { toString: 'getJob' },
      'GETJOB',
      'getJob ',
    ])
      frames.push({ t: 'q', i: `n:${JSON.stringify(name)}`, m: 'call', a: [name, { id: 'j' }] });
    for (const params of [null, 7, 'x', [], { id: 7 }, { id: '' }, { id: 'x'.repeat(101) }, { id: { toString: 'j' } }])
      frames.push({ t: 'q', i: `p:${JSON.stringify(params)}`, m: 'call', a: ['getJob', params] });
    frames.push({ t: 'q', i: 'last', m: 'call', a: ['getJob', { id: 'j' }] });
    for (const frame of frames) port2.postMessage(frame);
    await vi.waitFor(() => expect(answers).toContainEqual({ t: 's', i: 'last', r: SAMPLES.getJob.result }));

    expect(engine.calls).toEqual([{ name: 'getJob', params: { id: 'j' } }]);
    for (const answer of answers as { i?: string; r?: { code: string }; e?: Error }[]) {
      if (answer.i?.startsWith('m:')) expect(answer.e, answer.i).toBeInstanceOf(Error);
      if (answer.i?.startsWith('n:')) expect(answer.r?.code, answer.i).toBe('NOT_FOUND');
      if (answer.i?.startsWith('p:')) expect(answer.r?.code, answer.i).toBe('BAD_REQUEST');
    }
    port1.close();
  });
});

describe("main's own line to the engine", () => {
  function listen() {
    const engine = standInApi();
    const { port1, port2 } = new MessageChannel();
    servePort(engine, asEnginePort(port1));
    const heard: AppEvent[] = [];
    const calls: CallEngine[] = [];
    listenToEngine(asEnginePort(port2), (event, call) => {
      heard.push(event);
      calls.push(call);
    });
    return { engine, heard, calls, port1, port2 };
  }

  it('hears every event and can ask back', async () => {
    const { engine, heard, calls, port1 } = listen();
    await vi.waitFor(() => expect(heard).toEqual([{ type: 'ready' }]));
    expect(await calls[0]?.('listJobs', { limit: 5 })).toEqual(SAMPLES.listJobs.result);
    engine.failWith(new AppError('CONFLICT', 'No.'));
    await expect(calls[0]?.('getJob', { id: 'j' })).rejects.toMatchObject({ code: 'CONFLICT', message: 'No.' });
    engine.emit({ type: 'job-removed', id: 'j' });
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    port1.close();
  });

  it('is told nothing that the contract does not know, and fails when the engine goes away', async () => {
    const { engine, heard, calls, port1 } = listen();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    for (const odd of [
      null,
      7,
      { t: 'q', m: 'event', a: [{ type: 'x' }] },
      { t: 'q', m: 'constructor', a: [] },
      { t: 'q', m: 'event', a: [] },
    ])
      port1.postMessage(odd);
    engine.emit({ type: 'job-removed', id: 'last' });
    await vi.waitFor(() => expect(heard.at(-1)).toEqual({ type: 'job-removed', id: 'last' }));
    expect(heard).toHaveLength(2);
    vi.spyOn(engine, 'call').mockImplementationOnce(() => new Promise(() => undefined));
    const lost = calls[0]?.('listJobs', {});
    await vi.waitFor(() => expect(engine.call).toHaveBeenCalled());
    port1.close();
    await expect(lost).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(calls[0]?.('listJobs', {})).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
