// Owns the small history of a worker's health: one bar a minute of the last hour, as high as it was slow, red where it did not answer.

import { useEffect, useState } from 'react';
import type { WorkerPast, WorkerView } from '../../contract/worker-view.ts';
import { useApp } from '../app-context.ts';
import { t } from '../strings/texts.ts';

const MINUTE = 60_000;
const MINUTES = 60;
const HEIGHT = 16;

/** What one minute was: null where nothing is known of it. */
interface Bar {
  readonly missed: boolean;
  readonly latencyMs: number | null;
}

/** Read anew whenever the worker's health becomes another. */
export function HealthBars({ worker }: { worker: WorkerView }) {
  const { commands, now } = useApp();
  const [past, setPast] = useState<readonly WorkerPast[]>([]);
  const { id, since } = worker;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `since` says that there is something new to ask for
  useEffect(() => {
    let left = false;
    // Without a history the panel says the rest all the same.
    commands.workerHistory(id).then(
      ({ health }) => !left && setPast(health),
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [commands, id, since]);
  const bars = minutes(past, now());
  const known = bars.filter((bar) => bar !== null);
  if (known.length === 0) return null;
  const missed = known.filter((bar) => bar.missed).length;
  const slowest = Math.max(1, ...known.map((bar) => bar.latencyMs ?? 0));
  return (
    <div>
      <span className="l">{t.workers.healthHour}</span>
      <span className="v">
        {worker.latencyMs === null ? '' : t.workers.latency(worker.latencyMs)}
        <span className="muted">{missed === 0 ? t.workers.allAnswered : t.workers.missed(missed)}</span>
      </span>
      <svg
        className="bars"
        viewBox={`0 0 ${MINUTES * 3} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${t.workers.healthHour}${missed === 0 ? t.workers.allAnswered : t.workers.missed(missed)}`}
      >
        {bars.map((bar, minute) => {
          if (bar === null) return null;
          const height = bar.missed ? HEIGHT : 3 + ((HEIGHT - 6) * (bar.latencyMs ?? 0)) / slowest;
          return (
            <rect
              // A minute has no identity but its place.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              key={minute}
              className={bar.missed ? 'missed' : ''}
              x={minute * 3}
              y={HEIGHT - height}
              width={2}
              height={height}
            />
          );
        })}
      </svg>
    </div>
  );
}

/** The last hour by minutes, the oldest first. A minute in which it failed at all is a missed one. */
export function minutes(past: readonly WorkerPast[], now: number): (Bar | null)[] {
  return Array.from({ length: MINUTES }, (_, index) => {
    const from = now - (MINUTES - index) * MINUTE;
    const upTo = from + MINUTE;
    const during = past.filter(({ at, until }) => at < upTo && (until ?? now) > from);
    if (during.every(({ health }) => health === 'off')) return null;
    const latencies = during.flatMap(({ latencyMs }) => latencyMs ?? []);
    return {
      missed: during.some(({ health }) => MISSED.has(health)),
      latencyMs: latencies.length === 0 ? null : Math.max(...latencies),
    };
  });
}

const MISSED: ReadonlySet<WorkerPast['health']> = new Set(['unreachable', 'unauthorized', 'failed']);
