// Owns what is expected of a worker's identity, and by whose word: the environment over what is set for it alone over what is set for all.

import type { ExpectedIdentity } from '../contract/identity.ts';
import type { WorkerKind, WorkerView } from '../contract/worker-view.ts';
import type { SettingsSource } from './ports.ts';

export interface Expectation {
  readonly identity: ExpectedIdentity | null;
  readonly from: WorkerView['expectedFrom'];
}

export function expectationOf({
  kind,
  own,
  podDigest,
  settings,
}: {
  readonly kind: WorkerKind;
  /** What is set for this worker alone; null = nothing. */
  readonly own: ExpectedIdentity | null;
  /** The image that a rented machine was asked for. */
  readonly podDigest: string | null;
  readonly settings: SettingsSource;
}): Expectation {
  // The local worker is this very build: there is nothing to expect of it. Of a rented one, what was asked for is expected.
  if (kind === 'local') return { identity: null, from: null };
  if (kind === 'pod' && own === null)
    return { identity: { gitCommit: null, imageDigest: podDigest }, from: podDigest === null ? null : 'worker' };
  const { expectedIdentity: all } = settings.current();
  const fixed = settings.fromEnvironment();
  const isFixed = (field: 'gitCommit' | 'imageDigest'): boolean => fixed.includes(`expectedIdentity.${field}`);
  if (isFixed('gitCommit') || isFixed('imageDigest')) {
    const of = (field: 'gitCommit' | 'imageDigest'): string | null =>
      isFixed(field) || own === null ? all[field] : own[field];
    return { identity: { gitCommit: of('gitCommit'), imageDigest: of('imageDigest') }, from: 'environment' };
  }
  if (own !== null) return { identity: own, from: 'worker' };
  return { identity: all, from: all.gitCommit !== null || all.imageDigest !== null ? 'all' : null };
}
