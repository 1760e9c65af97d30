// Owns the dialog that gives a batch another name.

import { useState } from 'react';
import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { t } from '../strings/texts.ts';

/** Kept by Enter or the button. */
export function RenameBatch({ id, onClose }: { id: string; onClose: () => void }) {
  const { commands } = useApp();
  const old = useAppState(({ batches }) => batches.get(id)?.name ?? '');
  const [name, setName] = useState(old);
  const keep = async (): Promise<void> => {
    if (name.trim() !== '' && (await commands.renameBatch(id, name.trim()))) onClose();
  };
  return (
    <Dialog
      title={t.batch.renameTitle}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t.actions.cancel}</Button>
          <Button look="primary" isDisabled={name.trim() === ''} onPress={() => void keep()}>
            {t.actions.save}
          </Button>
        </>
      }
    >
      <TextField label={t.batch.name} value={name} onChange={setName} onEnter={() => void keep()} autoFocus />
    </Dialog>
  );
}
