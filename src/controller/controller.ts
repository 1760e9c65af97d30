// Owns the engine as a whole: joins its parts, starts and stops them in order, and answers the calls of the contract.

import type { ApiInput, ApiName, ApiParams, ApiResult, AppApi, AppEvent } from '../contract/api.ts';
import { parseParams } from '../contract/api-params.ts';
import { say } from '../contract/sentences.ts';
import type { SettingsView } from '../contract/settings.ts';
import { LOCAL_WORKER_ID } from '../contract/worker-view.ts';
import { BatchBoard } from './batch-board.ts';
import type { Handlers } from './call-table.ts';
import { callTable } from './call-table.ts';
import { CarriedEdits } from './carried-edits.ts';
import type { ControllerParts } from './controller-parts.ts';
import { Deliveries } from './deliveries.ts';
import { DeployedOutputs } from './deployed-outputs.ts';
import { Dispatcher } from './dispatcher.ts';
import { Doctor } from './doctor.ts';
import { EditedTranscripts } from './edited-transcripts.ts';
import { EventBus } from './event-bus.ts';
import { Finisher } from './finisher.ts';
import { Holds } from './holds.ts';
import { ImportCalls } from './import-calls.ts';
import { IntakeCalls } from './intake-calls.ts';
import { JobBoard } from './job-board.ts';
import { JobCalls } from './job-calls.ts';
import { JobLedger } from './job-ledger.ts';
import type { PlaybackGrants } from './playback-calls.ts';
import { PlaybackCalls } from './playback-calls.ts';
import { deliveryOf, EnginePodHost } from './pod-host.ts';
import type { PodFleet } from './pod-ports.ts';
import type { TunnelDrivers, WorkerFacing } from './ports.ts';
import { PreparedCopies } from './prepared-copies.ts';
import { QueueCalls } from './queue-calls.ts';
import { SearchIndexer } from './search-indexer.ts';
import { TranscriptCalls } from './transcript-calls.ts';
import { TranscriptKeeper } from './transcript-keeper.ts';
import { watchClock } from './wake-watch.ts';
import { WorkerCalls } from './worker-calls.ts';
import { WorkerRoster } from './worker-roster.ts';

/**
 * How much an engine does. `look`: answers about the queue and changes it, but starts nothing. `pods`: looks after rented machines.
 * `workers`: asks the remote workers how they are. `work`: takes up the queue. `serve`: and starts the worker on this computer before there is work for it.
 */
export type EngineDuty = 'look' | 'pods' | 'workers' | 'work' | 'serve';

/** Milliseconds that the worker on this computer is given to end by itself. */
const LOCAL_GRACE_MS = 5_000;

export class Controller implements AppApi {
  readonly #parts: ControllerParts;
  readonly #bus: EventBus;
  readonly #ledger: JobLedger;
  readonly #roster: WorkerRoster;
  readonly #dispatcher: Dispatcher;
  readonly #board: JobBoard;
  readonly #batchBoard: BatchBoard;
  readonly #intake: IntakeCalls;
  #unwatchClock: () => void = () => undefined;
  readonly #indexer: SearchIndexer;
  readonly #copies: PreparedCopies;
  readonly #keeper: TranscriptKeeper;
  readonly #handlers: Handlers;
  readonly #pods: PodFleet;
  readonly #deployed: DeployedOutputs;
  readonly #tunnels: TunnelDrivers;
  /** What workers may ask for. */
  readonly facing: WorkerFacing;
  readonly playback: PlaybackGrants;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    const { clock, chance, log, settings } = parts;
    const bus = new EventBus(log);
    const ledger = new JobLedger(parts.jobs, clock, log);
    const board = new JobBoard(
      clock,
      (event) => {
        bus.publish(event);
        if (event.type === 'progress') this.#batchBoard.progressed(event.id);
      },
      (jobId, attempt) => ledger.isOpen(jobId, attempt),
    );
    const holds = new Holds(parts.batches);
    const batchBoard = new BatchBoard({
      store: parts.jobs,
      batches: parts.batches,
      holds,
      board,
      ledger,
      // Asked only when something is told, and by then they are there.
      costOf: (batchId) => this.#pods.costOfBatch(batchId),
      clock,
      publish: (event) => bus.publish(event),
    });
    const roster = new WorkerRoster({
      store: parts.workers,
      records: parts.workerRecords,
      heldBy: (id) => this.#dispatcher.heldBy(id),
      secrets: parts.secrets,
      settings,
      local: parts.local,
      fromEnvironment: parts.environmentWorker,
      connect: parts.connect,
      // They serve the deliveries, which need this roster: made below, before any worker is asked.
      tunnels: () => this.#tunnels,
      clock,
      chance,
      log,
      onChange: (worker) => {
        bus.publish({ type: 'worker', worker });
        if (worker.kind === 'pod') this.#pods.changed();
        this.#dispatcher.nudge();
      },
      onRemoved: (id) => {
        bus.publish({ type: 'worker-removed', id });
        this.#dispatcher.nudge();
      },
      podComing: () => this.#pods.anyComing(),
    });
    const edited = new EditedTranscripts(parts.jobs, parts.edits);
    const deployed = new DeployedOutputs(parts.inbox, ledger, clock);
    const carried = new CarriedEdits(parts.jobs, parts.edits, edited, clock, log);
    const keeper = new TranscriptKeeper(parts.keptTranscripts, parts.jobs, clock, log);
    const finisher = new Finisher(parts.jobs, edited, carried, keeper, ledger, parts.outputs, log);
    const shared = { ledger, board, batches: parts.batches, batchBoard, holds, roster, settings, clock, chance, log };
    const dispatcher = new Dispatcher({
      ...shared,
      store: parts.jobs,
      media: parts.media,
      finisher,
      links: parts.links,
      deployed,
      installId: parts.installId,
      mayTake: (workerId, batchId) => this.#pods.takes(workerId, batchId),
      capOn: (batchId) => this.#pods.capOn(batchId),
    });
    const jobs = new JobCalls({
      ...shared,
      store: parts.jobs,
      bus,
      dispatcher,
      media: parts.media,
      uploaded: parts.uploaded,
      profile: (idOrName) => this.#intake.optionsOf(idOrName),
      costOf: (jobId) => this.#pods.costOf(jobId),
      forget: (id) => {
        edited.forget(id);
        keeper.drop(id);
        playback.forget(id);
      },
    });
    const intake = new IntakeCalls({
      ...{ profiles: parts.profiles, folders: parts.folders, look: parts.folderLook, bus, clock, chance, log },
      queue: async ({ profileId }, paths, batchName) => {
        const profile = profileId === null ? {} : { profile: profileId };
        return (await jobs.addJobs({ paths: [...paths], uploads: [], options: {}, batchName, ...profile })).refused;
      },
      queuedSince: (since) => parts.jobs.sourcesSince(since),
    });
    const doctor = new Doctor({
      ...shared,
      ...{ system: parts.system, store: parts.jobs, intake, version: parts.version },
    });
    const queue = new QueueCalls({ ...shared, store: parts.jobs, jobs, bus, dispatcher });
    const transcripts = new TranscriptCalls({
      store: parts.jobs,
      edits: parts.edits,
      transcripts: edited,
      outputs: parts.outputs,
      bus,
      clock,
      view: (job) => jobs.view(job),
    });
    const imports = new ImportCalls({
      ...shared,
      store: parts.jobs,
      jobs,
      batchBoard,
      bus,
      media: parts.media,
      files: parts.transcriptFiles,
      uploaded: parts.uploaded,
    });
    const playback = new PlaybackCalls({ store: parts.jobs, peaks: parts.peaks, media: parts.media, clock, chance });
    const workers = new WorkerCalls({
      roster,
      records: parts.workerRecords,
      settings,
      tunnels: () => this.#tunnels,
      connect: parts.connect,
      clock,
      version: parts.version,
      onSettings: () => this.#tellSettings(),
    });

    const pods = parts.pods(
      new EnginePodHost({
        ...shared,
        store: parts.jobs,
        publish: (event) => bus.publish(event),
        costed: (jobIds) => jobs.tellCost(jobIds),
        nudge: () => dispatcher.nudge(),
      }),
    );
    const indexer = new SearchIndexer({ search: parts.search, store: parts.jobs, transcripts: edited, clock, log });
    ledger.onChange((job, previous, event) => {
      indexer.changed(event);
      const delivery = deliveryOf(job, previous, event, clock.now());
      if (delivery !== null) pods.delivered(delivery);
    });

    this.#pods = pods;
    this.#keeper = keeper;
    this.#board = board;
    this.#batchBoard = batchBoard;
    this.#intake = intake;
    this.facing = new Deliveries(ledger, board, roster, deployed);
    this.playback = playback;
    this.#copies = new PreparedCopies(parts.media, ledger, log);
    this.#tunnels = parts.tunnels(this.facing);
    this.#deployed = deployed;
    this.#bus = bus;
    this.#ledger = ledger;
    this.#roster = roster;
    this.#dispatcher = dispatcher;
    this.#indexer = indexer;
    this.#handlers = callTable({
      ...{ workers, jobs, queue, intake, transcripts, imports, playback, pods, doctor, clock },
      ...{ indexer, media: parts.media },
      settings: { view: () => this.#settingsView(), save: (patch) => this.#putSettings(patch) },
    });
  }

  /** Takes away what an earlier engine left in the way. Called once, before {@link start} of an engine that works. */
  tidy(): Promise<void> {
    return this.#copies.sweep(this.#parts.jobs);
  }

  /** Goes to work as far as `duty` says. Called once. */
  start(duty: EngineDuty): void {
    if (duty === 'look') return;
    if (duty === 'pods') {
      this.#pods.start();
      return;
    }
    this.#roster.start();
    this.#unwatchClock = watchClock(this.#parts.clock, this.#parts.log, () => {
      this.#roster.pokeAll();
      this.#dispatcher.nudge();
    });
    if (duty === 'workers') return;
    this.#indexer.start();
    this.#keeper.start();
    this.#deployed.sweep(this.#parts.jobs);
    // Before the queue: jobs that are open at a rented worker find it there.
    this.#pods.start();
    this.#batchBoard.start();
    this.#dispatcher.start();
    this.#intake.start();
    if (duty === 'serve') this.#roster.ensureLocal();
  }

  /**
   * Stops in order: no new work, files finished, tunnels closed, the local worker ended. Jobs at a remote worker stay there and are asked
   * for at the next start; those at the local worker go back into the queue, since their process ends with this one.
   */
  async close(): Promise<void> {
    this.#indexer.close();
    this.#keeper.close();
    this.#board.close();
    this.#batchBoard.close();
    this.#unwatchClock();
    await this.#intake.close();
    await this.#pods.close();
    await this.#dispatcher.close();
    const atLocal = this.#roster.get(LOCAL_WORKER_ID)?.address != null;
    for (const job of this.#parts.jobs.inHand()) {
      if (!atLocal || job.open?.workerId !== LOCAL_WORKER_ID) continue;
      this.#ledger.apply(job.id, {
        type: 'attempt_declined',
        attempt: job.attempt,
        reason: 'retry',
        until: this.#parts.clock.now(),
        message: say('app_closed'),
      });
    }
    await this.#roster.close();
    await this.#roster.stopLocal(LOCAL_GRACE_MS);
  }

  /** Parses, then answers. Throws AppError: BAD_REQUEST names the field that is wrong. */
  async call<Name extends ApiName>(name: Name, params: ApiParams<Name>): Promise<ApiResult<Name>> {
    return this.#handlers[name](parseParams(name, params));
  }

  subscribe(listener: (event: AppEvent) => void): () => void {
    return this.#bus.subscribe(listener);
  }

  #settingsView(): SettingsView {
    const { settings } = this.#parts;
    return { settings: settings.current(), fromEnvironment: [...settings.fromEnvironment()] };
  }

  #putSettings(patch: ApiInput<'putSettings'>): SettingsView {
    this.#parts.settings.save(patch);
    this.#roster.judgeAll();
    this.#pods.changed();
    this.#dispatcher.nudge();
    return this.#tellSettings();
  }

  #tellSettings(): SettingsView {
    const view = this.#settingsView();
    this.#bus.publish({ type: 'settings', view });
    return view;
  }
}
