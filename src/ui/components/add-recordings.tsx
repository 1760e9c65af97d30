// Owns the buttons that add recordings without a drop: the desktop's own dialog where there is one, a file input elsewhere.

import { useEffect, useRef } from 'react';
import { FileTrigger } from 'react-aria-components';
import { useApp } from '../app-context.ts';
import { groupOfFiles } from '../state/drop.ts';
import { t } from '../strings/texts.ts';
import { Button, IconButton } from './button.tsx';

const ACCEPTED = ['audio/*', 'video/*', '.mkv', '.m4b', '.amr', '.caf', '.opus', '.wma'];

/** The one primary action of the queue, and beside it the way to a whole folder. ⌘O (Ctrl O) asks for files. */
export function AddRecordings({ label = t.actions.addRecordings, plus = true }: { label?: string; plus?: boolean }) {
  const { client, commands, store } = useApp();
  const files = useRef<HTMLInputElement>(null);
  const icon = plus ? { icon: 'plus' as const } : {};
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'o' || !(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey)
        return;
      if (store.getState().dialog.kind !== 'none') return;
      event.preventDefault();
      if (client.desktop === null) files.current?.click();
      else void commands.choose('files');
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [client, commands, store]);

  if (client.desktop !== null) {
    return (
      <>
        <IconButton
          icon="folder"
          name={t.actions.addFolder}
          small={false}
          onPress={() => void commands.choose('folder')}
        />
        <Button look="primary" {...icon} onPress={() => void commands.choose('files')}>
          <span className="word">{label}</span>
        </Button>
      </>
    );
  }
  const take = (chosen: FileList | null): void => {
    if (chosen !== null) void commands.add(groupOfFiles([...chosen]));
  };
  return (
    <>
      <FileTrigger acceptDirectory onSelect={take}>
        <IconButton icon="folder" name={t.actions.addFolder} small={false} />
      </FileTrigger>
      <FileTrigger ref={files} allowsMultiple acceptedFileTypes={ACCEPTED} onSelect={take}>
        <Button look="primary" {...icon}>
          <span className="word">{label}</span>
        </Button>
      </FileTrigger>
    </>
  );
}
