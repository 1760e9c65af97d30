// Owns the list of lines: only those in sight are drawn, the one with the keyboard is kept in sight, and the text follows the sound
// until a person scrolls.

import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { useEffect, useMemo, useRef } from 'react';
import type { Doubt } from '../../../transcript/doubts.ts';
import type { FindHit } from '../../../transcript/find.ts';
import { useApp, useAppState } from '../../app-context.ts';
import { t } from '../../strings/texts.ts';
import { useLinePointer } from './line-pointer.ts';
import { LineRow } from './line-row.tsx';
import { DeletedRow, LoopRow } from './loop-row.tsx';
import { SpokenWord } from './spoken-word.ts';

type List = Virtualizer<HTMLElement, Element>;

/** All lines of the open transcript. */
export function LineList() {
  const { tools } = useApp();
  const rows = useAppState(tools.reading.rows);
  const scroller = useRef<HTMLElement>(null);
  const current = useAppState((state) => state.editor.current);
  const pointer = useLinePointer();
  const list: List = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 62,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 12,
    // The list draws itself when it is asked to scroll somewhere; React need not be told in the midst of it.
    useFlushSync: false,
  });
  useCurrentInSight(list);
  useFollowing(list, scroller);
  const voiced = useAppState((state) => tools.reading.voices(state).length > 0);
  const suspend = (): void => tools.editor.patch({ follow: false });
  return (
    // A group that has the keyboard: the line is told by its id, so that focus stays when a line scrolls out of sight and is not drawn.
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <section
      className={voiced ? 'turns voiced' : 'turns'}
      ref={scroller}
      role="group"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      aria-label={t.transcript.lines}
      {...(current === null ? {} : { 'aria-activedescendant': `line-${current}` })}
      onWheel={suspend}
      onTouchMove={suspend}
      {...pointer}
    >
      <ol className="tall" style={{ height: list.getTotalSize() }}>
        {list.getVirtualItems().map((place) => (
          <Row key={place.key} index={place.index} start={place.start} list={list} voiced={voiced} />
        ))}
      </ol>
    </section>
  );
}

interface RowProps {
  readonly index: number;
  readonly start: number;
  readonly list: List;
  readonly voiced: boolean;
}

function Row({ index, start, list, voiced }: RowProps) {
  const { tools } = useApp();
  const row = useAppState((state) => tools.reading.rows(state)[index]);
  const key = row?.key ?? '';
  const isCurrent = useAppState((state) => state.editor.current === key);
  const place = {
    className: 'turn place',
    'data-index': index,
    ref: list.measureElement,
    style: { transform: `translateY(${start}px)` },
  };
  if (row === undefined) return null;
  if (row.kind === 'segment') {
    const { edited, checked } = row.segment;
    const names = [
      'turn place',
      isCurrent ? 'cur' : '',
      edited ? 'ed' : '',
      checked ? 'ok' : '',
      row.turn ? 'opens' : '',
    ];
    return (
      <li {...place} id={`line-${key}`} data-key={key} className={names.filter((name) => name !== '').join(' ')}>
        <Line index={index} current={isCurrent} voiced={voiced} />
      </li>
    );
  }
  return (
    <li {...place} className={`turn place ${row.kind}`}>
      {row.kind === 'loop' ? <LoopRow row={row} /> : <DeletedRow row={row} voiced={voiced} />}
    </li>
  );
}

function Line({ index, current, voiced }: { index: number; current: boolean; voiced: boolean }) {
  const { tools } = useApp();
  const { reading } = tools;
  const row = useAppState((state) => reading.rows(state)[index]);
  const segment = row?.kind === 'segment' ? row.segment : null;
  const key = segment?.key ?? '';
  const word = useAppState((state) => (state.editor.current === key ? state.editor.word : null));
  const writing = useAppState((state) => state.editor.draft?.key === key);
  const naming = useAppState((state) => state.editor.speakerOf === key);
  const unsaved = useAppState((state) =>
    state.transcript.kind === 'open' ? (state.transcript.unsaved.get(key) ?? null) : null,
  );
  const color = useAppState((state) => reading.colors(state).get(segment?.speaker ?? '') ?? 0);
  const name = useAppState((state) => nameOf(reading.view(state)?.speakers, segment?.speaker));
  const doubt = useAppState((state) => (current ? doubtAt(reading.doubts(state), key, state.editor.word) : null));
  const found = useAppState(reading.found);
  const at = useAppState((state) => state.editor.finding?.at ?? -1);
  const hits = useMemo(() => hitsIn(found.hits, key, found.hits[at]), [found, key, at]);
  if (segment === null || row?.kind !== 'segment') return null;
  const { turn } = row;
  return <LineRow {...{ segment, turn, name, color, current, word, writing, naming, hits, unsaved, voiced, doubt }} />;
}

function nameOf(
  speakers: Readonly<Record<string, { name?: string | undefined }>> | undefined,
  label: string | undefined,
) {
  if (label === undefined) return null;
  return (
    (speakers !== undefined && Object.hasOwn(speakers, label) ? speakers[label]?.name : undefined) ??
    t.transcript.unnamed(label)
  );
}

function doubtAt(doubts: readonly Doubt[], key: string, word: number | null): Doubt | null {
  return doubts.find((doubt) => doubt.key === key && doubt.word === word) ?? null;
}

/** Hits are in order of the text, so that those of a line lie together. */
function hitsIn(hits: readonly FindHit[], key: string, current: FindHit | undefined) {
  if (hits.length === 0) return null;
  const own = hits.filter((hit) => hit.key === key);
  return own.length === 0 ? null : own.map((hit) => ({ ...hit, current: hit === current }));
}

/** What has the keyboard is in sight. */
function useCurrentInSight(list: List): void {
  const { tools, store } = useApp();
  useEffect(() => {
    const show = (align: 'auto' | 'center'): void => {
      const state = store.getState();
      const index = tools.reading.places(state).get(state.editor.current ?? '');
      if (index !== undefined) list.scrollToIndex(index, { align });
    };
    show('center');
    return store.subscribe((state, before) => {
      if (state.editor.current !== before.editor.current) show('auto');
    });
  }, [store, tools, list]);
}

/** The word that is being said is marked; its line is brought to the middle when it leaves the part of the list that is read at ease. */
function useFollowing(list: List, scroller: React.RefObject<HTMLElement | null>): void {
  const { tools, store } = useApp();
  useEffect(() => {
    const mark = new SpokenWord();
    let line: string | null = null;
    const show = (time: number): void => {
      const state = store.getState();
      const view = tools.reading.view(state);
      const element = scroller.current;
      if (view === null || element === null) return;
      const key = mark.show(element, view, time);
      if (key === null || key === line) return;
      line = key;
      const { follow, draft } = state.editor;
      const index = tools.reading.places(state).get(key);
      if (!follow || draft !== null || index === undefined || !state.player.playing) return;
      const drawn = element.querySelector(`[data-key="${key}"]`)?.getBoundingClientRect();
      const { top, height } = element.getBoundingClientRect();
      const from = drawn === undefined ? -1 : drawn.top - top;
      if (from < height * 0.08 || from > height * 0.7) list.scrollToIndex(index, { align: 'center' });
    };
    show(tools.player.now());
    const unwatch = tools.player.watch(show);
    const unsubscribe = store.subscribe((state, before) => {
      if (state.editor.follow && !before.editor.follow) line = null;
      if (state.transcript !== before.transcript) line = null;
    });
    return () => {
      unwatch();
      unsubscribe();
    };
  }, [store, tools, list, scroller]);
}
