// Owns the workers screen: a panel for each worker with everything that it tells.

import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { podsInSight } from '../state/pods-slice.ts';
import { t } from '../strings/texts.ts';
import { PodCard } from './pods/pod-card.tsx';
import { WorkerPanel } from './worker-panel.tsx';

/** Who does the work, and whether it is who it should be. */
export function WorkersScreen() {
  const { store } = useApp();
  const loaded = useAppState((state) => state.loaded);
  const workers = useAppState((state) => state.workers);
  const pods = useAppState((state) => state.pods);
  const asked = useAppState(({ screen }) => (screen.name === 'workers' ? screen.workerId : undefined));
  const answering = workers.filter((worker) => worker.health === 'ok');
  const places = answering.reduce((sum, worker) => sum + (worker.capabilities?.maxConcurrentJobs ?? 0), 0);
  const used = answering.reduce((sum, worker) => sum + (worker.capabilities?.activeJobs ?? 0), 0);
  // A pod whose worker is listed is told of on that worker's panel.
  const alone = podsInSight(pods).filter((pod) => !workers.some((worker) => worker.id === pod.workerId));
  if (!loaded) return <p className="hold">{t.connection.connecting}</p>;
  return (
    <>
      <div className="bar">
        <span className="muted cut">
          {t.workers.summary(answering.length, workers.length)}
          {places > 0 && t.workers.places(Math.min(used, places), places)}
        </span>
        <span className="grow" />
        <Button look="quiet" onPress={() => store.setState({ dialog: { kind: 'doctor' } })}>
          {t.doctor.open}
        </Button>
        <Button icon="plus" onPress={() => store.setState({ dialog: { kind: 'add-worker' } })}>
          {t.actions.addWorker}
        </Button>
        <Button look="primary" onPress={() => store.setState({ dialog: { kind: 'rent' } })}>
          {t.rent.open}
        </Button>
      </div>
      <div className="cards">
        {workers.length === 0 && (
          <div className="first small">
            <h2>{t.workers.emptyTitle}</h2>
            <p>{t.workers.emptyAbout}</p>
          </div>
        )}
        {alone.map((pod) => (
          <PodCard key={pod.id} pod={pod} />
        ))}
        {workers.map((worker) => (
          <WorkerPanel key={worker.id} worker={worker} asked={worker.id === asked} />
        ))}
      </div>
    </>
  );
}
