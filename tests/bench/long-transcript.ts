// Owns a recording of ten hours with 100,000 words in an engine's data folder, as if a worker had delivered it.

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { DEFAULT_JOB_OPTIONS } from '../../src/contract/options.ts';
import { MADE_BY } from '../../src/contract/transcript.cases.ts';
import type { Segment, Transcript, Word } from '../../src/contract/transcript.ts';
import type { JobRecord } from '../../src/jobs/record.ts';
import { type JobEvent, transition } from '../../src/jobs/transition.ts';
import { openDatabase } from '../../src/store/database.ts';
import { SqliteJobStore } from '../../src/store/job-store.ts';

const WORDS_A_SEGMENT = 13;
const SECONDS_A_WORD = 0.36;
const VOCABULARY =
  'the harbour survey was ordered before work began and vessel that should have carried it went out instead of them with smaller boats'.split(
    ' ',
  );

/** A transcript of so many words, at the speed of speech, four speakers, one word in thirty improbable. */
export function longTranscript(words: number): Transcript {
  const segments: Segment[] = [];
  let at = 0;
  for (let id = 0; id * WORDS_A_SEGMENT < words; id += 1) {
    const speaker = `SPEAKER_0${(id >> 2) % 4}`;
    const start = at;
    const spoken = Array.from({ length: WORDS_A_SEGMENT }, (_, index): Word => {
      const from = at;
      at += SECONDS_A_WORD;
      const word = VOCABULARY[(id * 31 + index * 7) % VOCABULARY.length] ?? 'the';
      const probability = (id * WORDS_A_SEGMENT + index) % 30 === 0 ? 0.3 : 0.95;
      return {
        word: ` ${word}${index === WORDS_A_SEGMENT - 1 ? '.' : ''}`,
        start: ms(from),
        end: ms(at - 0.04),
        probability,
      };
    });
    const text = spoken.map(({ word }) => word).join('');
    segments.push({
      ...{ id, start: ms(start), end: ms(at), text, speaker, avg_logprob: -0.2, no_speech_prob: 0.01 },
      ...{ compression_ratio: 1.4, temperature: 0, words: spoken },
    });
    at += 0.25;
  }
  return {
    schemaVersion: 1,
    text: segments.map(({ text }) => text).join(''),
    language: 'en',
    duration: ms(at),
    segments,
    speakers: {},
    warnings: [],
    source: { filename: 'Ten hours.wav', sizeBytes: 4, sha256: 'a'.repeat(64), duration: ms(at) },
    ...MADE_BY,
  };
}

function ms(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** Puts it into the queue of a data folder, complete. Returns the job's id. No engine may be running there. */
export function deliver(dataDir: string, transcript: Transcript): string {
  const db = openDatabase(join(dataDir, 'queue.sqlite'), 1);
  try {
    const store = new SqliteJobStore(db);
    const made = {
      id: 'long',
      name: 'Ten hours.wav',
      sourcePath: '/recordings/Ten hours.wav',
      options: DEFAULT_JOB_OPTIONS,
    };
    const [added] = store.addBatch({ id: 'batch', name: 'Archive', createdAt: 10 }, [made], 10);
    if (added === undefined) throw new Error('No job was added.');
    const json = JSON.stringify(transcript);
    const sha256 = createHash('sha256').update(json).digest('hex');
    const source = {
      ...{ sizeBytes: 4, mtimeMs: 1, sha256: 'a'.repeat(64), contentType: 'audio/wav' },
      durationSec: transcript.duration,
    };
    let job = added;
    let now = 20;
    const before: JobEvent[] = [
      { type: 'prepare_started' },
      { type: 'prepared', source },
      { type: 'attempt_opened', workerId: 'w' },
      { type: 'attempt_accepted', attempt: 1, workerJobId: 'wk_1', bootId: 'boot' },
      { type: 'attempt_stage', attempt: 1, stage: 'transcribing' },
    ];
    for (const event of before) {
      now += 10;
      const next = after(job, event, now);
      if (!store.save(next, event, now)) throw new Error(`${event.type} was not saved.`);
      job = next;
    }
    const delivered: JobEvent = { type: 'delivered', attempt: 1, sha256 };
    const received = after(job, delivered, now + 10);
    if (!store.saveDelivered(received, delivered, { json, sha256 }, now + 10)) throw new Error('It was not delivered.');
    const written: JobEvent = { type: 'outputs_written' };
    const complete = after(received, written, now + 20);
    if (!store.saveOutputs(complete, written, [], now + 20)) throw new Error('It was not completed.');
    return complete.id;
  } finally {
    db.close();
  }
}

function after(job: JobRecord, event: JobEvent, now: number): JobRecord {
  const result = transition(job, event, now);
  if (!result.ok) throw new Error(`${event.type} was refused in ${job.state}: ${result.refusal}`);
  return result.job;
}
