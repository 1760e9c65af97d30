// Owns one worker's panel: health, what it runs on, what it can do, its tunnel, and who it is.

import { useEffect, useRef } from 'react';
import type { WorkerView } from '../../contract/worker-view.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Icon } from '../components/icon.tsx';
import { Bar } from '../components/progress.tsx';
import { deviceInWords, healthTone, workerName } from '../components/worker-words.ts';
import { memory, moment, size } from '../format.ts';
import { engineText, explain, t } from '../strings/texts.ts';
import { PodActions, PodFacts, PodMeter } from './pods/pod-part.tsx';
import { WorkerActions } from './worker-actions.tsx';
import { HealthBars } from './worker-history.tsx';
import { Identity } from './worker-identity.tsx';

/** One worker. `asked`: the person came here for this one, so it comes into sight. */
export function WorkerPanel({ worker, asked }: { worker: WorkerView; asked: boolean }) {
  const { now } = useApp();
  const tone = healthTone(worker);
  const pod = useAppState((state) => state.pods.find((each) => each.workerId === worker.id));
  const name = workerName(worker.id, worker.name) ?? '';
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (asked) panel.current?.scrollIntoView?.({ block: 'nearest' });
  }, [asked]);
  return (
    <article ref={panel} className="card" aria-label={name} data-health={worker.health}>
      <header>
        <i className={`dot ${tone}`} aria-hidden="true" />
        <h2 className="cut">{name}</h2>
        {worker.kind !== 'local' && <span className="tag">{t.workers.kinds[worker.kind]}</span>}
        <span className="grow" />
        {pod === undefined ? (
          <WorkerActions worker={worker} />
        ) : (
          <>
            <PodMeter pod={pod} />
            <PodActions pod={pod} />
          </>
        )}
      </header>
      {pod !== undefined && <PodFacts pod={pod} />}
      <p className={`state ${tone === 'faint' ? 'muted' : ''}`}>
        <b className={tone}>{t.workers.health[worker.health]}</b>{' '}
        <span className="muted">
          {t.workers.since(moment(worker.since, now()))}
          {worker.latencyMs !== null && worker.health === 'ok' && `, ${t.workers.latency(worker.latencyMs)}`}
          {worker.health !== 'ok' &&
            `, ${worker.lastPingAt === null ? t.workers.noAnswer : t.workers.lastAnswer(moment(worker.lastPingAt, now()))}`}
        </span>
      </p>
      {worker.drainedSince !== null && (
        <p className="warning">
          <Icon name="pause" tone="warn" />
          <span>{t.workers.drained(moment(worker.drainedSince, now()), worker.jobs)}</span>
        </p>
      )}
      <Detail worker={worker} />
      {worker.capabilities !== null && <Stats worker={worker} capabilities={worker.capabilities} />}
      {worker.capabilities !== null && <Facts worker={worker} capabilities={worker.capabilities} />}
      {worker.capabilities?.warnings.map((warning) => (
        <p className="warning" key={warning}>
          <Icon name="warn" tone="warn" />
          <span>{engineText(warning)}</span>
        </p>
      ))}
      <Identity worker={worker} />
    </article>
  );
}

type Capabilities = NonNullable<WorkerView['capabilities']>;

/** Why it is not well: the three sentences of the error, or the one that its health comes with. */
function Detail({ worker }: { worker: WorkerView }) {
  const busy = worker.health === 'installing' || worker.health === 'starting';
  if (worker.error !== null) {
    const { what, lost, todo } = explain(worker.error);
    return (
      <p className="detail">
        <span>{what}</span> <span className="muted">{`${lost} ${todo}`}</span>
      </p>
    );
  }
  if (worker.detail === null && !busy) return null;
  return (
    <div className="detail">
      <span>{engineText(worker.detail ?? '')}</span>
      {busy && <Bar percent={null} name={t.workers.health[worker.health]} />}
    </div>
  );
}

function Stats({ worker, capabilities }: { worker: WorkerView; capabilities: Capabilities }) {
  const { vramTotalMB, vramUsedMB, activeJobs, maxConcurrentJobs, prefetchJobs, engineBusyShare } = capabilities;
  const used = Math.min(activeJobs, maxConcurrentJobs);
  return (
    <div className="stats">
      <HealthBars worker={worker} />
      <div>
        <span className="l">{t.workers.placesTitle}</span>
        <span className="v">{t.workers.inUse(used, maxConcurrentJobs)}</span>
        <span className="slots" aria-hidden="true">
          {Array.from({ length: Math.min(maxConcurrentJobs, 12) }, (_, place) => (
            // Places have no identity but their number.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <i key={place} className={place < used ? 'u' : ''} />
          ))}
        </span>
        {prefetchJobs > 0 && <span className="l">{t.workers.prefetch(prefetchJobs)}</span>}
      </div>
      {engineBusyShare !== null && (
        <div>
          <span className="l">{t.workers.busyTitle(capabilities.gpu)}</span>
          <span className="v">{t.workers.busy(engineBusyShare)}</span>
          <span className="mbar" aria-hidden="true">
            <i style={{ width: `${100 * engineBusyShare}%` }} />
          </span>
        </div>
      )}
      {vramTotalMB !== null && (
        <div>
          <span className="l">{t.workers.memoryTitle}</span>
          <span className="v">{memory(vramUsedMB, vramTotalMB)}</span>
          <span className="mbar" aria-hidden="true">
            <i style={{ width: `${Math.min(100, (100 * (vramUsedMB ?? 0)) / vramTotalMB)}%` }} />
          </span>
        </div>
      )}
    </div>
  );
}

function Facts({ worker, capabilities }: { worker: WorkerView; capabilities: Capabilities }) {
  const { facts } = t.workers;
  const rows: [name: string, value: React.ReactNode][] = [];
  const device = [deviceInWords(worker), capabilities.device, capabilities.computeType].filter((part) => part);
  rows.push([capabilities.gpu ? facts.gpu : facts.device, [...new Set(device)].join(', ')]);
  rows.push([facts.models, <Models key="models" capabilities={capabilities} />]);
  if (capabilities.gpu) {
    const driver = capabilities.driver === null ? '' : `, ${facts.driver} ${capabilities.driver}`;
    rows.push([facts.cuda, `${capabilities.cuda ?? t.workers.notTold}${driver}`]);
  }
  rows.push([facts.speakers, <Speakers key="speakers" capabilities={capabilities} />]);
  rows.push([facts.tunnel, <Tunnel key="tunnel" worker={worker} />]);
  rows.push([
    facts.version,
    [capabilities.version, t.workers.protocol(capabilities.protocol)].filter((part) => part).join(', '),
  ]);
  if (worker.url !== null && worker.kind !== 'local') rows.push([facts.address, worker.url]);
  if (capabilities.maxFileMB !== null) rows.push([facts.limit, size(capabilities.maxFileMB * 1e6)]);
  return (
    <dl className="facts">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Models({ capabilities: { models, loadedModels } }: { capabilities: Capabilities }) {
  const all = models.length === 0 ? t.workers.none : models.join(', ');
  return (
    <span title={all}>
      {all}
      {loadedModels.length > 0 && <span className="muted">; {t.workers.loaded(loadedModels.join(', '))}</span>}
    </span>
  );
}

function Speakers({ capabilities: { diarization, diarizationReason } }: { capabilities: Capabilities }) {
  if (diarization) return <span className="good">{t.workers.ready}</span>;
  const because = diarizationReason === null ? '' : t.workers.notReadyBecause(engineText(diarizationReason));
  return (
    <span title={`${t.workers.notReady}${because}`}>
      <span className="warn">{t.workers.notReady}</span>
      {because}
    </span>
  );
}

function Tunnel({ worker: { tunnel } }: { worker: WorkerView }) {
  const { now } = useApp();
  return (
    <span>
      {t.workers.tunnel[tunnel.state]}
      {tunnel.kind !== null && (
        <span className="muted" title={tunnel.address ?? undefined}>
          {' '}
          {t.workers.tunnelKind[tunnel.kind]}
        </span>
      )}
      <span className="muted"> {t.workers.since(moment(tunnel.since, now()))}</span>
      {tunnel.bytesSent > 0 && `, ${t.workers.sent(size(tunnel.bytesSent))}`}
      {tunnel.bytesPerSecond > 0 && `, ${t.workers.perSecond(size(tunnel.bytesPerSecond))}`}
    </span>
  );
}
