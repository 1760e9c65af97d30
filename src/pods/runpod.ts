// Owns RunPod as a provider of machines: each call of the interface as a call of its REST API v2.

import type * as z from 'zod';
import type { PodCloud, PodLogLine } from '../contract/pods.ts';
import { say } from '../contract/sentences.ts';
import type { CatalogueGpu } from '../jobs/pod-choice.ts';
import { parseEvents } from '../workers/sse.ts';
import type { PodBill, PodPower, PodProvider, PodSpec, ProviderPod } from './provider.ts';
import { ProviderRefusal } from './provider.ts';
import type { RunpodHttpOptions } from './runpod-http.ts';
import { RunpodHttp, unreachable } from './runpod-http.ts';
import {
  billingSchema,
  catalogueSchema,
  createBody,
  logLineSchema,
  podListSchema,
  podSchema,
  readCatalogue,
  readPod,
} from './runpod-wire.ts';

export interface RunpodOptions extends RunpodHttpOptions {
  /** `https://{podId}-{port}.proxy.runpod.net`, with these two to be filled in. */
  readonly proxyUrl: string;
}

/** How RunPod says that a GPU is not to be had. Its 400 means that or a broken rule, and the text alone tells which. */
const NO_CAPACITY =
  /no (longer )?(any )?(instances?|capacity|gpus?|machines?|resources?)|not enough|unavailable|insufficient|out of (stock|capacity)|could not find/i;

/** {@link PodProvider} over RunPod's REST API v2. */
export class Runpod implements PodProvider {
  readonly #http: RunpodHttp;
  readonly #proxyUrl: string;

  constructor(options: RunpodOptions) {
    this.#http = new RunpodHttp(options);
    this.#proxyUrl = options.proxyUrl;
  }

  async catalogue(cloud: PodCloud, minCudaVersion: string, signal: AbortSignal): Promise<readonly CatalogueGpu[]> {
    const query = new URLSearchParams({ include: 'AVAILABILITY', product: 'POD', count: '1', cloud, minCudaVersion });
    const path = `/catalog/gpus?${query}`;
    return readCatalogue(await this.#ask({ method: 'GET', path, canWait: true, signal }, catalogueSchema));
  }

  async create(spec: PodSpec, signal: AbortSignal): Promise<ProviderPod> {
    try {
      const call = { method: 'POST', path: '/pods', body: createBody(spec), signal } as const;
      return readPod(await this.#ask(call, podSchema));
    } catch (thrown) {
      if (thrown instanceof ProviderRefusal && thrown.status === 400 && NO_CAPACITY.test(thrown.detail))
        throw new ProviderRefusal('PODS_NO_CAPACITY', say('pods_none_free_why', { reason: thrown.detail }), {
          status: thrown.status,
          detail: thrown.detail,
          cause: thrown,
        });
      throw thrown;
    }
  }

  /** Without pages: the API gives all pods of the account at once, and takes no filter. */
  async list(signal: AbortSignal): Promise<readonly ProviderPod[]> {
    const { pods } = await this.#ask({ method: 'GET', path: '/pods', canWait: true, signal }, podListSchema);
    return pods.map(readPod);
  }

  async get(providerId: string, signal: AbortSignal): Promise<ProviderPod> {
    return readPod(await this.#ask({ method: 'GET', path: podPath(providerId), signal }, podSchema));
  }

  async power(providerId: string, what: PodPower, signal: AbortSignal): Promise<ProviderPod> {
    const path = `${podPath(providerId)}/action`;
    return readPod(await this.#ask({ method: 'POST', path, body: { action: what }, signal }, podSchema));
  }

  async terminate(providerId: string, signal: AbortSignal): Promise<void> {
    try {
      await this.#http.call({ method: 'DELETE', path: podPath(providerId), signal });
    } catch (thrown) {
      if (thrown instanceof ProviderRefusal && thrown.code === 'PODS_GONE') return;
      throw thrown;
    }
  }

  async *logs(
    providerId: string,
    { tail, after }: { readonly tail: number; readonly after: string | null },
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly id: string; readonly line: PodLogLine }, void, undefined> {
    const path = `${podPath(providerId)}/logs?tail=${after === null ? tail : 0}`;
    const body = await this.#http.stream(path, after === null ? {} : { 'last-event-id': after }, signal);
    try {
      for await (const { id, data } of parseEvents(body)) {
        const parsed = logLineSchema.safeParse(parseJson(data));
        if (parsed.success)
          yield { id, line: { at: parsed.data.ts, source: parsed.data.source, line: parsed.data.line } };
      }
    } catch (thrown) {
      throw unreachable(thrown);
    }
  }

  async bills(days: number, signal: AbortSignal): Promise<readonly PodBill[]> {
    const path = `/billing/pods?bucketSize=day&lastN=${days}`;
    const { records } = await this.#ask({ method: 'GET', path, canWait: true, signal }, billingSchema);
    return records.flatMap(({ podId, startTime, totalAmount }) =>
      podId == null || !/^\d{4}-\d{2}-\d{2}/.test(startTime)
        ? []
        : [{ providerId: podId, day: startTime.slice(0, 10), usd: totalAmount }],
    );
  }

  address(providerId: string, port: number): string {
    return this.#proxyUrl.replaceAll('{podId}', providerId).replaceAll('{port}', String(port));
  }

  close(): Promise<void> {
    return this.#http.close();
  }

  async #ask<Schema extends z.ZodType>(
    call: Parameters<RunpodHttp['call']>[0],
    schema: Schema,
  ): Promise<z.output<Schema>> {
    const parsed = schema.safeParse(await this.#http.call(call));
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new ProviderRefusal('PODS_PROTOCOL', say('pods_not_understood', { place: where }), {
      cause: parsed.error,
    });
  }
}

function podPath(providerId: string): string {
  return `/pods/${encodeURIComponent(providerId)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What does not parse fits no schema.
    return undefined;
  }
}
