// Owns the sheet with the options of a batch: the last used as default, profiles to take them from and to save them in.

import { useState } from 'react';
import type { JobOptions } from '../../contract/options.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Sheet } from '../components/dialog.tsx';
import { Choice, TextField } from '../components/field.tsx';
import { JobOptionsFields } from '../components/job-options.tsx';
import { laidOver, profileOf } from '../components/options-words.ts';
import type { DropGroup } from '../state/drop.ts';
import { t } from '../strings/texts.ts';
import { ChannelsHint } from './channels-hint.tsx';
import { isHeld } from './settings-section.tsx';

interface OptionsSheetProps {
  /** What waits for these options; null where only the options of later drops are changed. */
  readonly groups: readonly DropGroup[] | null;
  readonly onClose: () => void;
}

/** Nothing is kept before the button is pressed. */
export function OptionsSheet({ groups, onClose }: OptionsSheetProps) {
  const view = useAppState((state) => state.settings);
  return view === null ? null : (
    <Form groups={groups} onClose={onClose} first={view.settings.jobDefaults} fromEnvironment={view.fromEnvironment} />
  );
}

const LAST = 'last';

function Form({
  groups,
  onClose,
  first,
  fromEnvironment,
}: OptionsSheetProps & { first: JobOptions; fromEnvironment: readonly string[] }) {
  const { commands } = useApp();
  const profiles = useAppState((state) => state.profiles);
  const [options, setOptions] = useState(first);
  const keep = async (): Promise<void> => {
    if (!(await commands.saveSettings({ jobDefaults: options }))) return;
    onClose();
    if (groups !== null) await commands.add(groups);
  };
  return (
    <Sheet
      title={groups === null ? t.sheet.title : t.sheet.titleFor(itemsIn(groups))}
      onClose={onClose}
      footer={
        <>
          <span className="muted small grow">{t.sheet.kept}</span>
          <Button onPress={onClose}>{t.actions.cancel}</Button>
          <Button look="primary" onPress={() => void keep()}>
            {groups === null ? t.actions.save : t.actions.addRecordings}
          </Button>
        </>
      }
    >
      <div className="fields">
        {profiles.length > 0 && (
          <Choice
            label={t.profiles.use}
            value={profileOf(options, profiles)?.id ?? LAST}
            options={[
              { key: LAST, text: t.profiles.last },
              ...profiles.map(({ id, name }) => ({ key: id, text: name })),
            ]}
            onChange={(key) =>
              setOptions(key === LAST ? first : laidOver(first, profiles.find(({ id }) => id === key)?.options ?? {}))
            }
          />
        )}
        {groups !== null && (
          <ChannelsHint groups={groups} options={options} onTake={(patch) => setOptions({ ...options, ...patch })} />
        )}
        <JobOptionsFields
          options={options}
          held={(name) => isHeld(fromEnvironment, `jobDefaults.${name}`)}
          onChange={(patch) => setOptions({ ...options, ...patch })}
        />
        <SaveAs options={options} />
      </div>
    </Sheet>
  );
}

function SaveAs({ options }: { options: JobOptions }) {
  const { commands } = useApp();
  const profiles = useAppState((state) => state.profiles);
  const [name, setName] = useState('');
  const [saved, setSaved] = useState('');
  const same = profiles.some((profile) => profile.name === name.trim());
  const save = async (): Promise<void> => {
    if (name.trim() === '' || !(await commands.saveProfile(name.trim(), options))) return;
    setSaved(t.profiles.saved(name.trim()));
    setName('');
  };
  return (
    <div className="saveas">
      <TextField
        label={t.profiles.saveAs}
        value={name}
        onChange={setName}
        hint={t.profiles.example}
        about={same ? t.profiles.replaces : saved}
        onEnter={() => void save()}
      />
      <Button isDisabled={name.trim() === ''} onPress={() => void save()}>
        {t.profiles.save}
      </Button>
    </div>
  );
}

function itemsIn(groups: readonly DropGroup[]): number {
  return groups.reduce((sum, { paths, files }) => sum + paths.length + files.length, 0);
}
