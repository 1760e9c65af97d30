import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AppError } from '../contract/errors.ts';
import { listenAtAddress } from './address-listener.ts';
import { CloudflaredDriver, type CloudflaredDriverOptions } from './cloudflared-driver.ts';
import { readCloudflaredLine } from './cloudflared-output.ts';
import { commandLineCall, pathFolders } from './cloudflared-program.ts';
import { tunnelDriverCases } from './driver.cases.ts';
import { EngineStandIn, HastyClock, LogStandIn, sha256, WORKER_TOKEN } from './engine-stand-in.ts';
import { beginOver, fetchOver } from './fetch-over.cases.ts';

const WORKER = { url: 'http://worker.example', token: WORKER_TOKEN };
const STAND_IN = join(import.meta.dirname, 'cloudflared-stand-in.mjs');

interface Call {
  readonly pid: number;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly token: string | null;
  readonly host: string | null;
  readonly port: number;
}

/** A folder on the PATH with a cloudflared in it, and what it wrote down. */
class Installed {
  readonly folder: string;
  readonly env: Record<string, string>;

  constructor(folder: string) {
    this.folder = folder;
    this.env = { PATH: join(folder, 'bin'), HOME: folder, WORKER_TOKEN, SECRET_KEY: 'horse', HF_TOKEN: 'horse' };
  }

  static async make(): Promise<Installed> {
    const folder = await mkdtemp(join(tmpdir(), 'bt-cloudflared-'));
    await mkdir(join(folder, 'bin'));
    const program = join(folder, 'bin/cloudflared');
    await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${STAND_IN}' '${folder}' "$@"\n`);
    await chmod(program, 0o755);
    return new Installed(folder);
  }

  async calls(): Promise<readonly Call[]> {
    const text = await readFile(join(this.folder, 'calls.jsonl'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Call);
  }

  /** The one that runs now, as the last line tells. */
  async last(): Promise<Call> {
    const call = (await this.calls()).at(-1);
    if (call === undefined) throw new Error('It was not called.');
    return call;
  }

  behave(mode: 'refused' | 'silent' | 'unconnected' | ''): Promise<void> {
    return writeFile(join(this.folder, 'mode'), mode);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

interface Rig {
  readonly installed: Installed;
  readonly clock: HastyClock;
  readonly log: LogStandIn;
  readonly driver: CloudflaredDriver;
}

/** Pauses before a new start are short; how long it may be stuck and other limits are `limits`. */
async function rig(
  engine: EngineStandIn,
  more: Partial<CloudflaredDriverOptions> = {},
  stuckMs = 90_000,
): Promise<Rig> {
  const installed = await Installed.make();
  const clock = new HastyClock((delayMs) =>
    delayMs === 90_000 ? stuckMs : delayMs === 4_000 || delayMs === 30_000 ? delayMs : 10,
  );
  const log = new LogStandIn();
  const { verify } = engine;
  const driver = new CloudflaredDriver({
    listen: (hosts, port) => listenAtAddress({ hosts, port, verify, facing: engine, clock, log }),
    env: installed.env,
    named: null,
    port: 0,
    pidFile: join(installed.folder, 'data/cloudflared.pid'),
    clock,
    chance: { fraction: () => 0.5, id: (prefix) => prefix },
    log,
    ...more,
  });
  return { installed, clock, log, driver };
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

tunnelDriverCases('cloudflared', async (engine) => {
  const { installed, clock, log, driver } = await rig(engine);
  /** The edge of Cloudflare knows a host for as long as its tunnel lives. */
  const edge = async (link: string): Promise<number> => {
    const call = (await installed.calls()).find(({ host }) => host === new URL(link).host);
    if (call === undefined) throw new Error('No such host.');
    return call.port;
  };
  return {
    driver,
    log,
    worker: WORKER,
    fetch: async (link, request) => fetchOver(await edge(link), link, request),
    begin: async (link, headers) => beginOver(await edge(link), link, { headers }),
    breakLine: () => void installed.last().then(({ pid }) => process.kill(pid, 'SIGKILL')),
    async close() {
      await driver.close();
      for (const { pid } of await installed.calls()) expect(isAlive(pid)).toBe(false);
      expect(clock.pending.size).toBe(0);
      expect(log.lines.join('\n')).not.toMatch(/trycloudflare/);
      await installed.remove();
    },
  };
});

describe('cloudflared as a program', () => {
  test('is looked for in the folders of the PATH, and never where the app was started', () => {
    const path = '"C:\\Program Files (x86)\\cloudflared";.;bin;;C:\\Windows;\\\\server\\share';
    expect(pathFolders({ Path: path }, 'win32')).toEqual([
      'C:\\Program Files (x86)\\cloudflared',
      'C:\\Windows',
      '\\\\server\\share',
    ]);
    expect(pathFolders({ PATH: ':.:bin:/usr/bin:/odd "name"' }, 'linux')).toEqual(['/usr/bin', '/odd "name"']);
    expect(pathFolders({ Path: '/usr/bin' }, 'darwin')).toEqual([]);
  });

  test('that was left is told by its command line, on Windows from the system’s own shell', () => {
    const [shell, args] = commandLineCall(4711, 'win32', { SystemRoot: 'D:\\Windows' });
    expect(shell).toBe('D:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe');
    expect(args.at(-1)).toContain("'ProcessId=4711'");
    expect(commandLineCall(4711, 'linux', {})).toEqual(['ps', ['-o', 'args=', '-p', '4711']]);
  });
});

describe('cloudflared', () => {
  /** Opens a tunnel on a rig of its own, and takes all of it away. */
  async function withTunnel(
    use: (
      at: Rig & { engine: EngineStandIn; opened: ReturnType<CloudflaredDriver['open']>; states: string[] },
    ) => Promise<void>,
    more: (folder: Installed | null) => Partial<CloudflaredDriverOptions> = () => ({}),
    stuckMs?: number,
    before: (at: Rig) => Promise<void> = async () => undefined,
  ): Promise<void> {
    const engine = await EngineStandIn.make(50_000);
    const made = await rig(engine, more(null), stuckMs);
    await before(made);
    const states: string[] = [];
    const opened = made.driver.open(WORKER, (state) => states.push(state));
    try {
      await use({ ...made, engine, opened, states });
    } finally {
      await made.driver.close();
      for (const { pid } of await made.installed.calls()) expect(isAlive(pid)).toBe(false);
      expect(made.clock.pending.size).toBe(0);
      await made.installed.remove();
      await engine.remove();
    }
  }

  test('is one program for all workers, led to loopback, and is given nothing secret', () =>
    withTunnel(async ({ driver, installed, opened }) => {
      const second = driver.open(WORKER, () => undefined);
      await expect.poll(() => [opened.state, second.state]).toEqual(['open', 'open']);
      expect(opened.baseUrl).toBe(second.baseUrl);
      const calls = await installed.calls();
      expect(calls).toHaveLength(1);
      expect(calls[0]?.args.slice(0, 2)).toEqual(['tunnel', '--no-autoupdate']);
      expect(calls[0]?.args.at(-1)).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(calls[0]?.env.filter((name) => /TOKEN|SECRET/.test(name))).toEqual([]);
    }));

  test('comes back with another address when it dies, and the old one is served no more', () =>
    withTunnel(async ({ installed, opened, states, engine }) => {
      await expect.poll(() => opened.state).toBe('open');
      const before = opened.baseUrl ?? '';
      process.kill((await installed.last()).pid, 'SIGKILL');
      await expect.poll(() => opened.baseUrl !== null && opened.baseUrl !== before).toBe(true);
      expect(states).toEqual(['connecting', 'open', 'connecting', 'open']);
      const { port } = await installed.last();
      const link = engine.inputLink();
      const served = await fetchOver(port, link.replace('http://controller.tunnel', opened.baseUrl ?? ''));
      expect(sha256(served.body)).toBe(engine.prepared.sha256);
      const old = await fetchOver(port, link.replace('http://controller.tunnel', before));
      expect(old.status).toBe(421);
    }));

  test('that loses its connection is not open until it has one again, with the same address', () =>
    withTunnel(async ({ installed, opened }) => {
      await expect.poll(() => opened.state).toBe('open');
      const before = opened.baseUrl;
      const { pid } = await installed.last();
      process.kill(pid, 'SIGUSR2');
      await expect.poll(() => opened.state).toBe('connecting');
      process.kill(pid, 'SIGUSR2');
      await expect.poll(() => opened.state).toBe('open');
      expect(opened.baseUrl).toBe(before);
      expect(await installed.calls()).toHaveLength(1);
    }));

  test('that is refused is asked again with longer and longer pauses, and says what it was told', () =>
    withTunnel(
      async ({ installed, opened, clock }) => {
        await expect.poll(async () => (await installed.calls()).length).toBeGreaterThan(3);
        expect(opened.state).toBe('connecting');
        expect(opened.detail).toMatch(/^cloudflared says: .*quick ?tunnel/i);
        // The fourth pause begins only when the fourth program has ended.
        const pauses = () => clock.asked.filter((ms) => ms !== 90_000 && ms !== 4_000 && ms !== 30_000);
        await expect.poll(() => pauses().slice(0, 4)).toEqual([750, 1_250, 2_250, 4_250]);
        await installed.behave('');
        await expect.poll(() => opened.state).toBe('open');
        expect(opened.detail).toBeNull();
      },
      undefined,
      undefined,
      ({ installed }) => installed.behave('refused'),
    ));

  test.each(['silent', 'unconnected'] as const)('that stays %s is started anew', (mode) =>
    withTunnel(
      async ({ installed, opened }) => {
        await expect.poll(async () => (await installed.calls()).length).toBeGreaterThan(1);
        await installed.behave('');
        await expect.poll(() => opened.state).toBe('open');
      },
      undefined,
      400,
      ({ installed }) => installed.behave(mode),
    ),
  );

  test('that an earlier engine left behind is ended, and a stranger with its number is not', () =>
    withTunnel(async ({ installed, opened, driver, engine }) => {
      await expect.poll(() => opened.state).toBe('open');
      const left = await installed.last();
      // Another engine on the same folder, as after a kill: it finds the number of the first one's program.
      const pidFile = join(installed.folder, 'data/cloudflared.pid');
      expect(Number(await readFile(pidFile, 'utf8'))).toBe(left.pid);
      const next = await rig(engine, { pidFile, env: installed.env });
      const tunnel = next.driver.open(WORKER, () => undefined);
      await expect.poll(() => isAlive(left.pid)).toBe(false);
      await expect.poll(() => tunnel.state).toBe('open');
      await next.driver.close();
      await next.installed.remove();
      await driver.close();
      await writeFile(pidFile, `${process.pid}\n`);
      const third = await rig(engine, { pidFile, env: installed.env });
      const last = third.driver.open(WORKER, () => undefined);
      await expect.poll(() => last.state).toBe('open');
      await third.driver.close();
      await third.installed.remove();
    }));

  test('of a name has the address that was set, and its token goes by the environment', async () => {
    const engine = await EngineStandIn.make(1_000);
    const named = { token: 'ey-the-token', baseUrl: 'https://transcribe.example' };
    let port = 0;
    const made = await rig(engine, { named });
    const { installed, log } = made;
    const driver = new CloudflaredDriver({
      env: installed.env,
      named,
      port: 0,
      pidFile: join(installed.folder, 'pid'),
      clock: made.clock,
      chance: { fraction: () => 0.5, id: (prefix) => prefix },
      log,
      listen: async (hosts, at) => {
        const { verify } = engine;
        const listener = await listenAtAddress({ hosts, port: at, verify, facing: engine, clock: made.clock, log });
        port = listener.port;
        await writeFile(join(installed.folder, 'ingress'), `http://127.0.0.1:${port}`);
        return listener;
      },
    });
    const tunnel = driver.open(WORKER, () => undefined);
    await expect.poll(() => [tunnel.state, tunnel.baseUrl]).toEqual(['open', named.baseUrl]);
    const call = await installed.last();
    expect(call.token).toBe(named.token);
    expect(call.args.join(' ')).not.toContain(named.token);
    expect(call.args.at(-1)).toBe('run');
    const link = engine.inputLink().replace('http://controller.tunnel', named.baseUrl);
    expect((await fetchOver(call.port, link)).status).toBe(200);
    await driver.close();
    expect(log.lines.join('\n')).not.toContain(named.token);
    await installed.remove();
    await engine.remove();
  });

  test('whose port is taken is started by itself when it is free', async () => {
    const engine = await EngineStandIn.make(1_000);
    let isTaken = true;
    const made = await rig(engine, {
      named: { token: 'ey-the-token', baseUrl: 'https://transcribe.example' },
      listen: async (hosts, at) => {
        if (isTaken) throw new AppError('CONFLICT', 'The port is taken.');
        const { verify } = engine;
        const listener = await listenAtAddress({
          hosts,
          port: at,
          verify,
          facing: engine,
          clock: made.clock,
          log: made.log,
        });
        await writeFile(join(made.installed.folder, 'ingress'), `http://127.0.0.1:${listener.port}`);
        return listener;
      },
    });
    const tunnel = made.driver.open(WORKER, () => undefined);
    await expect
      .poll(() => made.log.lines.filter((line) => line.includes('cloudflared_not_started')).length)
      .toBeGreaterThan(2);
    expect([tunnel.state, tunnel.detail]).toEqual(['closed', 'The port is taken.']);
    isTaken = false;
    await expect.poll(() => [tunnel.state, tunnel.detail]).toEqual(['open', null]);
    await made.driver.close();
    expect(made.clock.pending.size).toBe(0);
    await made.installed.remove();
    await engine.remove();
  });

  test('that is given up while its port is taken is not tried again', async () => {
    const engine = await EngineStandIn.make(10);
    const taken = () => Promise.reject(new AppError('CONFLICT', 'The port is taken.'));
    const { driver, clock, installed } = await rig(engine, { listen: taken });
    const tunnel = driver.open(WORKER, () => undefined);
    await expect.poll(() => tunnel.detail).not.toBeNull();
    await tunnel.close();
    await driver.close();
    expect(clock.pending.size).toBe(0);
    await installed.remove();
    await engine.remove();
  });

  test('that is not installed cannot be had', async () => {
    const engine = await EngineStandIn.make(10);
    const { driver, installed } = await rig(engine, { env: { PATH: '/nowhere::relative' } });
    expect(driver.missing()).toContain('not on the PATH');
    await installed.remove();
    await engine.remove();
  });
});

describe('a line of cloudflared', () => {
  const box = '2026-11-25T10:00:00Z INF |  https://a-b-c.trycloudflare.com      |';
  test.each<[string, ReturnType<typeof readCloudflaredLine>]>([
    [box, { kind: 'address', baseUrl: 'https://a-b-c.trycloudflare.com' }],
    ['INF Requesting new quick Tunnel on trycloudflare.com...', null],
    ['INF |  https://evil.example/?https://a.trycloudflare.com.evil.example |', null],
    ['INF https://api.trycloudflare.com ', null],
    ['INF Registered tunnel connection connIndex=3 location=fra', { kind: 'connected', connection: 3 }],
    ['INF Unregistered tunnel connection connIndex=3', { kind: 'disconnected', connection: 3 }],
    ['WRN Connection terminated error="x" connIndex=1', { kind: 'disconnected', connection: 1 }],
    ['ERR Configuration file /dev/null was empty', null],
    ['ERR failed to serve incoming request', { kind: 'complaint', message: 'failed to serve incoming request' }],
    ['', null],
  ])('%j is read', (line, read) => expect(readCloudflaredLine(line)).toEqual(read));
});
