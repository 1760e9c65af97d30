// Owns the app's own interface: every call with its parameters, its result and its HTTP form, and every event. The engine serves
// this table, the UI's clients (HTTP, Electron, in-memory) and the command line speak it; nobody retypes a signature.

import * as z from 'zod';
import { addedSchema } from './added-jobs.ts';
import { call, flag, idParams, nothing } from './api-call.ts';
import { JOB_CALLS } from './api-jobs.ts';
import { WORKER_CALLS } from './api-workers.ts';
import { batchViewSchema, queueViewSchema } from './batch.ts';
import { carriedSchema } from './carried.ts';
import { editedSegmentsSchema } from './edited-segments.ts';
import { editedTranscriptSchema, editOperationsSchema, editSchema, editStateSchema, revisionSchema } from './edits.ts';
import { errorReportSchema } from './errors.ts';
import { exportOptionsPatchSchema } from './export-options.ts';
import { jobViewSchema, keptFileSchema, liveSegmentSchema, outputFileSchema, progressSchema } from './job.ts';
import { probedSchema } from './media.ts';
import { exportFormatSchema } from './options.ts';
import { openedMediaSchema, peaksSchema } from './playback.ts';
import { podPlanSchema, podPricesSchema } from './pod-prices.ts';
import { podSpendingSchema } from './pod-spending.ts';
import { podActionSchema, podCloudSchema, podLogLineSchema, podsSummarySchema, podViewSchema } from './pods.ts';
import { profileSchema } from './profile.ts';
import { runtimeSchema } from './runtime.ts';
import { searchQuerySchema, searchResultSchema } from './search.ts';
import { givenSettingsSchema, settingsViewSchema } from './settings.ts';
import { watchFolderSchema } from './watch-folder.ts';
import { workerViewSchema } from './worker-view.ts';

/** The revision that a change was made on: it is refused (CONFLICT) when another one came first. */
const onRevision = idParams.extend({ revision: revisionSchema });

/** `edit`: the one that was made, undone or redone. */
const editResult = editStateSchema.extend({ edit: editSchema });

const gpuIds = z.array(z.string().min(1).max(100)).max(20);
const podList = z.object({ pods: z.array(podViewSchema), summary: podsSummarySchema });

/** Every call of the app. Only `runtime` may be made without the token. */
export const API = {
  runtime: call('GET', '/api/runtime', nothing, runtimeSchema),
  ...JOB_CALLS,
  /** With the edits in force laid over it, or as the machine gave it; either way with the revision to base a change on. */
  getTranscript: call(
    'GET',
    '/api/jobs/:id/transcript',
    idParams.extend({
      machine: flag.default(false),
    }),
    z.object({
      ...editedTranscriptSchema.shape,
      segments: editedSegmentsSchema,
      deleted: editedSegmentsSchema,
      ...editStateSchema.shape,
    }),
  ),
  /** Makes one edit of all operations; none is made when one of them does not apply (CONFLICT). */
  editTranscript: call(
    'POST',
    '/api/jobs/:id/edits',
    onRevision.extend({ operations: editOperationsSchema }),
    editResult,
  ),
  undoEdit: call('POST', '/api/jobs/:id/edits/undo', onRevision, editResult),
  redoEdit: call('POST', '/api/jobs/:id/edits/redo', onRevision, editResult),
  /** The edits in force, oldest first, and those that can be redone, the next one last. */
  listEdits: call(
    'GET',
    '/api/jobs/:id/edits',
    idParams,
    editStateSchema.extend({
      done: z.array(editSchema),
      undone: z.array(editSchema),
      /** What became of the corrections of an earlier transcript of the recording; null where there were none. */
      carried: carriedSchema.nullable(),
    }),
  ),
  /**
   * Writes the files of a job anew, with all edits. Formats, folder and everything else are the job's own where none are given. A file of an
   * earlier writing that was changed since counts as any other file that is there: `conflict` of the job's options says what becomes of it.
   */
  writeExports: call(
    'POST',
    '/api/jobs/:id/export-files',
    idParams.extend({
      formats: z.array(exportFormatSchema).min(1).optional(),
      outDir: z.string().min(1).max(32_768).optional(),
      ...exportOptionsPatchSchema.shape,
    }),
    z.object({
      /** What holds the transcript now. */
      outputs: z.array(outputFileSchema),
      /** Files of earlier that were kept as they are; absent where there is none. */
      kept: z.array(keptFileSchema).optional(),
    }),
  ),
  /** With `download=1` in the query the answer is the file itself. */
  exportJob: call(
    'GET',
    '/api/jobs/:id/export',
    idParams.extend({ format: exportFormatSchema, ...exportOptionsPatchSchema.shape }),
    z.object({
      filename: z.string(),
      mediaType: z.string(),
      /** Empty where the format is not text. */
      text: z.string(),
      /** The file's bytes where the format is not text (docx), else null. */
      base64: z.base64().nullable(),
    }),
  ),
  /** Finds words in all transcripts, edits and all. Never refuses what was typed: what no word is in finds nothing. */
  searchTranscripts: call('GET', '/api/search', searchQuerySchema, searchResultSchema),
  /**
   * Makes a complete job of a transcript that another program made (JSON of the Whisper family or of this app, SRT, WebVTT), with or without its
   * recording; both by path on the engine's computer, or as uploads. BAD_REQUEST says what is wrong with it.
   */
  importTranscript: call(
    'POST',
    '/api/import',
    z
      .object({
        path: z.string().min(1).max(32_768).optional(),
        upload: z.string().min(1).max(100).optional(),
        recording: z.string().min(1).max(32_768).optional(),
        recordingUpload: z.string().min(1).max(100).optional(),
      })
      .refine(({ path, upload }) => (path === undefined) !== (upload === undefined), {
        error: 'Name one transcript, by its path or its upload.',
      })
      .refine(({ recording, recordingUpload }) => recording === undefined || recordingUpload === undefined, {
        error: 'Name one recording, by its path or its upload.',
      }),
    jobViewSchema,
  ),
  /** Looks at a file on the engine's computer without queueing it. Refuses what cannot be transcribed, with its code. */
  probe: call('POST', '/api/probe', z.object({ path: z.string().min(1).max(32_768) }), probedSchema),
  /**
   * An address under which a player can have the recording (SOURCE_MISSING when it is gone). One that was changed since it was transcribed is
   * refused with SOURCE_CHANGED unless `evenIfChanged`.
   */
  openMedia: call(
    'POST',
    '/api/jobs/:id/media',
    idParams.extend({ evenIfChanged: z.boolean().default(false) }),
    openedMediaSchema,
  ),
  /** The waveform that was kept for this recording, null where none was. */
  getPeaks: call('GET', '/api/jobs/:id/peaks', idParams, z.object({ peaks: peaksSchema.nullable() })),
  putPeaks: call('PUT', '/api/jobs/:id/peaks', idParams.extend({ peaks: peaksSchema }), nothing),
  getSettings: call('GET', '/api/settings', nothing, settingsViewSchema),
  putSettings: call('PUT', '/api/settings', givenSettingsSchema, settingsViewSchema),
  ...WORKER_CALLS,
  /** Rented machines that are there, found ones included, and those that ended within a day; newest first. */
  listPods: call('GET', '/api/pods', nothing, podList),
  /** Asks the provider now instead of at the next interval. */
  checkPods: call('POST', '/api/pods/check', nothing, podList),
  /** GPUs with the provider's prices and availability of now, and what this queue would cost on each. */
  podPrices: call('GET', '/api/pods/prices', z.object({ cloud: podCloudSchema.optional() }), podPricesSchema),
  /** Answers as soon as the intent is on disk; what becomes of it is told by `pod` events. Left-out fields come from the settings. */
  startPod: call(
    'POST',
    '/api/pods',
    z.object({ gpuIds: gpuIds.optional(), cloud: podCloudSchema.optional() }),
    podViewSchema,
  ),
  /** Runs everything that waits on up to `maxPods` pods, which are ended one by one as the queue runs out. `dryRun` only plans. */
  runPods: call(
    'POST',
    '/api/pods/run',
    z.object({
      maxPods: z.int().min(1).max(20).optional(),
      /** Hours from now within which all is to be done. */
      deadlineHours: z.number().positive().max(1000).optional(),
      gpuIds: gpuIds.optional(),
      cloud: podCloudSchema.optional(),
      dryRun: z.boolean().default(false),
    }),
    z.object({ plan: podPlanSchema, pods: z.array(podViewSchema) }),
  ),
  /** CONFLICT where the pod's `actions` do not hold it. */
  changePod: call('POST', '/api/pods/:id/action', idParams.extend({ action: podActionSchema }), podViewSchema),
  /** The last lines of the pod's log; new ones are told by `pod-log` events while it starts. */
  podLog: call('GET', '/api/pods/:id/log', idParams, z.object({ lines: z.array(podLogLineSchema) })),
  podSpending: call(
    'GET',
    '/api/pods/spending',
    z.object({ days: z.coerce.number().int().min(1).max(366).default(30) }),
    podSpendingSchema,
  ),
  /** Saves or (null) removes secrets; what is left out stays. A new API key is tried at once. They are never given out again. */
  savePodSecrets: call(
    'PUT',
    '/api/pods/secrets',
    z.object({
      apiKey: z.string().trim().min(1).max(500).nullable().optional(),
      hfToken: z.string().trim().min(1).max(500).nullable().optional(),
    }),
    podsSummarySchema,
  ),
} as const;

export type ApiName = keyof typeof API;
/** What a caller gives (defaults may be left out). */
export type ApiParams<Name extends ApiName> = z.input<(typeof API)[Name]['params']>;
/** What the engine gets after parsing. */
export type ApiInput<Name extends ApiName> = z.output<(typeof API)[Name]['params']>;
export type ApiResult<Name extends ApiName> = z.output<(typeof API)[Name]['result']>;

export const API_NAMES = Object.keys(API) as ApiName[];

/** Everything that happens, as a union on `type`. A listener that was away asks for lists anew: events are not kept. */
export const appEventSchema = z.discriminatedUnion('type', [
  /** First on every stream: subscribe, wait for this, then ask for the lists, and nothing is missed. */
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('batch'), batch: batchViewSchema }),
  /** Its last job was removed. */
  z.object({ type: z.literal('batch-removed'), id: z.string() }),
  z.object({ type: z.literal('queue'), queue: queueViewSchema }),
  /** Jobs that were moved, with their new positions; no other event tells of that. */
  z.object({
    type: z.literal('moved'),
    positions: z.array(z.object({ id: z.string(), position: z.number().int() })),
  }),
  z.object({ type: z.literal('job'), job: jobViewSchema }),
  /** Several new jobs; one alone is told by `job`. */
  addedSchema,
  z.object({ type: z.literal('job-removed'), id: z.string() }),
  z.object({ type: z.literal('progress'), id: z.string(), progress: progressSchema }),
  z.object({ type: z.literal('segment'), id: z.string(), attempt: z.number().int(), segment: liveSegmentSchema }),
  z.object({ type: z.literal('worker'), worker: workerViewSchema }),
  z.object({ type: z.literal('worker-removed'), id: z.string() }),
  z.object({ type: z.literal('settings'), view: settingsViewSchema }),
  z.object({ type: z.literal('pod'), pod: podViewSchema }),
  z.object({ type: z.literal('pod-removed'), id: z.string() }),
  z.object({ type: z.literal('pod-log'), id: z.string(), lines: z.array(podLogLineSchema) }),
  /** Money and account in sum; at every look at the provider while a pod lives. */
  z.object({ type: z.literal('pods'), summary: podsSummarySchema }),
  z.object({ type: z.literal('profile'), profile: profileSchema }),
  z.object({ type: z.literal('profile-removed'), id: z.string() }),
  z.object({ type: z.literal('watch-folder'), folder: watchFolderSchema }),
  z.object({ type: z.literal('watch-folder-removed'), id: z.string() }),
]);
export type AppEvent = z.infer<typeof appEventSchema>;

/** Answer of `POST /api/uploads?name=…` (body: the file's bytes). */
export const uploadResultSchema = z.object({
  id: z.string(),
  name: z.string(),
  sizeBytes: z.number().int().nonnegative(),
});
export type UploadResult = z.infer<typeof uploadResultSchema>;

/** How every refused call answers. */
export const apiErrorSchema = z.object({ error: z.string(), code: errorReportSchema.shape.code });

/** The engine as its callers see it: two verbs, call and subscribe. Every boundary carries exactly this. */
export interface AppApi {
  call<Name extends ApiName>(name: Name, params: ApiParams<Name>): Promise<ApiResult<Name>>;
  /** Begins with a `ready` event. Returns its own undo. */
  subscribe(listener: (event: AppEvent) => void): () => void;
}
