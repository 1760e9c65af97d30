// Owns the list of what a search found: places under the name of their recording, or the finished recordings where nothing was asked.

import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef } from 'react';
import type { JobView } from '../../contract/job.ts';
import type { SearchHit } from '../../contract/search.ts';
import { useApp } from '../app-context.ts';
import { clock, moment } from '../format.ts';
import type { Finding } from '../state/search-slice.ts';
import { t } from '../strings/texts.ts';

/** One line of the list. */
export type FoundEntry =
  | {
      readonly kind: 'head';
      readonly key: string;
      readonly name: string;
      readonly folder: string | null;
      readonly count: number;
    }
  | { readonly kind: 'hit'; readonly key: string; readonly hit: SearchHit }
  | { readonly kind: 'recording'; readonly key: string; readonly job: JobView };

/** Whether Enter has something to open there. */
export function isChoice(entry: FoundEntry): boolean {
  return entry.kind !== 'head';
}

/** The lines of a finding, in order. */
export function entriesOf(finding: Finding, jobs: ReadonlyMap<string, JobView>): FoundEntry[] {
  if (finding.query.trim() === '') return recordings(jobs);
  const alike = sharedNames(finding.hits);
  const entries: FoundEntry[] = [];
  let from = 0;
  while (from < finding.hits.length) {
    const first = finding.hits[from];
    if (first === undefined) break;
    let upTo = from;
    while (finding.hits[upTo]?.jobId === first.jobId) upTo += 1;
    const hits = finding.hits.slice(from, upTo);
    const folder = alike.has(first.name) ? folderOf(jobs.get(first.jobId)) : null;
    entries.push({ kind: 'head', key: `head-${from}`, name: first.name, folder, count: hits.length });
    for (const [index, hit] of hits.entries()) entries.push({ kind: 'hit', key: `hit-${from + index}`, hit });
    from = upTo;
  }
  return entries;
}

/** Names that several of the found recordings have, such as those that a recorder gives. */
function sharedNames(hits: readonly SearchHit[]): ReadonlySet<string> {
  const first = new Map<string, string>();
  const shared = new Set<string>();
  for (const { name, jobId } of hits) {
    const other = first.get(name) ?? jobId;
    first.set(name, other);
    if (other !== jobId) shared.add(name);
  }
  return shared;
}

/** The folder in which a recording lies, by which people tell it from one of the same name. One that was uploaded lies in none of theirs. */
function folderOf(job: JobView | undefined): string | null {
  const folder = job?.sourcePath.split(/[\\/]/).at(-2) ?? '';
  return folder === '' || folder.startsWith('up_') ? null : folder;
}

function recordings(jobs: ReadonlyMap<string, JobView>): FoundEntry[] {
  const finished = (job: JobView): number => job.finishedAt ?? job.updatedAt;
  return [...jobs.values()]
    .filter((job) => job.hasTranscript)
    .sort((a, b) => finished(b) - finished(a))
    .map((job) => ({ kind: 'recording', key: `job-${job.id}`, job }));
}

const HEIGHT = { head: 38, hit: 33, recording: 33 } as const;

interface ResultsProps {
  readonly listId: string;
  readonly entries: readonly FoundEntry[];
  /** Key of the entry that Enter opens. */
  readonly current: string | null;
  readonly onOpen: (entry: FoundEntry) => void;
  /** The end came into sight: there may be more. */
  readonly onEnd: () => void;
}

/** Of thousands of lines, those in sight are drawn. */
export function SearchResults({ listId, entries, current, onOpen, onEnd }: ResultsProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const keyOf = useCallback((index: number) => entries[index]?.key ?? index, [entries]);
  const list = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    getItemKey: keyOf,
    estimateSize: (index) => HEIGHT[entries[index]?.kind ?? 'hit'],
    overscan: 12,
  });
  const places = list.getVirtualItems();
  const lastShown = places.at(-1)?.index ?? -1;
  const currentIndex = entries.findIndex((entry) => entry.key === current);
  useEffect(() => {
    if (lastShown >= 0 && lastShown >= entries.length - 1) onEnd();
  }, [lastShown, entries.length, onEnd]);
  useEffect(() => {
    // The head of the first place comes into sight with it.
    if (currentIndex >= 0) list.scrollToIndex(currentIndex <= 1 ? 0 : currentIndex);
  }, [currentIndex, list]);

  return (
    <div className="found" ref={scroller} hidden={entries.length === 0}>
      <div
        id={listId}
        className="tall"
        role="listbox"
        aria-label={entries[0]?.kind === 'recording' ? t.find.recent : t.find.results}
        style={{ height: list.getTotalSize() }}
      >
        {places.map((place) => {
          const entry = entries[place.index];
          if (entry === undefined) return null;
          return (
            <div
              key={place.key}
              className="place"
              role="presentation"
              data-index={place.index}
              ref={list.measureElement}
              style={{ transform: `translateY(${place.start}px)` }}
            >
              <Entry entry={entry} id={`${listId}-${entry.key}`} chosen={entry.key === current} onOpen={onOpen} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

interface EntryProps {
  readonly entry: FoundEntry;
  readonly id: string;
  readonly chosen: boolean;
  readonly onOpen: (entry: FoundEntry) => void;
}

function Entry({ entry, id, chosen, onOpen }: EntryProps) {
  const { now } = useApp();
  if (entry.kind === 'head') {
    // Each place names its recording in its own label.
    return (
      <div className="head" aria-hidden="true">
        <b className="cut">{entry.name}</b>
        {entry.folder !== null && <span className="small cut">{entry.folder}</span>}
        <span className="small">{t.find.foundIn(entry.count)}</span>
      </div>
    );
  }
  if (entry.kind === 'hit') {
    const { hit } = entry;
    return (
      <Choice id={id} chosen={chosen} onPress={() => onOpen(entry)}>
        <span className="said">{t.find.inRecording(hit.name)}</span>
        <time>{clock(hit.start)}</time>
        <span className="cut">
          <Snippet hit={hit} />
        </span>
      </Choice>
    );
  }
  const { job } = entry;
  const facts = [
    job.durationSec === null ? null : clock(job.durationSec),
    job.finishedAt === null ? null : moment(job.finishedAt, now()),
  ].filter((fact) => fact !== null);
  return (
    <Choice id={id} chosen={chosen} onPress={() => onOpen(entry)}>
      <span className="cut grow">{job.name}</span>
      <span className="small num">{facts.join(' · ')}</span>
    </Choice>
  );
}

interface ChoiceProps {
  readonly id: string;
  readonly chosen: boolean;
  readonly onPress: () => void;
  readonly children: React.ReactNode;
}

/** The field keeps the focus and points here (aria-activedescendant); it hears the keys as well. */
function Choice({ id, chosen, onPress, children }: ChoiceProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: see above
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div id={id} role="option" aria-selected={chosen} className={`hit${chosen ? ' sel' : ''}`} onClick={onPress}>
      {children}
    </div>
  );
}

/** The engine's snippet is plain text; what matches is marked here. */
function Snippet({ hit: { snippet, marks } }: { hit: SearchHit }) {
  const parts: React.ReactNode[] = [];
  let from = 0;
  for (const [begin, end] of marks) {
    parts.push(snippet.slice(from, begin), <mark key={begin}>{snippet.slice(begin, end)}</mark>);
    from = end;
  }
  parts.push(snippet.slice(from));
  return parts;
}
