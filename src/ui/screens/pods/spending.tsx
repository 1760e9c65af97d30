// Owns the spending screen: what rented machines have cost, by day and by batch, and what an hour of sound costs.

import { useEffect, useState } from 'react';
import type { ErrorAdvice } from '../../../contract/error-advice.ts';
import { toAppError } from '../../../contract/errors.ts';
import type { PodSpending } from '../../../contract/pod-spending.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { Choice } from '../../components/field.tsx';
import { rate, span, usd } from '../../format.ts';
import { explain, t } from '../../strings/texts.ts';
import { DayPlot } from './day-plot.tsx';

type Span = 'week' | 'month' | 'quarter';
const DAYS: Record<Span, number> = { week: 7, month: 30, quarter: 90 };

/** Every figure with its basis: what was billed, what the app's own meter says. */
export function SpendingScreen() {
  const { commands, store } = useApp();
  // A new sum of today is a new look at all of it.
  const today = useAppState((state) => state.podsSummary?.spentToday ?? 0);
  const [length, setLength] = useState<Span>('month');
  const [spending, setSpending] = useState<PodSpending | null>(null);
  const [refusal, setRefusal] = useState<ErrorAdvice | null>(null);
  useEffect(() => {
    let wanted = true;
    // The sum of the day is what makes this look be taken again.
    void today;
    commands.podSpending(DAYS[length]).then(
      (next) => {
        if (wanted) setSpending(next);
      },
      (thrown) => setRefusal(explain(toAppError(thrown).report())),
    );
    return () => {
      wanted = false;
    };
  }, [commands, length, today]);

  if (refusal !== null) return <p className="hold">{`${refusal.what} ${refusal.lost} ${refusal.todo}`}</p>;
  if (spending === null) return <p className="hold">{t.spending.loading}</p>;
  return (
    <>
      <div className="bar">
        <span className="muted cut">
          {t.spending.total(usd(spending.total), DAYS[length])}
          {spending.usdPerAudioHour !== null && `, ${t.spending.perHour(rate(spending.usdPerAudioHour))}`}
        </span>
        <span className="grow" />
        <Choice
          label={t.spending.spanLabel}
          value={length}
          options={(Object.keys(DAYS) as Span[]).map((key) => ({ key, text: t.spending.span[key] }))}
          onChange={setLength}
        />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by keyboard */}
      <section className="cards spending" tabIndex={0} aria-label={t.screens.spending}>
        {spending.total === 0 && spending.batches.length === 0 ? (
          <div className="first small">
            <h2>{t.spending.nothing}</h2>
            <p>{t.spending.nothingMore}</p>
            <Button onPress={() => store.setState({ screen: { name: 'workers' } })}>{t.spending.toWorkers}</Button>
          </div>
        ) : (
          <>
            <section aria-label={t.spending.days}>
              <h2>{t.spending.days}</h2>
              <DayPlot days={spending.days} capUsd={spending.caps.perDayUsd} />
              {spending.days.some((day) => day.usd > 0 && !day.billed) && (
                <p className="muted">{t.spending.estimateNote}</p>
              )}
            </section>
            <Batches spending={spending} />
          </>
        )}
      </section>
    </>
  );
}

function Batches({ spending }: { spending: PodSpending }) {
  const { columns } = t.spending;
  return (
    <section aria-label={t.spending.batches}>
      <h2>{t.spending.batches}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{columns.batch}</th>
            <th scope="col" className="num">
              {columns.sound}
            </th>
            <th scope="col" className="num">
              {columns.rate}
            </th>
            <th scope="col" className="num">
              {columns.cost}
            </th>
          </tr>
        </thead>
        <tbody>
          {spending.batches.map((batch) => (
            <tr key={batch.batchId ?? 'overhead'}>
              <th scope="row" className="cut">
                {batch.batchId === null ? t.spending.overhead : batch.name}
              </th>
              <td className="num">{batch.audioSec === 0 ? '' : span(batch.audioSec)}</td>
              <td className="num">{batch.usdPerAudioHour === null ? '' : rate(batch.usdPerAudioHour)}</td>
              <td className="num">
                <b>{usd(batch.usd)}</b>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
