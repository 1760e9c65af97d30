// Owns the settings of the next drop, and the profiles that were made of such settings.

import type { JobOptions } from '../../contract/options.ts';
import { useApp, useAppState } from '../app-context.ts';
import { IconButton } from '../components/button.tsx';
import { JobOptionsFields } from '../components/job-options.tsx';
import { patchInWords } from '../components/options-words.ts';
import { t } from '../strings/texts.ts';
import { isHeld, Section } from './settings-section.tsx';

/** What the next drop gets. */
export function NewRecordings({
  options,
  fromEnvironment,
}: {
  readonly options: JobOptions;
  readonly fromEnvironment: readonly string[];
}) {
  const { commands } = useApp();
  return (
    <Section title={t.settings.newTitle} about={t.settings.newAbout}>
      <JobOptionsFields
        options={options}
        held={(name) => isHeld(fromEnvironment, `jobDefaults.${name}`)}
        onChange={(jobDefaults) => void commands.saveSettings({ jobDefaults })}
      />
    </Section>
  );
}

/** Options under a name. They are made in the sheet of the queue's options. */
export function Profiles() {
  const { commands } = useApp();
  const profiles = useAppState((state) => state.profiles);
  return (
    <Section title={t.profiles.title} about={t.profiles.about}>
      {profiles.length === 0 ? (
        <p className="muted">{t.profiles.none}</p>
      ) : (
        <ul className="lines">
          {profiles.map(({ id, name, options }) => (
            <li key={id}>
              <b className="cut">{name}</b>
              <span className="muted cut grow">{patchInWords(options)}</span>
              <IconButton icon="close" name={t.profiles.remove(name)} onPress={() => void commands.removeProfile(id)} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
