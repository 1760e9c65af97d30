// Owns the facts of a worker said in words.

import type { WorkerView } from '../../contract/worker-view.ts';
import { LOCAL_WORKER_ID } from '../../contract/worker-view.ts';
import { t } from '../strings/texts.ts';

/** The name of a worker; the engine's word for this computer is in no language of the window. */
export function workerName(id: string | null, name: string | null): string | null {
  return id === LOCAL_WORKER_ID ? t.workers.local : name;
}

/** `NVIDIA A100 80GB`, or the processor where there is no GPU; empty before the first answer. */
export function deviceInWords({ capabilities }: WorkerView): string {
  if (capabilities === null) return '';
  if (capabilities.gpu) return capabilities.gpuName ?? capabilities.deviceName ?? t.workers.facts.gpu;
  return capabilities.deviceName ?? t.workers.cpuOnly;
}

/** The colour that goes with the word for a worker's health. */
export function healthTone(worker: WorkerView): 'good' | 'warn' | 'bad' | 'faint' {
  switch (worker.health) {
    case 'ok':
      return 'good';
    case 'unreachable':
    case 'installing':
    case 'starting':
    case 'connecting':
      return 'warn';
    case 'unauthorized':
    case 'failed':
      return 'bad';
    case 'off':
      return 'faint';
  }
}
