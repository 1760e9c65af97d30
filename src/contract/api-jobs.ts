// Owns the calls about the queue: jobs, batches, the queue as a whole, profiles of options, watched folders.

import * as z from 'zod';
import { call, idParams, nothing, words } from './api-call.ts';
import { batchViewSchema, queueViewSchema } from './batch.ts';
import { errorReportSchema } from './errors.ts';
import { jobStateSchema, jobViewSchema, liveSegmentSchema } from './job.ts';
import { jobHistorySchema } from './job-history.ts';
import { givenOptionsSchema } from './options.ts';
import { profileNameSchema, profileSchema } from './profile.ts';
import { modelSelectionSchema, placeSchema, selectionResultSchema, selectionSchema } from './selection.ts';
import { watchFolderSchema } from './watch-folder.ts';

const path = z.string().min(1).max(32_768);

const addJobs = z
  .object({
    /** Absolute paths of files or folders on the engine's computer; a folder gives every recording in it, at any depth. */
    paths: z.array(path).max(100_000).default([]),
    /** Ids of finished uploads (`POST /api/uploads`), for a browser that has no paths. */
    uploads: z.array(z.string().min(1).max(100)).max(10_000).default([]),
    /** Id or name of a profile, laid over the settings; `options` are laid over both. */
    profile: z.string().min(1).max(100).optional(),
    options: givenOptionsSchema.default({}),
    batchName: z.string().max(200).optional(),
  })
  .refine((body) => body.paths.length + body.uploads.length > 0, { error: 'No recordings were named.' });

/** What could not be queued, each with its reason. The rest is queued all the same. */
const refusedSource = z.object({ path: z.string(), error: errorReportSchema });

const listJobs = z.object({
  /** One state; `states` for several. */
  state: jobStateSchema.optional(),
  states: words(jobStateSchema).optional(),
  batchId: z.string().max(100).optional(),
  /** Text anywhere in the name or the path, in any case. */
  search: z.string().max(200).optional(),
  /** `newest`: the newest batch first, within it in order. `position`: in the order in which they are begun. */
  order: z.enum(['newest', 'position']).default('newest'),
  cursor: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

export const JOB_CALLS = {
  addJobs: call(
    'POST',
    '/api/jobs',
    addJobs,
    z.object({ batch: batchViewSchema.nullable(), jobs: z.array(jobViewSchema), refused: z.array(refusedSource) }),
  ),
  listJobs: call(
    'GET',
    '/api/jobs',
    listJobs,
    z.object({
      jobs: z.array(jobViewSchema),
      /** The batches of these jobs. */
      batches: z.array(batchViewSchema),
      nextCursor: z.string().nullable(),
    }),
  ),
  getJob: call('GET', '/api/jobs/:id', idParams, jobViewSchema),
  jobHistory: call('GET', '/api/jobs/:id/history', idParams, jobHistorySchema),
  cancelJob: call('POST', '/api/jobs/:id/cancel', idParams, jobViewSchema),
  retryJob: call('POST', '/api/jobs/:id/retry', idParams, jobViewSchema),
  /**
   * Has each channel transcribed by itself, as a speaker of its own, in place of telling voices apart: of a recording whose channels hold
   * different voices, and which is not done. What a worker did of it so far is begun anew. CONFLICT.
   */
  separateChannels: call('POST', '/api/jobs/:id/channels', idParams, jobViewSchema),
  /**
   * Says where the recording of a job lies now, of one that waits for it (SOURCE_MISSING) or whose transcript is there. NOT_THE_RECORDING, with
   * nothing changed, when that file has other content.
   */
  locateJob: call('POST', '/api/jobs/:id/locate', idParams.extend({ path }), jobViewSchema),
  removeJob: call('DELETE', '/api/jobs/:id', idParams, nothing),
  cancelJobs: call('POST', '/api/jobs/cancel', selectionSchema, selectionResultSchema),
  retryJobs: call('POST', '/api/jobs/retry', selectionSchema, selectionResultSchema),
  removeJobs: call('POST', '/api/jobs/remove', selectionSchema, selectionResultSchema),
  /** Holds jobs that are not at a worker, until they are resumed. Those that are there are finished: CONFLICT. */
  pauseJobs: call('POST', '/api/jobs/pause', selectionSchema, selectionResultSchema),
  resumeJobs: call('POST', '/api/jobs/resume', selectionSchema, selectionResultSchema),
  /** Chooses another model for jobs of which nothing was begun: CONFLICT for those that were at a worker. */
  chooseModel: call('POST', '/api/jobs/model', modelSelectionSchema, selectionResultSchema),
  /** Moves jobs that are not over, in the order given, or whole batches. `moved`: how many jobs have another position now. */
  moveJobs: call(
    'POST',
    '/api/jobs/move',
    z
      .object({
        ids: z.array(z.string().min(1).max(100)).min(1).max(100_000).optional(),
        batchIds: z.array(z.string().min(1).max(100)).min(1).max(10_000).optional(),
        place: placeSchema,
      })
      .refine((body) => (body.ids === undefined) !== (body.batchIds === undefined), {
        error: 'Name either jobs or batches.',
      }),
    z.object({ moved: z.number().int().nonnegative() }),
  ),
  /** The lines decoded so far of a job that is under way. */
  liveText: call('GET', '/api/jobs/:id/live', idParams, z.object({ segments: z.array(liveSegmentSchema) })),

  /** Newest first. */
  listBatches: call(
    'GET',
    '/api/batches',
    z.object({
      cursor: z.string().max(100).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
    z.object({ batches: z.array(batchViewSchema), nextCursor: z.string().nullable() }),
  ),
  getBatch: call('GET', '/api/batches/:id', idParams, batchViewSchema),
  renameBatch: call(
    'PUT',
    '/api/batches/:id',
    idParams.extend({ name: z.string().trim().min(1).max(200) }),
    batchViewSchema,
  ),
  /** Begins none of its jobs until it is resumed. Those at a worker are finished. */
  pauseBatch: call('POST', '/api/batches/:id/pause', idParams, batchViewSchema),
  resumeBatch: call('POST', '/api/batches/:id/resume', idParams, batchViewSchema),

  getQueue: call('GET', '/api/queue', nothing, queueViewSchema),
  /** Begins no job at all until it is resumed. Those at a worker are finished. */
  pauseQueue: call('POST', '/api/queue/pause', nothing, queueViewSchema),
  resumeQueue: call('POST', '/api/queue/resume', nothing, queueViewSchema),

  /** By name. */
  listProfiles: call('GET', '/api/profiles', nothing, z.object({ profiles: z.array(profileSchema) })),
  /** Makes a profile, or changes the one with that `id`. CONFLICT when another one has the name. */
  saveProfile: call(
    'POST',
    '/api/profiles',
    z.object({ id: z.string().min(1).max(100).optional(), name: profileNameSchema, options: givenOptionsSchema }),
    profileSchema,
  ),
  /** CONFLICT while a watched folder uses it. */
  removeProfile: call('DELETE', '/api/profiles/:id', idParams, nothing),

  listWatchFolders: call('GET', '/api/watch-folders', nothing, z.object({ folders: z.array(watchFolderSchema) })),
  addWatchFolder: call(
    'POST',
    '/api/watch-folders',
    z.object({
      path,
      profileId: z.string().min(1).max(100).nullable().default(null),
      recursive: z.boolean().default(true),
      /** Whether what is in the folder already is queued too, or only what comes later. */
      takeExisting: z.boolean().default(true),
    }),
    watchFolderSchema,
  ),
  changeWatchFolder: call(
    'PUT',
    '/api/watch-folders/:id',
    idParams.extend({
      profileId: z.string().min(1).max(100).nullable().optional(),
      recursive: z.boolean().optional(),
      enabled: z.boolean().optional(),
    }),
    watchFolderSchema,
  ),
  /** Stops watching. What was queued from it stays. */
  removeWatchFolder: call('DELETE', '/api/watch-folders/:id', idParams, nothing),
} as const;
