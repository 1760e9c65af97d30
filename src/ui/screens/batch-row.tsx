// Owns the head of a batch: fold, how many are done, what is left and until when.

import type { JobView } from '../../contract/job.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Icon } from '../components/icon.tsx';
import { Ring } from '../components/progress.tsx';
import { Cell, Line } from '../components/tree-grid.tsx';
import { moment, span, splitName } from '../format.ts';
import { remainder } from '../state/selectors.ts';
import { toggleFold } from '../state/store.ts';
import { t } from '../strings/en.ts';
import type { RowPlace } from './queue-list.tsx';

/** One line that folds what was dropped together. */
export function BatchRow({ id, folded, index, focusable }: RowPlace & { id: string; folded: boolean }) {
  const { store, client, selectors, now } = useApp();
  const jobs = useAppState((state) => state.jobs);
  const batch = useAppState((state) => state.batches.get(id));
  const ids = useAppState(selectors.batches).get(id) ?? [];
  const mine = ids.flatMap<JobView>((jobId) => jobs.get(jobId) ?? []);
  const sum = remainder(mine);
  const name = batch?.name ?? nameOf(mine, client.desktop !== null) ?? '';
  const finished = sum.left === 0;
  const under = mine.some((job) => job.state === 'running' || job.state === 'preparing');
  const parts = [
    sum.soundLeft === null ? null : t.queue.soundLeft(span(sum.soundLeft)),
    sum.wallLeft === null ? null : t.title.doneAbout(moment(now() + sum.wallLeft * 1000, now())).slice(2),
    sum.failed === 0 ? null : t.queue.failedCount(sum.failed),
    finished && sum.lastFinishedAt !== null ? t.queue.finished(moment(sum.lastFinishedAt, now())) : null,
  ].filter((part) => part !== null);

  return (
    <Line
      className="group"
      index={index}
      focusable={focusable}
      level={1}
      expanded={!folded}
      name={`${name}, ${t.queue.batchOf(sum.done, sum.all)}`}
      marks={{ batch: id }}
      onReach={() => store.setState({ currentRow: `batch:${id}` })}
      onPress={() => toggleFold(store, id)}
    >
      <span className="tw">
        <Icon name={folded ? 'right' : 'down'} />
      </span>
      <Ring share={sum.share} tone={finished && sum.failed === 0 ? 'done' : under ? 'live' : 'mute'} />
      <Cell className="line">
        <b className="cut">{name}</b>
        <span className="meta cut">
          <b>{t.queue.batchOf(sum.done, sum.all)}</b>
          {parts.map((part) => (
            <span key={part}> · {part}</span>
          ))}
        </span>
      </Cell>
    </Line>
  );
}

/** A name for a batch that came before this page was opened: the engine tells names only when it makes them. */
function nameOf(jobs: readonly JobView[], hasPaths: boolean): string | null {
  const [first] = jobs;
  if (first === undefined) return null;
  const folders = new Set(jobs.map((job) => job.sourcePath.split(/[\\/]/).at(-2) ?? ''));
  const [folder = ''] = folders;
  // What a browser read into the app lies in a folder that no person knows.
  if (hasPaths && jobs.length > 1 && folders.size === 1 && folder !== '') return folder;
  return t.queue.andMore(splitName(first.name).stem, jobs.length - 1);
}
