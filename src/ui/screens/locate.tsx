// Owns the dialog that asks where a recording lies now, by its path: a browser has no dialog for the files of the engine's computer.

import { useState } from 'react';
import { toAppError } from '../../contract/errors.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextField } from '../components/field.tsx';
import { explain, t } from '../strings/texts.ts';

/** What is wrong with the file is said at the field, and the field keeps its text. */
export function Locate({ id, onClose }: { id: string; onClose: () => void }) {
  const { commands } = useApp();
  const job = useAppState(({ jobs }) => jobs.get(id));
  const [path, setPath] = useState(job?.sourcePath ?? '');
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const use = async (): Promise<void> => {
    if (path.trim() === '' || busy) return;
    setBusy(true);
    try {
      await commands.locate(id, path.trim());
      onClose();
    } catch (thrown) {
      const { what, todo } = explain(toAppError(thrown).report());
      setProblem(`${what} ${todo}`);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t.help.locateTitle(job?.name ?? '')}
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t.actions.cancel}</Button>
          <Button look="primary" isDisabled={path.trim() === '' || busy} onPress={() => void use()}>
            {busy ? t.help.looking : t.help.use}
          </Button>
        </>
      }
    >
      <TextField
        label={t.help.path}
        about={t.help.locateAbout}
        value={path}
        problem={problem}
        onChange={(text) => {
          setPath(text);
          setProblem(null);
        }}
        onEnter={() => void use()}
        autoFocus
      />
    </Dialog>
  );
}
