// Owns the empty queue: where it works, what comes out, and the invitation to drop.

import { useApp, useAppState } from '../app-context.ts';
import { AddRecordings } from '../components/add-recordings.tsx';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { optionsInWords, outputsInWords } from '../components/options-words.ts';
import { deviceInWords, workerName } from '../components/worker-words.ts';
import { engineText, t } from '../strings/texts.ts';

/** Three steps, of which the app has made the first two. */
export function FirstRun() {
  const { store, client } = useApp();
  const workers = useAppState((state) => state.workers);
  const settings = useAppState((state) => state.settings);
  const wanted = workers.filter((worker) => worker.health !== 'off');
  const ready = wanted.some((worker) => worker.health === 'ok');
  return (
    <div className="first">
      <h2>{t.empty.title}</h2>
      <p>{t.empty.about}</p>
      <ol className="steps">
        <li>
          <Step done={ready} number={1} />
          <h3>{t.empty.where}</h3>
          <div className="in">
            {wanted.length === 0 && <p className="muted">{t.empty.whereNone}</p>}
            {wanted.map((worker) => (
              <p className="place" key={worker.id}>
                <b className="cut">{workerName(worker.id, worker.name)}</b>
                <span className="muted cut">
                  {worker.detail === null ? deviceInWords(worker) : engineText(worker.detail)}
                </span>
                <span className={worker.health === 'ok' ? 'good' : 'muted'}>{t.workers.health[worker.health]}</span>
              </p>
            ))}
            <p className="place">
              <b className="cut">{t.empty.yours}</b>
              <span className="muted cut">{t.empty.yoursAbout}</span>
              <Button small onPress={() => store.setState({ dialog: { kind: 'add-worker' } })}>
                {t.empty.connect}
              </Button>
            </p>
          </div>
        </li>
        {settings !== null && (
          <li>
            <Step done number={2} />
            <h3>{t.empty.what}</h3>
            <p className="in muted">
              {optionsInWords(settings.settings.jobDefaults)} ·{' '}
              {outputsInWords(settings.settings.jobDefaults, client.desktop !== null)}
            </p>
            <Button small onPress={() => store.setState({ dialog: { kind: 'options', groups: null } })}>
              {t.empty.settingsLink}
            </Button>
          </li>
        )}
        <li>
          <Step done={false} number={3} />
          <h3>{t.empty.drop}</h3>
          <div className="slot">
            <Icon name="intake" />
            <span className="grow muted">{t.empty.kinds}</span>
            <AddRecordings label={t.actions.chooseFiles} plus={false} />
          </div>
        </li>
      </ol>
    </div>
  );
}

function Step({ done, number }: { done: boolean; number: number }) {
  return done ? <Icon name="done" tone="good" /> : <span className="no">{number}</span>;
}
