// Owns the way between screens.

import { useApp, useAppState } from '../app-context.ts';
import { Icon, type IconName } from '../components/icon.tsx';
import { count } from '../format.ts';
import { t } from '../strings/texts.ts';
import { RailMeter } from './pods/rail-meter.tsx';

/** The screens in the order of the rail, which is that of their keys. */
export const PLACES = [
  { name: 'queue', icon: 'queue' },
  { name: 'search', icon: 'search' },
  { name: 'workers', icon: 'workers' },
  { name: 'spending', icon: 'spending' },
  { name: 'settings', icon: 'settings' },
] as const satisfies readonly { name: keyof typeof t.screens; icon: IconName }[];

/** The rail at the left; at 1000 px and below it shows only its icons. */
export function Rail() {
  const { store } = useApp();
  const current = useAppState(({ screen }) => (screen.name === 'text' ? (screen.from ?? 'queue') : screen.name));
  return (
    <nav className="rail" aria-label={t.rail.label}>
      {PLACES.map(({ name, icon }) => (
        <button
          key={name}
          type="button"
          title={t.screens[name]}
          {...(current === name ? { 'aria-current': 'page' as const } : {})}
          onClick={() => store.setState({ screen: { name } })}
        >
          <Icon name={icon} />
          <span>{t.screens[name]}</span>
          {name === 'queue' && <Left />}
          {name === 'workers' && <Mark />}
        </button>
      ))}
      <span className="grow" />
      <RailMeter />
    </nav>
  );
}

/** For the eye alone: the title bar says the same to everybody. */
function Left() {
  const { selectors } = useApp();
  const left = useAppState((state) => selectors.sums(state).all.left);
  return left === 0 ? null : (
    <i className="n" aria-hidden="true">
      {count(left)}
    </i>
  );
}

function Mark() {
  const trouble = useAppState((state) =>
    state.workers.some((worker) => worker.health === 'unauthorized' || worker.health === 'failed'),
  );
  const differs = useAppState((state) => state.workers.some((worker) => worker.verdict.matches === false));
  if (!trouble && !differs) return null;
  return (
    <i
      className={`dot ${trouble ? 'bad' : 'warn'}`}
      role="img"
      aria-label={trouble ? t.rail.trouble : t.rail.differs}
    />
  );
}
