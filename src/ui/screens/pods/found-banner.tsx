// Owns the banner about pods that run at the provider and that nobody here knows: they cost money until somebody decides.

import { useApp, useAppState } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { usd } from '../../format.ts';
import { t } from '../../strings/texts.ts';

/** On every screen but the one where they are. */
export function FoundBanner() {
  const { store } = useApp();
  const pods = useAppState((state) => state.pods);
  const there = useAppState((state) => state.screen.name === 'workers');
  const found = pods.filter((pod) => pod.state === 'found');
  if (found.length === 0 || there) return null;
  const cost = found.reduce((sum, pod) => sum + pod.costPerHour, 0);
  return (
    <section className="banner" aria-label={t.pods.foundTitle(found.length)}>
      <Icon name="warn" />
      <div className="what" role="status">
        <b>{t.pods.foundTitle(found.length)}</b>
        <span className="f wrap">{`${t.rent.perHour(usd(cost))}. ${t.pods.foundAbout}`}</span>
      </div>
      <div className="acts">
        <Button small onPress={() => store.setState({ screen: { name: 'workers' } })}>
          {t.pods.look}
        </Button>
      </div>
    </section>
  );
}
