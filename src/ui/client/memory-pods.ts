// Owns rented machines for the engine in memory: it keeps what a test puts in, and answers the calls about it. Nothing starts by itself.

import type { ApiName, ApiParams, ApiResult, AppEvent } from '../../contract/api.ts';
import { AppError } from '../../contract/errors.ts';
import type { PodPlan, PodPrices } from '../../contract/pod-prices.ts';
import type { PodSpending } from '../../contract/pod-spending.ts';
import type { PodLogLine, PodsSummary, PodView } from '../../contract/pods.ts';
import { NO_PODS, samplePod, samplePodPrices, sampleSpending } from './memory-pod-samples.ts';

/** What a test may put in and look at. */
export interface MemoryPods {
  readonly pods: Map<string, PodView>;
  readonly logs: Map<string, PodLogLine[]>;
  summary: PodsSummary;
  prices: PodPrices;
  spending: PodSpending;
  /** Adds or changes a pod and tells of it. */
  pod(id: string, patch: Partial<PodView>): void;
  /** Adds lines to a pod's log and tells of them. */
  say(id: string, lines: readonly PodLogLine[]): void;
  /** Changes the sum and tells of it. */
  sum(patch: Partial<PodsSummary>): void;
}

type PodCallName = Extract<
  ApiName,
  | 'listPods'
  | 'checkPods'
  | 'podPrices'
  | 'startPod'
  | 'runPods'
  | 'changePod'
  | 'podLog'
  | 'podSpending'
  | 'savePodSecrets'
>;

/** The pods and the answers of the calls about them. */
export function memoryPods(
  now: () => number,
  newId: (kind: string) => string,
  tell: (event: AppEvent) => void,
): { pods: MemoryPods; answers: { [Name in PodCallName]: (params: ApiParams<Name>) => ApiResult<Name> } } {
  const pods: MemoryPods = {
    pods: new Map(),
    logs: new Map(),
    summary: NO_PODS,
    prices: samplePodPrices(now()),
    spending: sampleSpending(),
    pod(id, patch) {
      const pod = { ...(pods.pods.get(id) ?? samplePod(id, now())), ...patch };
      pods.pods.set(id, pod);
      tell({ type: 'pod', pod });
    },
    say(id, lines) {
      pods.logs.set(id, [...(pods.logs.get(id) ?? []), ...lines]);
      tell({ type: 'pod-log', id, lines: [...lines] });
    },
    sum(patch) {
      pods.summary = { ...pods.summary, ...patch };
      tell({ type: 'pods', summary: pods.summary });
    },
  };
  const found = (id: string): PodView => {
    const pod = pods.pods.get(id);
    if (pod === undefined) throw new AppError('NOT_FOUND');
    return pod;
  };
  const wanted = (gpuId: string | undefined): PodView => {
    if (!pods.summary.account.apiKeySaved) throw new AppError('PODS_NO_KEY');
    const offer = pods.prices.offers.find((each) => each.gpuId === gpuId) ?? pods.prices.offers[0];
    const id = newId('pod');
    pods.pod(id, { gpuId: offer?.gpuId ?? null, gpuName: offer?.name ?? null, memoryGB: offer?.memoryGB ?? null });
    return found(id);
  };
  const list = () => ({ pods: [...pods.pods.values()], summary: pods.summary });
  const plan = (gpuId: string | undefined, maxPods: number, hours: number | undefined): PodPlan => {
    const offer = pods.prices.offers.find((each) => each.gpuId === gpuId) ?? pods.prices.offers[0];
    if (offer?.estimate == null || offer.pricePerHour === null) throw new AppError('PODS_NO_CAPACITY');
    const { wallSec } = offer.estimate;
    const needed = hours === undefined ? maxPods : Math.ceil(wallSec / (hours * 3600));
    const count = Math.min(needed, maxPods, pods.prices.queue.jobs);
    return {
      ...{ gpuId: offer.gpuId, gpuName: offer.name, pricePerHour: offer.pricePerHour, pods: count },
      estimate: { ...offer.estimate, pods: Math.max(1, count), wallSec: wallSec / Math.max(1, count) },
      ...{
        meetsDeadline: hours === undefined ? null : needed <= count,
        reason: `${count} pods.`,
        queue: pods.prices.queue,
      },
    };
  };
  return {
    pods,
    answers: {
      listPods: list,
      checkPods: list,
      podPrices: () => pods.prices,
      startPod: ({ gpuIds }) => wanted(gpuIds?.[0]),
      runPods({ maxPods = 3, deadlineHours, gpuIds, dryRun }) {
        const planned = plan(gpuIds?.[0], maxPods, deadlineHours);
        return {
          plan: planned,
          pods: dryRun === true ? [] : Array.from({ length: planned.pods }, () => wanted(planned.gpuId)),
        };
      },
      changePod({ id, action }) {
        if (!found(id).actions.includes(action)) throw new AppError('CONFLICT');
        const state = { stop: 'stopping', start: 'starting', restart: 'starting', drain: 'draining' } as const;
        if (action === 'terminate') pods.pod(id, { state: 'ending', endReason: 'person', actions: [] });
        else if (action === 'adopt') pods.pod(id, { state: 'starting', actions: ['terminate'], foreign: false });
        else pods.pod(id, { state: state[action] });
        return found(id);
      },
      podLog: ({ id }) => {
        found(id);
        return { lines: pods.logs.get(id) ?? [] };
      },
      podSpending: () => pods.spending,
      savePodSecrets({ apiKey, hfToken }) {
        const { account } = pods.summary;
        const apiKeySaved = apiKey === undefined ? account.apiKeySaved : apiKey !== null;
        const hfTokenSaved = hfToken === undefined ? account.hfTokenSaved : hfToken !== null;
        pods.sum({ account: { ...account, apiKeySaved, hfTokenSaved, state: apiKeySaved ? 'ok' : 'no_key' } });
        return pods.summary;
      },
    },
  };
}
