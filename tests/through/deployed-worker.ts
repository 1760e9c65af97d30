// Owns a stand-in for the workers that are in the field (docs/protocol.md, part 1 and "How deployed workers behave"): a real HTTP server with
// jobs in memory, one plain GET an input, outputs that are sent once and whose loss it only logs, and `complete` whatever became of them.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';

const jobRequest = z.looseObject({
  controllerJobId: z.string().min(1),
  inputs: z
    .array(z.looseObject({ inputId: z.string(), filename: z.string(), sizeBytes: z.number(), downloadUrl: z.string() }))
    .min(1),
  options: z.looseObject({ diarizationEnabled: z.boolean().optional(), model: z.string().optional() }),
  callbackUrl: z.string(),
  outputsUploadUrl: z.string(),
});
type JobRequest = z.infer<typeof jobRequest>;

type OutputType = 'json' | 'diarization-json' | 'markdown' | 'speaker-markdown';

interface Job {
  readonly workerJobId: string;
  readonly request: JobRequest;
  readonly key: string;
  readonly stop: AbortController;
  status: 'queued' | 'running' | 'complete' | 'failed' | 'canceled';
  stage: string;
  percent: number;
  chunkIndex: number;
  error: { readonly code: string; readonly message: string } | null;
}

export class DeployedWorker {
  readonly token = randomBytes(24).toString('hex');
  /** Types that get lost on their way: the controller never sees them. */
  readonly lost = new Set<OutputType>();
  /** Posts to addresses without their query, as a build of its own making would. */
  dropsQuery = false;
  /** Answers 503 in place of taking a job. */
  isFull = false;
  /** How many of the next questions about a job its proxy answers with a 404 of the worker's own form. */
  stray404s = 0;
  /** Sends every output twice. */
  sendsTwice = false;
  /** While it is set, jobs stay in the middle of transcribing. */
  hold: Promise<void> | null = null;
  readonly received: { readonly name: string; readonly bytes: Buffer }[] = [];
  readonly requests: { readonly key: string; readonly request: JobRequest }[] = [];
  readonly uploads: { readonly type: OutputType; readonly status: number | null }[] = [];
  readonly canceled: string[] = [];
  mostAtOnce = 0;
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #jobs = new Map<string, Job>();

  static async start(): Promise<DeployedWorker> {
    const worker = new DeployedWorker();
    worker.#server.listen(0, '127.0.0.1');
    await once(worker.#server, 'listening');
    return worker;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The process ends and begins anew behind the same address: nothing of its jobs is left. */
  restart(): void {
    for (const job of this.#jobs.values()) job.stop.abort();
    this.#jobs = new Map();
  }

  async close(): Promise<void> {
    this.restart();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    const route = `${request.method} ${path}`;
    if (route === 'GET /health')
      return say(response, 200, {
        status: 'ok',
        service: 'bulk-transcribe-worker',
        model: 'large-v3',
        maxFileMB: 2000,
      });
    const shown = request.headers.authorization;
    if (shown === undefined) return say(response, 401, { error: 'Missing Authorization header' });
    if (shown !== `Bearer ${this.token}`) return say(response, 403, { error: 'Invalid token' });
    if (route === 'GET /v1/ping') return say(response, 200, this.#ping());
    if (route === 'POST /v1/jobs') return this.#take(request, response);
    const [, id = '', cancel] = /^\/v1\/jobs\/([^/]+)(\/cancel)?$/.exec(path) ?? [];
    const job = this.#jobs.get(id);
    if (job !== undefined && this.stray404s > 0 && cancel === undefined) {
      this.stray404s -= 1;
      return say(response, 404, { error: 'Job not found' });
    }
    if (job === undefined) return say(response, 404, { error: 'Job not found' });
    if (cancel === undefined) return say(response, 200, view(job));
    this.canceled.push(id);
    job.stop.abort();
    job.status = 'canceled';
    return say(response, 200, { status: 'cancel_requested' });
  }

  #ping(): unknown {
    return {
      status: 'ok',
      version: 'b4b98e5',
      identity: {
        gitCommit: 'b4b98e5',
        buildTime: '2026-02-01T10:00:00Z',
        declaredImageDigest: null,
        imageDigestSource: 'none',
      },
      gpu: true,
      gpuName: 'NVIDIA A40',
      cuda: '12.1',
      models: ['large-v3', 'demo-en'],
      diarization: true,
      maxFileMB: 2000,
      activeJobs: this.#active(),
      maxConcurrentJobs: 1,
    };
  }

  #active(): number {
    return [...this.#jobs.values()].filter(({ status }) => status === 'queued' || status === 'running').length;
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const parsed = jobRequest.safeParse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
    if (!parsed.success) return say(response, 400, { error: 'controllerJobId and inputs are required' });
    if (this.isFull) return say(response, 503, { error: 'Worker at capacity' });
    const key = String(request.headers['idempotency-key'] ?? '');
    const known = [...this.#jobs.values()].find((job) => job.key === key && key !== '');
    if (known !== undefined) return say(response, 200, { workerJobId: known.workerJobId, status: known.status });
    const job: Job = {
      workerJobId: `wk_${randomBytes(6).toString('hex')}`,
      request: parsed.data,
      key,
      stop: new AbortController(),
      status: 'queued',
      stage: 'queued',
      percent: 0,
      chunkIndex: 0,
      error: null,
    };
    this.#jobs.set(job.workerJobId, job);
    this.requests.push({ key, request: parsed.data });
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#active());
    say(response, 200, { workerJobId: job.workerJobId, status: job.status });
    void this.#run(job);
  }

  async #run(job: Job): Promise<void> {
    const { signal } = job.stop;
    try {
      job.status = 'running';
      job.stage = 'downloading';
      const files: Buffer[] = [];
      for (const input of job.request.inputs) {
        const got = await fetch(input.downloadUrl, { headers: this.#headers(), signal });
        if (!got.ok) throw new Error(`${got.status} Client Error`);
        files.push(Buffer.from(await got.arrayBuffer()));
        this.received.push({ name: input.filename, bytes: files.at(-1) ?? Buffer.alloc(0) });
      }
      job.stage = 'transcribing';
      job.percent = 50;
      job.chunkIndex = 1;
      await this.hold;
      if (signal.aborted) return;
      job.stage = 'uploading';
      for (const [index, input] of job.request.inputs.entries())
        await this.#send(job, input.inputId, files[index]?.length ?? 0);
      if (signal.aborted) return;
      await this.#callBack(job);
      Object.assign(job, { status: 'complete', stage: 'complete', percent: 100 });
    } catch (error) {
      if (signal.aborted) return;
      Object.assign(job, { status: 'failed', error: { code: 'JOB_FAILED', message: String(error) } });
    }
  }

  async #send(job: Job, inputId: string, bytes: number): Promise<void> {
    const outputs: [OutputType, string][] = [
      ['json', JSON.stringify(whisperResult(bytes))],
      ['markdown', '# Transcript\n\nHello there.\n'],
    ];
    if (job.request.options.diarizationEnabled)
      outputs.push(['diarization-json', JSON.stringify(TURNS)], ['speaker-markdown', '**SPEAKER_00:** Hello\n']);
    for (const [type, text] of this.sendsTwice ? [...outputs, ...outputs] : outputs) {
      const form = new FormData();
      form.append('workerJobId', job.workerJobId);
      form.append('inputId', inputId);
      form.append('outputType', type);
      form.append('file', new Blob([text]), `recording_${type}`);
      // A failed upload is logged, and that is all.
      const status = this.lost.has(type)
        ? null
        : await fetch(this.#address(job.request.outputsUploadUrl), {
            method: 'POST',
            body: form,
            headers: this.#headers(true),
            signal: job.stop.signal,
          }).then(
            (answer) => answer.status,
            () => null,
          );
      this.uploads.push({ type, status });
    }
  }

  async #callBack(job: Job): Promise<void> {
    const body = {
      workerJobId: job.workerJobId,
      controllerJobId: job.request.controllerJobId,
      status: 'complete',
      outputs: job.request.inputs.map(({ inputId }) => ({ inputId, filename: 'recording.json', type: 'json' })),
      error: null,
    };
    await fetch(this.#address(job.request.callbackUrl), {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { ...this.#headers(true), 'content-type': 'application/json' },
    }).catch(() => undefined);
  }

  #address(url: string): string {
    return this.dropsQuery ? (url.split('?', 1)[0] ?? '') : url;
  }

  #headers(bearer = false): Record<string, string> {
    const plain = { 'user-agent': 'python-requests/2.31.0', accept: '*/*' };
    return bearer ? { ...plain, authorization: `Bearer ${this.token}` } : plain;
  }
}

/** What it hears in every recording; the length tells one from another. */
function whisperResult(bytes: number): unknown {
  return {
    text: ` Hello there. These are ${bytes} bytes.`,
    language: 'en',
    segments: [
      {
        id: 0,
        start: 0,
        end: 1.5,
        text: ' Hello there.',
        words: [
          { word: ' Hello', start: 0.1, end: 0.6 },
          { word: ' there.', start: 0.6, end: 1.4 },
        ],
      },
      { id: 1, start: 1.5, end: 3.5, text: ` These are ${bytes} bytes.` },
    ],
  };
}

const TURNS = [
  { start: 0, end: 1.5, speaker: 'SPEAKER_01' },
  { start: 1.5, end: 3.5, speaker: 'SPEAKER_00' },
];

function view(job: Job): unknown {
  return {
    workerJobId: job.workerJobId,
    controllerJobId: job.request.controllerJobId,
    status: job.status,
    stage: job.stage,
    stageStartedAt: '2026-11-23T12:00:00Z',
    progress: {
      currentFileIndex: 0,
      totalFiles: job.request.inputs.length,
      chunkIndex: job.chunkIndex,
      totalChunks: 2,
      percent: job.percent,
      currentFile: null,
    },
    logs: [],
    error: job.error,
  };
}

function say(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
