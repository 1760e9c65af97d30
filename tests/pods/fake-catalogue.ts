// Owns what the fake RunPod lets: its GPUs with their prices, and the catalogue as it tells of them.

import type { Answer } from './fake-answers.ts';
import { problem } from './fake-answers.ts';

export interface FakeGpu {
  readonly id: string;
  readonly name: string;
  readonly memory: number;
  readonly secure: number | null;
  readonly community: number | null;
  availability: 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH';
  /** Free machines, whatever the catalogue says: capacity may be gone between reading and making. */
  free: number;
}

const gpu = (id: string, name: string, memory: number, secure: number, community: number | null): FakeGpu => ({
  ...{ id, name, memory, secure, community, availability: 'HIGH', free: 100 },
});

/** Those of a fresh fake. */
export const fakeGpus = (): FakeGpu[] => [
  gpu('NVIDIA GeForce RTX 4090', 'RTX 4090', 24, 0.44, 0.31),
  gpu('NVIDIA A40', 'A40', 48, 0.4, 0.35),
  gpu('NVIDIA L40', 'L40', 48, 0.99, null),
  gpu('NVIDIA L40S', 'L40S', 48, 0.86, 0.79),
  gpu('NVIDIA A100 80GB PCIe', 'A100 PCIe', 80, 1.39, 1.19),
  gpu('NVIDIA H100 80GB HBM3', 'H100 SXM', 80, 2.99, 2.69),
  gpu('NVIDIA GeForce RTX 3070', 'RTX 3070', 8, 0.13, 0.11),
];

export function catalogue(gpus: readonly FakeGpu[], query: URLSearchParams): Answer {
  const include = query.get('include') === 'AVAILABILITY';
  if (include !== (query.get('product') !== null))
    return problem(400, 'Bad Request', 'product is required with include=AVAILABILITY, and valid only with it');
  return {
    status: 200,
    body: {
      gpus: gpus.map(({ id, name, memory, secure, community, availability }) => ({
        ...{ id, name, pool: null, manufacturer: 'NVIDIA', memory, secure: secure !== null },
        community: community !== null,
        price: { secure: secure ?? 0, community: community ?? 0 },
        maxCount: { secure: 8, community: 4 },
        ...(include ? { availability, cudaVersions: [{ version: '12.8', available: true }] } : {}),
        aFieldOfALaterVersion: { x: 1 },
      })),
    },
  };
}
