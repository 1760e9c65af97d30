// Owns what every boundary that carries AppApi must keep, as a suite that each of them runs, with a stand-in engine behind it.

import { describe, expect, it, vi } from 'vitest';
import { API_NAMES, type ApiName, type ApiResult, type AppApi, type AppEvent } from '../contract/api.ts';
import { AppError, ERROR_CODES } from '../contract/errors.ts';
import { SAMPLES } from './app-api-samples.cases.ts';
import { SAMPLE_JOB } from './app-api-views.cases.ts';

export interface StandInApi extends AppApi {
  readonly calls: { readonly name: ApiName; readonly params: unknown }[];
  readonly listeners: number;
  /** Sends an event to all listeners. */
  emit(event: AppEvent): void;
  /** What the next calls throw; null answers again. */
  failWith(thrown: unknown): void;
}

/** An engine that answers every call with its sample. */
export function standInApi(): StandInApi {
  const listeners = new Set<(event: AppEvent) => void>();
  let failure: unknown = null;
  const calls: StandInApi['calls'] = [];
  return {
    calls,
    get listeners() {
      return listeners.size;
    },
    emit(event) {
      for (const listener of [...listeners]) listener(event);
    },
    failWith(thrown) {
      failure = thrown;
    },
    async call(name, params) {
      calls.push({ name, params });
      if (failure !== null) throw failure;
      return SAMPLES[name].result as ApiResult<typeof name>;
    },
    subscribe(listener) {
      listeners.add(listener);
      listener({ type: 'ready' });
      return () => listeners.delete(listener);
    },
  };
}

/** A client on the far side of the boundary, with the engine that is behind it. */
export interface Joined {
  readonly engine: StandInApi;
  readonly client: AppApi;
  close(): Promise<void>;
}

/** The suite. `join` builds both ends anew for each case. */
export function appApiCases(join: () => Promise<Joined>): void {
  const joined = async (check: (both: Joined) => Promise<void>): Promise<void> => {
    const both = await join();
    try {
      await check(both);
    } finally {
      await both.close();
    }
  };

  describe('calls', () => {
    it.each(API_NAMES)('%s arrives whole and its result comes back whole', (name) =>
      joined(async ({ engine, client }) => {
        expect(await client.call(name, SAMPLES[name].params as never)).toEqual(SAMPLES[name].result);
        expect(engine.calls).toHaveLength(1);
        expect(engine.calls[0]).toMatchObject({ name, params: SAMPLES[name].params });
      }),
    );

    it('every error keeps its code and its message', () =>
      joined(async ({ engine, client }) => {
        for (const code of ERROR_CODES) {
          engine.failWith(new AppError(code, `About ${code} – ü`));
          const thrown: unknown = await client.call('getJob', { id: 'j' }).catch((error: unknown) => error);
          expect(thrown).toBeInstanceOf(AppError);
          expect(thrown).toMatchObject({ code, message: `About ${code} – ü` });
        }
      }));

    it('an error that is none of ours becomes INTERNAL', () =>
      joined(async ({ engine, client }) => {
        engine.failWith(new RangeError('odd'));
        await expect(client.call('getJob', { id: 'j' })).rejects.toMatchObject({ code: 'INTERNAL' });
      }));

    it('parameters that the table refuses do not reach the engine, and the field is named', () =>
      joined(async ({ engine, client }) => {
        await expect(
          client.call('addWorker', { name: 'pod', url: 'ftp://pod.example', token: 't' }),
        ).rejects.toMatchObject({
          code: 'BAD_REQUEST',
          message: expect.stringContaining('url'),
        });
        await expect(client.call('addJobs', { paths: [] })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
        expect(engine.calls).toEqual([]);
      }));
  });

  describe('events', () => {
    it('begin with ready, come in order, and end when nobody wants them', () =>
      joined(async ({ engine, client }) => {
        const seen: AppEvent[] = [];
        const undo = client.subscribe((event) => seen.push(event));
        await vi.waitFor(() => expect(seen).toEqual([{ type: 'ready' }]));
        const sent: AppEvent[] = Array.from({ length: 200 }, (_, index) => ({
          type: 'job-removed',
          id: `j${index} ü\n`,
        }));
        for (const event of sent) engine.emit(event);
        engine.emit({ type: 'job', job: SAMPLE_JOB });
        await vi.waitFor(() => expect(seen).toHaveLength(202));
        expect(seen).toEqual([{ type: 'ready' }, ...sent, { type: 'job', job: SAMPLE_JOB }]);
        undo();
        await vi.waitFor(() => expect(engine.listeners).toBe(0));
      }));
  });
}
