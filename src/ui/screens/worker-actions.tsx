// Owns what can be done with a worker from its panel.

import type { WorkerView } from '../../contract/worker-view.ts';
import { useApp } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { workerName } from '../components/worker-words.ts';
import { t } from '../strings/texts.ts';

/** Check again for one that refused the token, drain for every worker that can be given work; change, test and remove for those that a person added. */
export function WorkerActions({ worker }: { worker: WorkerView }) {
  const { store, commands } = useApp();
  const { id, kind, drainedSince, health } = worker;
  const name = workerName(id, worker.name) ?? '';
  return (
    <>
      {health === 'unauthorized' && (
        <Button small aria-label={t.workers.checkAgainNamed(name)} onPress={() => void commands.checkWorker(id)}>
          {t.workers.checkAgain}
        </Button>
      )}
      {(health !== 'off' || drainedSince !== null) && (
        <Button
          small
          aria-label={drainedSince === null ? t.workers.drainNamed(name) : t.workers.undrainNamed(name)}
          onPress={() => void commands.drain(id, drainedSince === null)}
        >
          {drainedSince === null ? t.workers.drain : t.workers.undrain}
        </Button>
      )}
      {kind === 'saved' && (
        <>
          <Button
            small
            aria-label={t.workers.changeNamed(name)}
            onPress={() => store.setState({ dialog: { kind: 'edit-worker', id } })}
          >
            {t.actions.edit}
          </Button>
          <Button
            small
            look="quiet"
            aria-label={t.workers.remove(name)}
            onPress={() => store.setState({ dialog: { kind: 'remove-worker', id } })}
          >
            {t.actions.removeAsk}
          </Button>
        </>
      )}
    </>
  );
}
