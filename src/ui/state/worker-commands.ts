// Owns what a person may ask about workers.

import type { ApiParams, ApiResult } from '../../contract/api.ts';
import type { DoctorReport } from '../../contract/doctor.ts';
import type { ExpectedIdentity } from '../../contract/identity.ts';
import type { WorkerHistory } from '../../contract/worker-view.ts';
import type { UiClient } from '../client/client.ts';
import { type AppStore, applyEvents } from './store.ts';

/** Calls that answer with the worker as it is then. */
type WorkerCall = 'adoptIdentity' | 'checkWorker' | 'drainWorker' | 'undrainWorker' | 'editWorker' | 'expectIdentity';

/** The commands. Those that give a promise of `boolean` say whether the engine took it. */
export interface WorkerCommands {
  adopt(id: string): Promise<boolean>;
  /** Gives it no more jobs, or some again. */
  drain(id: string, drained: boolean): Promise<boolean>;
  /** Asks it again, after it refused the token. */
  checkWorker(id: string): Promise<boolean>;
  removeWorker(id: string): Promise<boolean>;
  /** These tell their own errors, because a form shows them where they belong. */
  testWorker(worker: ApiParams<'testWorker'>): Promise<ApiResult<'testWorker'>>;
  addWorker(worker: ApiParams<'addWorker'>): Promise<void>;
  editWorker(worker: ApiParams<'editWorker'>): Promise<void>;
  /** As text that was pasted, or as fields (null: nothing of its own). `id` null: of every worker without one of its own. */
  expect(id: string | null, given: { pasted: string } | { identity: ExpectedIdentity | null }): Promise<void>;
  workerHistory(id: string): Promise<WorkerHistory>;
  doctor(): Promise<DoctorReport>;
  /** Hands what was found, the state of all and the end of the log to the person as one file, without secrets. */
  saveReport(): Promise<boolean>;
}

/** The commands of one client and one store. `attempt` tells in words what was refused. */
export function createWorkerCommands(
  client: UiClient,
  store: AppStore,
  attempt: (ask: () => Promise<void>) => Promise<boolean>,
  save: (file: ApiResult<'exportJob'>) => void,
): WorkerCommands {
  const change = async <Name extends WorkerCall>(name: Name, params: ApiParams<Name>): Promise<void> =>
    applyEvents(store, [{ type: 'worker', worker: await client.call(name, params) }]);
  return {
    adopt: (id) => attempt(() => change('adoptIdentity', { id })),
    drain: (id, drained) => attempt(() => change(drained ? 'drainWorker' : 'undrainWorker', { id })),
    checkWorker: (id) => attempt(() => change('checkWorker', { id })),
    removeWorker: (id) =>
      attempt(async () => {
        await client.call('removeWorker', { id });
        applyEvents(store, [{ type: 'worker-removed', id }]);
      }),
    testWorker: (worker) => client.call('testWorker', worker),
    addWorker: async (worker) => {
      applyEvents(store, [{ type: 'worker', worker: await client.call('addWorker', worker) }]);
    },
    editWorker: (worker) => change('editWorker', worker),
    expect: async (id, given) => {
      if (id === null) await client.call('expectIdentityOfAll', given);
      else await change('expectIdentity', { id, ...given });
    },
    workerHistory: (id) => client.call('workerHistory', { id }),
    doctor: () => client.call('doctor', {}),
    saveReport: () =>
      attempt(async () => save({ ...(await client.call('doctorBundle', {})), mediaType: 'text/plain', base64: null })),
  };
}
