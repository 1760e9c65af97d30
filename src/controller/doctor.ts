// Owns looking over everything that may be wrong, in the order in which a person would: this computer, its settings, then each worker the way
// the troubleshooting guide does. Nothing is changed; every finding says what to do.

import type { QueueView } from '../contract/batch.ts';
import type { DoctorCheck, DoctorFinding, DoctorReport, DoctorVerdict } from '../contract/doctor.ts';
import { DOCTOR_CHECKS } from '../contract/doctor.ts';
import { toAppError } from '../contract/errors.ts';
import { LOCAL_WORKER_ID } from '../contract/worker-view.ts';
import type { IntakeCalls } from './intake-calls.ts';
import type { Clock, SettingsSource } from './ports.ts';
import type { JobStore } from './queue-ports.ts';
import { bundleText } from './report-bundle.ts';
import type { SystemLook, SystemNote } from './system-look.ts';
import { examineWorker } from './worker-examination.ts';
import type { WorkerRoster } from './worker-roster.ts';

export interface DoctorDeps {
  readonly system: SystemLook;
  readonly roster: WorkerRoster;
  readonly store: JobStore;
  readonly intake: IntakeCalls;
  readonly settings: SettingsSource;
  readonly clock: Clock;
  readonly version: string;
}

/** A clock before this app was made is wrong: 1 June 2026. */
const EARLIEST = Date.UTC(2026, 5, 1);
/** Failed jobs that are looked at for a common reason. */
const FAILURES = 100;
/** Lines of the log in a report. */
const LOG_LINES = 500;

export class Doctor {
  readonly #deps: DoctorDeps;

  constructor(deps: DoctorDeps) {
    this.#deps = deps;
  }

  /** Takes up to half a minute where something does not answer. */
  async examine(): Promise<DoctorReport> {
    const { system, roster, store, settings, clock, version } = this.#deps;
    const notes = await Promise.all([
      ...(['environment', 'node', 'data_directory', 'disk_space', 'database', 'secrets', 'signing_key'] as const).map(
        (check) => this.#asked(check, () => system.look(check)),
      ),
      this.#asked('base_url', () => system.look('base_url')),
      this.#asked('local_worker', () => system.look('local_worker')),
      this.#asked('watch_folders', () => this.#folders()),
    ]);
    const findings: DoctorFinding[] = [...notes, this.#clockFinding(), this.#modeFinding()];
    const failures = store.list({ states: ['failed'], limit: FAILURES }).jobs;
    const outOfMemory = failures.filter(({ error }) => error?.code === 'OUT_OF_MEMORY').length;
    for (const link of roster.all()) {
      if (link.id === LOCAL_WORKER_ID && link.health === 'off') continue;
      findings.push(...examineWorker(link, { settings: settings.current(), outOfMemory }));
    }
    const order = (check: DoctorCheck): number => DOCTOR_CHECKS.indexOf(check);
    findings.sort(
      (a, b) => (a.subject?.id ?? '').localeCompare(b.subject?.id ?? '') || order(a.check) - order(b.check),
    );
    return { at: clock.now(), version, ok: findings.every(({ verdict }) => verdict !== 'failed'), findings };
  }

  /** All of it as one text that is safe to send. */
  async bundle(queue: QueueView): Promise<{ filename: string; text: string }> {
    const { system, roster, settings } = this.#deps;
    const workers = roster.views();
    const { folders } = this.#deps.intake.listWatchFolders();
    const names = [
      ...system.folders(),
      ...folders.map(({ path, id }) => [path, `[${id}]`] as const),
      ...workers.flatMap(({ id, name, url }) => [
        ...(id === LOCAL_WORKER_ID ? [] : [[name, `[${id}]`] as const]),
        ...(url === null
          ? []
          : [[url, `[address of ${id}]`] as const, [new URL(url).host, `[host of ${id}]`] as const]),
      ]),
    ];
    const report = await this.examine();
    const text = bundleText({
      ...{ report, queue, workers, names },
      system: system.facts(),
      settings: settings.current(),
      log: system.logLines(LOG_LINES),
      redact: (plain) => system.redact(plain),
    });
    return { filename: `bulk-transcribe-report-${new Date(report.at).toISOString().slice(0, 10)}.txt`, text };
  }

  async #asked(check: DoctorCheck, look: () => Promise<SystemNote>): Promise<DoctorFinding> {
    try {
      return { check, subject: null, ...(await look()) };
    } catch (thrown) {
      return finding(check, 'failed', toAppError(thrown).message, []);
    }
  }

  #clockFinding(): DoctorFinding {
    const now = this.#deps.clock.now();
    return now >= EARLIEST
      ? finding('clock', 'ok', `It is ${new Date(now).toISOString()}.`, [])
      : finding('clock', 'failed', `The clock of this computer says ${new Date(now).toISOString()}.`, [
          'Set the time of this computer: secure connections are refused while it is wrong.',
        ]);
  }

  #modeFinding(): DoctorFinding {
    const { workerMode } = this.#deps.settings.current();
    const remotes = this.#deps.roster.remotes().length;
    if (workerMode === 'required' && remotes === 0)
      return finding('worker_mode', 'failed', 'Only remote workers may be used, and none is set up.', [
        'Add a worker, rent one, or set REMOTE_WORKER_MODE to optional.',
      ]);
    const words = {
      off: 'Only this computer is used.',
      optional: 'Remote workers are used when they answer, and this computer otherwise.',
      required: 'Only remote workers are used.',
    };
    return workerMode === 'off' && remotes > 0
      ? finding('worker_mode', 'warning', `${words.off} Remote workers are set up, but switched off.`, [
          'Set REMOTE_WORKER_MODE to optional to use them.',
        ])
      : finding('worker_mode', 'ok', words[workerMode], []);
  }

  async #folders(): Promise<SystemNote> {
    const { folders } = this.#deps.intake.listWatchFolders();
    if (folders.length === 0) return { verdict: 'skipped', message: 'No folder is watched.', advice: [] };
    const away = await this.#deps.intake.awayFolders();
    if (away.length === 0)
      return { verdict: 'ok', message: `${folders.length} watched, all of them there.`, advice: [] };
    return {
      verdict: 'warning',
      message: `Not there, or not to be read: ${away.join(', ')}.`,
      advice: ['Connect the drive, or give your user the right to read the folder. It is looked for again by itself.'],
    };
  }
}

function finding(check: DoctorCheck, verdict: DoctorVerdict, message: string, advice: string[]): DoctorFinding {
  return { check, subject: null, verdict, message, advice };
}
