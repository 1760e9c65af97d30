// Owns the lines in which commands show rented machines, prices, plans and money.

import type { GpuOffer, PodPlan, PodPrices } from '../../contract/pod-prices.ts';
import type { PodSpending } from '../../contract/pod-spending.ts';
import type { PodsSummary, PodView } from '../../contract/pods.ts';

/** `pod_… ready RTX 4090 $0.44/h $0.12 so far: Its worker is ready.` */
export function podLine(pod: PodView): string {
  const money = pod.costPerHour > 0 || pod.spent > 0 ? `${usd(pod.costPerHour)}/h ${usd(pod.spent)} so far` : '$0';
  const what = pod.trouble === null ? pod.detail : `${pod.trouble.message} ${pod.detail}`;
  return [pod.id, pod.state, pod.gpuName ?? '?', money, what].join('\t');
}

export function actionLine(pod: PodView): string {
  return `${pod.name}: ${pod.detail}`;
}

export function summaryLine({ live, costPerHour, spentToday, capPerDayUsd, found }: PodsSummary): string {
  const cap = capPerDayUsd === null ? '' : ` of ${usd(capPerDayUsd)}`;
  const unknown = found === 0 ? '' : ` ${found} of them are not known here: adopt or terminate.`;
  return `${live} cost money now, ${usd(costPerHour)}/h. Today ${usd(spentToday)}${cap}.${unknown}`;
}

export function priceLines({ offers, queue, model }: PodPrices): string[] {
  const unknown = queue.unknown === 0 ? '' : `, ${queue.unknown} of unknown length`;
  return [`For ${queue.jobs} recordings (${hours(queue.audioSec)}${unknown}) with ${model}:`, ...offers.map(offerLine)];
}

function offerLine(offer: GpuOffer): string {
  const { gpuId, memoryGB, pricePerHour, availability, speed, estimate, cheapest } = offer;
  return [
    `${cheapest ? '*' : ' '} ${gpuId}`,
    `${memoryGB} GB`,
    pricePerHour === null ? 'not offered' : `${usd(pricePerHour)}/h`,
    availability.toLowerCase(),
    speed === null ? 'speed unknown' : `${Math.round(speed.speed)}x ${speed.basis}`,
    estimate === null ? '' : `about ${usd(estimate.usd)} in ${hours(estimate.wallSec)}`,
  ].join('\t');
}

export function planLines({ pods, gpuName, pricePerHour, estimate, reason, meetsDeadline }: PodPlan): string[] {
  return [
    `${pods} x ${gpuName} at ${usd(pricePerHour)}/h: about ${usd(estimate.usd)} in ${hours(estimate.wallSec)} (speed ${estimate.basis}).`,
    reason,
    ...(meetsDeadline === false ? ['The deadline will not be kept.'] : []),
  ];
}

export function spendingLines({ days, batches, total, today, usdPerAudioHour }: PodSpending): string[] {
  return [
    ...days
      .filter((day) => day.usd > 0)
      .map((day) => `${day.day}\t${usd(day.usd)}\t${day.billed ? 'billed' : 'metered'}`),
    ...batches.map((batch) => `${batch.name}\t${usd(batch.usd)}\t${hours(batch.audioSec)}`),
    `In all ${usd(total)}, today ${usd(today)}${usdPerAudioHour === null ? '' : `, ${usd(usdPerAudioHour)} per hour of recording`}.`,
  ];
}

/** Cents below ten dollars matter, and tenths of a cent below one cent. */
function usd(amount: number): string {
  return `$${amount.toFixed(amount > 0 && amount < 0.1 ? 4 : 2)}`;
}

function hours(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
