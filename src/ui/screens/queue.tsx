// Owns the queue screen: tool bar, list or empty state, and the line that says what new recordings will get.

import { useEffect, useRef } from 'react';
import { Input, SearchField, ToggleButton, ToggleButtonGroup } from 'react-aria-components';
import { useApp, useAppState } from '../app-context.ts';
import { AddRecordings } from '../components/add-recordings.tsx';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { optionsInWords, outputsInWords, profileOf } from '../components/options-words.ts';
import { count } from '../format.ts';
import { FILTERS } from '../state/view-slice.ts';
import { t } from '../strings/texts.ts';
import { FirstRun } from './first-run.tsx';
import { QueueList } from './queue-list.tsx';

/** Where a person drops recordings and watches them. */
export function QueueScreen() {
  const loaded = useAppState((state) => state.loaded);
  const empty = useAppState((state) => state.jobs.size === 0 && state.uploads.length === 0);
  if (!loaded) return <p className="hold">{t.connection.connecting}</p>;
  return (
    <>
      {empty ? (
        <FirstRun />
      ) : (
        <>
          <ToolBar />
          <QueueList />
        </>
      )}
      <Footer empty={empty} />
    </>
  );
}

function ToolBar() {
  return (
    <div className="bar">
      <Filters />
      <Search />
      <span className="grow" />
      <PauseAll />
      <AddRecordings />
    </div>
  );
}

/** Holds the whole queue, or lets it go on. */
function PauseAll() {
  const { commands } = useApp();
  const paused = useAppState(({ queue }) => queue !== null && queue.pausedSince !== null);
  return (
    <Button
      look={paused ? 'plain' : 'quiet'}
      icon={paused ? 'play' : 'pause'}
      onPress={() => void commands.pause(null, !paused)}
    >
      <span className="word">{paused ? t.queue.goOn : t.queue.pauseAll}</span>
    </Button>
  );
}

function Filters() {
  const { store, selectors } = useApp();
  const filter = useAppState((state) => state.filter);
  const counts = useAppState(selectors.counts);
  return (
    <ToggleButtonGroup
      className="seg"
      aria-label={t.queue.filterLabel}
      selectionMode="single"
      disallowEmptySelection
      selectedKeys={[filter]}
      onSelectionChange={(keys) => {
        const chosen = FILTERS.find((each) => keys.has(each));
        if (chosen !== undefined) store.setState({ filter: chosen });
      }}
    >
      {FILTERS.map((each) => (
        <ToggleButton key={each} id={each}>
          {t.queue.filters[each]} <span className="n">{count(counts[each])}</span>
        </ToggleButton>
      ))}
    </ToggleButtonGroup>
  );
}

function Search() {
  const { store } = useApp();
  const search = useAppState((state) => state.search);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    window.addEventListener('keydown', focus);
    return () => window.removeEventListener('keydown', focus);
  }, []);
  return (
    <SearchField
      className="search"
      aria-label={t.queue.search}
      value={search}
      onChange={(text) => store.setState({ search: text })}
    >
      <Icon name="search" />
      <Input ref={field} placeholder={t.queue.searchHint} spellCheck={false} />
      <kbd>/</kbd>
    </SearchField>
  );
}

function Footer({ empty }: { empty: boolean }) {
  const { store, client } = useApp();
  const profiles = useAppState((state) => state.profiles);
  const settings = useAppState((state) => state.settings);
  if (empty) {
    return (
      <div className="foot">
        <Icon name="lock" />
        <span className="cut">{t.empty.privacy}</span>
      </div>
    );
  }
  if (settings === null) return null;
  const options = settings.settings.jobDefaults;
  const profile = profileOf(options, profiles);
  return (
    <div className="foot">
      <span className="cut">
        {t.options.newRecordings} <b>{profile?.name ?? optionsInWords(options)}</b>
        {profile !== undefined && ` · ${optionsInWords(options)}`} · {outputsInWords(options, client.desktop !== null)}
      </span>
      <Button small look="link" onPress={() => store.setState({ dialog: { kind: 'options', groups: null } })}>
        {t.actions.options}
      </Button>
    </div>
  );
}
