// Owns what a person is told of their data: what leaves this computer, what is kept where, and how it is erased.

import { isFinal } from '../../contract/job.ts';
import type { Settings } from '../../contract/settings.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { worksOn } from '../components/works-on.ts';
import { t } from '../strings/texts.ts';
import { Section } from './settings-section.tsx';

/** Said as it is now, not as it could be. */
export function Privacy({ settings }: { settings: Settings }) {
  const { store } = useApp();
  const workers = useAppState((state) => state.workers);
  const over = useAppState(({ jobs }) => {
    let found = 0;
    for (const job of jobs.values()) if (isFinal(job.state)) found += 1;
    return found;
  });
  const leaves = settings.workerMode !== 'off' && (settings.workerMode === 'required' || worksOn(workers).leaves);
  return (
    <Section title={t.privacy.title} about={t.privacy.about}>
      <dl className="told">
        <dt>{t.privacy.leaves}</dt>
        <dd>{leaves ? t.privacy.leavesSound(worksOn(workers).words) : t.privacy.leavesNothing}</dd>
        <dt>{t.privacy.never}</dt>
        <dd>{t.privacy.neverList}</dd>
        <dt>{t.privacy.queue}</dt>
        <dd>{t.privacy.queueWhere}</dd>
        <dt>{t.privacy.outputs}</dt>
        <dd>{t.privacy.outputsWhere}</dd>
        <dt>{t.privacy.secrets}</dt>
        <dd>{t.privacy.secretsWhere}</dd>
        <dt>{t.privacy.window}</dt>
        <dd>{t.privacy.windowWhere}</dd>
      </dl>
      <div className="field">
        <Button isDisabled={over === 0} onPress={() => store.setState({ dialog: { kind: 'erase' } })}>
          {t.privacy.erase}
        </Button>
        <span className="about">{over === 0 ? t.privacy.eraseNothing : t.privacy.eraseAbout(over)}</span>
      </div>
    </Section>
  );
}
