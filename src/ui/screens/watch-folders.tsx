// Owns the settings of watched folders: what is put into one is queued by itself.

import { useState } from 'react';
import type { WatchFolder } from '../../contract/watch-folder.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Button, IconButton } from '../components/button.tsx';
import { Choice, Switch, TextField } from '../components/field.tsx';
import { engineText, t } from '../strings/texts.ts';
import { Section } from './settings-section.tsx';

/** The folders, and a line to add one. */
export function WatchFolders() {
  const folders = useAppState((state) => state.folders);
  return (
    <Section title={t.folders.title} about={t.folders.about}>
      {folders.map((folder) => (
        <Folder key={folder.id} folder={folder} />
      ))}
      <AddFolder />
    </Section>
  );
}

const SETTINGS = 'settings';

function Folder({ folder }: { folder: WatchFolder }) {
  const { commands } = useApp();
  const profiles = useAppState((state) => state.profiles);
  const { id, path, state, detail, taken, profileId, enabled } = folder;
  const bad = state === 'missing' || state === 'unreadable';
  return (
    <div className="folder">
      <div className="line">
        <b className="cut grow" title={path}>
          {path}
        </b>
        <IconButton icon="close" name={t.folders.remove(path)} onPress={() => void commands.removeFolder(id)} />
      </div>
      <span className={bad ? 'small warn' : 'small'}>
        {t.folders.states[state]}
        {t.folders.taken(taken)}
        {detail !== null && ` ${engineText(detail)}`}
      </span>
      <div className="pair">
        <Switch
          label={t.folders.watch}
          on={enabled}
          onChange={(on) => void commands.changeFolder({ id, enabled: on })}
        />
        <Switch
          label={t.folders.recursive}
          on={folder.recursive}
          onChange={(recursive) => void commands.changeFolder({ id, recursive })}
        />
      </div>
      {profiles.length > 0 && (
        <Choice
          label={t.folders.profile}
          value={profileId ?? SETTINGS}
          options={[
            { key: SETTINGS, text: t.folders.asSettings },
            ...profiles.map((profile) => ({ key: profile.id, text: profile.name })),
          ]}
          onChange={(key) => void commands.changeFolder({ id, profileId: key === SETTINGS ? null : key })}
        />
      )}
    </div>
  );
}

function AddFolder() {
  const { client, commands } = useApp();
  const [path, setPath] = useState('');
  const add = async (folder: string): Promise<void> => {
    if (folder.trim() !== '' && (await commands.addFolder({ path: folder.trim(), takeExisting: false }))) setPath('');
  };
  const { desktop } = client;
  if (desktop !== null) {
    const ask = async (): Promise<void> => {
      for (const folder of await desktop.openFolder()) await add(folder);
    };
    return (
      <div className="field">
        <Button onPress={() => void ask()}>{t.folders.add}</Button>
      </div>
    );
  }
  return (
    <div className="saveas">
      <TextField
        label={t.folders.path}
        value={path}
        onChange={setPath}
        about={t.folders.pathAbout}
        onEnter={() => void add(path)}
      />
      <Button isDisabled={path.trim() === ''} onPress={() => void add(path)}>
        {t.folders.addShort}
      </Button>
    </div>
  );
}
