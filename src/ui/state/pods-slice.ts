// Owns the controller's facts about rented machines: those that are there, and the account and money in sum.

import type { AppEvent } from '../../contract/api.ts';
import { isPodOver, type PodsSummary, type PodView } from '../../contract/pods.ts';

/** Pods in the order in which the engine lists them; new ones come first. */
export interface PodFacts {
  readonly pods: readonly PodView[];
  /** Null before the engine told it. */
  readonly podsSummary: PodsSummary | null;
}

export const NO_POD_FACTS: PodFacts = { pods: [], podsSummary: null };

/** The facts after `events`. */
export function podsAfter(before: PodFacts, events: readonly AppEvent[]): PodFacts {
  let { pods, podsSummary } = before;
  for (const event of events) {
    if (event.type === 'pod') pods = withPod(pods, event.pod);
    else if (event.type === 'pod-removed') pods = pods.filter((pod) => pod.id !== event.id);
    else if (event.type === 'pods') podsSummary = event.summary;
  }
  return pods === before.pods && podsSummary === before.podsSummary ? before : { pods, podsSummary };
}

function withPod(pods: readonly PodView[], pod: PodView): readonly PodView[] {
  return pods.some((each) => each.id === pod.id)
    ? pods.map((each) => (each.id === pod.id ? pod : each))
    : [pod, ...pods];
}

/** Pods that have a place of their own on the workers' screen: those that ended well are history, and found under Spending. */
export function podsInSight(pods: readonly PodView[]): PodView[] {
  return pods.filter((pod) => !isPodOver(pod.state) || pod.trouble !== null);
}
