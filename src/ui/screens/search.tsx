// Owns the search over all transcripts: the field, what was found in its context, and the keyboard that goes through it.

import { useEffect, useId, useMemo, useRef } from 'react';
import { useApp, useAppState } from '../app-context.ts';
import { Button, IconButton } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import type { Finding } from '../state/search-slice.ts';
import { openTranscript } from '../state/store.ts';
import { t } from '../strings/texts.ts';
import { entriesOf, type FoundEntry, isChoice, SearchResults } from './search-results.tsx';

/** Words in, places out. Without words: the finished transcripts, newest first. */
export function SearchScreen() {
  const { commands, store } = useApp();
  const finding = useAppState((state) => state.finding);
  const jobs = useAppState((state) => state.jobs);
  const listId = useId();
  const field = useRef<HTMLInputElement>(null);
  const entries = useMemo(() => entriesOf(finding, jobs), [finding, jobs]);
  const choices = entries.filter(isChoice);
  const at = Math.min(finding.at, Math.max(0, choices.length - 1));
  const current = choices[at];

  useEffect(() => {
    const input = field.current;
    input?.focus();
    input?.select();
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      input?.focus();
      input?.select();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);

  const stand = (index: number): void => {
    const next = Math.max(0, Math.min(choices.length - 1, index));
    store.setState((state) => ({ finding: { ...state.finding, at: next } }));
    if (next >= choices.length - 10) commands.searchMore();
  };
  const open = (entry: FoundEntry | undefined): void => {
    if (entry?.kind === 'hit') openTranscript(store, entry.hit.jobId, 'search', entry.hit.start);
    else if (entry?.kind === 'recording') openTranscript(store, entry.job.id, 'search');
  };
  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    const step = STEPS[event.key];
    if (step !== undefined && !event.altKey && !event.metaKey && !event.ctrlKey) stand(step(at));
    else if (event.key === 'Enter') open(current);
    else if (event.key === 'Escape' && finding.query !== '') commands.search('');
    else return;
    event.preventDefault();
  };

  return (
    <>
      <div className="bar">
        <div className="search all">
          <Icon name="search" />
          <input
            ref={field}
            role="combobox"
            aria-label={t.find.field}
            aria-expanded={choices.length > 0}
            aria-controls={listId}
            aria-autocomplete="list"
            {...(current === undefined ? {} : { 'aria-activedescendant': `${listId}-${current.key}` })}
            placeholder={t.find.hint}
            value={finding.query}
            maxLength={1000}
            spellCheck={false}
            autoComplete="off"
            onChange={(event) => commands.search(event.target.value)}
            onKeyDown={onKeyDown}
          />
          {finding.query !== '' && (
            <IconButton
              icon="close"
              name={t.find.clear}
              onPress={() => {
                commands.search('');
                field.current?.focus();
              }}
            />
          )}
        </div>
        <span className="small muted" role="status">
          {saidOf(finding)}
        </span>
      </div>
      <SearchResults
        listId={listId}
        entries={entries}
        current={current?.key ?? null}
        onOpen={open}
        onEnd={() => commands.searchMore()}
      />
      {entries.length === 0 && <Nothing />}
      <div className="foot">
        <span className="cut grow">{t.find.help}</span>
        <span className="x">
          <kbd>↑</kbd> <kbd>↓</kbd> <kbd>⏎</kbd> {t.find.keys}
        </span>
      </div>
    </>
  );
}

/** How much was found, and what could not be looked through yet. */
function saidOf({ query, state, hits, nextCursor, pending }: Finding): string {
  if (query.trim() === '' || state === 'asking') return '';
  const found = hits.length > 0 ? [t.find.found(hits.length, nextCursor !== null)] : [];
  return [...found, ...(pending > 0 ? [t.find.pending(pending)] : [])].join(' · ');
}

const STEPS: Readonly<Record<string, (at: number) => number>> = {
  ArrowDown: (at) => at + 1,
  ArrowUp: (at) => at - 1,
  PageDown: (at) => at + 10,
  PageUp: (at) => at - 10,
};

function Nothing() {
  const { store } = useApp();
  const { query, state, refusal } = useAppState((all) => all.finding);
  if (state === 'asking') return <div className="hold grow" />;
  if (refusal !== null) {
    return (
      <div className="hold grow" role="alert">
        {refusal.what} {refusal.lost} {refusal.todo}
      </div>
    );
  }
  const asked = query.trim() !== '';
  return (
    <div className="hold grow">
      <p>
        <b>{asked ? t.find.nothing(query.trim()) : t.find.none}</b>
      </p>
      <p>{asked ? t.find.nothingMore : t.find.noneMore}</p>
      {!asked && <Button onPress={() => store.setState({ screen: { name: 'queue' } })}>{t.find.toQueue}</Button>}
    </div>
  );
}
