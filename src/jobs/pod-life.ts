// Owns the life of a rented machine: which event may happen in which state, and what the pod is afterwards. Nothing else changes a state.
//
// The making of a pod cannot be repeated safely, so its intent is on disk before it is asked for, under a name that is used once, and
// whether it was made is found out by that name. A pod is over by the provider's word alone, never because it is silent.
// The states are explained in contract/pods.ts.

import type { ErrorReport } from '../contract/errors.ts';
import type { PodAction, PodEndReason, PodState } from '../contract/pods.ts';
import { say } from '../contract/sentences.ts';
import type { PodCandidate, PodFacts, PodRecord } from './pod-record.ts';
import type { Instant } from './record.ts';

export type PodEvent =
  /** The making is about to be asked for, with this candidate. */
  | { readonly type: 'posted'; readonly candidate: PodCandidate }
  /** The provider says that it never was and will not be. */
  | { readonly type: 'refused'; readonly error: ErrorReport }
  /** The provider speaks of it. */
  | { readonly type: 'seen'; readonly facts: PodFacts }
  /** The provider does not have it (any more). `absent`: nobody asked for its worker for so long that it ended itself. */
  | { readonly type: 'gone'; readonly absent?: boolean }
  /** Its worker answered. */
  | { readonly type: 'answered' }
  | { readonly type: 'end'; readonly reason: PodEndReason; readonly trouble?: ErrorReport }
  | { readonly type: 'stop' }
  | { readonly type: 'start' }
  | { readonly type: 'restart' }
  | { readonly type: 'drain' }
  | { readonly type: 'adopt' }
  | { readonly type: 'idle' }
  | { readonly type: 'busy' }
  | { readonly type: 'metered' }
  | { readonly type: 'delivered'; readonly audioSec: number }
  | { readonly type: 'trouble'; readonly error: ErrorReport | null };

export type PodEventType = PodEvent['type'];

const LIVE = ['starting', 'ready', 'draining', 'stopping', 'stopped', 'exited'] as const;
const AT_PROVIDER = [...LIVE, 'ending', 'found'] as const;

const ALLOWED: Record<PodEventType, readonly PodState[]> = {
  posted: ['wanted'],
  refused: ['wanted', 'ending'],
  seen: ['wanted', 'failed', 'ended', ...AT_PROVIDER],
  gone: AT_PROVIDER,
  answered: ['starting'],
  end: ['wanted', 'found', ...LIVE],
  stop: ['starting', 'ready', 'draining'],
  start: ['stopped', 'exited'],
  restart: ['starting', 'ready', 'draining'],
  drain: ['ready'],
  adopt: ['found'],
  idle: ['ready', 'draining', 'stopped', 'exited'],
  busy: ['ready', 'draining'],
  metered: AT_PROVIDER,
  delivered: [...AT_PROVIDER, 'ended'],
  trouble: AT_PROVIDER,
};

type Change = Partial<PodRecord>;

/** The pod after `event`, with a revision one higher; null where the event means nothing in its state. Pure. */
export function podAfter(pod: PodRecord, event: PodEvent, now: Instant): PodRecord | null {
  if (!ALLOWED[event.type].includes(pod.state)) return null;
  const change = changeFor(pod, event, now);
  if (change === null) return null;
  const state = change.state ?? pod.state;
  return { ...pod, ...change, state, since: state === pod.state ? pod.since : now, revision: pod.revision + 1 };
}

function changeFor(pod: PodRecord, event: PodEvent, now: Instant): Change | null {
  switch (event.type) {
    case 'posted':
      return { tries: pod.tries + 1, postedAt: now, candidate: event.candidate };
    case 'refused':
      // One that is being ended and never was has ended as it should.
      if (pod.state === 'ending') return pod.facts === null ? over('ended', now) : null;
      return { ...over('failed', now), trouble: event.error };
    case 'seen':
      return seen(pod, event.facts, now);
    case 'gone':
      return {
        ...over('ended', now),
        endReason: pod.endReason ?? 'gone',
        trouble: pod.endReason === null && pod.state !== 'found' ? goneFor(event.absent ?? false) : pod.trouble,
      };
    case 'answered':
      return { state: 'ready', readyAt: now, bootDeadline: null, trouble: null, idleSince: null };
    case 'end':
      return {
        // Nothing was asked for yet, so there is nothing to end.
        ...(pod.state === 'wanted' && pod.tries === 0 ? over('ended', now) : { state: 'ending' as const }),
        endReason: event.reason,
        trouble: event.trouble ?? pod.trouble,
        ...quiet,
      };
    case 'stop':
      return { state: 'stopping', ...quiet };
    case 'start':
    case 'restart':
      return booting(pod, now);
    case 'drain':
      return { state: 'draining' };
    case 'adopt':
      return { ...booting(pod, now), foreign: false, meteredAt: now };
    case 'idle':
      return pod.idleSince === null ? { idleSince: now } : null;
    case 'busy':
      return pod.idleSince === null ? null : { idleSince: null };
    case 'metered':
      return { meteredAt: now };
    case 'delivered':
      return { jobsDone: pod.jobsDone + 1, audioSec: pod.audioSec + event.audioSec };
    case 'trouble':
      return sameTrouble(pod.trouble, event.error) ? null : { trouble: event.error };
    default:
      return event satisfies never;
  }
}

function goneFor(absent: boolean): ErrorReport {
  const message = absent ? say('ended_away') : '';
  return { code: 'PODS_GONE', message };
}

/** No deadline runs. */
const quiet = { bootDeadline: null, idleSince: null } as const;

function over(state: 'ended' | 'failed', now: Instant): Change {
  return { state, endedAt: now, ...quiet };
}

function booting(pod: PodRecord, now: Instant): Change {
  return { state: 'starting', bootDeadline: now + pod.bootMs, idleSince: null, trouble: null };
}

function seen(pod: PodRecord, facts: PodFacts, now: Instant): Change | null {
  const told: Change = { facts, seenAt: now, meteredAt: pod.meteredAt ?? now };
  if (facts.status === 'TERMINATED') return mayCost(pod) ? changeFor(pod, { type: 'gone' }, now) : null;
  const down = facts.status === 'EXITED' || facts.status === 'ERROR';
  switch (pod.state) {
    case 'wanted':
      return { ...told, ...booting(pod, now) };
    case 'failed':
      // It appeared after it was given up: a person decides.
      return { ...told, state: 'found', endedAt: null };
    case 'starting':
    case 'ready':
    case 'draining': {
      if (down) return { ...told, ...quiet, state: 'exited', trouble: { code: 'POD_EXITED', message: '' } };
      const moved = pod.facts !== null && pod.facts.providerId !== facts.providerId;
      return moved ? { ...told, ...booting(pod, now) } : told;
    }
    case 'stopping':
      return down ? { ...told, state: 'stopped', idleSince: now } : told;
    case 'stopped':
    case 'exited':
      // Somebody started it elsewhere.
      return down ? told : { ...told, ...booting(pod, now) };
    case 'ending':
    case 'found':
      return told;
    case 'ended':
      // It is there after all. One that was to be ended still is; of any other a person decides.
      return { ...told, endedAt: null, state: pod.endReason === 'gone' ? 'found' : 'ending' };
    default:
      return pod.state satisfies never;
  }
}

function sameTrouble(one: ErrorReport | null, other: ErrorReport | null): boolean {
  return one?.code === other?.code && one?.message === other?.message;
}

/** What a person may do with the pod as it is. `adoptable`: the worker's token is known. */
export function podActions(pod: PodRecord, adoptable: boolean): PodAction[] {
  switch (pod.state) {
    case 'wanted':
      return ['terminate'];
    case 'starting':
      return ['restart', 'stop', 'terminate'];
    case 'ready':
      return ['drain', 'restart', 'stop', 'terminate'];
    case 'draining':
      return ['restart', 'stop', 'terminate'];
    case 'stopping':
      return ['terminate'];
    case 'stopped':
    case 'exited':
      return ['start', 'terminate'];
    case 'found':
      return adoptable ? ['adopt', 'terminate'] : ['terminate'];
    case 'ending':
    case 'ended':
    case 'failed':
      return [];
    default:
      return pod.state satisfies never;
  }
}

/** True while the pod costs or may cost: everything but what the provider says is over. A wanted one may be there already. */
export function mayCost(pod: PodRecord): boolean {
  return pod.state !== 'ended' && pod.state !== 'failed';
}
