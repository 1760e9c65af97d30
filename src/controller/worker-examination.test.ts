import { expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../contract/settings.ts';
import { examineWorker } from './worker-examination.ts';
import type { WorkerLink } from './worker-link.ts';

function messageOf(health: string, detail: string): string | undefined {
  const view = { kind: 'local', health, detail, error: null };
  const link = { id: 'local', name: 'This computer', view: () => view } as unknown as WorkerLink;
  return examineWorker(link, { settings: DEFAULT_SETTINGS, outOfMemory: 0 })[0]?.message;
}

it('says of a worker that is being set up that it is, and of one that failed why', () => {
  expect(messageOf('installing', 'Trying torchaudio beside torch')).toBe('It is being set up.');
  expect(messageOf('starting', 'Loading')).toBe('It is starting.');
  expect(messageOf('failed', 'There is no Python.')).toBe('There is no Python.');
});
