// Owns the settings screen. Every change is kept at once; what the environment holds fast is shown and cannot be changed.

import { useApp, useAppState } from '../app-context.ts';
import { Choice } from '../components/field.tsx';
import { THEMES } from '../state/preferences.ts';
import { choose } from '../state/store.ts';
import { LANGUAGES, type Language, t } from '../strings/texts.ts';
import { NewRecordings, Profiles } from './new-recordings.tsx';
import { Expected, Links, Where } from './settings-engine.tsx';
import { Keys } from './settings-keys.tsx';
import { Privacy } from './settings-privacy.tsx';
import { isHeld, Section } from './settings-section.tsx';
import { WatchFolders } from './watch-folders.tsx';

/** All settings on one page. */
export function SettingsScreen() {
  const view = useAppState((state) => state.settings);
  if (view === null) return <p className="hold">{t.connection.connecting}</p>;
  const { settings, fromEnvironment } = view;
  const part = { settings, held: (name: string): boolean => isHeld(fromEnvironment, name) };
  return (
    <div className="settings">
      <NewRecordings options={settings.jobDefaults} fromEnvironment={fromEnvironment} />
      <Profiles />
      <WatchFolders />
      <Where {...part} />
      <Links {...part} />
      <Expected {...part} />
      <Keys />
      <Appearance />
      <Privacy settings={settings} />
    </div>
  );
}

const SYSTEM = 'system';

function Appearance() {
  const { store } = useApp();
  const theme = useAppState((state) => state.theme);
  const language = useAppState((state) => state.language);
  const languages: { key: Language | typeof SYSTEM; text: string }[] = [
    { key: SYSTEM, text: t.settings.languageSystem },
    ...(Object.keys(LANGUAGES) as Language[]).map((key) => ({ key, text: LANGUAGES[key] })),
  ];
  return (
    <Section title={t.settings.lookTitle} about={t.settings.lookAbout}>
      <Choice
        label={t.settings.theme}
        value={theme}
        options={THEMES.map((key) => ({ key, text: t.settings.themes[key] }))}
        onChange={(key) => choose(store, { theme: key })}
      />
      <Choice
        label={t.settings.interfaceLanguage}
        value={language}
        options={languages}
        onChange={(key) => choose(store, { language: key })}
      />
    </Section>
  );
}
