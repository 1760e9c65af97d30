// Owns the dialog that takes what a worker is expected to be from what the push script printed.

import { useState } from 'react';
import { toAppError } from '../../contract/errors.ts';
import { parsePushOutput } from '../../contract/identity.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { TextBox } from '../components/field.tsx';
import { shortHash } from '../format.ts';
import { explain, t } from '../strings/texts.ts';

/** `id`: the worker it is meant for; null: every worker without an expectation of its own. */
export function PasteExpected({ id, onClose }: { id: string | null; onClose: () => void }) {
  const { commands } = useApp();
  const name = useAppState(({ workers }) => workers.find((worker) => worker.id === id)?.name);
  const [pasted, setPasted] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const found = parsePushOutput(pasted);
  const keep = async (): Promise<void> => {
    try {
      await commands.expect(id, { pasted });
      onClose();
    } catch (thrown) {
      const { what, todo } = explain(toAppError(thrown).report());
      setProblem(`${what} ${todo}`);
    }
  };
  const clear = async (): Promise<void> => {
    try {
      await commands.expect(id, { identity: null });
      onClose();
    } catch (thrown) {
      setProblem(explain(toAppError(thrown).report()).what);
    }
  };
  return (
    <Dialog
      title={name === undefined ? t.paste.title : t.paste.titleFor(name)}
      onClose={onClose}
      footer={
        <>
          <Button look="quiet" onPress={() => void clear()}>
            {t.paste.clear}
          </Button>
          <span className="grow" />
          <Button onPress={onClose}>{t.actions.cancel}</Button>
          <Button look="primary" isDisabled={found === null} onPress={() => void keep()}>
            {t.paste.keep}
          </Button>
        </>
      }
    >
      <TextBox
        label={t.paste.field}
        value={pasted}
        onChange={setPasted}
        about={t.paste.about}
        problem={problem ?? (pasted.trim() !== '' && found === null ? t.paste.nothing : null)}
      />
      {found !== null && (
        <p className="small" role="status">
          {t.paste.found} {found.gitCommit !== null && <code>{shortHash(found.gitCommit)}</code>}{' '}
          {found.imageDigest !== null && <code>{shortHash(found.imageDigest)}</code>}
        </p>
      )}
    </Dialog>
  );
}
