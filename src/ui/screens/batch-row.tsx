// Owns the head of a batch: fold, how many are done, what is left and until when.

import { memo } from 'react';
import { useApp, useAppState } from '../app-context.ts';
import { IconButton } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { Ring } from '../components/progress.tsx';
import { Cell, Line } from '../components/tree-grid.tsx';
import { cost, moment, span } from '../format.ts';
import { NOTHING_LEFT } from '../state/selectors.ts';
import { toggleFold } from '../state/store.ts';
import { t } from '../strings/texts.ts';
import { BatchMenu } from './batch-menu.tsx';
import type { RowPlace } from './queue-list.tsx';

/** One line that folds what was dropped together. */
export const BatchRow = memo(function BatchRow({
  id,
  folded,
  index,
  focusable,
}: RowPlace & { id: string; folded: boolean }) {
  const { store, selectors, commands, now } = useApp();
  const batch = useAppState((state) => state.batches.get(id));
  const sum = useAppState((state) => selectors.sums(state).batches.get(id)) ?? NOTHING_LEFT;
  const name = batch?.name ?? '';
  const finished = sum.left === 0;
  const pausedSince = batch?.pausedSince ?? null;
  const parts = [
    pausedSince === null ? null : t.batch.paused(moment(pausedSince, now())),
    sum.soundLeft === null ? null : t.queue.soundLeft(span(sum.soundLeft)),
    sum.wallLeft === null || pausedSince !== null
      ? null
      : t.title.doneAbout(moment(now() + sum.wallLeft * 1000, now())).slice(2),
    batch?.costUsd == null ? null : t.queue.cost(cost(batch.costUsd)),
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
      name={t.queue.batchRow(name, sum.done, sum.all)}
      marks={{ batch: id }}
      onReach={() => store.setState({ currentRow: `batch:${id}` })}
      onPress={() => toggleFold(store, id)}
    >
      <span className="tw">
        <Icon name={folded ? 'right' : 'down'} />
      </span>
      <Ring
        share={sum.share}
        tone={finished && sum.failed === 0 ? 'done' : sum.underWay && pausedSince === null ? 'live' : 'mute'}
      />
      <Cell className="line">
        <b className="cut">{name}</b>
        <span className="meta cut">
          <b>{t.queue.batchOf(sum.done, sum.all)}</b>
          {parts.map((part) => (
            <span key={part}> · {part}</span>
          ))}
        </span>
      </Cell>
      {batch !== undefined && (
        <Cell className="acts">
          {!finished && (
            <IconButton
              icon={pausedSince === null ? 'pause' : 'play'}
              name={pausedSince === null ? t.batch.pause(name) : t.batch.resume(name)}
              excludeFromTabOrder={!focusable}
              onPress={() => void commands.pause(id, pausedSince === null)}
            />
          )}
          <BatchMenu batch={batch} inTabOrder={focusable} />
        </Cell>
      )}
    </Line>
  );
});
