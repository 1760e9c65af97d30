// Owns how a pod's record becomes what a person sees of it, its one sentence included.

import { explain } from '../contract/errors.ts';
import type { PodView } from '../contract/pods.ts';
import { type Sentence, say, sayAll } from '../contract/sentences.ts';
import { podActions } from '../jobs/pod-life.ts';
import { idleLimitMs, type PodRecord } from '../jobs/pod-record.ts';

/** What the view needs beside the record. US dollars. */
export interface PodViewFacts {
  readonly spent: number;
  readonly spentToday: number;
  readonly jobsHeld: number;
  /** As the settings say now. */
  readonly idleStopMinutes: number;
  readonly url: string | null;
  /** Whether the token of its worker is known. */
  readonly adoptable: boolean;
}

export function viewPod(pod: PodRecord, seen: PodViewFacts): PodView {
  const { spent, spentToday, jobsHeld, idleStopMinutes, url, adoptable } = seen;
  const { facts, request, candidate } = pod;
  const live = pod.state !== 'ended' && pod.state !== 'failed';
  return {
    id: pod.id,
    name: pod.name,
    providerId: facts?.providerId ?? null,
    state: pod.state,
    since: pod.since,
    gpuId: facts?.gpuId ?? candidate?.gpuId ?? null,
    gpuName: candidate?.gpuName ?? facts?.gpuId ?? request?.candidates[0]?.gpuName ?? null,
    gpuCount: facts?.gpuCount ?? null,
    memoryGB: candidate?.memoryGB ?? null,
    cloud: facts?.cloud ?? request?.cloud ?? null,
    dataCenterId: facts?.dataCenterId ?? null,
    cudaVersion: facts?.cudaVersion ?? null,
    image: request?.image ?? null,
    imageDigest: request?.imageDigest ?? null,
    imageAtProvider: facts?.image ?? null,
    imageDiffers: request === null || facts?.image == null ? null : facts.image !== request.image,
    costPerHour: live ? (facts?.costPerHour ?? 0) : 0,
    spent,
    spentToday,
    createdAt: pod.createdAt,
    readyAt: pod.readyAt,
    endedAt: pod.endedAt,
    bootDeadline: pod.bootDeadline,
    idleSince: pod.idleSince,
    idleEndsAt:
      pod.idleSince !== null && pod.state === 'ready' ? pod.idleSince + idleLimitMs(pod, idleStopMinutes) : null,
    workerId: live && pod.state !== 'found' ? pod.id : null,
    url,
    jobsHeld,
    jobsDone: pod.jobsDone,
    audioSec: pod.audioSec,
    endReason: pod.endReason,
    trouble: pod.trouble === null ? null : { ...pod.trouble, message: explain(pod.trouble).what },
    detail: sentence(pod, jobsHeld),
    actions: podActions(pod, adoptable),
    foreign: pod.foreign,
  };
}

function sentence(pod: PodRecord, jobsHeld: number): Sentence {
  switch (pod.state) {
    case 'wanted':
      return say(pod.tries === 0 ? 'pod_wanted' : 'pod_asked');
    case 'starting':
      return booting(pod);
    case 'ready':
      if (jobsHeld > 0) return jobsHeld === 1 ? say('pod_has_one') : say('pod_has', { count: jobsHeld });
      return say(pod.idleSince === null ? 'pod_ready' : 'pod_idle');
    case 'draining':
      if (jobsHeld === 0) return say('pod_drained');
      return jobsHeld === 1 ? say('pod_drains_one') : say('pod_drains', { count: jobsHeld });
    case 'stopping':
      return say('pod_stopping');
    case 'stopped':
      return say('pod_stopped');
    case 'exited':
      return say('pod_exited');
    case 'ending':
      return sayAll(say(`ended_${pod.endReason ?? 'person'}`), say('pod_ending'));
    case 'ended':
      return say(`ended_${pod.endReason ?? 'person'}`);
    case 'failed':
      return say('pod_never');
    case 'found':
      return say(pod.foreign ? 'pod_foreign' : 'pod_found');
    default:
      return pod.state satisfies never;
  }
}

function booting({ facts, readyAt }: PodRecord): Sentence {
  switch (facts?.status) {
    case 'PROVISIONING':
      return say('pod_looks');
    case 'STARTING':
      return say('pod_fetches');
    case 'RUNNING':
      return say(readyAt === null ? 'pod_boots' : 'pod_boots_again');
    default:
      return say('pod_starting');
  }
}
