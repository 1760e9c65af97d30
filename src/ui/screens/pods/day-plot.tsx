// Owns the plot of what each day has cost: a bar a day, the cap as a line, each bar with its words.

import type { SpendingDay } from '../../../contract/pod-spending.ts';
import { span, usd } from '../../format.ts';
import { t } from '../../strings/texts.ts';

const HEIGHT = 120;
const WIDTH = 720;
const GAP = 2;

/** As wide as there is room; days without cost keep their place. */
export function DayPlot({ days, capUsd }: { days: readonly SpendingDay[]; capUsd: number | null }) {
  const most = Math.max(...days.map((day) => day.usd), 0.01);
  // The cap is drawn where it tells something: near what was spent.
  const cap = capUsd !== null && capUsd <= 2 * most ? capUsd : null;
  const top = Math.max(most, cap ?? 0);
  const step = WIDTH / Math.max(1, days.length);
  const height = (value: number): number => (value / top) * (HEIGHT - 4);
  const first = days[0]?.day;
  const last = days.at(-1)?.day;
  return (
    <figure className="plot">
      <div className="scale" aria-hidden="true">
        <span>{usd(top)}</span>
        <span>{usd(0)}</span>
      </div>
      <div>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={inWords(days)}>
          {days.map((day, index) => (
            <rect
              key={day.day}
              x={index * step + GAP / 2}
              y={HEIGHT - height(day.usd)}
              width={Math.max(1, step - GAP)}
              height={height(day.usd)}
              className={day.billed ? 'billed' : 'metered'}
            >
              <title>
                {`${t.spending.day(day.day, usd(day.usd), span(day.audioSec))}, ${day.billed ? t.spending.billed : t.spending.metered}`}
              </title>
            </rect>
          ))}
          {cap !== null && <line x1="0" x2={WIDTH} y1={HEIGHT - height(cap)} y2={HEIGHT - height(cap)} />}
        </svg>
        <div className="ends" aria-hidden="true">
          <span>{first}</span>
          <span>{last}</span>
        </div>
      </div>
    </figure>
  );
}

function inWords(days: readonly SpendingDay[]): string {
  const spent = days.filter((day) => day.usd > 0);
  return spent.length === 0
    ? t.spending.nothing
    : spent.map((day) => t.spending.day(day.day, usd(day.usd), span(day.audioSec))).join('; ');
}
