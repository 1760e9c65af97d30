// Owns what a person may ask about rented machines.

import type { ApiParams, ApiResult } from '../../contract/api.ts';
import type { PodPlan, PodPrices } from '../../contract/pod-prices.ts';
import type { PodSpending } from '../../contract/pod-spending.ts';
import type { PodAction, PodLogLine } from '../../contract/pods.ts';
import type { UiClient } from '../client/client.ts';
import { type AppStore, applyEvents } from './store.ts';

/** The commands. Those that give a promise of `boolean` say whether the engine took it; the others tell their own errors to a form. */
export interface PodCommands {
  podPrices(): Promise<PodPrices>;
  /** Rents: for what waits on up to so many, or one for its own sake where nothing waits. */
  rent(wish: {
    readonly gpuIds: string[];
    readonly count: number;
    readonly waiting: boolean;
    /** Hours from now within which all is to be done: then the engine says how many. */
    readonly deadlineHours: number | null;
  }): Promise<void>;
  /** What would be rented to be done in so many hours. */
  planPods(gpuIds: string[], deadlineHours: number): Promise<PodPlan>;
  changePod(id: string, action: PodAction): Promise<boolean>;
  podLog(id: string): Promise<readonly PodLogLine[]>;
  podSpending(days: number): Promise<PodSpending>;
  checkPods(): Promise<boolean>;
  savePodSecrets(secrets: ApiParams<'savePodSecrets'>): Promise<ApiResult<'savePodSecrets'>>;
}

/** The commands of one client and one store. `attempt` tells in words what was refused. */
export function createPodCommands(
  client: UiClient,
  store: AppStore,
  attempt: (ask: () => Promise<void>) => Promise<boolean>,
): PodCommands {
  return {
    podPrices: () => client.call('podPrices', {}),
    planPods: async (gpuIds, deadlineHours) =>
      (await client.call('runPods', { gpuIds, deadlineHours, dryRun: true })).plan,
    async rent({ gpuIds, count, waiting, deadlineHours }) {
      const number = deadlineHours === null ? { maxPods: count } : { deadlineHours };
      const pods = waiting
        ? (await client.call('runPods', { gpuIds, ...number })).pods
        : [await client.call('startPod', { gpuIds })];
      applyEvents(
        store,
        pods.map((pod) => ({ type: 'pod' as const, pod })),
      );
    },
    changePod: (id, action) =>
      attempt(async () => applyEvents(store, [{ type: 'pod', pod: await client.call('changePod', { id, action }) }])),
    podLog: async (id) => (await client.call('podLog', { id })).lines,
    podSpending: (days) => client.call('podSpending', { days }),
    checkPods: () =>
      attempt(async () => {
        const { pods, summary } = await client.call('checkPods', {});
        store.setState({ pods, podsSummary: summary });
      }),
    async savePodSecrets(secrets) {
      const summary = await client.call('savePodSecrets', secrets);
      applyEvents(store, [{ type: 'pods', summary }]);
      return summary;
    },
  };
}
