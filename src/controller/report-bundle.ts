// Owns the report that a person may send to somebody: the findings, the state of queue and workers, the last lines of the log. It is safe by what
// goes in and not by what is struck out: of the log only fields that can hold no secret, no name and no text are taken.

import type { QueueView } from '../contract/batch.ts';
import type { DoctorReport } from '../contract/doctor.ts';
import type { Settings } from '../contract/settings.ts';
import type { WorkerView } from '../contract/worker-view.ts';

/** Fields of a log line whose text is one of ours. */
const OURS: ReadonlySet<string> = new Set([
  ...['level', 'time', 'event', 'jobId', 'workerId', 'folderId', 'podId', 'code', 'from', 'to', 'state', 'refusal'],
  ...['health', 'kind', 'stage', 'type', 'version', 'method', 'reason_code'],
]);
/** What our own words and ids look like. */
const PLAIN = /^[A-Za-z0-9_.:+-]{1,80}$/;

export interface BundleParts {
  readonly report: DoctorReport;
  readonly system: Readonly<Record<string, string | number>>;
  readonly settings: Settings;
  readonly queue: QueueView;
  readonly workers: readonly WorkerView[];
  /** Lines of the log, oldest first. */
  readonly log: readonly string[];
  /** Text without secrets by value and by shape. */
  readonly redact: (text: string) => string;
  /** Names, addresses and folders of this person that findings may speak of, each with what stands for it. */
  readonly names: readonly (readonly [name: string, instead: string])[];
}

export function bundleText({ report, system, settings, queue, workers, log, redact, names }: BundleParts): string {
  const { jobDefaults, pods, tunnelByWorker, ...rest } = settings;
  const { image: ____, registryId: _____, ...rented } = pods;
  const { initialPrompt: _, hotwords: __, outDir: ___, nameTemplate: ______, ...options } = jobDefaults;
  const sections: readonly (readonly [string, string])[] = [
    ['System', json(system)],
    [
      'Findings',
      report.findings
        .map(
          (each) =>
            `${each.verdict.padEnd(8)} ${each.check}${each.subject === null ? '' : ` [${each.subject.id}]`}: ${each.message}`,
        )
        .join('\n'),
    ],
    ['Settings', json({ ...rest, tunnelByWorker: Object.values(tunnelByWorker), pods: rented, jobDefaults: options })],
    ['Queue', json(queue)],
    ['Workers', json(workers.map(plainWorker))],
    [
      'Log',
      log
        .map(plainLine)
        .filter((line) => line !== '')
        .join('\n'),
    ],
  ];
  const head = `Bulk Transcribe ${report.version}, ${new Date(report.at).toISOString()}\nWithout secrets, names of recordings, folders or transcripts. Read it before you send it.\n`;
  const body = sections.map(([title, text]) => `\n== ${title}\n${text}\n`).join('');
  // The longest first: a name may be part of another.
  const known = names.filter(([name]) => name.length > 2).toSorted(([a], [b]) => b.length - a.length);
  return redact(known.reduce((text, [name, instead]) => text.replaceAll(name, instead), head + body));
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2);
}

/** What of a worker is no name and no address. */
function plainWorker(view: WorkerView): object {
  const { id, kind, health, since, latencyMs, capabilities, identity, verdict, drainedSince, jobs, tunnel } = view;
  const { address: _, ...way } = tunnel;
  return {
    id,
    kind,
    health,
    since,
    latencyMs,
    code: view.error?.code ?? null,
    capabilities,
    identity,
    verdict,
    drainedSince,
    jobs,
    tunnel: way,
  };
}

/** A line with only what is ours in it; empty where it is none of our lines. */
export function plainLine(line: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return '';
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return '';
  const kept = Object.entries(parsed).filter(
    ([key, value]) =>
      typeof value === 'number' ||
      typeof value === 'boolean' ||
      (typeof value === 'string' && OURS.has(key) && PLAIN.test(value)),
  );
  return kept.length === 0 ? '' : JSON.stringify(Object.fromEntries(kept));
}
