// Owns a worker that plays what the test tells it, for this room's tests.

import { AppError } from '../contract/errors.ts';
import { TUNNEL_BASE_URL } from '../contract/tunnel-wire.ts';
import type { JobAccepted, JobRequest, JobStatus, Ping, WorkerEvent } from '../contract/worker-wire.ts';
import { pingSchema } from '../contract/worker-wire.ts';
import type { Tunnel, TunnelDriver, TunnelDrivers, TunnelState, WorkerClient } from './ports.ts';
import { UnknownJob } from './ports.ts';

/** A worker as the test wants it to be at the moment. Every call asks these fields. */
export class ScriptedWorker {
  /** Calls that were made. */
  asked = 0;
  ping: Partial<Ping> = {};
  /** Thrown by every call while set. */
  down: AppError | null = null;
  /** Thrown by `submit` while set. */
  refuses: AppError | null = null;
  tunnel: TunnelState = 'open';
  /** The tunnel's dial is refused for its token. */
  tunnelRefused = false;
  /** What it says of each job; a job that was submitted is `running` until the test says otherwise. */
  readonly jobs = new Map<string, JobStatus>();
  /** The boot that says that it does not know a job. */
  unknownBoot: string | null = 'boot-2';
  /** Called before every answer about a job. */
  onStatus: () => void = () => undefined;
  /** Called whenever the events of a job are asked for. */
  onEvents: () => void = () => undefined;
  /** While set, the answer to an offer that was taken is on its way. */
  slow: Promise<void> | null = null;
  readonly submitted: { readonly request: JobRequest; readonly key: string }[] = [];
  readonly canceled: string[] = [];
  readonly events: { readonly id: number; readonly event: WorkerEvent }[] = [];
  /** Kinds of the tunnels that were opened, oldest first. */
  readonly opened: string[] = [];
  /** Where cloudflared leads; null where it is not installed. */
  cloudflared: string | null = null;
  #tunnels: ((state: TunnelState) => void)[] = [];

  client(): WorkerClient {
    const answer = async <Result>(signal: AbortSignal, give: () => Result): Promise<Result> => {
      if (signal.aborted) throw new AppError('REMOTE_WORKER_UNREACHABLE', 'Nobody waits for the answer.');
      this.asked += 1;
      if (this.down !== null) throw this.down;
      return give();
    };
    return {
      ping: (signal) => answer(signal, () => ({ ping: this.#ping(), latencyMs: 3 })),
      submit: async (request, key, signal) => {
        const accepted = await answer(signal, () => {
          this.submitted.push({ request, key });
          if (this.refuses !== null) throw this.refuses;
          return this.#accept(request, key);
        });
        if (this.slow !== null) await Promise.race([this.slow, untilAborted(signal)]);
        return accepted;
      },
      status: (id, signal) =>
        answer(signal, () => {
          this.onStatus();
          const status = this.jobs.get(id);
          if (status === undefined) throw new UnknownJob(this.ping.bootId === null ? null : this.unknownBoot);
          return status;
        }),
      events: (_id, after) => this.#stream(after),
      cancel: (id, signal) => answer(signal, () => void this.canceled.push(id)),
      close: async () => undefined,
    };
  }

  /** Says something else about a job from now on. */
  says(key: string, change: Partial<JobStatus>): void {
    const id = `wk_${key}`;
    const status = this.jobs.get(id);
    if (status !== undefined) this.jobs.set(id, { ...status, ...change });
  }

  /** @param address CONTROLLER_BASE_URL. cloudflared is there when {@link cloudflared} has an address. */
  tunnels(address: string | null): TunnelDrivers {
    const worker = this;
    const driver = (kind: string, base: () => string | null, missing: () => string | null): TunnelDriver => ({
      missing,
      open: (_address, onChange): Tunnel => {
        this.#tunnels.push(onChange);
        this.opened.push(kind);
        return {
          get state() {
            return worker.tunnel;
          },
          get baseUrl() {
            return base();
          },
          detail: null,
          get refused() {
            return worker.tunnelRefused;
          },
          close: async () => {
            this.#tunnels = this.#tunnels.filter((each) => each !== onChange);
          },
        };
      },
    });
    return {
      worker: driver(
        'worker',
        () => TUNNEL_BASE_URL,
        () => null,
      ),
      address: driver(
        'address',
        () => address,
        () => (address === null ? 'CONTROLLER_BASE_URL is not set.' : null),
      ),
      cloudflared: driver(
        'cloudflared',
        () => this.cloudflared,
        () => (this.cloudflared === null ? 'cloudflared is not installed.' : null),
      ),
    };
  }

  /** Its program came back with another address. */
  moveTo(base: string): void {
    this.cloudflared = base;
    for (const tell of this.#tunnels) tell(this.tunnel);
  }

  /** Opens or closes the tunnel under everyone. */
  setTunnel(state: TunnelState): void {
    this.tunnel = state;
    for (const tell of this.#tunnels) tell(state);
  }

  #ping(): Ping {
    return pingSchema.parse({
      status: 'ok',
      gpu: false,
      models: ['small'],
      diarization: false,
      identity: { gitCommit: 'b4b98e5', buildTime: null, declaredImageDigest: null, imageDigestSource: 'none' },
      protocol: 2,
      features: ['tunnel', 'events'],
      prefetchJobs: 1,
      bootId: 'boot-1',
      ...this.ping,
    });
  }

  #accept(request: JobRequest, key: string): JobAccepted {
    const workerJobId = `wk_${key}`;
    const bootId = this.#ping().bootId;
    if (!this.jobs.has(workerJobId)) {
      this.jobs.set(workerJobId, {
        workerJobId,
        controllerJobId: request.controllerJobId,
        status: 'running',
        stage: 'transcribing',
        error: null,
        bootId,
        result: null,
      });
    }
    return { workerJobId, status: 'running', bootId, instanceId: null };
  }

  async *#stream(after: number): AsyncGenerator<{ readonly id: number; readonly event: WorkerEvent }> {
    this.onEvents();
    for (const entry of this.events) if (entry.id > after) yield entry;
  }
}

/** Rejects as a call does whose caller gives up. */
function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const give = (): void => reject(new AppError('REMOTE_WORKER_UNREACHABLE', 'Nobody waits for the answer.'));
    if (signal.aborted) give();
    else signal.addEventListener('abort', give, { once: true });
  });
}
