// Owns how a pod's record is read back: its JSON column is unknown until it is parsed.

import * as z from 'zod';
import { errorReportSchema } from '../contract/errors.ts';
import { instantSchema } from '../contract/job.ts';
import { podCloudSchema, podEndReasonSchema, podStateSchema } from '../contract/pods.ts';
import type { PodRecord } from '../jobs/pod-record.ts';
import { PROVIDER_STATUSES } from '../jobs/pod-record.ts';
import { jsonColumn } from './row.ts';

const candidate = z.object({
  gpuId: z.string(),
  gpuName: z.string(),
  memoryGB: z.number(),
  pricePerHour: z.number().nullable(),
});

const instant = instantSchema.nullable();

const record: z.ZodType<PodRecord> = z.object({
  id: z.string(),
  name: z.string(),
  state: podStateSchema,
  since: instantSchema,
  request: z
    .object({
      image: z.string(),
      imageDigest: z.string().nullable(),
      candidates: z.array(candidate),
      cloud: podCloudSchema,
    })
    .nullable(),
  tries: z.number().int(),
  postedAt: instant,
  candidate: candidate.nullable(),
  facts: z
    .object({
      providerId: z.string(),
      status: z.enum(PROVIDER_STATUSES),
      costPerHour: z.number(),
      gpuId: z.string().nullable(),
      gpuCount: z.number().int().nullable(),
      cloud: podCloudSchema.nullable(),
      dataCenterId: z.string().nullable(),
      cudaVersion: z.string().nullable(),
      image: z.string().nullable(),
    })
    .nullable(),
  seenAt: instant,
  meteredAt: instant,
  bootDeadline: instant,
  bootMs: z.number(),
  idleSince: instant,
  idleMs: z.number(),
  forQueue: z.boolean(),
  endReason: podEndReasonSchema.nullable(),
  trouble: errorReportSchema.nullable(),
  foreign: z.boolean(),
  jobsDone: z.number().int(),
  audioSec: z.number(),
  createdAt: instantSchema,
  readyAt: instant,
  endedAt: instant,
  revision: z.number().int(),
});

export const podRow = z.object({ record: jsonColumn(record) });
