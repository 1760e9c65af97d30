// Owns the sheet that tells what became of a recording so far: its tries at workers, and why each ended.

import { useEffect, useState } from 'react';
import type { ErrorAdvice } from '../../contract/error-advice.ts';
import { toAppError } from '../../contract/errors.ts';
import type { AttemptView, JobHistory } from '../../contract/job-history.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Sheet } from '../components/dialog.tsx';
import { Icon } from '../components/icon.tsx';
import { workerName } from '../components/worker-words.ts';
import { moment, shortHash, size, span } from '../format.ts';
import { explain, t } from '../strings/texts.ts';

/** Read anew whenever the job changes. */
export function JobHistorySheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { client, now } = useApp();
  const job = useAppState(({ jobs }) => jobs.get(id));
  const [history, setHistory] = useState<JobHistory | null>(null);
  const [refusal, setRefusal] = useState<ErrorAdvice | null>(null);
  const updatedAt = job?.updatedAt;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of the job is what makes it stale
  useEffect(() => {
    client
      .call('jobHistory', { id })
      .then(setHistory, (thrown: unknown) => setRefusal(explain(toAppError(thrown).report())));
  }, [client, id, updatedAt]);
  return (
    <Sheet
      title={t.history.title(job?.name ?? '')}
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button look="primary" onPress={onClose}>
            {t.actions.close}
          </Button>
        </>
      }
    >
      {refusal !== null && (
        <p className="refused" role="alert">
          {refusal.what} {refusal.todo}
        </p>
      )}
      {job !== undefined && (
        <dl className="told">
          <dt>{t.history.added}</dt>
          <dd>{moment(job.createdAt, now())}</dd>
          <dt>{t.history.source}</dt>
          <dd>{job.sourcePath}</dd>
          {job.sent !== undefined && (
            <>
              <dt>{t.history.sent}</dt>
              <dd>{t.history.sentAs[job.sent.kind](size(job.sent.sizeBytes))}</dd>
            </>
          )}
          {job.outputs.map(({ path }) => (
            <Written key={path} path={path} />
          ))}
        </dl>
      )}
      {history !== null && (
        <section className="checks" aria-label={t.history.attempts}>
          <h3>{t.history.attempts}</h3>
          {history.attempts.length === 0 && <p className="muted small">{t.history.none}</p>}
          <ol>
            {history.attempts.toReversed().map((attempt) => (
              <Attempt key={attempt.attempt} attempt={attempt} />
            ))}
          </ol>
        </section>
      )}
    </Sheet>
  );
}

function Written({ path }: { path: string }) {
  return (
    <>
      <dt>{t.history.written}</dt>
      <dd>{path}</dd>
    </>
  );
}

function Attempt({ attempt }: { attempt: AttemptView }) {
  const { now } = useApp();
  const { startedAt, endedAt, workerName: name, workerId, identity, error } = attempt;
  const mark = error !== null ? 'close' : endedAt === null ? 'dash' : 'check';
  const tone = error !== null ? 'bad' : endedAt === null ? 'faint' : 'good';
  const advice = error === null ? null : explain(error);
  return (
    <li>
      <Icon name={mark} tone={tone} />
      <span>
        <b>{t.history.attempt(attempt.attempt, workerName(workerId, name) ?? workerId)}</b>{' '}
        <span className="faint">
          {moment(startedAt, now())}
          {endedAt !== null && `, ${span((endedAt - startedAt) / 1000)}`}
        </span>
      </span>
      <span className="muted">
        {advice === null
          ? endedAt === null
            ? t.history.underWay
            : t.history.delivered
          : `${advice.what} ${advice.todo}`}
        {identity?.gitCommit != null && (
          <>
            {' '}
            {t.workers.commit} <code>{shortHash(identity.gitCommit)}</code>
          </>
        )}
      </span>
    </li>
  );
}
