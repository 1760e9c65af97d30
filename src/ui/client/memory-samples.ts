// Owns sample facts for the engine in memory: a worker that says everything, one that says nothing, a short transcript.

import type { Transcript } from '../../contract/transcript.ts';
import type { WorkerView } from '../../contract/worker-view.ts';

/** A worker that has not answered yet. */
export function idleWorker(id: string, now: number): WorkerView {
  return {
    ...{ id, kind: 'saved', name: id, url: 'https://worker.example', health: 'connecting', since: now },
    ...{ detail: null, error: null, latencyMs: null, lastPingAt: null, capabilities: null, identity: null },
    ...{ expectedIdentity: null, verdict: { matches: null, reason: null }, mismatchSince: null },
    tunnel: { kind: null, state: 'closed', since: now, address: null, bytesSent: 0, bytesPerSecond: 0 },
    ...{ expectedFrom: null, drainedSince: null, jobs: 0 },
  };
}

/** What a GPU worker tells. */
export const GPU_CAPABILITIES: NonNullable<WorkerView['capabilities']> = {
  ...{ gpu: true, gpuName: 'NVIDIA A100 80GB', cuda: '12.8', driver: '570.86', device: 'cuda', deviceName: null },
  ...{ computeType: 'float16', vramTotalMB: 81_920, vramUsedMB: 31_744, models: ['large-v3', 'medium'] },
  ...{ loadedModels: ['large-v3'], diarization: true, diarizationReason: null, maxFileMB: 4096 },
  engineBusyShare: 0.91,
  ...{ activeJobs: 2, maxConcurrentJobs: 2, prefetchJobs: 1, protocol: 2, version: '0.1.0', warnings: [] },
};

/** What the worker on a laptop tells. */
export const CPU_CAPABILITIES: NonNullable<WorkerView['capabilities']> = {
  ...GPU_CAPABILITIES,
  ...{ gpu: false, gpuName: null, cuda: null, driver: null, device: 'cpu', deviceName: 'CPU, 8 threads' },
  ...{ computeType: 'int8', vramTotalMB: null, vramUsedMB: null, models: ['small', 'base'], loadedModels: ['small'] },
  ...{ diarization: false, diarizationReason: 'pyannote is not installed', activeJobs: 1, maxConcurrentJobs: 1 },
};

/** A transcript of lines, one every six seconds. */
export function sampleTranscript(lines: readonly { text: string; speaker?: string }[]): Transcript {
  const duration = lines.length * 6;
  const speakers = [...new Set(lines.flatMap((line) => line.speaker ?? []))];
  return {
    schemaVersion: 1,
    text: lines.map((line) => line.text).join(' '),
    language: 'en',
    duration,
    segments: lines.map(({ text, speaker }, id) => ({
      ...{ id, start: id * 6, end: id * 6 + 5.5, text: ` ${text}`, avg_logprob: -0.2, no_speech_prob: 0.01 },
      ...{ compression_ratio: 1.4, temperature: 0, words: [] },
      ...(speaker === undefined ? {} : { speaker }),
    })),
    speakers: Object.fromEntries(speakers.map((speaker) => [speaker, {}])),
    warnings: [],
    source: { filename: 'interview.wav', sizeBytes: 1000, sha256: '0'.repeat(64), duration },
    engine: {
      name: 'faster-whisper',
      version: '1.2.1',
      model: 'large-v3',
      computeType: 'float16',
      device: 'cuda',
      options: {},
    },
    worker: {
      ...{
        gitCommit: null,
        buildTime: null,
        imageDigest: null,
        gpu: null,
        cuda: null,
        protocol: 2,
        bootId: 'b',
        instanceId: 'i',
      },
    },
    createdAt: '2026-11-23T12:00:00.000Z',
  };
}
