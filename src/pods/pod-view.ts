// Owns how a pod's record becomes what a person sees of it, its one sentence included.

import { explain } from '../contract/errors.ts';
import type { PodView } from '../contract/pods.ts';
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

function sentence(pod: PodRecord, jobsHeld: number): string {
  switch (pod.state) {
    case 'wanted':
      return pod.tries === 0 ? 'It is about to be asked for.' : 'RunPod was asked for it and has not confirmed it yet.';
    case 'starting':
      return booting(pod);
    case 'ready':
      if (jobsHeld > 0) return `Its worker has ${recordings(jobsHeld)}.`;
      return pod.idleSince === null
        ? 'Its worker is ready.'
        : 'It has nothing to do and is ended soon, unless something comes.';
    case 'draining':
      return jobsHeld === 0 ? 'It is about to be ended.' : `It finishes ${recordings(jobsHeld)} and is then ended.`;
    case 'stopping':
      return 'It is being stopped.';
    case 'stopped':
      return 'It is stopped: its GPU costs nothing, its disk may. Start it again, or end it.';
    case 'exited':
      return 'Its container ended by itself. What it had goes back into the queue when it is ended or started again.';
    case 'ending':
      return `${WHY[pod.endReason ?? 'person']} It is being ended.`;
    case 'ended':
      return WHY[pod.endReason ?? 'person'];
    case 'failed':
      return 'It was never started, and costs nothing.';
    case 'found':
      return pod.foreign
        ? 'It runs at RunPod and was started by another installation of this app. It costs money until somebody ends it.'
        : 'It runs at RunPod, and this app does not know it any more. Use it, or end it; until then it costs money.';
    default:
      return pod.state satisfies never;
  }
}

function booting({ facts, readyAt }: PodRecord): string {
  switch (facts?.status) {
    case 'PROVISIONING':
      return 'RunPod looks for a machine.';
    case 'STARTING':
      return 'The machine fetches the image.';
    case 'RUNNING':
      return readyAt === null
        ? 'The pod runs; its worker is starting.'
        : 'It starts again; what it had goes on by itself.';
    default:
      return 'It is starting.';
  }
}

const WHY: Record<NonNullable<PodRecord['endReason']>, string> = {
  person: 'It was ended by you.',
  idle: 'It had nothing to do.',
  drained: 'The queue that it was started for is done.',
  cap_batch: 'The cap of the batch is reached.',
  cap_day: 'The cap of the day is reached.',
  boot_timeout: 'Its worker did not answer in time.',
  no_gpu: 'It came back without its GPU.',
  duplicate: 'It was a second pod of one start.',
  gone: 'It is gone, and nobody here ended it. What it had is back in the queue.',
};

function recordings(count: number): string {
  return count === 1 ? 'one recording' : `${count} recordings`;
}
