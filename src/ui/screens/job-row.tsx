// Owns one recording's row: what it is, where it is, how fast, how long still, what can be done; open, its live text or its trouble.

import { memo } from 'react';
import type { JobView } from '../../contract/job.ts';
import { useApp, useAppState } from '../app-context.ts';
import { IconButton } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Bar, Ring } from '../components/progress.tsx';
import { Cell, Line } from '../components/tree-grid.tsx';
import { workerName } from '../components/worker-words.ts';
import { clock, cost, span, splitName, times } from '../format.ts';
import { type StageLine, speedOf, stageLine } from '../state/stage-line.ts';
import { type AppState, openTranscript } from '../state/store.ts';
import { t } from '../strings/texts.ts';
import { canMove, RowActions } from './job-actions.tsx';
import { JobDetail, offersChannels } from './job-detail.tsx';
import type { RowPlace } from './queue-list.tsx';

/** Whether there is something under the row's line, and it is shown. */
export function isOpen(state: AppState, id: string, firstLive: string | null): boolean {
  const job = state.jobs.get(id);
  if (job === undefined) return false;
  const offers = offersChannels(job);
  const hasMore = state.live.has(id) || job.state === 'failed' || job.state === 'waiting' || offers;
  if (!hasMore) return false;
  return state.opened.get(id) ?? (offers || firstLive === id || (state.currentRow === id && job.state !== 'running'));
}

/** One row of the list. */
export const JobRow = memo(function JobRow({
  id,
  index,
  focusable,
  onMenu,
}: RowPlace & { id: string; onMenu: (menu: { jobId: string; anchor: Element }) => void }) {
  const { store, selectors, now } = useApp();
  const job = useAppState((state) => state.jobs.get(id));
  const rank = useAppState((state) => selectors.ranks(state).get(id));
  const open = useAppState((state) => isOpen(state, id, selectors.firstLive(state)));
  const chosen = useAppState((state) => state.currentRow === id);
  const priced = useAppState((state) => selectors.sums(state).all.costUsd !== null);
  if (job === undefined) return null;
  const line = stageLine(job, rank, now());
  const { stem, ending } = splitName(job.name);
  const speed = speedOf(job);
  const eta = job.state === 'running' && job.stage === 'transcribing' ? job.progress.etaSec : null;
  const wide = line.percent === undefined && job.state !== 'queued';

  return (
    <Line
      className={`job${open ? ' open' : ''}${chosen ? ' sel' : ''}`}
      index={index}
      focusable={focusable}
      level={2}
      chosen={chosen}
      name={`${job.name}, ${line.lead === null ? '' : `${line.lead} `}${line.text}`}
      marks={{ job: id, state: job.state }}
      movable={canMove(job)}
      onReach={() => store.setState({ currentRow: id })}
      onTwice={() => job.hasTranscript && openTranscript(store, id)}
    >
      <div className="cols" role="presentation">
        <StateMark job={job} line={line} />
        <Cell className="name" title={job.sourcePath}>
          <span className="cut">{stem}</span>
          <span className="faint small">{ending}</span>
        </Cell>
        <Cell className="num small">{job.durationSec === null ? '' : clock(job.durationSec)}</Cell>
        <Cell className={`st${wide ? ' wide' : ''}`}>
          <Stage line={line} job={job} />
          <RowActions job={job} inTabOrder={focusable} />
        </Cell>
        {!wide && (
          <>
            <Cell className="num small">{speed === null ? '' : times(speed)}</Cell>
            <Cell className="num small">{eta === null ? '' : span(eta)}</Cell>
            <Cell className="small cut c-wk">{workerName(job.workerId, job.workerName)}</Cell>
          </>
        )}
        {priced && <Cell className="num small c-cost">{job.costUsd === null ? '' : cost(job.costUsd)}</Cell>}
        <Cell className="more">
          <IconButton
            icon="more"
            hint={false}
            name={t.queue.actionsFor(job.name)}
            aria-haspopup="menu"
            excludeFromTabOrder={!focusable}
            onPress={(event) => onMenu({ jobId: id, anchor: event.target })}
          />
        </Cell>
      </div>
      {open && <JobDetail job={job} line={line} inTabOrder={focusable} />}
    </Line>
  );
});

function StateMark({ job, line }: { job: JobView; line: StageLine }) {
  if (line.percent !== undefined) return <Ring share={line.percent === null ? null : line.percent / 100} />;
  switch (job.state) {
    case 'complete':
      return <Icon name="done" tone="good" />;
    case 'failed':
      return <Icon name="fail" tone="bad" />;
    case 'waiting':
      return <Icon name="wait" tone="warn" />;
    default:
      return <Icon name={job.state === 'canceled' ? 'close' : 'dash'} tone="faint" />;
  }
}

function Stage({ line, job }: { line: StageLine; job: JobView }) {
  const speed = job.state === 'complete' ? speedOf(job) : null;
  if (line.percent !== undefined) {
    return (
      <>
        <span className={line.percent === null ? 'grow cut' : 'lab cut'}>{line.text}</span>
        {line.percent !== null && <Bar percent={line.percent} name={line.text} />}
      </>
    );
  }
  return (
    <span className={`cut grow${line.tone === 'quiet' || line.tone === 'good' ? ' muted' : ''}`} title={line.text}>
      {line.lead !== null && <b className={`lead ${line.tone}`}>{line.lead}</b>} {line.text}
      {speed !== null && `, ${times(speed)}`}
      {line.tone === 'bad' && line.more !== null && ` ${line.more}`}
    </span>
  );
}
