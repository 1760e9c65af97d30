// Owns the words for why a worker did not answer in time: how far it came, and what was last heard of it.

import type { PodWorker } from '../controller/pod-ports.ts';
import type { PodRecord } from '../jobs/pod-record.ts';

/** One or two sentences: the cause as far as it is known. */
export function bootFailure(pod: PodRecord, worker: PodWorker | null, lastLogLine: string | null): string {
  const minutes = Math.max(1, Math.round(pod.bootMs / 60_000));
  const cause = `After ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ${causeOf(pod, worker)}`;
  return lastLogLine === null ? cause : `${cause} Last line of its log: ${lastLogLine.slice(0, 300)}`;
}

function causeOf(pod: PodRecord, worker: PodWorker | null): string {
  switch (pod.facts?.status) {
    case 'PROVISIONING':
      return 'RunPod was still looking for a machine.';
    case 'STARTING':
      return 'the machine was still fetching the image. Is it public, or is its registry login set?';
    case 'RUNNING':
      if (worker?.health === 'unauthorized') return 'the worker runs and refuses the token that its pod was given.';
      return `the pod runs, but the worker in it does not answer${worker?.error ? `: ${worker.error.message}` : '.'}`;
    case undefined:
      return 'RunPod had not confirmed the pod.';
    case 'EXITED':
    case 'ERROR':
    case 'TERMINATED':
      return 'its container had ended.';
  }
}
