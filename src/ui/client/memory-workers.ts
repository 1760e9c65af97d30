// Owns the workers' calls of the engine in memory, and what its doctor finds.

import type { ApiName, ApiParams, ApiResult, AppEvent } from '../../contract/api.ts';
import type { DoctorReport } from '../../contract/doctor.ts';
import { AppError } from '../../contract/errors.ts';
import { compareIdentity, type ExpectedIdentity, parsePushOutput } from '../../contract/identity.ts';
import type { WorkerHistory, WorkerView } from '../../contract/worker-view.ts';

type WorkerCall = Extract<
  ApiName,
  | `${'list' | 'add' | 'edit' | 'remove' | 'drain' | 'undrain'}Worker${'' | 's'}`
  | 'workerHistory'
  | 'checkWorker'
  | 'testWorker'
  | 'adoptIdentity'
  | 'expectIdentity'
  | 'expectIdentityOfAll'
  | 'doctor'
  | 'doctorBundle'
>;

export interface MemoryWorkerParts {
  readonly workers: Map<string, WorkerView>;
  readonly histories: Map<string, WorkerHistory>;
  readonly now: () => number;
  readonly newId: (kind: string) => string;
  readonly tell: (event: AppEvent) => void;
  /** Adds or changes a worker and tells of it. */
  readonly change: (id: string, patch: Partial<WorkerView>) => void;
  readonly expectOfAll: (identity: ExpectedIdentity) => void;
  readonly check: () => ApiResult<'testWorker'>;
  readonly report: () => DoctorReport;
}

export function memoryWorkers(parts: MemoryWorkerParts): {
  [Name in WorkerCall]: (params: ApiParams<Name>) => ApiResult<Name>;
} {
  const { workers, now, tell } = parts;
  const found = (id: string): WorkerView => {
    const worker = workers.get(id);
    if (worker === undefined) throw new AppError('NOT_FOUND');
    return worker;
  };
  const changed = (id: string, patch: Partial<WorkerView>): WorkerView => {
    found(id);
    parts.change(id, patch);
    return found(id);
  };
  const expect = (id: string, expectedIdentity: ExpectedIdentity | null): WorkerView => {
    const verdict = compareIdentity(expectedIdentity, found(id).identity);
    const mismatchSince = verdict.matches === false ? now() : null;
    return changed(id, {
      ...{ expectedIdentity, verdict, mismatchSince },
      expectedFrom: expectedIdentity === null ? null : 'worker',
    });
  };
  return {
    listWorkers: () => ({ workers: [...workers.values()] }),
    addWorker({ name, url }) {
      const id = parts.newId('worker');
      parts.change(id, { kind: 'saved', name, url, health: 'connecting' });
      return found(id);
    },
    editWorker: ({ id, name, url }) =>
      changed(id, { ...(name === undefined ? {} : { name }), ...(url === undefined ? {} : { url }) }),
    removeWorker({ id }) {
      found(id);
      workers.delete(id);
      tell({ type: 'worker-removed', id });
      return {};
    },
    checkWorker: ({ id }) => found(id),
    drainWorker: ({ id }) => changed(id, { drainedSince: now() }),
    undrainWorker: ({ id }) => changed(id, { drainedSince: null }),
    workerHistory({ id }) {
      found(id);
      return parts.histories.get(id) ?? { health: [], identities: [] };
    },
    testWorker: parts.check,
    adoptIdentity({ id }) {
      const { identity } = found(id);
      if (identity === null) throw new AppError('CONFLICT');
      return expect(id, { gitCommit: identity.gitCommit, imageDigest: identity.declaredImageDigest });
    },
    expectIdentity: ({ id, identity, pasted }) =>
      expect(id, pasted === undefined ? (identity ?? null) : parsePushOutput(pasted)),
    expectIdentityOfAll({ identity, pasted }) {
      const given = pasted === undefined ? (identity ?? null) : parsePushOutput(pasted);
      const expectedIdentity = given ?? { gitCommit: null, imageDigest: null };
      parts.expectOfAll(expectedIdentity);
      return { expectedIdentity };
    },
    doctor: parts.report,
    doctorBundle: () => ({ filename: 'bulk-transcribe-report.txt', text: JSON.stringify(parts.report(), null, 2) }),
  };
}
