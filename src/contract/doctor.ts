// Owns what `doctor` looks at and how it says what it found: a closed list of checks, each with what to do.

import * as z from 'zod';

/** Everything that is looked at, in this order. Those of a worker come once for each worker. */
export const DOCTOR_CHECKS = [
  'environment',
  'node',
  'data_directory',
  'disk_space',
  'database',
  'clock',
  'secrets',
  'signing_key',
  'base_url',
  'local_worker',
  'worker_mode',
  'worker_address',
  'worker_reachable',
  'worker_token',
  'worker_tunnel',
  'worker_gpu',
  'worker_memory',
  'worker_models',
  'worker_diarization',
  'worker_identity',
  'watch_folders',
] as const;
export const doctorCheckSchema = z.enum(DOCTOR_CHECKS);
export type DoctorCheck = z.infer<typeof doctorCheckSchema>;

/** `warning`: work goes on, but look at it. `failed`: something cannot work like this. `skipped`: nothing to look at. */
export const doctorVerdictSchema = z.enum(['ok', 'warning', 'failed', 'skipped']);
export type DoctorVerdict = z.infer<typeof doctorVerdictSchema>;

export const doctorFindingSchema = z.object({
  check: doctorCheckSchema,
  /** The worker or folder that it is about; null for this computer. */
  subject: z.object({ id: z.string(), name: z.string() }).nullable(),
  verdict: doctorVerdictSchema,
  /** What was found, in a sentence. */
  message: z.string(),
  /** What to do, in order; empty where nothing is to be done. */
  advice: z.array(z.string()),
});
export type DoctorFinding = z.infer<typeof doctorFindingSchema>;

export const doctorReportSchema = z.object({
  at: z.number().int().nonnegative(),
  version: z.string(),
  /** False when anything failed; warnings do not count. */
  ok: z.boolean(),
  findings: z.array(doctorFindingSchema),
});
export type DoctorReport = z.infer<typeof doctorReportSchema>;
