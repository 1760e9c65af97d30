// Owns a faithful fake of RunPod's REST API v2 on loopback: its calls with their rules, its keys, its balance, and the way to the proxy that
// leads to what runs in a pod. Every error that is documented can be had on demand.

import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import * as z from 'zod';
import type { Clock } from '../../src/controller/ports.ts';
import type { Answer } from './fake-answers.ts';
import { problem, problemOf } from './fake-answers.ts';
import { catalogue, fakeGpus } from './fake-catalogue.ts';
import { Faults, MinuteQuota } from './fake-faults.ts';
import { streamLog } from './fake-log-stream.ts';
import type { CreateBody, Machine, StartContainer } from './fake-machines.ts';
import { Machines } from './fake-machines.ts';
import { proxyRequest, proxyUpgrade } from './fake-proxy.ts';

export const KEY = 'rpa_fake_account_key_0123456789';

const createSchema = z.strictObject({
  name: z.string().min(1).max(191),
  image: z.string().min(1),
  args: z.string().optional(),
  gpu: z.strictObject({
    id: z.string(),
    count: z.int().min(1).optional(),
    minCudaVersion: z
      .string()
      .regex(/^\d+\.\d+$/)
      .optional(),
  }),
  cloud: z.enum(['SECURE', 'COMMUNITY']).optional(),
  dataCenterIds: z.array(z.string()).min(1).optional(),
  disk: z.int().min(1).optional(),
  ports: z
    .array(z.string().regex(/^\d+\/(http|tcp)$/))
    .max(10)
    .optional(),
  env: z.record(z.string(), z.string()).optional(),
  registry: z.string().nullable().optional(),
  mounts: z.unknown().optional(),
  startSsh: z.boolean().optional(),
  templateId: z.string().optional(),
});

export class FakeRunpod {
  readonly machines: Machines;
  readonly faults = new Faults();
  readonly quota: MinuteQuota;
  readonly gpus = fakeGpus();
  /** Keys of the account; `read`: may look and change nothing. */
  readonly keys = new Map<string, 'all' | 'read'>([[KEY, 'all']]);
  balance = 100;
  /** `runtime` of a pod that does not run: both were seen. */
  emptyRuntime: null | Record<string, never> = null;
  /** The service in every pod is down: the proxy answers 502 though the pod runs. */
  serviceDown = false;
  /** Every call that was answered or lost, as `METHOD /path`, in order. */
  readonly calls: string[] = [];
  readonly #clock: Clock;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(clock: Clock, start: StartContainer | null) {
    this.#clock = clock;
    this.machines = new Machines(clock, start);
    this.quota = new MinuteQuota(clock);
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('upgrade', (request, socket: Socket, head) =>
      proxyUpgrade(this.#portOf(request.url ?? ''), request, socket, head),
    );
  }

  /** @param start what runs in pods; null for pods in which nothing runs */
  static async listen(clock: Clock, start: StartContainer | null = null): Promise<FakeRunpod> {
    const fake = new FakeRunpod(clock, start);
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get #origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get baseUrl(): string {
    return `${this.#origin}/v2`;
  }

  /** Where pods are reached, with {podId} and {port} to be filled in. */
  get proxyUrl(): string {
    return `${this.#origin}/proxy/{podId}-{port}`;
  }

  /** The balance reaches zero: RunPod ends all pods. */
  async runOut(): Promise<void> {
    this.balance = 0;
    for (const machine of [...this.machines.all.values()]) await this.machines.terminate(machine);
  }

  async close(): Promise<void> {
    this.#server.close();
    await this.machines.close();
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  #portOf(url: string): { readonly port: number | null; readonly path: string } | null {
    const match = /^\/proxy\/([a-z0-9]+)-\d+(\/.*)?$/.exec(url);
    if (match === null) return null;
    const machine = this.machines.get(match[1] ?? '');
    const port = this.serviceDown || machine?.status !== 'RUNNING' ? null : (machine.container?.port ?? null);
    return { port, path: match[2] ?? '/' };
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = request.url ?? '/';
    if (url.startsWith('/proxy/')) return proxyRequest(this.#portOf(url), request, response);
    const { pathname, searchParams } = new URL(url, this.#origin);
    const path = pathname.replace(/^\/v2/, '');
    const call = `${request.method} ${path}`;
    this.calls.push(call);
    const body = await readBody(request);
    const fault = this.faults.take(call);
    if (fault?.kind === 'held') await fault.until;
    if (fault?.kind === 'lost-request') return void response.destroy();
    const quota = this.quota.take();
    const send = ({ status, body: answer }: Answer, headers: Record<string, string> = {}): void => {
      if (response.destroyed) return;
      const type = status >= 400 ? 'application/problem+json' : 'application/json';
      response.writeHead(status, { 'Content-Type': type, ...quota.headers, ...headers });
      response.end(answer === undefined ? undefined : JSON.stringify(answer));
    };
    if (fault?.kind === 'page') {
      response.writeHead(fault.status, { 'Content-Type': 'text/html' });
      response.end('<html><body>Bad gateway</body></html>');
      return;
    }
    if (fault?.kind === 'answer') return send(problemOf(fault), fault.headers);
    if (!pathname.startsWith('/v2/')) return send(problem(410, 'Gone', 'this version of the API was retired'));
    const key = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const refused = this.#refuse(key, request.method ?? '', path);
    if (refused !== null) return send(refused);
    if (!quota.allowed) return send(problem(429, 'Too Many Requests', 'rate limit exceeded for the minute window'));
    if (request.method === 'GET' && path.endsWith('/logs'))
      return streamLog(this.machines, path, searchParams, request, response);
    const answer = await this.#answer(request.method ?? '', path, searchParams, body);
    if (fault?.kind === 'lost-reply') return void response.destroy();
    send(answer);
  }

  #refuse(key: string, method: string, path: string): Answer | null {
    const scope = this.keys.get(key);
    if (scope === 'all' || (scope === 'read' && method === 'GET')) return null;
    if (scope === 'read') return problem(403, 'Forbidden', 'access denied');
    const own = [...this.machines.all.values()].find(({ ownKey }) => ownKey === key);
    if (own === undefined) return problem(401, 'Unauthorized', 'invalid bearer token');
    return path.startsWith(`/pods/${own.id}`) ? null : problem(403, 'Forbidden', 'access denied');
  }

  async #answer(method: string, path: string, query: URLSearchParams, body: string): Promise<Answer> {
    if (method === 'GET' && path === '/pods')
      return { status: 200, body: { pods: [...this.machines.all.values()].map((machine) => this.#view(machine)) } };
    if (method === 'POST' && path === '/pods') return this.#create(body);
    if (method === 'GET' && path === '/catalog/gpus') return catalogue(this.gpus, query);
    if (method === 'GET' && path === '/billing/pods') return this.#billing();
    const [, id = '', action] = /^\/pods\/([^/]+)(\/action)?$/.exec(path) ?? [];
    const machine = this.machines.get(id);
    if (machine === null) return problem(404, 'Not Found', 'pod not found');
    if (action === undefined && method === 'GET') return { status: 200, body: this.#view(machine) };
    if (action === undefined && method === 'DELETE') {
      await this.machines.terminate(machine);
      return { status: 204 };
    }
    if (action !== undefined && method === 'POST') return this.#act(machine, body);
    return problem(405, 'Method Not Allowed', 'The requested method is not allowed for this path.');
  }

  #create(body: string): Answer {
    const parsed = createSchema.safeParse(parseJson(body));
    if (!parsed.success)
      return problem(
        422,
        'Unprocessable Entity',
        'Request validation failed.',
        parsed.error.issues.map(({ message }) => message),
      );
    const wanted = parsed.data as CreateBody;
    if (Object.keys(wanted.env ?? {}).length > 50)
      return problem(400, 'Bad Request', 'at most 50 environment variables');
    const kind = this.gpus.find(({ id }) => id === wanted.gpu.id);
    if (kind === undefined) return problem(400, 'Bad Request', `unknown gpu id ${wanted.gpu.id}`);
    const price = wanted.cloud === 'COMMUNITY' ? kind.community : kind.secure;
    // An hour's credit is needed to deploy.
    if (this.balance < (price ?? 0)) return problem(402, 'Payment Required', 'insufficient balance');
    if (price === null || kind.free <= 0)
      return problem(
        400,
        'Bad Request',
        'there are no longer any instances available with the requested specifications',
      );
    kind.free -= 1;
    return { status: 201, body: this.#view(this.machines.create(wanted, price)) };
  }

  async #act(machine: Machine, body: string): Promise<Answer> {
    const parsed = z
      .strictObject({ action: z.enum(['start', 'stop', 'restart', 'terminate']) })
      .safeParse(parseJson(body));
    if (!parsed.success) return problem(422, 'Unprocessable Entity', 'Request validation failed.');
    const { action } = parsed.data;
    if (!this.machines.actions(machine).includes(action))
      return problem(409, 'Conflict', `cannot ${action} a pod that is ${machine.status}`);
    if (action === 'terminate') {
      await this.machines.terminate(machine);
      return { status: 204 };
    }
    if (action === 'stop') await this.machines.stop(machine);
    else if (action === 'start') this.machines.startAgain(machine);
    else await this.machines.restart(machine);
    return { status: 200, body: this.#view(machine) };
  }

  #billing(): Answer {
    const records = [...this.machines.all.values(), ...this.machines.gone].map((machine) => {
      const day = new Date(machine.createdAt).toISOString().slice(0, 10);
      return {
        ...{ startTime: `${day}T00:00:00Z`, endTime: `${day}T23:59:59Z`, podId: machine.id },
        ...{ totalAmount: this.machines.costOf(machine), gpuAmount: this.machines.costOf(machine), diskAmount: 0 },
      };
    });
    return { status: 200, body: { records, metadata: { bucketSize: 'day' } } };
  }

  #view(machine: Machine): Record<string, unknown> {
    const { id, body, status } = machine;
    return {
      ...{ id, name: body.name, image: body.image, args: '', disk: body.disk ?? 50, ports: body.ports ?? [] },
      ...{ env: body.env ?? {}, registry: null, status, actions: this.machines.actions(machine), mounts: {} },
      gpu: machine.gpuCount === 0 ? { id: body.gpu.id, count: 0 } : { id: body.gpu.id, count: machine.gpuCount },
      ...{ cloud: body.cloud ?? 'SECURE', dataCenterId: 'US-KS-2', cudaVersion: '12.8', template: null, locked: false },
      cost: machine.costsSince === null ? 0 : machine.usdPerHour,
      runtime:
        status === 'RUNNING'
          ? { uptime: Math.round((this.#clock.now() - (machine.startedAt ?? 0)) / 1000), ports: [] }
          : this.emptyRuntime,
      createdAt: new Date(machine.createdAt).toISOString(),
      startedAt: machine.startedAt === null ? null : new Date(machine.startedAt).toISOString(),
      globalNetworking: { enabled: false },
      aFieldOfALaterVersion: ['x'],
    };
  }

  /** Cuts every connection that is open: log streams break, and are taken up again. */
  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
