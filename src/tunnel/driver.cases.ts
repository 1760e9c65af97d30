// Owns what every kind of tunnel must do, whatever carries it: each driver's own test runs these cases on a rig of its own.

import type { IncomingMessage } from 'node:http';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TUNNEL_BASE_URL } from '../contract/tunnel-wire.ts';
import type { Tunnel, TunnelDriver, TunnelState } from '../controller/ports.ts';
import { contentDigest, EngineStandIn, type LogStandIn, sha256, WORKER_TOKEN } from './engine-stand-in.ts';
import type { StandInAnswer, StandInRequest } from './worker-stand-in.ts';

/** A driver with all that is around it, and the far end as a worker has it. */
export interface DriverRig {
  readonly driver: TunnelDriver;
  readonly log: LogStandIn;
  /** Where the worker of the tunnel is. */
  readonly worker: { readonly url: string; readonly token: string };
  /** A whole request of the worker's; `url` is a link with the tunnel's present base. Rejects when it is cut, or leads nowhere. */
  fetch(url: string, request?: StandInRequest): Promise<StandInAnswer>;
  /** A request of which the body is still to come. */
  begin(url: string, headers: Record<string, string>): Promise<IncomingMessage>;
  /** Breaks the line as it breaks in life. It comes back by itself. */
  breakLine(): void;
  /** Ends the driver and the far end. Nothing may be left: no timer, no process, no listener. */
  close(): Promise<void>;
}

const SIZE = 6 * 1024 * 1024 + 4_321;

/** An open tunnel whose states are remembered. */
class Watched {
  readonly states: TunnelState[] = [];
  readonly tunnel: Tunnel;
  #wake: (() => void)[] = [];

  constructor(rig: DriverRig) {
    this.tunnel = rig.driver.open(rig.worker, (state) => {
      this.states.push(state);
      for (const wake of this.#wake.splice(0)) wake();
    });
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  async reached(state: TunnelState): Promise<void> {
    await this.until(() => this.tunnel.state === state);
  }
}

export function tunnelDriverCases(name: string, make: (engine: EngineStandIn) => Promise<DriverRig>): void {
  describe(`the driver ${name}`, () => {
    let engine: EngineStandIn;
    let rig: DriverRig;
    beforeAll(async () => {
      engine = await EngineStandIn.make(SIZE);
      return () => engine.remove();
    });
    beforeEach(async () => {
      rig = await make(engine);
    });
    afterEach(async () => {
      await rig.close();
      expect(rig.log.lines.join('\n')).not.toMatch(/sig=|horse/);
    });

    const opened = async (): Promise<Watched> => {
      const watched = new Watched(rig);
      await watched.reached('open');
      return watched;
    };
    /** A link of the engine, as it is made for the tunnel as it is now. */
    const at = ({ tunnel }: Watched, link: string): string => {
      if (tunnel.baseUrl === null) throw new Error('The tunnel leads nowhere.');
      return link.replace(TUNNEL_BASE_URL, tunnel.baseUrl);
    };

    test('can be had, opens, and says where links begin', async () => {
      expect(rig.driver.missing()).toBeNull();
      const { tunnel } = await opened();
      expect(tunnel.detail).toBeNull();
      expect(new URL(tunnel.baseUrl ?? '').origin).toBe(tunnel.baseUrl);
    });

    test('carries a recording whole, counts its bytes, and takes the transcript and the nudge', async () => {
      const open = await opened();
      const before = engine.sentBytes;
      const { status, headers, body } = await rig.fetch(at(open, engine.inputLink()));
      expect([status, headers['accept-ranges']]).toEqual([200, 'bytes']);
      expect(sha256(body)).toBe(engine.prepared.sha256);
      expect(engine.sentBytes - before).toBe(SIZE);

      const json = JSON.stringify({ text: 'said' });
      const authorization = `Bearer ${WORKER_TOKEN}`;
      const stored = await rig.fetch(at(open, engine.outputLink()), {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json', 'content-digest': contentDigest(json) },
        body: json,
      });
      expect([stored.status, JSON.parse(stored.body.toString())]).toEqual([
        200,
        { stored: true, sha256: sha256(json) },
      ]);
      expect(engine.delivered.at(-1)?.json).toBe(json);
      const done = await rig.fetch(at(open, engine.completeLink()), {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ workerJobId: 'wk_1', controllerJobId: 'job_1', status: 'complete' }),
      });
      expect(done.status).toBe(200);
    });

    test('serves the three routes for its own host and nothing else', async () => {
      const open = await opened();
      const link = engine.inputLink();
      for (const path of ['/', '/api/runtime', '/api/jobs', '/v1/ping', '/..%2f..%2fetc%2fpasswd', '/api/jobs/job_1'])
        expect((await rig.fetch(at(open, `${TUNNEL_BASE_URL}${path}`))).status, path).toBe(404);
      expect((await rig.fetch(at(open, link.replace('sig=', 'sig=A')))).status).toBe(403);
      expect((await rig.fetch(at(open, link), { method: 'DELETE' })).status).toBe(405);
      const page = { origin: 'https://evil.example' };
      expect((await rig.fetch(at(open, link), { headers: page })).status).toBe(403);
      expect((await rig.fetch(at(open, link), { headers: { host: 'evil.example' } })).status).toBe(421);
    });

    test('does not serve an attempt that is over', async () => {
      const open = await opened();
      const { status, body } = await rig.fetch(at(open, engine.inputLink({ attempt: 2 })));
      expect([status, JSON.parse(body.toString()).code]).toEqual([409, 'ATTEMPT_SUPERSEDED']);
    });

    test('comes back when the line breaks, and what had arrived is not sent again', async () => {
      const open = await opened();
      const response = await rig.begin(at(open, engine.inputLink()), {});
      const etag = response.headers.etag ?? '';
      const first: Buffer[] = [];
      let got = 0;
      await new Promise<void>((resolve) => {
        // Broken in the middle: what comes after that is thrown away, as a worker's socket would have it.
        response.on('data', (chunk: Buffer) => {
          if (got >= SIZE / 4) return;
          first.push(chunk);
          got += chunk.length;
          if (got >= SIZE / 4) {
            response.pause();
            rig.breakLine();
            response.destroy();
          }
        });
        response.on('error', () => undefined).once('close', resolve);
      });
      const headers = { Range: `bytes=${got}-`, 'If-Range': etag };
      const second = await retried(async () => {
        await open.reached('open');
        return rig.fetch(at(open, engine.inputLink()), { headers });
      });
      expect(second.status).toBe(206);
      expect(second.body).toHaveLength(SIZE - got);
      expect(sha256(Buffer.concat([...first, second.body]))).toBe(engine.prepared.sha256);
    });

    test('closing one tunnel leaves another alone, and a closed one stays closed', async () => {
      const first = await opened();
      const second = await opened();
      await first.tunnel.close();
      await first.tunnel.close();
      expect(first.tunnel.state).toBe('closed');
      expect(first.states.at(-1)).toBe('closed');
      const told = first.states.length;
      await second.reached('open');
      const { body } = await retried(() => rig.fetch(at(second, engine.inputLink())));
      expect(sha256(body)).toBe(engine.prepared.sha256);
      await second.tunnel.close();
      expect(first.states).toHaveLength(told);
    });

    test('can be opened again after it was closed', async () => {
      const first = await opened();
      await first.tunnel.close();
      const again = await opened();
      const { body } = await retried(() => rig.fetch(at(again, engine.inputLink())));
      expect(sha256(body)).toBe(engine.prepared.sha256);
    });
  });
}

/** As a worker does it: a request that is cut or finds a proxy's page is made again. */
async function retried(ask: () => Promise<StandInAnswer>): Promise<StandInAnswer> {
  for (let left = 200; ; left -= 1) {
    const answer = await ask().catch((error: unknown) => {
      if (left === 0) throw error;
      return null;
    });
    if (answer !== null && answer.status < 500) return answer;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
