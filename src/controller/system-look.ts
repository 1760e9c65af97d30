// Owns what the doctor needs from outside: a look at this computer, step by step.

import type { DoctorCheck, DoctorVerdict } from '../contract/doctor.ts';
import type { Sentence } from '../contract/sentences.ts';

export type SystemCheck = Extract<
  DoctorCheck,
  | 'environment'
  | 'node'
  | 'data_directory'
  | 'disk_space'
  | 'database'
  | 'secrets'
  | 'signing_key'
  | 'base_url'
  | 'local_worker'
>;

export interface SystemNote {
  readonly verdict: DoctorVerdict;
  readonly message: Sentence;
  readonly advice: Sentence[];
}

export interface SystemLook {
  /** Changes nothing. What it throws becomes the finding. */
  look(check: SystemCheck): Promise<SystemNote>;
  /** Facts about computer and program, for a report. */
  facts(): Readonly<Record<string, string | number>>;
  /** The last lines of the log, oldest first. */
  logLines(most: number): readonly string[];
  /** The text without secrets. */
  redact(text: string): string;
  /** Folders of this person, each with what stands for it in a report. */
  folders(): readonly (readonly [path: string, instead: string])[];
}
