// Owns the words for why a worker did not answer in time: how far it came, and what was last heard of it.

import { type Sentence, say, sayAll } from '../contract/sentences.ts';
import type { PodWorker } from '../controller/pod-ports.ts';
import type { PodRecord } from '../jobs/pod-record.ts';

/** One or two sentences: the cause as far as it is known. */
export function bootFailure(pod: PodRecord, worker: PodWorker | null, lastLogLine: string | null): Sentence {
  const minutes = Math.max(1, Math.round(pod.bootMs / 60_000));
  const cause = causeOf(pod, worker, minutes === 1 ? say('boot_minute') : say('boot_minutes', { count: minutes }));
  return lastLogLine === null ? cause : sayAll(cause, say('boot_log', { line: lastLogLine.slice(0, 300) }));
}

function causeOf(pod: PodRecord, worker: PodWorker | null, time: Sentence): Sentence {
  switch (pod.facts?.status) {
    case 'PROVISIONING':
      return say('boot_looking', { time });
    case 'STARTING':
      return say('boot_fetching', { time });
    case 'RUNNING':
      if (worker?.health === 'unauthorized') return say('boot_token', { time });
      return worker?.error
        ? say('boot_silent_why', { time, reason: worker.error.message })
        : say('boot_silent', { time });
    case undefined:
      return say('boot_unconfirmed', { time });
    case 'EXITED':
    case 'ERROR':
    case 'TERMINATED':
      return say('boot_ended', { time });
  }
}
