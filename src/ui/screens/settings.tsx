// Owns the settings screen. Every change is kept at once; what the environment holds fast is shown and cannot be changed.

import type { Settings } from '../../contract/settings.ts';
import { WORKER_MODES } from '../../contract/settings.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Choice, KeptField } from '../components/field.tsx';
import { THEMES } from '../state/preferences.ts';
import { choose } from '../state/store.ts';
import { t } from '../strings/texts.ts';
import { NewRecordings } from './new-recordings.tsx';
import { isHeld, Section } from './settings-section.tsx';

/** All settings on one page. */
export function SettingsScreen() {
  const { store } = useApp();
  const view = useAppState((state) => state.settings);
  const theme = useAppState((state) => state.theme);
  if (view === null) return <p className="hold">{t.connection.connecting}</p>;
  const { settings, fromEnvironment } = view;
  return (
    <div className="settings">
      <NewRecordings options={settings.jobDefaults} fromEnvironment={fromEnvironment} />
      <Where settings={settings} held={(name) => isHeld(fromEnvironment, name)} />
      <Expected settings={settings} held={(name) => isHeld(fromEnvironment, name)} />
      <Section title={t.settings.lookTitle}>
        <Choice
          label={t.settings.theme}
          value={theme}
          options={THEMES.map((key) => ({ key, text: t.settings.themes[key] }))}
          onChange={(key) => choose(store, { theme: key })}
        />
      </Section>
    </div>
  );
}

interface PartProps {
  readonly settings: Settings;
  readonly held: (name: string) => boolean;
}

function Where({ settings, held }: PartProps) {
  const { commands } = useApp();
  const mode = held('workerMode');
  const timeout = held('workerTimeoutSeconds');
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
    </Section>
  );
}

function Expected({ settings, held }: PartProps) {
  const { commands } = useApp();
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
    </Section>
  );
}
