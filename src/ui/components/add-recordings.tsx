// Owns the button that adds recordings without a drop: the desktop's own dialog where there is one, a file input elsewhere.

import { FileTrigger } from 'react-aria-components';
import { useApp } from '../app-context.ts';
import { groupOfFiles } from '../state/drop.ts';
import { t } from '../strings/texts.ts';
import { Button, IconButton } from './button.tsx';

const ACCEPTED = ['audio/*', 'video/*', '.mkv', '.m4b', '.amr', '.caf', '.opus', '.wma'];

/** The one primary action of the queue, and beside it the way to a whole folder. */
export function AddRecordings({ label = t.actions.addRecordings, plus = true }: { label?: string; plus?: boolean }) {
  const { client, commands } = useApp();
  const icon = plus ? { icon: 'plus' as const } : {};
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
          {label}
        </Button>
      </>
    );
  }
  const take = (files: FileList | null): void => {
    if (files !== null) void commands.add(groupOfFiles([...files]));
  };
  return (
    <FileTrigger allowsMultiple acceptedFileTypes={ACCEPTED} onSelect={take}>
      <Button look="primary" {...icon}>
        {label}
      </Button>
    </FileTrigger>
  );
}
