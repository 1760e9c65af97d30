// Owns the calls about workers: listing, adding, removing, testing an address, adopting an identity, and the runtime answer.

import type { ApiInput, ApiResult } from '../contract/api.ts';
import { AppError, explain, toAppError } from '../contract/errors.ts';
import type { ExpectedIdentity } from '../contract/identity.ts';
import { parsePushOutput } from '../contract/identity.ts';
import type { Runtime } from '../contract/runtime.ts';
import { PHRASES, type Sentence, say } from '../contract/sentences.ts';
import type { TunnelKind } from '../contract/tunnel-wire.ts';
import { LOCAL_WORKER_ID, type WorkerHistory, type WorkerView } from '../contract/worker-view.ts';
import type { Clock, ConnectWorker, SettingsSource, TunnelDrivers } from './ports.ts';
import { chooseTunnel } from './tunnel-choice.ts';
import type { WorkerLink } from './worker-link.ts';
import type { WorkerRecords } from './worker-ports.ts';
import type { WorkerRoster } from './worker-roster.ts';

export interface WorkerCallDeps {
  readonly roster: WorkerRoster;
  readonly records: WorkerRecords;
  readonly settings: SettingsSource;
  readonly tunnels: () => TunnelDrivers;
  readonly connect: ConnectWorker;
  readonly clock: Clock;
  readonly version: string;
  /** Called after the expected identity was changed here. */
  readonly onSettings: () => void;
}

/** How a worker will get at recordings, in words. */
const WAYS: Record<TunnelKind, Sentence> = {
  worker: say('test_way_worker'),
  address: say('test_way_address'),
  cloudflared: say('test_way_cloudflared'),
};

/** Milliseconds that a test of an address may take. */
const TEST_MS = 20_000;

export class WorkerCalls {
  readonly #deps: WorkerCallDeps;

  constructor(deps: WorkerCallDeps) {
    this.#deps = deps;
  }

  listWorkers(): ApiResult<'listWorkers'> {
    return { workers: this.#deps.roster.views() };
  }

  addWorker(input: ApiInput<'addWorker'>): WorkerView {
    return this.#deps.roster.addSaved(input.name, { url: trimmed(input.url), token: input.token.trim() }).view();
  }

  async removeWorker(id: string): Promise<Record<string, never>> {
    await this.#deps.roster.removeSaved(id);
    return {};
  }

  adoptIdentity(id: string): WorkerView {
    const link = this.#link(id);
    const identity = link.ping?.identity ?? null;
    if (identity === null) throw new AppError('CONFLICT', say('identity_unreported'));
    if (link.kind === 'pod') throw new AppError('CONFLICT', say('identity_rented'));
    link.expect({ gitCommit: identity.gitCommit, imageDigest: identity.declaredImageDigest });
    return link.view();
  }

  editWorker({ id, name, url, token }: ApiInput<'editWorker'>): WorkerView {
    const change = { name, url: url === undefined ? undefined : trimmed(url), token: token?.trim() };
    return this.#deps.roster.changeSaved(id, change).view();
  }

  /** Asks it now, also one that refused the token. */
  async checkWorker(id: string): Promise<WorkerView> {
    const link = this.#link(id);
    await link.check();
    return link.view();
  }

  /** Null gives it jobs again. */
  drain(id: string, since: number | null): WorkerView {
    const link = this.#link(id);
    link.drain(since);
    return link.view();
  }

  history(id: string): WorkerHistory {
    this.#link(id);
    return this.#deps.records.history(id);
  }

  expectIdentity({ id, ...expectation }: ApiInput<'expectIdentity'>): WorkerView {
    const link = this.#link(id);
    link.expect(expectedIn(expectation));
    return link.view();
  }

  expectIdentityOfAll(expectation: ApiInput<'expectIdentityOfAll'>): ApiResult<'expectIdentityOfAll'> {
    const expectedIdentity = expectedIn(expectation) ?? { gitCommit: null, imageDigest: null };
    this.#deps.settings.save({ expectedIdentity });
    this.#deps.roster.judgeAll();
    this.#deps.onSettings();
    return { expectedIdentity };
  }

  #link(id: string): WorkerLink {
    const link = this.#deps.roster.get(id);
    if (link === null) throw new AppError('NOT_FOUND', say('worker_unknown'));
    return link;
  }

  /** Walks the ways in which a worker is usually wrong, in the order of the troubleshooting guide, and stops at the first. */
  async testWorker(input: ApiInput<'testWorker'>): Promise<ApiResult<'testWorker'>> {
    const checks: { name: string; ok: boolean; message: string }[] = [];
    const client = this.#deps.connect({ url: trimmed(input.url), token: input.token.trim() });
    const limit = new AbortController();
    const cancelLimit = this.#deps.clock.after(TEST_MS, () => limit.abort());
    try {
      const { ping, latencyMs } = await client.ping(limit.signal);
      checks.push({
        name: say('check_reachable'),
        ok: true,
        message: say('test_answered', { milliseconds: Math.round(latencyMs) }),
      });
      checks.push({ name: say('check_token'), ok: true, message: say('token_accepted') });
      const way = chooseTunnel(ping, this.#deps.settings.current().tunnel, this.#deps.tunnels());
      checks.push({
        name: say('check_tunnel'),
        ok: way.kind !== null,
        message: way.kind === null ? way.why : WAYS[way.kind],
      });
      checks.push({
        name: say('check_gpu'),
        ok: true,
        message: ping.gpu
          ? say('test_gpu', { gpu: ping.gpuName ?? PHRASES.a_gpu, cuda: ping.cuda ?? PHRASES.unknown })
          : say('test_no_gpu'),
      });
      checks.push({
        name: say('check_models'),
        ok: ping.models.length > 0,
        message: ping.models.length > 0 ? ping.models.join(', ') : say('test_no_models'),
      });
      for (const warning of ping.warnings) checks.push({ name: say('check_warning'), ok: false, message: warning });
    } catch (thrown) {
      const report = toAppError(thrown, 'REMOTE_WORKER_UNREACHABLE').report();
      const { what, todo } = explain(report);
      if (report.code === 'REMOTE_WORKER_UNAUTHORIZED')
        checks.push({ name: say('check_reachable'), ok: true, message: say('answers') });
      checks.push({
        name: say(report.code === 'REMOTE_WORKER_UNAUTHORIZED' ? 'check_token' : 'check_reachable'),
        ok: false,
        message: `${what} ${todo}`,
      });
    } finally {
      cancelLimit();
      await client.close();
    }
    return { ok: checks.every((check) => check.ok), checks };
  }

  /** The first remote worker stands for all in the predecessor's shape; without one, its fields are empty. */
  runtime(): Runtime {
    const { roster, settings, version } = this.#deps;
    const remotes = roster.remotes();
    const link: WorkerLink | null = remotes.find((one) => one.health === 'ok') ?? remotes[0] ?? null;
    const view = link?.view() ?? null;
    const local = roster.get(LOCAL_WORKER_ID)?.view() ?? null;
    const { workerMode, expectedIdentity: expectedOfAll } = settings.current();
    // A worker may be held to an identity of its own: the verdict beside it is about that one.
    const expected = view === null ? expectedOfAll : view.expectedIdentity;
    const expects = expected !== null && (expected.gitCommit !== null || expected.imageDigest !== null);
    const capabilities = view?.capabilities ?? null;
    return {
      service: 'bulk-transcribe',
      version,
      protocol: 2,
      remoteWorker: {
        enabled: workerMode !== 'off',
        configured: link !== null,
        mode: workerMode,
        url: view?.url ?? null,
        connected: view?.health === 'ok',
        lastPingAt: view?.lastPingAt ? new Date(view.lastPingAt).toISOString() : null,
        latencyMs: view?.latencyMs ?? null,
        workerVersion: capabilities?.version ?? null,
        identity: view?.identity ?? null,
        expectedIdentity: expects ? expected : null,
        identityMatches: view?.verdict.matches ?? null,
        identityMismatchReason: view?.verdict.reason ?? null,
        workerCapabilities:
          capabilities === null
            ? null
            : {
                whisperModels: capabilities.models,
                diarization: capabilities.diarization,
                gpu: capabilities.gpu,
                gpuName: capabilities.gpuName,
                cuda: capabilities.cuda,
                maxFileMB: capabilities.maxFileMB,
                activeJobs: capabilities.activeJobs,
                maxConcurrentJobs: capabilities.maxConcurrentJobs,
              },
        error:
          view?.error === null || view?.error === undefined ? null : `${view.error.code}: ${explain(view.error).what}`,
      },
      localWorker: {
        enabled: workerMode !== 'required',
        health: local?.health ?? 'off',
        device: local?.capabilities?.device ?? null,
        models: local?.capabilities?.models ?? [],
      },
    };
  }
}

/** @throws AppError BAD_REQUEST when what was pasted names neither a commit nor a digest */
function expectedIn({ identity, pasted }: ApiInput<'expectIdentityOfAll'>): ExpectedIdentity | null {
  if (pasted === undefined) return identity ?? null;
  const found = parsePushOutput(pasted);
  if (found === null) throw new AppError('BAD_REQUEST', say('identity_not_pasted'));
  return found;
}

/** People paste addresses with spaces and a slash at the end. */
function trimmed(url: string): string {
  return url.trim().replace(/(?<!\/)\/+$/, '');
}
