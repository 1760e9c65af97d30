// Owns saying where the next recording will be worked on, and whether it leaves this computer for that.

import type { WorkerView } from '../../contract/worker-view.ts';
import { t } from '../strings/texts.ts';

/** The workers that answer, remote ones first, as the engine prefers them. */
export function worksOn(workers: readonly WorkerView[]): { words: string; leaves: boolean } {
  const answering = workers.filter((worker) => worker.health === 'ok');
  const remote = answering.filter((worker) => worker.kind !== 'local');
  const chosen = remote.length > 0 ? remote : answering;
  if (chosen.length === 0) return { words: t.drop.noWorker, leaves: workers.some((worker) => worker.kind !== 'local') };
  return { words: chosen.map((worker) => nameWithDevice(worker)).join(', '), leaves: remote.length > 0 };
}

/** `lab-a100 (NVIDIA A100 80GB)`. */
function nameWithDevice(worker: WorkerView): string {
  const device = worker.capabilities?.gpuName ?? worker.capabilities?.deviceName ?? null;
  return device === null ? worker.name : `${worker.name} (${device})`;
}
