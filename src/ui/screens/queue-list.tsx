// Owns the list of the queue: a virtual tree grid of batches and recordings, and its keyboard.

import { useVirtualizer, type VirtualItem } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { ColumnHead, HeadLine } from '../components/tree-grid.tsx';
import type { Row } from '../state/selectors.ts';
import { t } from '../strings/texts.ts';
import { BatchRow } from './batch-row.tsx';
import { JobMenu } from './job-menu.tsx';
import { isOpen, JobRow } from './job-row.tsx';
import { actOnRow, keySteps, moveByKey } from './queue-keys.ts';
import { type DropEdge, useRowDrag } from './row-drag.ts';
import { UploadLine, UploadsHead } from './upload-rows.tsx';

const HEIGHT = { batch: 39, job: 33, open: 82, upload: 33, uploads: 39 } as const;

/** Ten thousand rows, of which those in sight are drawn. */
export function QueueList() {
  const app = useApp();
  const { store, selectors } = app;
  const drag = useRowDrag();
  const rows = useAppState(selectors.rows);
  const current = useAppState((state) => state.currentRow);
  const priced = useAppState((state) => selectors.sums(state).all.costUsd !== null);
  const scroller = useRef<HTMLDivElement>(null);
  const [menu, setMenu] = useState<{ jobId: string; anchor: Element } | null>(null);
  const openNow = (row: Row): boolean =>
    row.kind === 'job' && isOpen(store.getState(), row.id, selectors.firstLive(store.getState()));
  // Another function would make the list measure all of its rows anew, with every frame of scrolling.
  const keyOf = useCallback((index: number) => rows[index]?.key ?? index, [rows]);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    getItemKey: keyOf,
    estimateSize: (index) => {
      const row = rows[index];
      if (row === undefined) return HEIGHT.job;
      return openNow(row) ? HEIGHT.open : HEIGHT[row.kind];
    },
    overscan: 8,
  });
  // The keyboard always has one row to stand on: the current one, or the first where that is not shown.
  const focusIndex = Math.max(
    0,
    rows.findIndex((row) => row.key === current),
  );

  const moveTo = (index: number): void => {
    const row = rows[index];
    if (row === undefined) return;
    store.setState({ currentRow: row.key });
    list.scrollToIndex(index);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${index}"]`)?.focus());
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    // Keys belong to the row itself; a button inside of it keeps its own.
    const at = event.target instanceof HTMLElement ? Number(event.target.dataset['row'] ?? Number.NaN) : Number.NaN;
    const row = rows[at];
    if (row === undefined || event.ctrlKey || event.metaKey) return;
    if (event.altKey) {
      if (moveByKey(event.key, row, app)) event.preventDefault();
      return;
    }
    const step = keySteps(event.key, at, rows.length);
    if (step !== null) {
      event.preventDefault();
      moveTo(step);
      return;
    }
    if (actOnRow(event.key, row, app, openNow(row))) event.preventDefault();
  };

  if (rows.length === 0) return <NothingFits />;
  return (
    <div
      className={priced ? 'listbox priced' : 'listbox'}
      role="treegrid"
      aria-label={t.queue.list}
      aria-rowcount={rows.length + 1}
      onKeyDown={onKeyDown}
    >
      <ListHead priced={priced} />
      <div className="list" ref={scroller} role="presentation">
        <div className="tall" role="presentation" style={{ height: list.getTotalSize() }} {...drag.handlers}>
          {list.getVirtualItems().map((place) => {
            const row = rows[place.index];
            if (row === undefined) return null;
            return (
              <div
                key={place.key}
                className="place"
                role="presentation"
                data-index={place.index}
                ref={list.measureElement}
                style={{ transform: `translateY(${place.start}px)` }}
              >
                <AnyRow row={row} index={place.index} focusable={place.index === focusIndex} onMenu={setMenu} />
              </div>
            );
          })}
          <DropLine y={edgeAt(drag.edge, list.getVirtualItems())} />
        </div>
      </div>
      <JobMenu menu={menu} onClose={() => setMenu(null)} />
      <FocusKeeper scroller={scroller} />
    </div>
  );
}

/** Where a dragged row would go. */
function DropLine({ y }: { y: number | null }) {
  return y === null ? null : <i className="dropline" style={{ transform: `translateY(${y}px)` }} />;
}

function edgeAt(edge: DropEdge | null, places: readonly VirtualItem[]): number | null {
  const place = edge === null ? undefined : places.find(({ key }) => key === edge.id);
  return place === undefined ? null : edge?.edge === 'before' ? place.start : place.end;
}

/** What every kind of row is given by the list. */
export interface RowPlace {
  readonly index: number;
  /** The one row that Tab reaches; its buttons come after it. */
  readonly focusable: boolean;
}

function AnyRow({
  row,
  onMenu,
  ...place
}: RowPlace & { row: Row; onMenu: (menu: { jobId: string; anchor: Element }) => void }) {
  switch (row.kind) {
    case 'batch':
      return <BatchRow id={row.id} folded={row.folded} {...place} />;
    case 'job':
      return <JobRow id={row.id} onMenu={onMenu} {...place} />;
    case 'uploads':
      return <UploadsHead {...place} />;
    case 'upload':
      return <UploadLine upload={row.upload} {...place} />;
  }
}

function ListHead({ priced }: { priced: boolean }) {
  const { columns } = t.queue;
  return (
    <HeadLine className="lhead cols">
      <span role="presentation" />
      <ColumnHead>{columns.name}</ColumnHead>
      <ColumnHead className="num">{columns.length}</ColumnHead>
      <ColumnHead>{columns.stage}</ColumnHead>
      <ColumnHead className="num">{columns.speed}</ColumnHead>
      <ColumnHead className="num">{columns.left}</ColumnHead>
      <ColumnHead className="c-wk">{columns.worker}</ColumnHead>
      {priced && <ColumnHead className="num c-cost">{columns.cost}</ColumnHead>}
      <ColumnHead>
        <span className="said">{columns.actions}</span>
      </ColumnHead>
    </HeadLine>
  );
}

function NothingFits() {
  const { store } = useApp();
  return (
    <p className="hold">
      {t.queue.nothingFits}{' '}
      <Button look="link" onPress={() => store.setState({ filter: 'all', search: '' })}>
        {t.queue.showAll}
      </Button>
    </p>
  );
}

/** A row that was acted upon may leave the list while it has the focus; the keyboard then stays in the list. */
function FocusKeeper({ scroller }: { scroller: React.RefObject<HTMLDivElement | null> }) {
  const had = useRef(false);
  useEffect(() => {
    const inList = scroller.current?.contains(document.activeElement) === true;
    if (had.current && document.activeElement === document.body) {
      scroller.current?.querySelector<HTMLElement>('[role="row"][tabindex="0"]')?.focus();
    }
    had.current = inList;
  });
  return null;
}
