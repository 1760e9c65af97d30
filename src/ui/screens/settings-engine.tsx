// Owns the settings of where recordings are worked on: which workers, how they reach recordings, which build they are expected to be.

import type { Settings } from '../../contract/settings.ts';
import { WORKER_MODES } from '../../contract/settings.ts';
import { TUNNEL_CHOICES } from '../../contract/tunnel-wire.ts';
import { LOCAL_WORKER_ID } from '../../contract/worker-view.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Choice, KeptField } from '../components/field.tsx';
import { deviceInWords, healthTone } from '../components/worker-words.ts';
import { engineText, t } from '../strings/texts.ts';
import { Section } from './settings-section.tsx';

interface PartProps {
  readonly settings: Settings;
  readonly held: (name: string) => boolean;
}

/** The mode, the worker of this computer, and for how long a worker is waited for. */
export function Where({ settings, held }: PartProps) {
  const { commands } = useApp();
  const mode = held('workerMode');
  const timeout = held('workerTimeoutSeconds');
  const poll = held('workerPollSeconds');
  return (
    <Section title={t.settings.workersTitle}>
      <Choice
        label={t.settings.mode}
        value={settings.workerMode}
        about={mode ? t.settings.held : t.settings.workerModes[settings.workerMode].about}
        disabled={mode}
        options={WORKER_MODES.map((key) => ({ key, text: t.settings.workerModes[key].title }))}
        onChange={(workerMode) => void commands.saveSettings({ workerMode })}
      />
      <ThisComputer />
      <KeptField
        label={t.settings.timeout}
        value={String(settings.workerTimeoutSeconds)}
        width="short"
        about={timeout ? t.settings.held : t.settings.timeoutUnit}
        disabled={timeout}
        check={(text) =>
          /^\d+$/.test(text) && Number(text) >= 60 && Number(text) <= 604_800 ? null : t.settings.badTimeout
        }
        onKeep={(text) => void commands.saveSettings({ workerTimeoutSeconds: Number(text) })}
      />
      <KeptField
        label={t.settings.poll}
        value={String(settings.workerPollSeconds)}
        width="short"
        about={poll ? t.settings.held : t.settings.pollUnit}
        disabled={poll}
        check={(text) =>
          /^\d+(\.\d+)?$/.test(text) && Number(text) >= 0.2 && Number(text) <= 60 ? null : t.settings.badPoll
        }
        onKeep={(text) => void commands.saveSettings({ workerPollSeconds: Number(text) })}
      />
    </Section>
  );
}

function ThisComputer() {
  const { store } = useApp();
  const worker = useAppState(({ workers }) => workers.find(({ kind }) => kind === 'local'));
  return (
    <div className="field">
      <span className="label">{t.settings.thisComputer}</span>
      <p className="here">
        {worker === undefined ? (
          <span className="muted">{t.settings.thisComputerNone}</span>
        ) : (
          <>
            <b className={healthTone(worker)}>{t.workers.health[worker.health]}</b>{' '}
            <span className="muted">{worker.detail === null ? deviceInWords(worker) : engineText(worker.detail)}</span>
          </>
        )}
      </p>
      <Button
        small
        onPress={() => store.setState({ screen: { name: 'workers', workerId: worker?.id ?? LOCAL_WORKER_ID } })}
      >
        {t.settings.toWorkers}
      </Button>
    </div>
  );
}

/** How a remote worker gets at a recording. */
export function Links({ settings, held }: PartProps) {
  const { commands } = useApp();
  const tunnel = held('tunnel');
  return (
    <Section title={t.settings.linksTitle} about={t.settings.linksAbout}>
      <Choice
        label={t.settings.tunnel}
        value={settings.tunnel}
        about={tunnel ? t.settings.held : t.settings.tunnels[settings.tunnel].about}
        disabled={tunnel}
        options={TUNNEL_CHOICES.map((key) => ({ key, text: t.settings.tunnels[key].title }))}
        onChange={(chosen) => void commands.saveSettings({ tunnel: chosen })}
      />
    </Section>
  );
}

/** The build of every worker that has no expectation of its own. */
export function Expected({ settings, held }: PartProps) {
  const { commands, store } = useApp();
  const { expectedIdentity } = settings;
  const keep = (patch: Partial<typeof expectedIdentity>): void =>
    void commands.saveSettings({ expectedIdentity: { ...expectedIdentity, ...patch } });
  const commit = held('expectedIdentity.gitCommit');
  const digest = held('expectedIdentity.imageDigest');
  return (
    <Section title={t.settings.identityTitle} about={t.settings.identityAbout}>
      <KeptField
        label={t.settings.commit}
        value={expectedIdentity.gitCommit ?? ''}
        disabled={commit}
        {...(commit ? { about: t.settings.held } : {})}
        onKeep={(text) => keep({ gitCommit: text.trim() || null })}
      />
      <KeptField
        label={t.settings.digest}
        value={expectedIdentity.imageDigest ?? ''}
        hint="sha256:…"
        disabled={digest}
        {...(digest ? { about: t.settings.held } : {})}
        onKeep={(text) => keep({ imageDigest: text.trim() || null })}
      />
      {!(commit && digest) && (
        <div className="field">
          <Button small onPress={() => store.setState({ dialog: { kind: 'paste-expected', id: null } })}>
            {t.actions.pasteExpected}
          </Button>
        </div>
      )}
    </Section>
  );
}
