// Owns the part of a transcript that most tests have no opinion on: by what it was made, and when.

import type { Transcript } from './transcript.ts';

export const MADE_BY: Pick<Transcript, 'engine' | 'worker' | 'createdAt'> = {
  engine: { name: 'faster-whisper', version: '1.2.1', model: 'small', computeType: 'int8', device: 'cpu', options: {} },
  worker: {
    gitCommit: null,
    buildTime: null,
    imageDigest: null,
    gpu: null,
    cuda: null,
    protocol: 2,
    bootId: 'boot',
    instanceId: 'instance',
  },
  createdAt: '2026-11-23T12:00:00Z',
};
