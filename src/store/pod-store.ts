// Owns rented machines on disk: their records, what they cost, what was billed, how fast their GPUs were.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { GpuSpeed } from '../contract/pod-prices.ts';
import type { BatchSpend, GpuMeasurement, JobSpend, PodSaved, PodSpend, PodStore } from '../controller/pod-ports.ts';
import type { PodRecord } from '../jobs/pod-record.ts';
import { podRow } from './pod-row.ts';
import { parseRow } from './row.ts';
import { sqlite } from './sqlite-errors.ts';
import { statement } from './statements.ts';

/** Recordings of which a speed is made: the latest, for images and drivers change. */
const MEASURED_ON = 200;
/** Starts of which the time to boot is made. */
const BOOTS = 9;

const dayRow = z.object({ day: z.string(), usd: z.number(), billed: z.number(), audioSec: z.number() });
const batchRow = z.object({ batchId: z.string(), usd: z.number(), audioSec: z.number(), lastDay: z.string() });
const speedRow = z.object({ gpuId: z.string(), audioSec: z.number(), wallSec: z.number(), recordings: z.number() });
const podDayRow = z.object({ day: z.string(), usd: z.number() });

/** Meter of each pod and day, with the bill in its place where there is one. */
const CHARGED = `select day, coalesce((select usd from pod_bills b where b.pod_id = s.pod_id and b.day = s.day), sum(usd)) as usd,
  exists (select 1 from pod_bills b where b.pod_id = s.pod_id and b.day = s.day) as billed, sum(audio_sec) as audioSec
  from pod_spend s`;

/** {@link PodStore} in SQLite. */
export class SqlitePodStore implements PodStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  livePods(): readonly PodRecord[] {
    return this.#records(`where state not in ('ended', 'failed') order by created_at, id`);
  }

  endedPods(since: number): readonly PodRecord[] {
    return this.#records(`where state in ('ended', 'failed') and ended_at >= ? order by created_at desc, id`, since);
  }

  pod(id: string): PodRecord | null {
    return this.#records('where id = ?', id)[0] ?? null;
  }

  podNamed(name: string): PodRecord | null {
    return this.#records('where name = ?', name)[0] ?? null;
  }

  addPod(pod: PodRecord): void {
    sqlite(() =>
      this.#db
        .prepare(
          'insert into pods (id, name, state, record, created_at, ended_at, revision) values (?, ?, ?, ?, ?, ?, ?)',
        )
        .run(pod.id, pod.name, pod.state, JSON.stringify(pod), pod.createdAt, pod.endedAt, pod.revision),
    );
  }

  savePod(next: PodRecord, now: number, { spend = [], jobSpend = [], measurement = null }: PodSaved = {}): boolean {
    return sqlite(() =>
      this.#db
        .transaction(() => {
          const { changes } = this.#db
            .prepare('update pods set state = ?, record = ?, ended_at = ?, revision = ? where id = ? and revision = ?')
            .run(next.state, JSON.stringify(next), next.endedAt, next.revision, next.id, next.revision - 1);
          if (changes === 0) return false;
          this.#addSpend(next.id, spend);
          this.#addJobSpend(jobSpend);
          if (measurement !== null) this.#addMeasurement(measurement, now);
          return true;
        })
        .immediate(),
    );
  }

  saveMeasurement(measurement: GpuMeasurement, now: number): void {
    sqlite(() => this.#addMeasurement(measurement, now));
  }

  saveBill(podId: string, day: string, usd: number, now: number): void {
    sqlite(() =>
      this.#db
        .transaction(() => {
          // A day that the meter missed (the app was away) has a row as well, so that the bill has something to stand in for.
          this.#addSpend(podId, [{ day, batchId: null, usd: 0, audioSec: 0 }]);
          this.#db
            .prepare(
              `insert into pod_bills (pod_id, day, usd, read_at) values (?, ?, ?, ?)
               on conflict (pod_id, day) do update set usd = excluded.usd, read_at = excluded.read_at`,
            )
            .run(podId, day, usd, now);
        })
        .immediate(),
    );
  }

  spentByDay(firstDay: string): readonly { day: string; usd: number; billed: boolean; audioSec: number }[] {
    return sqlite(() =>
      this.#db
        .prepare(
          `select day, sum(usd) as usd, min(billed) as billed, sum(audioSec) as audioSec
           from (${CHARGED} where day >= ? group by pod_id, day) group by day order by day`,
        )
        .all(firstDay)
        .map((row) => parseRow('pod_spend', dayRow, row))
        .map(({ billed, ...rest }) => ({ ...rest, billed: billed === 1 })),
    );
  }

  spentByBatch(firstDay: string): readonly BatchSpend[] {
    return sqlite(() =>
      this.#db
        .prepare(
          `select batch_id as batchId, sum(usd) as usd, sum(audio_sec) as audioSec, max(day) as lastDay
           from pod_spend where day >= ? group by batch_id having sum(usd) > 0 or sum(audio_sec) > 0
           order by lastDay desc, usd desc`,
        )
        .all(firstDay)
        .map((row) => parseRow('pod_spend', batchRow, row))
        .map((row) => ({ ...row, batchId: row.batchId === '' ? null : row.batchId })),
    );
  }

  spentOnBatch(batchId: string): number {
    return sqlite(() =>
      z
        .number()
        .parse(
          this.#db.prepare('select coalesce(sum(usd), 0.0) from pod_spend where batch_id = ?').pluck().get(batchId),
        ),
    );
  }

  spentOnJob(jobId: string): number | null {
    return sqlite(() =>
      z
        .number()
        .nullable()
        .parse(statement(this.#db, 'select usd from job_spend where job_id = ?').pluck().get(jobId) ?? null),
    );
  }

  spentOnPod(podId: string): { readonly usd: number; readonly onDay: (day: string) => number } {
    const days = sqlite(() =>
      this.#db
        .prepare(`${CHARGED} where pod_id = ? group by pod_id, day`)
        .all(podId)
        .map((row) => parseRow('pod_spend', podDayRow, row)),
    );
    return {
      usd: days.reduce((sum, { usd }) => sum + usd, 0),
      onDay: (wanted) => days.find(({ day }) => day === wanted)?.usd ?? 0,
    };
  }

  gpuSpeeds(model: string): ReadonlyMap<string, GpuSpeed> {
    const rows = sqlite(() =>
      this.#db
        .prepare(
          `select gpu_id as gpuId, sum(audio_sec) as audioSec, sum(wall_sec) as wallSec, count(*) as recordings
           from (select *, row_number() over (partition by gpu_id order by at desc) as age from gpu_measurements where model = ?)
           where age <= ? group by gpu_id`,
        )
        .all(model, MEASURED_ON)
        .map((row) => parseRow('gpu_measurements', speedRow, row)),
    );
    return new Map(
      rows.map(({ gpuId, audioSec, wallSec, recordings }) => [
        gpuId,
        { speed: audioSec / wallSec, basis: 'measured', recordings, audioSec },
      ]),
    );
  }

  bootSeconds(): number | null {
    const times = sqlite(() =>
      this.#db
        .prepare(
          `select (json_extract(record, '$.readyAt') - created_at) / 1000.0 from pods
           where json_extract(record, '$.readyAt') is not null and json_extract(record, '$.request') is not null
           order by created_at desc limit ?`,
        )
        .pluck()
        .all(BOOTS)
        .map((value) => z.number().parse(value)),
    ).toSorted((one, other) => one - other);
    return times[Math.floor(times.length / 2)] ?? null;
  }

  /** Within the caller's transaction. */
  #addSpend(podId: string, spend: readonly PodSpend[]): void {
    const write = this.#db.prepare(
      `insert into pod_spend (pod_id, day, batch_id, usd, audio_sec) values (?, ?, ?, ?, ?)
       on conflict (pod_id, day, batch_id) do update set usd = usd + excluded.usd, audio_sec = audio_sec + excluded.audio_sec`,
    );
    for (const { day, batchId, usd, audioSec } of spend) write.run(podId, day, batchId ?? '', usd, audioSec);
  }

  /** Within the caller's transaction. A job that was removed in the meantime is passed over. */
  #addJobSpend(spend: readonly JobSpend[]): void {
    const write = statement(
      this.#db,
      `insert into job_spend (job_id, usd) select id, ? from jobs where id = ?
       on conflict (job_id) do update set usd = usd + excluded.usd`,
    );
    for (const { jobId, usd } of spend) write.run(usd, jobId);
  }

  /** Within the caller's transaction. The same delivery told twice is one row. */
  #addMeasurement({ jobId, attempt, gpuId, model, audioSec, wallSec }: GpuMeasurement, now: number): void {
    this.#db
      .prepare(
        `insert into gpu_measurements (job_id, attempt, gpu_id, model, audio_sec, wall_sec, at)
         values (?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
      )
      .run(jobId, attempt, gpuId, model, audioSec, wallSec, now);
  }

  #records(where: string, ...values: readonly (string | number)[]): readonly PodRecord[] {
    return sqlite(() =>
      this.#db
        .prepare(`select record from pods ${where}`)
        .all(...values)
        .map((row) => parseRow('pods', podRow, row).record),
    );
  }
}
