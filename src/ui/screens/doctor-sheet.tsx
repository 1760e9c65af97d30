// Owns the sheet that looks at everything that may be wrong and says, for each, what to do.

import { useCallback, useEffect, useState } from 'react';
import type { DoctorFinding, DoctorReport } from '../../contract/doctor.ts';
import type { ErrorAdvice } from '../../contract/error-advice.ts';
import { toAppError } from '../../contract/errors.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Sheet } from '../components/dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { Bar } from '../components/progress.tsx';
import { engineText, explain, t } from '../strings/texts.ts';

/** Looks as soon as it is opened. */
export function DoctorSheet({ onClose }: { onClose: () => void }) {
  const { commands } = useApp();
  const [report, setReport] = useState<DoctorReport | null>(null);
  const [refusal, setRefusal] = useState<ErrorAdvice | null>(null);
  const look = useCallback((): void => {
    setReport(null);
    setRefusal(null);
    commands.doctor().then(setReport, (thrown: unknown) => setRefusal(explain(toAppError(thrown).report())));
  }, [commands]);
  useEffect(look, [look]);
  const busy = report === null && refusal === null;
  return (
    <Sheet
      title={t.doctor.title}
      onClose={onClose}
      footer={
        <>
          <Button isDisabled={busy} onPress={() => void commands.saveReport()}>
            {t.doctor.save}
          </Button>
          <span className="grow" />
          <Button isDisabled={busy} onPress={look}>
            {t.doctor.again}
          </Button>
          <Button look="primary" onPress={onClose}>
            {t.actions.close}
          </Button>
        </>
      }
    >
      <div aria-live="polite">
        {busy && (
          <>
            <p className="muted">{t.doctor.busy}</p>
            <Bar percent={null} name={t.doctor.title} />
          </>
        )}
        {refusal !== null && (
          <p className="refused" role="alert">
            <Icon name="fail" />
            <span>
              {refusal.what} {refusal.lost} {refusal.todo}
            </span>
          </p>
        )}
        {report !== null && <Findings report={report} />}
      </div>
    </Sheet>
  );
}

const WORST_FIRST = ['failed', 'warning', 'ok', 'skipped'] as const;

function Findings({ report: { findings } }: { report: DoctorReport }) {
  const of = (verdict: DoctorFinding['verdict']): DoctorFinding[] =>
    findings.filter((finding) => finding.verdict === verdict);
  const failed = of('failed').length;
  const warnings = of('warning').length;
  return (
    <section className="checks" aria-label={t.doctor.title}>
      <h3 className={failed > 0 ? 'bad' : warnings > 0 ? 'warn' : 'good'}>
        {failed + warnings === 0 ? t.doctor.ok : t.doctor.trouble(failed, warnings)}
      </h3>
      <ol>
        {WORST_FIRST.flatMap(of).map((finding) => (
          <Finding key={`${finding.check} ${finding.subject?.id ?? ''}`} finding={finding} />
        ))}
      </ol>
    </section>
  );
}

const MARKS = {
  ok: { icon: 'check', tone: 'good' },
  warning: { icon: 'warn', tone: 'warn' },
  failed: { icon: 'close', tone: 'bad' },
  skipped: { icon: 'dash', tone: 'faint' },
} as const;

function Finding({ finding: { check, subject, verdict, message, advice } }: { finding: DoctorFinding }) {
  const { icon, tone } = MARKS[verdict];
  return (
    <li>
      <Icon name={icon} tone={tone} />
      <span>
        <b>{t.doctor.checks[check]}</b> <span className="faint">{subject?.name ?? t.doctor.here}</span>
      </span>
      <span className="said">{t.doctor.verdicts[verdict]}</span>
      <span className="muted">{engineText(message)}</span>
      {advice.length > 0 && (
        <ul className="advice muted">
          {advice.map((step) => (
            <li key={step}>{engineText(step)}</li>
          ))}
        </ul>
      )}
    </li>
  );
}
