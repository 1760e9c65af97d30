// Owns the way to the worker that makes waveforms.

import type { PeaksReply, PeaksRequest } from './peaks-worker.ts';
import type { ComputePeaks } from './recording.ts';

/** Computes a waveform in a worker of its own, which ends with it. */
export const computePeaks: ComputePeaks = (url, perSecond, onPart, signal) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./peaks-worker.ts', import.meta.url), { type: 'module' });
    const end = (): void => {
      worker.terminate();
      signal.removeEventListener('abort', stop);
    };
    const stop = (): void => {
      end();
      reject(signal.reason);
    };
    signal.addEventListener('abort', stop);
    worker.onerror = (event) => {
      end();
      reject(new Error(event.message));
    };
    worker.onmessage = ({ data }: MessageEvent<PeaksReply>) => {
      if (data.kind === 'part') onPart(data.values, data.share);
      else if (data.kind === 'all') {
        end();
        resolve(data.values);
      } else {
        end();
        reject(new Error(data.message));
      }
    };
    const request: PeaksRequest = { url, perSecond };
    worker.postMessage(request);
  });
