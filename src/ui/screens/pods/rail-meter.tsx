// Owns the meter at the foot of the rail: while a pod lives, what it costs is in sight on every screen.

import { useApp, useAppState } from '../../app-context.ts';
import { usd } from '../../format.ts';
import { t } from '../../strings/texts.ts';

/** Nothing where nothing costs and nothing has cost today. */
export function RailMeter() {
  const { store } = useApp();
  const summary = useAppState((state) => state.podsSummary);
  if (summary === null || (summary.live === 0 && summary.spentToday === 0)) return null;
  const { live, costPerHour, spentToday, capPerDayUsd } = summary;
  return (
    <button type="button" className="railmeter" onClick={() => store.setState({ screen: { name: 'spending' } })}>
      {live > 0 && (
        <span>
          <span className="x">{t.spending.meter(live)}</span>
          <b className="num">{t.rent.perHour(usd(costPerHour))}</b>
        </span>
      )}
      <span>
        <span className="x">{t.spending.today}</span>
        <span className="num">
          {capPerDayUsd === null ? usd(spentToday) : t.spending.ofCap(usd(spentToday), usd(capPerDayUsd))}
        </span>
      </span>
    </button>
  );
}
