// Owns what the tests of this room run the controller on: an engine whose parts the test holds in its hands.

import { createHash, randomBytes } from 'node:crypto';
import type { AppEvent } from '../contract/api.ts';
import { AppError } from '../contract/errors.ts';
import type { CapReason, JobView, KeptFile, OutputFile } from '../contract/job.ts';
import type { Probed } from '../contract/media.ts';
import type { JobOptions } from '../contract/options.ts';
import { quoted } from '../contract/sentences.ts';
import type { Settings, SettingsPatch } from '../contract/settings.ts';
import { DEFAULT_SETTINGS } from '../contract/settings.ts';
import { MADE_BY } from '../contract/transcript.cases.ts';
import { SOURCE } from '../jobs/job.cases.ts';
import type { PreparedSource } from '../jobs/record.ts';
import { Controller } from './controller.ts';
import type { ControllerParts } from './controller-parts.ts';
import { MemoryInbox } from './memory-inbox.cases.ts';
import { MemoryIntake } from './memory-intake.cases.ts';
import { MemoryJobStore } from './memory-store.cases.ts';
import { MemoryWorkerRecords } from './memory-worker-records.cases.ts';
import type { LocalWorker, Media, WorkerFacing } from './ports.ts';
import { ScriptedWorker } from './scripted-worker.cases.ts';
import { TestClock } from './test-clock.cases.ts';
import { unrented } from './unrented.cases.ts';

/** A canonical transcript of {@link SOURCE}. */
export function transcriptJson(
  text = 'Hello.',
  sha256 = SOURCE.sha256,
  segments: readonly object[] = [],
): { json: string; sha256: string } {
  const json = JSON.stringify({
    schemaVersion: 1,
    text,
    language: 'en',
    duration: 30,
    segments,
    speakers: {},
    warnings: [],
    source: { filename: 'a.wav', sizeBytes: 1, sha256, duration: 30 },
    ...MADE_BY,
  });
  return { json, sha256: createHash('sha256').update(json).digest('hex') };
}

export const REMOTE = { url: 'http://worker.example', token: 'the token of the worker' } as const;

/** An engine on parts that the test holds in its hands. */
export class TestEngine {
  readonly clock = new TestClock();
  readonly store: MemoryJobStore;
  readonly worker: ScriptedWorker;
  readonly events: AppEvent[] = [];
  readonly warnings: { readonly event: string; readonly fields: Record<string, unknown> | undefined }[] = [];
  /** What was logged, by its name. */
  readonly logged: string[] = [];
  readonly local: { wanted: boolean } = { wanted: false };
  /** Every recording of these tests has the same content, so each is to be transcribed. */
  settings: Settings = {
    ...DEFAULT_SETTINGS,
    workerMode: 'required',
    jobDefaults: { ...DEFAULT_SETTINGS.jobDefaults, whenDone: 'again' },
  };
  /** What becomes of the next recording that is looked at. */
  prepare: (signal: AbortSignal) => PreparedSource | Promise<PreparedSource> = () => SOURCE;
  /** Recordings under a path. */
  find: (path: string) => Promise<readonly string[]> = async (path) => [path];
  /** What looking at a file says. */
  probe: () => Probed = () => {
    throw new AppError('NOT_A_RECORDING');
  };
  /** Which file a path is found to mean. */
  identify: (path: string) => Awaited<ReturnType<Media['identify']>> = (path) => ({
    file: {
      realPath: path,
      device: '1',
      inode: '2',
      sizeBytes: SOURCE.sizeBytes,
      mtimeNs: String(Math.round(SOURCE.mtimeMs * 1e6)),
    },
    contentType: SOURCE.contentType,
  });
  /** The cap of money that keeps the worker from taking anything. */
  cap: CapReason | null = null;
  /** Jobs whose copies were let go of, in order. */
  readonly released: string[] = [];
  /** What a file of a transcript holds. */
  read: (path: string) => { text: string; sizeBytes: number; sha256: string } = () => {
    throw new AppError('SOURCE_MISSING');
  };
  /** What becomes of the next files that are written. */
  write: () => readonly OutputFile[] = () => [{ format: 'srt', path: '/out/a.srt' }];
  /** What was written anew, oldest first. */
  readonly rewritten: { readonly options: JobOptions; readonly text: string }[] = [];
  facing!: WorkerFacing;
  /** What the log holds. */
  readonly logLines: string[] = [];
  /** Transcripts that are kept as files. */
  readonly kept = new Map<string, string>();
  /** What writing anew leaves as it is. */
  keptFiles: readonly KeptFile[] = [];
  /** What was in the files of each job when it was completed. */
  readonly written = new Map<string, string>();
  readonly intake = new MemoryIntake();
  readonly inbox: MemoryInbox;
  /** Where the links that were made begin. */
  readonly bases = new Set<string>();
  /** CONTROLLER_BASE_URL. */
  readonly controllerBaseUrl: string | null;
  readonly controller: Controller;

  constructor(
    store = new MemoryJobStore(),
    worker = new ScriptedWorker(),
    controllerBaseUrl: string | null = null,
    inbox = new MemoryInbox(),
    /** Puts other parts in place of these. */
    change: (parts: ControllerParts) => ControllerParts = (parts) => parts,
  ) {
    this.store = store;
    this.worker = worker;
    this.controllerBaseUrl = controllerBaseUrl;
    this.inbox = inbox;
    this.controller = new Controller(change(this.#parts()));
    this.controller.subscribe((event) => this.events.push(event));
    this.controller.start('work');
  }

  /** Adds one recording. */
  async add(name = 'a.wav'): Promise<string> {
    const { jobs } = await this.controller.call('addJobs', { paths: [`/recordings/${name}`] });
    const [job] = jobs;
    if (job === undefined) throw new Error('It was not added.');
    return job.id;
  }

  job(id: string): Promise<JobView> {
    return this.controller.call('getJob', { id });
  }

  /** Delivers the transcript of the job's present attempt, as the routes of the tunnel do. */
  async deliver(id: string, body = transcriptJson()): Promise<void> {
    const attempt = this.store.get(id)?.attempt ?? 0;
    if (!this.facing.authorized(id, REMOTE.token)) throw new AppError('UNAUTHORIZED');
    await this.facing.deliver(id, attempt, body);
  }

  #parts(): ControllerParts {
    const log = {
      info: (event: string) => void this.logged.push(event),
      error: () => undefined,
      warn: (event: string, fields?: Record<string, unknown>) => void this.warnings.push({ event, fields }),
    };
    const local: LocalWorker = {
      current: { state: 'off' },
      start: () => {
        this.local.wanted = true;
      },
      stop: async () => undefined,
      release: () => undefined,
    };
    const link =
      (name: string) =>
      ({ base }: { readonly base: string }): string => {
        this.bases.add(base);
        return name;
      };
    return {
      jobs: this.store,
      batches: this.store,
      edits: this.store,
      search: this.store,
      peaks: this.store,
      profiles: this.intake,
      folders: this.intake,
      folderLook: this.intake,
      system: {
        look: async () => ({ verdict: 'ok', message: quoted('All is well.'), advice: [] }),
        facts: () => ({ node: 'v24' }),
        logLines: () => this.logLines,
        redact: (text) => text,
        folders: () => [],
      },
      workers: {
        workers: () => [],
        addWorker: () => undefined,
        changeWorker: () => undefined,
        removeWorker: () => undefined,
      },
      workerRecords: new MemoryWorkerRecords(),
      secrets: { get: () => null, set: () => undefined, delete: () => undefined },
      settings: {
        current: () => this.settings,
        fromEnvironment: () => [],
        save: ({ jobDefaults: _, ...patch }: SettingsPatch) => {
          this.settings = {
            ...this.settings,
            ...(Object.fromEntries(
              Object.entries(patch).filter(([, value]) => value !== undefined),
            ) as Partial<Settings>),
          };
          return this.settings;
        },
      },
      local,
      environmentWorker: REMOTE,
      inbox: this.inbox,
      keptTranscripts: {
        put: async (id, json) => void this.kept.set(id, json),
        drop: (id) => void this.kept.delete(id),
        jobs: () => [...this.kept.keys()],
      },
      connect: () => this.worker.client(),
      tunnels: (facing) => {
        this.facing = facing;
        return this.worker.tunnels(this.controllerBaseUrl);
      },
      links: { inputLink: link('in'), outputLink: link('out'), completeLink: link('done') },
      media: {
        prepare: async (_recording, signal) => this.prepare(signal),
        release: async (id) => void this.released.push(id),
        copies: async () => [],
        probe: async () => this.probe(),
        find: (path) => this.find(path),
        identify: async (path) => this.identify(path),
      },
      transcriptFiles: { read: async (path) => this.read(path) },
      outputs: {
        write: async ({ id }, transcript) => {
          this.written.set(id, transcript.text);
          return this.write().map((file) => ({ ...file, digests: [] }));
        },
        rewrite: async (job, transcript) => {
          this.rewritten.push({ options: job.options, text: transcript.text });
          return { files: this.write().map((file) => ({ ...file, digests: [] })), kept: this.keptFiles };
        },
      },
      uploaded: {
        path: () => {
          throw new AppError('NOT_FOUND');
        },
        forget: async () => undefined,
        outputDir: '/uploads',
      },
      pods: (host) => ({ ...unrented(host), takes: () => this.cap === null, capOn: () => this.cap }),
      installId: 'install',
      version: '0.0.0',
      clock: this.clock,
      chance: {
        fraction: () => 0.5,
        id: (prefix) => `${prefix}_${randomBytes(8).toString('hex')}`,
      },
      log,
    };
  }
}
