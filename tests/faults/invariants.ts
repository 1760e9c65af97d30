// Owns the checker (INV) that every fault test ends with: what must hold in a data directory, in the folders of the outputs and in a
// worker's work directory once everything has stopped, whatever happened before.

import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import Sqlite from 'better-sqlite3';
import * as z from 'zod';
import { isFinal, type JobState } from '../../src/contract/job.ts';
import { transcriptSchema } from '../../src/contract/transcript.ts';
import { searchRows } from '../../src/controller/transcript-search.ts';
import { addedJob, type JobRecord } from '../../src/jobs/record.ts';
import type { JobEvent } from '../../src/jobs/transition.ts';
import { transition } from '../../src/jobs/transition.ts';
import { SqliteEditStore } from '../../src/store/edit-store.ts';
import { attemptsOf, eventsOf } from '../../src/store/job-history.ts';
import { parseJob, SELECT_JOB } from '../../src/store/job-row.ts';
import { SqliteJobStore } from '../../src/store/job-store.ts';
import { indexed, matchExpression } from '../../src/store/search-query.ts';
import { transcriptJson } from '../../src/store/transcript-rows.ts';
import { applyEdits } from '../../src/transcript/edit.ts';
import { foldLog } from '../../src/transcript/edit-log.ts';
import { exportText } from '../../src/transcript/text-formats.ts';

export interface Inspected {
  readonly dataDir: string;
  /** Ids that the engine acknowledged. Every one must be there, and no other. */
  readonly jobs: readonly string[];
  /** Folders in which nothing may lie but `sources` and the files that complete jobs name. */
  readonly outputDirs?: readonly string[];
  /** Files that were there before; compared by path, only their presence is allowed, not demanded. */
  readonly sources?: readonly string[];
  /** The worker's work directory, the worker being stopped. */
  readonly workDir?: string;
  /** Jobs that may still wait, with the word for why. Default: none. */
  readonly mayWait?: (job: JobRecord) => boolean;
  /** What the transcript of a recording must say, where the engine at the worker is one that can be foretold. */
  readonly textOf?: (sourcePath: string) => string;
}

export interface Findings {
  readonly jobs: number;
  readonly states: Readonly<Partial<Record<JobState, number>>>;
  /** Why jobs failed, code first. */
  readonly failures: readonly string[];
  /** Acknowledged jobs that are not there, or are there without an end. */
  readonly lost: number;
  /** Jobs of which a worker finished more than one transcript. */
  readonly twice: number;
  /** Every sentence is a broken promise; empty = all hold. */
  readonly broken: readonly string[];
}

/** Looks at everything and changes nothing. */
export function inspect(what: Inspected): Findings {
  const broken: string[] = [];
  const db = new Sqlite(join(what.dataDir, 'queue.sqlite'), { readonly: true });
  try {
    if (db.pragma('integrity_check', { simple: true }) !== 'ok') broken.push('integrity_check is not ok');
    if ((db.pragma('foreign_key_check') as unknown[]).length > 0) broken.push('a foreign key leads nowhere');
    const jobs = db.prepare(SELECT_JOB).all().map(parseJob);
    const known = new Set(jobs.map(({ id }) => id));
    const asked = new Set(what.jobs);
    const missing = what.jobs.filter((id) => !known.has(id));
    for (const id of missing) broken.push(`${id} was acknowledged and is not there`);
    for (const id of known) if (!asked.has(id)) broken.push(`${id} is there and was never acknowledged`);
    const store = new SqliteJobStore(db);
    const owned = new Map<string, JobRecord>();
    let unfinished = 0;
    for (const job of jobs) {
      const say = (sentence: string) => broken.push(`${job.id} (${job.name}, ${job.state}): ${sentence}`);
      if (!isFinal(job.state) && what.mayWait?.(job) !== true) {
        unfinished += 1;
        say(`did not end: ${JSON.stringify(job.waiting ?? job.open)}`);
      }
      checkHistory(db, job, say);
      checkTranscript(db, job, say);
      checkSearch(db, job, say);
      if (job.state === 'complete') {
        const transcript = store.transcript(job.id);
        const outputs = store.outputs(job.id);
        if (transcript === null) say('it has no transcript');
        else if (what.textOf !== undefined && transcript.text.trim() !== what.textOf(job.sourcePath))
          say('its text is not that of its recording');
        if (job.options.conflict === 'number' && outputs.length !== new Set(job.options.formats).size)
          say(`${outputs.length} files for ${job.options.formats.length} formats`);
        for (const { format, path } of outputs) {
          const owner = owned.get(path);
          // One file serves jobs of one recording that have one transcript; what is another's is never taken for one's own.
          if (owner !== undefined && format === 'json' && !isSameWork(owner, job))
            say(`shares ${path} with ${owner.id}`);
          owned.set(path, job);
          if (!existsSync(path)) say(`${path} is not there`);
          else if (
            transcript !== null &&
            format !== 'docx' &&
            readFileSync(path, 'utf8') !== exportText(transcript, format).text
          )
            say(`${path} is not what a fresh export gives`);
          else if (format === 'json' && !transcriptSchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).success)
            say(`${path} does not parse`);
        }
      } else if (store.outputs(job.id).length > 0 && job.transcriptSha256 === null)
        say('it has files without a transcript');
    }
    checkKept(what.dataDir, jobs, broken);
    checkFolders(what, owned, broken);
    const twice = what.workDir === undefined ? 0 : checkWorker(what.workDir, jobs, broken);
    return {
      jobs: jobs.length,
      states: Object.fromEntries(
        Object.entries(Object.groupBy(jobs, ({ state }) => state)).map(([state, group]) => [state, group.length]),
      ),
      failures: jobs.flatMap(({ state, error }) => (state === 'failed' ? [`${error?.code}: ${error?.message}`] : [])),
      lost: missing.length + unfinished,
      twice,
      broken,
    };
  } finally {
    db.close();
  }
}

function isSameWork(one: JobRecord, other: JobRecord): boolean {
  return one.sourcePath === other.sourcePath && one.transcriptSha256 === other.transcriptSha256;
}

/** The events, replayed through the transitions, give the stored row; every attempt has its row, and none is open that should not be. */
function checkHistory(db: Sqlite.Database, job: JobRecord, say: (sentence: string) => unknown): void {
  const events = eventsOf(db, job.id);
  if (events.length !== job.revision + 1) say(`${events.length} events for revision ${job.revision}`);
  // That a person moved it is no event: nothing but the order goes by it.
  let replayed: JobRecord = { ...addedJob(job), moved: job.moved };
  for (const { seq, at, type, event } of events) {
    if (type === 'added') continue;
    const step = transition(replayed, event as unknown as JobEvent, at);
    if (!step.ok) {
      say(`event ${seq} (${type}) cannot follow: ${step.refusal}`);
      return;
    }
    replayed = step.job;
    if (replayed.revision !== seq) say(`event ${seq} made revision ${replayed.revision}`);
  }
  if (!isDeepStrictEqual(replayed, job))
    say(`the replay gives ${JSON.stringify(replayed)}, stored is ${JSON.stringify(job)}`);
  const attempts = attemptsOf(db, job.id);
  if (attempts.length !== job.attempt) say(`${attempts.length} attempts are recorded, ${job.attempt} were begun`);
  const open = attempts.filter(({ endedAt }) => endedAt === null);
  if (open.length !== (job.open === null ? 0 : 1)) say(`${open.length} attempts are open`);
}

function checkTranscript(db: Sqlite.Database, job: JobRecord, say: (sentence: string) => unknown): void {
  const json = transcriptJson(db, job.id);
  if ((json === null) !== (job.transcriptSha256 === null)) {
    say(json === null ? 'its transcript is not stored' : 'it has a transcript that it does not name');
    return;
  }
  if (json === null) return;
  if (createHash('sha256').update(json).digest('hex') !== job.transcriptSha256)
    say('the digest is of another transcript');
  const parsed = transcriptSchema.safeParse(JSON.parse(json));
  if (!parsed.success) say('its transcript does not parse');
  else if (job.source !== null && parsed.data.source.sha256 !== job.source.sha256)
    say('its transcript is of another recording');
}

/** The text of every stored transcript, as it is with its edits, lies in the index and is found there; none is left to be taken in. */
function checkSearch(db: Sqlite.Database, job: JobRecord, say: (sentence: string) => unknown): void {
  const noted = db.prepare('select doc, taken from searched where job_id = ?').all(job.id);
  if (noted.length !== (job.transcriptSha256 === null ? 0 : 1)) {
    say(noted.length === 0 ? 'its transcript is not noted for the search' : 'the search knows of a transcript of it');
    return;
  }
  if (job.transcriptSha256 === null) return;
  const [{ taken }] = z.tuple([z.object({ taken: z.number().nullable() })]).parse(noted);
  if (taken !== null) {
    say(`only ${taken} segments of its transcript can be searched`);
    return;
  }
  const machine = new SqliteJobStore(db).transcript(job.id);
  const log = foldLog(new SqliteEditStore(db).edits(job.id));
  const wanted = machine === null ? [] : searchRows(applyEdits(machine, log.done));
  const held = db
    .prepare('select id, key, start, text from search_segments where job_id = ? order by id')
    .all(job.id)
    .map((row) => z.object({ id: z.number(), key: z.string(), start: z.number(), text: z.string() }).parse(row));
  if (
    !isDeepStrictEqual(
      held.map(({ id: _, ...row }) => row),
      wanted.map((row) => ({ ...row, text: indexed(row.text) })),
    )
  )
    say('what can be searched is not its text');
  const find = db.prepare('select 1 from search where search match ? and rowid = ?');
  for (const { id, text } of held) {
    const match = matchExpression(`"${text.replaceAll('"', ' ')}"`);
    if (match !== null && find.get(match, id) === undefined) say(`the search does not find segment ${id}`);
  }
}

/** Every complete job's transcript lies as a file beside the database, to the byte, and no other does. */
function checkKept(dataDir: string, jobs: readonly JobRecord[], broken: string[]): void {
  const folder = join(dataDir, 'transcripts');
  const there = new Set(filesIn(folder));
  for (const { id, name, state, transcriptSha256 } of jobs) {
    const path = join(folder, `${id}.json`);
    if (transcriptSha256 === null) continue;
    if (!there.delete(path)) {
      if (state === 'complete') broken.push(`${id} (${name}): its transcript is not kept as a file`);
    } else if (createHash('sha256').update(readFileSync(path)).digest('hex') !== transcriptSha256)
      broken.push(`${id} (${name}): the file of its transcript is another one`);
  }
  for (const path of there) broken.push(`${relative(dataDir, path)} belongs to no job`);
}

const TEMPORARY = /\.part$|\.tmp$|\.new$|^partial-/;

function checkFolders(what: Inspected, owned: ReadonlyMap<string, JobRecord>, broken: string[]): void {
  for (const path of filesIn(what.dataDir))
    if (path.split('/').some((name) => TEMPORARY.test(name)))
      broken.push(`${relative(what.dataDir, path)} was left in the data directory`);
  const allowed = new Set(what.sources ?? []);
  for (const folder of what.outputDirs ?? [])
    for (const path of filesIn(folder))
      if (!owned.has(path) && !allowed.has(path))
        broken.push(`${relative(folder, path)} lies in the folder and belongs to no job`);
}

const workerJob = z.object({ id: z.string(), controller: z.string(), status: z.string() });
const workerOutput = z.object({ jobId: z.string(), acknowledged: z.number() });

/** @returns how many jobs were transcribed more than once. */
function checkWorker(workDir: string, jobs: readonly JobRecord[], broken: string[]): number {
  const journal = join(workDir, 'journal.sqlite');
  if (!existsSync(journal)) return 0;
  const db = new Sqlite(journal, { readonly: true });
  try {
    if (db.pragma('integrity_check', { simple: true }) !== 'ok') broken.push("the worker's journal is damaged");
    const rows = db
      .prepare('select id, controller_job_id as controller, status from jobs')
      .all()
      .map((row) => workerJob.parse(row));
    const outputs = db
      .prepare('select job_id as jobId, acknowledged from outputs')
      .all()
      .map((row) => workerOutput.parse(row));
    const complete = new Set(jobs.filter(({ state }) => state === 'complete').map(({ id }) => id));
    const finished = new Map<string, number>();
    for (const { id, controller, status } of rows) {
      const own = outputs.filter(({ jobId }) => jobId === id);
      if (own.length > 0) finished.set(controller, (finished.get(controller) ?? 0) + 1);
      if (complete.has(controller) && status !== 'failed' && own.some(({ acknowledged }) => acknowledged === 0))
        broken.push(`${controller} is complete, and ${id} still offers its transcript`);
      const folder = join(workDir, 'jobs', id);
      for (const path of existsSync(folder) ? filesIn(folder) : [])
        if (own.every(({ acknowledged }) => acknowledged === 1))
          broken.push(`${relative(workDir, path)} was left at the worker (${status})`);
    }
    return [...finished.values()].filter((times) => times > 1).length;
  } finally {
    db.close();
  }
}

/** Every file below, links not followed. */
export function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return lstatSync(path).isDirectory() ? filesIn(path) : [path];
  });
}
