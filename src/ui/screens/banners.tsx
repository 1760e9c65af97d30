// Owns the two banners of every screen: the engine does not answer, and a worker is not the build that is expected. Neither blocks anything.

import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { workerName } from '../components/worker-words.ts';
import { moment, shortHash } from '../format.ts';
import { dismissMismatch } from '../state/store.ts';
import { differences, openMismatches } from '../state/workers-slice.ts';
import { t } from '../strings/texts.ts';

/** Shown while the engine is away. What is on the screen is what was last known. */
export function ConnectionBanner() {
  const { client } = useApp();
  const connection = useAppState((state) => state.connection);
  if (connection !== 'lost') return null;
  return (
    <div className="banner lost" role="alert">
      <Icon name="warn" />
      <span className="what">
        <b>{t.connection.lost}</b>
        <span className="f wrap">{t.connection.lostMore}</span>
      </span>
      {client.desktop === null && (
        <div className="acts">
          <Button small onPress={() => location.reload()}>
            {t.connection.reload}
          </Button>
        </div>
      )}
    </div>
  );
}

/** One line for one worker that differs; several fold into one. */
export function MismatchBanner() {
  const { store, commands, now } = useApp();
  const workers = useAppState((state) => state.workers);
  const dismissed = useAppState((state) => state.dismissed);
  const open = openMismatches(workers, dismissed);
  const [worker] = open;
  if (worker === undefined) return null;
  const details = (): void => store.setState({ screen: { name: 'workers', workerId: worker.id } });
  const dismiss = (): void => {
    for (const each of open) dismissMismatch(store, each);
  };

  return (
    <section className="banner" aria-label={t.workers.identity}>
      <Icon name="warn" />
      {open.length > 1 ? (
        <div className="what" role="status">
          <b>{t.mismatch.many(open.length)}</b>
          <span className="f wrap">{open.map((each) => each.name).join(', ')}</span>
        </div>
      ) : (
        <div className="what" role="status">
          <span>
            <b>{workerName(worker.id, worker.name)}</b>
            {t.mismatch.one}
          </span>
          {differences(worker).map(({ field, expected, got }) => (
            <span className="f" key={field}>
              {t.mismatch.fields[field]} {t.mismatch.expected} <code title={expected}>{plainHash(expected)}</code>,{' '}
              {t.mismatch.got}{' '}
              <code className="got" title={got ?? ''}>
                {got === null ? t.mismatch.nothing : plainHash(got)}
              </code>
            </span>
          ))}
          {worker.mismatchSince !== null && (
            <span className="f">
              {t.mismatch.since(moment(worker.mismatchSince, now()))}
              <span className="x">{t.mismatch.goesOn}</span>
            </span>
          )}
        </div>
      )}
      <div className="acts">
        {open.length === 1 && (
          <Button small onPress={() => void commands.adopt(worker.id)}>
            {t.actions.adopt}
          </Button>
        )}
        <Button small onPress={details}>
          {t.actions.details}
        </Button>
        <Button small look="quiet" onPress={dismiss}>
          {t.actions.dismiss}
        </Button>
      </div>
    </section>
  );
}

/** The field is named beside it, so that the scheme of a digest says nothing more. */
function plainHash(hash: string): string {
  return shortHash(hash).replace(/^sha256:/, '');
}
