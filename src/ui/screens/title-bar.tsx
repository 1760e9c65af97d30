// Owns the title bar: where the person is, and what is left of everything.

import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Icon } from '../components/icon.tsx';
import { moment, span } from '../format.ts';
import { t } from '../strings/texts.ts';

/** One line at the top of the window. */
export function TitleBar() {
  const { store, client } = useApp();
  const screen = useAppState((state) => state.screen);
  const name = useAppState((state) => (screen.name === 'text' ? state.jobs.get(screen.jobId)?.name : undefined));
  return (
    <header className="title" data-platform={client.platform === 'darwin' ? 'mac' : 'other'}>
      {screen.name === 'text' ? (
        <>
          <Button look="quiet" small onPress={() => store.setState({ screen: { name: screen.from ?? 'queue' } })}>
            {t.screens[screen.from ?? 'queue']}
          </Button>
          <Icon name="right" tone="faint" />
          <h1 className="cut">{name ?? t.text.title}</h1>
        </>
      ) : (
        <h1>{t.screens[screen.name]}</h1>
      )}
      <Summary />
      {screen.name !== 'search' && <Jump />}
    </header>
  );
}

/** The way to the search from everywhere. */
function Jump() {
  const { store, client } = useApp();
  const mac = client.platform === 'darwin' || (client.platform === 'browser' && navigator.platform.startsWith('Mac'));
  return (
    <button type="button" className="jump" onClick={() => store.setState({ screen: { name: 'search' } })}>
      <Icon name="search" />
      <span className="grow cut">{t.find.field}</span>
      <span aria-hidden="true">
        <kbd>{mac ? '⌘K' : 'Ctrl K'}</kbd>
      </span>
    </button>
  );
}

function Summary() {
  const { selectors, now } = useApp();
  const paused = useAppState(({ queue }) => queue !== null && queue.pausedSince !== null);
  const { all, left, soundLeft, wallLeft } = useAppState((state) => selectors.sums(state).all);
  if (all === 0) return null;
  return (
    <span className="sum cut">
      {paused && left > 0 && <b className="warn">{t.title.paused}</b>}
      {t.title.summary(left, soundLeft === null ? null : span(soundLeft))}
      {wallLeft !== null && !paused && t.title.doneAbout(moment(now() + wallLeft * 1000, now()))}
    </span>
  );
}
