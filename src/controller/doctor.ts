// Owns looking over everything that may be wrong, in the order in which a person would: this computer, its settings, then each worker the way
// the troubleshooting guide does. Nothing is changed; every finding says what to do.

import type { QueueView } from '../contract/batch.ts';
import type { DoctorCheck, DoctorFinding, DoctorReport, DoctorVerdict } from '../contract/doctor.ts';
import { DOCTOR_CHECKS } from '../contract/doctor.ts';
import { toAppError } from '../contract/errors.ts';
import { quoted, type Sentence, say } from '../contract/sentences.ts';
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
      return finding(check, 'failed', quoted(toAppError(thrown).message), []);
    }
  }

  #clockFinding(): DoctorFinding {
    const now = this.#deps.clock.now();
    return now >= EARLIEST
      ? finding('clock', 'ok', say('clock_is', { time: new Date(now).toISOString() }), [])
      : finding('clock', 'failed', say('clock_wrong', { time: new Date(now).toISOString() }), [say('clock_set')]);
  }

  #modeFinding(): DoctorFinding {
    const { workerMode } = this.#deps.settings.current();
    const remotes = this.#deps.roster.remotes().length;
    if (workerMode === 'required' && remotes === 0)
      return finding('worker_mode', 'failed', say('mode_nobody'), [say('mode_nobody_todo')]);
    return workerMode === 'off' && remotes > 0
      ? finding('worker_mode', 'warning', say('mode_unused'), [say('mode_unused_todo')])
      : finding('worker_mode', 'ok', say(`mode_${workerMode}`), []);
  }

  async #folders(): Promise<SystemNote> {
    const { folders } = this.#deps.intake.listWatchFolders();
    if (folders.length === 0) return { verdict: 'skipped', message: say('folders_none'), advice: [] };
    const away = await this.#deps.intake.awayFolders();
    if (away.length === 0)
      return { verdict: 'ok', message: say('folders_there', { count: folders.length }), advice: [] };
    return {
      verdict: 'warning',
      message: say('folders_away', { paths: away.join(', ') }),
      advice: [say('folders_away_todo')],
    };
  }
}

function finding(check: DoctorCheck, verdict: DoctorVerdict, message: Sentence, advice: Sentence[]): DoctorFinding {
  return { check, subject: null, verdict, message, advice };
}
