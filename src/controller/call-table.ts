// Owns which part of the engine answers which call.

import type { ApiInput, ApiName, ApiResult } from '../contract/api.ts';
import type { SettingsView } from '../contract/settings.ts';
import type { Doctor } from './doctor.ts';
import type { ImportCalls } from './import-calls.ts';
import type { IntakeCalls } from './intake-calls.ts';
import type { JobCalls } from './job-calls.ts';
import type { PlaybackCalls } from './playback-calls.ts';
import type { PodFleet } from './pod-ports.ts';
import type { Clock, Media } from './ports.ts';
import type { QueueCalls } from './queue-calls.ts';
import type { SearchIndexer } from './search-indexer.ts';
import type { TranscriptCalls } from './transcript-calls.ts';
import type { WorkerCalls } from './worker-calls.ts';

export type Handlers = {
  readonly [Name in ApiName]: (input: ApiInput<Name>) => ApiResult<Name> | Promise<ApiResult<Name>>;
};

export interface CallParts {
  readonly workers: WorkerCalls;
  readonly jobs: JobCalls;
  readonly queue: QueueCalls;
  readonly intake: IntakeCalls;
  readonly transcripts: TranscriptCalls;
  readonly imports: ImportCalls;
  readonly playback: PlaybackCalls;
  readonly pods: PodFleet;
  readonly doctor: Doctor;
  readonly settings: {
    readonly view: () => SettingsView;
    readonly save: (patch: ApiInput<'putSettings'>) => SettingsView;
  };
  readonly indexer: SearchIndexer;
  readonly media: Media;
  readonly clock: Clock;
}

/** Every call of the contract; the input is parsed already. */
export function callTable({
  workers,
  jobs,
  queue,
  intake,
  transcripts,
  imports,
  playback,
  pods,
  doctor,
  settings,
  indexer,
  media,
  clock,
}: CallParts): Handlers {
  return {
    runtime: () => workers.runtime(),
    addJobs: (input) => jobs.addJobs(input),
    listJobs: (input) => jobs.listJobs(input),
    getJob: ({ id }) => jobs.getJob(id),
    cancelJob: ({ id }) => jobs.cancelJob(id),
    retryJob: ({ id }) => jobs.retryJob(id),
    separateChannels: ({ id }) => jobs.separateChannels(id),
    locateJob: (input) => jobs.locateJob(input),
    removeJob: ({ id }) => jobs.removeJob(id),
    jobHistory: ({ id }) => jobs.history(id),
    cancelJobs: (input) => queue.cancelJobs(input),
    retryJobs: (input) => queue.retryJobs(input),
    removeJobs: (input) => queue.removeJobs(input),
    pauseJobs: (input) => queue.pauseJobs(input),
    resumeJobs: (input) => queue.resumeJobs(input),
    chooseModel: (input) => queue.chooseModel(input),
    moveJobs: (input) => queue.moveJobs(input),
    listBatches: (input) => queue.listBatches(input),
    getBatch: ({ id }) => queue.getBatch(id),
    renameBatch: (input) => queue.renameBatch(input),
    pauseBatch: ({ id }) => queue.pauseBatch(id, clock.now()),
    resumeBatch: ({ id }) => queue.pauseBatch(id, null),
    getQueue: () => queue.getQueue(),
    listProfiles: () => intake.listProfiles(),
    saveProfile: (input) => intake.saveProfile(input),
    removeProfile: ({ id }) => intake.removeProfile(id),
    listWatchFolders: () => intake.listWatchFolders(),
    addWatchFolder: (input) => intake.addWatchFolder(input),
    changeWatchFolder: (input) => intake.changeWatchFolder(input),
    removeWatchFolder: ({ id }) => intake.removeWatchFolder(id),
    pauseQueue: () => queue.pauseQueue(clock.now()),
    resumeQueue: () => queue.pauseQueue(null),
    getTranscript: (input) => transcripts.getTranscript(input),
    editTranscript: (input) => transcripts.editTranscript(input),
    undoEdit: (input) => transcripts.undoEdit(input),
    redoEdit: (input) => transcripts.redoEdit(input),
    listEdits: ({ id }) => transcripts.listEdits(id),
    exportJob: (input) => transcripts.exportJob(input),
    writeExports: (input) => transcripts.writeExports(input),
    searchTranscripts: (input) => indexer.search(input),
    liveText: ({ id }) => jobs.liveText(id),
    importTranscript: (input) => imports.importTranscript(input),
    probe: ({ path }) => media.probe(path),
    openMedia: (input) => playback.openMedia(input),
    getPeaks: ({ id }) => playback.getPeaks(id),
    putPeaks: (input) => playback.putPeaks(input),
    getSettings: () => settings.view(),
    putSettings: (patch) => settings.save(patch),
    listWorkers: () => workers.listWorkers(),
    addWorker: (input) => workers.addWorker(input),
    removeWorker: ({ id }) => workers.removeWorker(id),
    testWorker: (input) => workers.testWorker(input),
    adoptIdentity: ({ id }) => workers.adoptIdentity(id),
    editWorker: (input) => workers.editWorker(input),
    checkWorker: ({ id }) => workers.checkWorker(id),
    drainWorker: ({ id }) => workers.drain(id, clock.now()),
    undrainWorker: ({ id }) => workers.drain(id, null),
    workerHistory: ({ id }) => workers.history(id),
    expectIdentity: (input) => workers.expectIdentity(input),
    expectIdentityOfAll: (input) => workers.expectIdentityOfAll(input),
    listPods: () => pods.list(),
    checkPods: () => pods.check(),
    podPrices: (input) => pods.prices(input),
    startPod: (input) => pods.startPod(input),
    runPods: (input) => pods.run(input),
    changePod: (input) => pods.change(input),
    podLog: ({ id }) => pods.log(id),
    podSpending: (input) => pods.spending(input),
    savePodSecrets: (input) => pods.saveSecrets(input),
    doctor: () => doctor.examine(),
    doctorBundle: () => doctor.bundle(queue.getQueue()),
  };
}
