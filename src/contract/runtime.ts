// Owns `GET /api/runtime`: the one open answer of the local API, in the predecessor's shape (docs/protocol.md part 1).

import * as z from 'zod';
import { expectedIdentitySchema, workerIdentitySchema } from './identity.ts';
import { workerModeSchema } from './settings.ts';

export const runtimeSchema = z.object({
  service: z.literal('bulk-transcribe'),
  version: z.string(),
  protocol: z.literal(2),
  remoteWorker: z.object({
    enabled: z.boolean(),
    configured: z.boolean(),
    mode: workerModeSchema,
    url: z.string().nullable(),
    connected: z.boolean(),
    lastPingAt: z.string().nullable(),
    latencyMs: z.number().nullable(),
    workerVersion: z.string().nullable(),
    identity: workerIdentitySchema.nullable(),
    expectedIdentity: expectedIdentitySchema.nullable(),
    identityMatches: z.boolean().nullable(),
    identityMismatchReason: z.string().nullable(),
    workerCapabilities: z
      .object({
        whisperModels: z.array(z.string()),
        diarization: z.boolean(),
        gpu: z.boolean(),
        gpuName: z.string().nullable(),
        cuda: z.string().nullable(),
        maxFileMB: z.number().nullable(),
        activeJobs: z.number().int(),
        maxConcurrentJobs: z.number().int(),
      })
      .nullable(),
    error: z.string().nullable(),
  }),
  localWorker: z.object({
    enabled: z.boolean(),
    health: z.string(),
    device: z.string().nullable(),
    models: z.array(z.string()),
  }),
});
export type Runtime = z.infer<typeof runtimeSchema>;
