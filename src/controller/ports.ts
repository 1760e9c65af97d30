// Owns the few interfaces that the engine needs from outside: storage, workers, tunnels, links, recordings, output files, time.
// Implementations live in store/, workers/, tunnel/, media/ and host/; tests may bring their own.

import type { DeployedOutputType, KeptOutputType } from '../contract/deployed-wire.ts';
import type { ErrorCode } from '../contract/errors.ts';
import { AppError } from '../contract/errors.ts';
import type { ExportChoices } from '../contract/export-options.ts';
import type { KeptFile, OutputFile } from '../contract/job.ts';
import type { Probed } from '../contract/media.ts';
import type { JobOptions } from '../contract/options.ts';
import type { Settings, SettingsPatch } from '../contract/settings.ts';
import type { Transcript } from '../contract/transcript.ts';
import type { TunnelKind } from '../contract/tunnel-wire.ts';
import type { JobAccepted, JobRequest, JobStatus, Ping, WorkerEvent } from '../contract/worker-wire.ts';
import type { JobRecord, PreparedSource } from '../jobs/record.ts';

/** Time as an argument. `now` is wall-clock milliseconds; delays are measured by a clock that never jumps. */
export interface Clock {
  now(): number;
  /** Calls `run` once after `delayMs`; the result cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

/** Randomness as an argument: ids, tokens, jitter. */
export interface Chance {
  /** In [0, 1). */
  fraction(): number;
  /** A new unguessable id: `prefix` and 20 characters of base32 or more. */
  id(prefix: string): string;
}

export interface SettingsStore {
  /** What was saved, parsed; fields never saved are absent. */
  savedSettings(): SettingsPatch;
  saveSettings(patch: SettingsPatch, now: number): void;
}

/** Settings with the environment already laid over them. */
export interface SettingsSource {
  current(): Settings;
  fromEnvironment(): readonly string[];
  save(patch: SettingsPatch): Settings;
}

/** Small secrets by name: worker tokens. 0600 files here, the operating system's encryption in the desktop app. */
export interface SecretStore {
  get(name: string): string | null;
  set(name: string, value: string): void;
  delete(name: string): void;
}

/** Where a worker is and how it is spoken to. */
export interface WorkerAddress {
  readonly url: string;
  readonly token: string;
}

/** A worker's refusal of a call, with what it said beside the code. */
export class WorkerRefusal extends AppError {
  /** Milliseconds after which it may be asked again (`Retry-After`); null when it did not say. */
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, message: string, retryAfterMs: number | null, options?: ErrorOptions) {
    super(code, message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A worker's answer that it does not know a job. */
export class UnknownJob extends AppError {
  /** The boot that says so; null where it was not named: by a deployed worker, or by somebody in the worker's place. */
  readonly bootId: string | null;

  constructor(bootId: string | null) {
    super('REMOTE_JOB_NOT_FOUND');
    this.bootId = bootId;
  }
}

/**
 * One worker over the wire of docs/protocol.md. Every method throws AppError: REMOTE_WORKER_UNREACHABLE (no answer, 5xx, a proxy's page),
 * REMOTE_WORKER_UNAUTHORIZED (401, 403), REMOTE_WORKER_CAPACITY (429, 503; as WorkerRefusal), REMOTE_JOB_NOT_FOUND (404; as UnknownJob),
 * WORKER_PROTOCOL (an answer that does not parse), or the code of the worker's refusal. No call lasts longer than 60 s but `events`.
 */
export interface WorkerClient {
  ping(signal: AbortSignal): Promise<{ readonly ping: Ping; readonly latencyMs: number }>;
  submit(request: JobRequest, idempotencyKey: string, signal: AbortSignal): Promise<JobAccepted>;
  status(workerJobId: string, signal: AbortSignal): Promise<JobStatus>;
  /** Events after id `after` (0 = all) until `done` or the stream ends or breaks; breaking throws. */
  events(
    workerJobId: string,
    after: number,
    signal: AbortSignal,
  ): AsyncIterable<{ readonly id: number; readonly event: WorkerEvent }>;
  cancel(workerJobId: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export type ConnectWorker = (address: WorkerAddress) => WorkerClient;

export type TunnelState = 'closed' | 'connecting' | 'open';

/** A way for one worker to the three routes: keeps itself open until closed. */
export interface Tunnel {
  readonly state: TunnelState;
  /** Where links that go this way begin: an origin. Null while it is not known; another one than before makes all earlier links void. */
  readonly baseUrl: string | null;
  /** Why it is not open, in a sentence, where there is more to say than its state. */
  readonly detail: string | null;
  /** The worker refused the token: it is not dialled again. */
  readonly refused: boolean;
  close(): Promise<void>;
}

/** Opens a way for the worker and serves the three routes through it. `onChange` is called after every change of state or `baseUrl`. */
export type OpenTunnel = (address: WorkerAddress, onChange: (state: TunnelState) => void) => Tunnel;

/** One kind of tunnel, as this computer is set up. */
export interface TunnelDriver {
  /** Why it cannot be had here, in a sentence that says what to do; null when it can. */
  missing(): string | null;
  readonly open: OpenTunnel;
}

export type TunnelDrivers = Readonly<Record<TunnelKind, TunnelDriver>>;

/** Makes the signed links of docs/protocol.md. `expiresSec` is in Unix seconds. */
export interface LinkSigner {
  inputLink(link: {
    readonly base: string;
    readonly jobId: string;
    readonly inputId: string;
    readonly attempt: number;
    readonly sizeBytes: number;
    readonly sha256: string;
    readonly expiresSec: number;
  }): string;
  outputLink(link: {
    readonly base: string;
    readonly jobId: string;
    readonly inputId: string;
    readonly attempt: number;
    readonly maxBytes: number;
    readonly expiresSec: number;
  }): string;
  completeLink(link: {
    readonly base: string;
    readonly jobId: string;
    readonly attempt: number;
    readonly expiresSec: number;
  }): string;
}

/**
 * What the worker-facing routes ask of the engine, after the signature was found good. `token` checks the bearer.
 * Refusals are AppErrors; their code decides the HTTP answer.
 */
export interface WorkerFacing {
  /** True when `token` is that of the job's present or last worker. Whether the attempt still counts, the other calls decide. */
  authorized(jobId: string, token: string): boolean;
  /** The file to send, checked to be the one that was prepared. CONFLICT when the attempt is not the open one. */
  source(jobId: string, attempt: number): { readonly path: string; readonly source: PreparedSource };
  /**
   * `bytes` more of the recording have left for the worker; `upTo` is the highest offset reached.
   * @returns false when the attempt is over, and no more is to be sent
   */
  sent(jobId: string, attempt: number, upTo: number, bytes: number): boolean;
  /** Resolves when the transcript is stored for good. Idempotent for the same digest. TRANSCRIPT_INVALID, CONFLICT. */
  deliver(jobId: string, attempt: number, body: { readonly json: string; readonly sha256: string }): Promise<void>;
  /**
   * Keeps one output of a deployed worker (part 1), to be counted when the worker says that it is done. Idempotent for the same bytes.
   * CONFLICT, BAD_REQUEST. False for a type that is not kept.
   */
  receive(jobId: string, attempt: number, upload: DeployedOutput): boolean;
  /** The open attempt of a job that a deployed worker is known to have, null without one: for its calls that carry no link. */
  openAtDeployed(jobId: string): number | null;
  /** The worker says that it is done; only a nudge. */
  nudge(jobId: string, attempt: number): void;
}

/** One upload of a deployed worker, as the form had it. */
export interface DeployedOutput {
  readonly workerJobId: string;
  readonly inputId: string;
  readonly outputType: DeployedOutputType;
  readonly file: Uint8Array;
}

/** Which run of which attempt an upload belongs to: a worker that was restarted has another id for the same attempt. */
export interface InboxRun {
  readonly jobId: string;
  readonly attempt: number;
  readonly workerJobId: string;
}

/** Uploads of deployed workers until they are made into a transcript; on disk, each whole or not there. */
export interface Inbox {
  /** Keeps it for good before it returns. The same bytes again change nothing; others are refused with CONFLICT. DISK_FULL. */
  put(run: InboxRun, type: KeptOutputType, bytes: Uint8Array): void;
  get(run: InboxRun, type: KeptOutputType): string | null;
  /** Lets go of everything of a job. */
  clear(jobId: string): void;
  /** Ids of the jobs of which something is there. */
  jobs(): readonly string[];
}

/** A file on disk, told apart from any other that may be put in its place. */
export interface FileIdentity {
  /** Without links in it. */
  readonly realPath: string;
  readonly device: string;
  readonly inode: string;
  readonly sizeBytes: number;
  /** Nanoseconds, as digits: more than a number holds. */
  readonly mtimeNs: string;
}

/** A recording that is to be made ready for a worker. */
export interface ToPrepare {
  readonly jobId: string;
  readonly path: string;
  readonly options: Pick<JobOptions, 'track' | 'channels' | 'send'>;
}

/**
 * Looks at a recording without changing it: exists, not empty, its size, digest, kind and length, and makes of it what is sent. AppError
 * SOURCE_*, EMPTY_FILE, NOT_A_RECORDING, NO_AUDIO, NO_SUCH_TRACK, DISK_FULL.
 */
export interface Media {
  prepare(recording: ToPrepare, signal: AbortSignal): Promise<PreparedSource>;
  /** Lets go of the copy that was made for a job; none is no error. */
  release(jobId: string): Promise<void>;
  /** Ids of the jobs of which there are copies. */
  copies(): Promise<readonly string[]>;
  /** What a file is, without its digest. */
  probe(path: string): Promise<Probed>;
  /** Recordings under a path: the file itself, or every file in the folder, at any depth, that has a recording's ending. Sorted by name, links not followed out of it. */
  find(path: string): Promise<readonly string[]>;
  /** Which file a path means now, and its media type by its name. AppError SOURCE_MISSING, SOURCE_UNREADABLE. */
  identify(path: string): Promise<{ readonly file: FileIdentity; readonly contentType: string }>;
}

/** Reads files of transcripts. */
export interface TranscriptFiles {
  /** The text of a file, UTF-8 or UTF-16 by its byte-order mark. AppError SOURCE_MISSING, SOURCE_UNREADABLE, EMPTY_FILE, BAD_REQUEST (no text, too large). */
  read(path: string): Promise<{ readonly text: string; readonly sizeBytes: number; readonly sha256: string }>;
}

/** What decides about names beside the job itself. */
export interface OutputFacts {
  readonly batchName: string;
  /** Whether the file at a path was written for a job of another recording. */
  readonly isOthers: (path: string) => boolean;
}

/** A file of a job, with the SHA-256 of each content that the app itself has put there; empty where an older version wrote it. */
export interface WrittenFile extends OutputFile {
  readonly digests: readonly string[];
}

/** The files that a job has when they are written anew. */
export interface EarlierFiles {
  readonly files: readonly WrittenFile[];
  /** Called just before the one at `path` is replaced, with all that is the app's own there from now on, whatever moment a kill comes at. */
  readonly replacing: (path: string, digests: readonly string[]) => void;
}

/** Writes the files that a job asks for: temporary file, fsync, rename, per format. AppError EXPORT_FAILED, DISK_FULL. */
export interface OutputWriter {
  write(job: JobRecord, transcript: Transcript, facts: OutputFacts): Promise<readonly WrittenFile[]>;
  /**
   * As `write`, but an earlier file that lies in the job's folder is replaced there, whatever the job says of files that are there; unless it was
   * changed since, or nobody knows: then it counts as any other file.
   */
  rewrite(
    job: JobRecord,
    transcript: Transcript,
    earlier: EarlierFiles,
    facts: OutputFacts,
    style: ExportChoices,
  ): Promise<{ readonly files: readonly WrittenFile[]; readonly kept: readonly KeptFile[] }>;
}

export type LocalWorkerState =
  | { readonly state: 'off' }
  | { readonly state: 'installing'; readonly detail: string }
  | { readonly state: 'starting' }
  | { readonly state: 'running'; readonly address: WorkerAddress; readonly adopted: boolean }
  | {
      readonly state: 'failed';
      readonly code: 'WORKER_INSTALL_FAILED' | 'WORKER_START_FAILED';
      readonly message: string;
    };

/**
 * The worker process on this computer. `start` adopts one that an earlier engine left running (the worker outlives a crash of the
 * engine, so that no work is lost), else installs what is missing and starts one on a free loopback port with a random token.
 * It is watched: when it dies it is started again with backoff while it is wanted.
 */
export interface LocalWorker {
  readonly current: LocalWorkerState;
  start(onChange: (state: LocalWorkerState) => void): void;
  /** Ends the process (drain: SIGTERM, then SIGKILL after `graceMs`) and stops watching. */
  stop(graceMs: number): Promise<void>;
  /** Stops watching and leaves the process alone, for the next engine to adopt; it ends by itself when nobody comes. */
  release(): void;
}

/** A line for the engine's log. Never carries tokens, links or text of transcripts. */
export interface Log {
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
}

/** Recordings that a browser sent, since it has no paths. */
export interface Uploaded {
  /** Absolute path of a finished upload. Throws AppError NOT_FOUND. */
  path(id: string): string;
  /** Removes the upload that `path` lies in; any other path is left alone. */
  forget(path: string): Promise<void>;
  /** Where the outputs of uploads go when no folder was chosen. */
  readonly outputDir: string;
}
