// Owns moving a recording within its batch by dragging its row.

import { useState } from 'react';
import type { Place } from '../../contract/selection.ts';
import { useApp } from '../app-context.ts';
import { movableBeside } from './queue-keys.ts';

/** Names a drag of ours, so that one from another window or of files is none. */
const KIND = 'application/x-bulk-transcribe-job';

/** Between which rows it would go: the edge of the row of `id`. */
export interface DropEdge {
  readonly id: string;
  readonly edge: 'before' | 'after';
}

/** What the list listens to, and where the line is drawn. */
export interface RowDrag {
  readonly edge: DropEdge | null;
  readonly handlers: {
    onDragStart(event: React.DragEvent): void;
    onDragOver(event: React.DragEvent): void;
    onDragEnd(): void;
    onDrop(event: React.DragEvent): void;
  };
}

/** The drag of one list. */
export function useRowDrag(): RowDrag {
  const { store, selectors, commands } = useApp();
  const [dragged, setDragged] = useState<string | null>(null);
  const [edge, setEdge] = useState<DropEdge | null>(null);
  const end = (): void => {
    setDragged(null);
    setEdge(null);
  };
  return {
    edge,
    handlers: {
      onDragStart(event) {
        const id = jobRow(event)?.dataset['job'];
        if (id === undefined) return;
        event.dataTransfer.setData(KIND, id);
        event.dataTransfer.effectAllowed = 'move';
        setDragged(id);
      },
      onDragOver(event) {
        if (dragged === null || !event.dataTransfer.types.includes(KIND)) return;
        const row = jobRow(event);
        const id = row?.dataset['job'];
        const fits = movableBeside(store.getState(), selectors, dragged).some((job) => job.id === id);
        if (row === null || id === undefined || id === dragged || !fits) {
          if (edge !== null) setEdge(null);
          return;
        }
        event.preventDefault();
        event.dataTransfer.dropEffect = 'move';
        const { top, height } = row.getBoundingClientRect();
        const next = event.clientY < top + height / 2 ? 'before' : 'after';
        if (edge?.id !== id || edge.edge !== next) setEdge({ id, edge: next });
      },
      onDragEnd: end,
      onDrop(event) {
        if (dragged === null || edge === null) return;
        event.preventDefault();
        const place: Place = edge.edge === 'before' ? { before: edge.id } : { after: edge.id };
        void commands.moveJobs([dragged], place);
        end();
      },
    },
  };
}

function jobRow(event: React.DragEvent): HTMLElement | null {
  return event.target instanceof Element ? event.target.closest<HTMLElement>('[data-job]') : null;
}
