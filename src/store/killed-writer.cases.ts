// A program for the tests: saves transitions as fast as it can and writes the id and revision of each saved one to its output.
// It is killed in the middle of that.

import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { DEFAULT_JOB_OPTIONS } from '../contract/options.ts';
import type { JobRecord } from '../jobs/record.ts';
import type { JobEvent } from '../jobs/transition.ts';
import { transition } from '../jobs/transition.ts';
import { openDatabase } from './database.ts';
import { SqliteJobStore } from './job-store.ts';

const [, , file = ''] = process.argv;
const store = new SqliteJobStore(openDatabase(file, 1));
const source = { sizeBytes: 4, mtimeMs: 1, sha256: 'a'.repeat(64), contentType: 'audio/wav', durationSec: 3 };

function tell(job: JobRecord): void {
  writeSync(1, `${job.id} ${job.revision} ${job.transcriptSha256 ?? '-'}\n`);
}

for (let batch = 0; ; batch += 1) {
  const [added] = store.addBatch(
    { id: `b${batch}`, name: '', createdAt: 1 },
    [{ id: `j${batch}`, name: 'a', sourcePath: '/a', options: DEFAULT_JOB_OPTIONS }],
    1,
  );
  if (added === undefined) break;
  tell(added);
  const json = JSON.stringify({ batch, text: 'spoken '.repeat(2_000) });
  const sha256 = createHash('sha256').update(json).digest('hex');
  const events: JobEvent[] = [
    { type: 'prepare_started' },
    { type: 'prepared', source },
    { type: 'attempt_opened', workerId: 'w' },
    { type: 'attempt_accepted', attempt: 1, workerJobId: 'wk', bootId: 'b' },
    { type: 'delivered', attempt: 1, sha256 },
  ];
  let job = added;
  for (const event of events) {
    const result = transition(job, event, 2);
    if (!result.ok) throw new Error(result.refusal);
    job = result.job;
    if (event.type === 'delivered') store.saveDelivered(job, event, { json, sha256 }, 2);
    else store.save(job, event, 2);
    tell(job);
  }
}
