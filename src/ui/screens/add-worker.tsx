// Owns the sheet that adds or changes a worker: address and token, tested step by step before they are kept.

import { useEffect, useState } from 'react';
import type { ApiResult } from '../../contract/api.ts';
import type { ErrorAdvice } from '../../contract/error-advice.ts';
import { toAppError } from '../../contract/errors.ts';
import type { WorkerView } from '../../contract/worker-view.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Sheet } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { Icon } from '../components/icon.tsx';
import { engineText, explain, t } from '../strings/texts.ts';

type Outcome =
  | { readonly kind: 'none' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'tested'; readonly result: ApiResult<'testWorker'> }
  | { readonly kind: 'refused'; readonly advice: ErrorAdvice };

/** Saving is possible without a test: a worker may be asleep now. `worker`: the one to change; its token stays where none is given. */
export function WorkerSheet({ worker, onClose }: { worker: WorkerView | null; onClose: () => void }) {
  const { commands } = useApp();
  const [name, setName] = useState(worker?.name ?? '');
  const [url, setUrl] = useState(worker?.url ?? '');
  const [token, setToken] = useState('');
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'none' });
  const tokenKept = useSecretsKept();
  const wrongUrl =
    url !== '' && !URL.canParse(url)
      ? t.addWorker.badUrl
      : url !== '' && !/^https?:/.test(url)
        ? t.addWorker.badUrl
        : null;
  const testable = url !== '' && wrongUrl === null && token !== '' && outcome.kind !== 'busy';
  const complete = testable || (worker !== null && url !== '' && wrongUrl === null && outcome.kind !== 'busy');
  const ask = async (what: () => Promise<Outcome>): Promise<void> => {
    setOutcome({ kind: 'busy' });
    try {
      setOutcome(await what());
    } catch (thrown) {
      setOutcome({ kind: 'refused', advice: explain(toAppError(thrown).report()) });
    }
  };
  const test = (): Promise<void> =>
    ask(async () => ({ kind: 'tested', result: await commands.testWorker({ url: url.trim(), token: token.trim() }) }));
  const save = (): Promise<void> =>
    ask(async () => {
      const given = { name: name.trim() || new URL(url).hostname, url: url.trim() };
      if (worker === null) await commands.addWorker({ ...given, token: token.trim() });
      else {
        const secret = token.trim() === '' ? {} : { token: token.trim() };
        await commands.editWorker({ id: worker.id, ...given, ...secret });
      }
      onClose();
      return { kind: 'none' };
    });

  return (
    <Sheet
      title={worker === null ? t.addWorker.title : t.addWorker.titleEdit(worker.name)}
      onClose={onClose}
      footer={
        <>
          <Button isDisabled={!testable} onPress={() => void test()}>
            {t.actions.test}
          </Button>
          <span className="grow" />
          <Button onPress={onClose}>{t.actions.cancel}</Button>
          <Button look="primary" isDisabled={!complete} onPress={() => void save()}>
            {t.actions.save}
          </Button>
        </>
      }
    >
      <p className="muted">{t.addWorker.about}</p>
      <div className="fields">
        <TextField
          label={t.addWorker.url}
          value={url}
          onChange={setUrl}
          hint={t.addWorker.urlExample}
          problem={wrongUrl}
          autoFocus
        />
        <TextField
          label={t.addWorker.token}
          value={token}
          onChange={setToken}
          secret
          about={tokenKept ? t.addWorker.tokenAbout : t.addWorker.tokenForNow}
        />
        <TextField label={t.addWorker.name} value={name} onChange={setName} hint={hostOf(url)} />
      </div>
      <div aria-live="polite">
        <OutcomeView outcome={outcome} />
      </div>
    </Sheet>
  );
}

/** A system without a safe place for secrets keeps none: a token lasts until the app is closed. */
function useSecretsKept(): boolean {
  const { client } = useApp();
  const [kept, setKept] = useState(true);
  useEffect(() => {
    client.desktop?.secretsKept().then(setKept, () => undefined);
  }, [client]);
  return kept;
}

function OutcomeView({ outcome }: { outcome: Outcome }) {
  switch (outcome.kind) {
    case 'none':
      return null;
    case 'busy':
      return <p className="muted">{t.addWorker.testing}</p>;
    case 'refused':
      return (
        <p className="refused" role="alert">
          <Icon name="fail" />
          <span>
            {outcome.advice.what} {outcome.advice.lost} {outcome.advice.todo}
          </span>
        </p>
      );
    case 'tested':
      return (
        <section className="checks" aria-label={t.addWorker.checks}>
          <h3 className={outcome.result.ok ? 'good' : 'bad'}>
            {outcome.result.ok ? t.addWorker.works : t.addWorker.fails}
          </h3>
          <ol>
            {outcome.result.checks.map((check) => (
              <li key={check.name}>
                <Icon name={check.ok ? 'check' : 'close'} tone={check.ok ? 'good' : 'bad'} />
                <b>{engineText(check.name)}</b>
                <span className="said">{check.ok ? t.addWorker.ok : t.addWorker.notOk}</span>
                <span className="muted">{engineText(check.message)}</span>
              </li>
            ))}
          </ol>
        </section>
      );
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname : '';
}
