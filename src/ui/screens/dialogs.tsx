// Owns which dialog is open: one union in the store, one place that draws it.

import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { explain, t } from '../strings/texts.ts';
import { AddWorkerSheet } from './add-worker.tsx';

/** The open dialog, if one is. */
export function Dialogs() {
  const { store, commands } = useApp();
  const dialog = useAppState((state) => state.dialog);
  const jobs = useAppState((state) => state.jobs);
  const workers = useAppState((state) => state.workers);
  const close = (): void => store.setState({ dialog: { kind: 'none' } });

  switch (dialog.kind) {
    case 'none':
      return null;
    case 'add-worker':
      return <AddWorkerSheet onClose={close} />;
    case 'remove-job': {
      const job = jobs.get(dialog.id);
      if (job === undefined) return null;
      return (
        <Confirm
          title={t.removeJob.title(job.name)}
          about={job.hasTranscript ? t.removeJob.aboutText : t.removeJob.about}
          onClose={close}
          onConfirm={() => void commands.remove(dialog.id)}
        />
      );
    }
    case 'remove-worker': {
      const worker = workers.find((each) => each.id === dialog.id);
      if (worker === undefined) return null;
      return (
        <Confirm
          title={t.workers.removeTitle(worker.name)}
          about={t.workers.removeAbout}
          onClose={close}
          onConfirm={() => void commands.removeWorker(dialog.id)}
        />
      );
    }
    case 'refused':
      return (
        <Dialog
          title={t.refused.title(dialog.refused.length)}
          onClose={close}
          footer={
            <Button look="primary" onPress={close} autoFocus>
              {t.actions.close}
            </Button>
          }
        >
          {dialog.restQueued && <p className="muted">{t.refused.restQueued}</p>}
          <ul className="refusals">
            {dialog.refused.map(({ path, error }) => {
              const { what, lost, todo } = explain(error);
              return (
                <li key={path}>
                  <b title={path}>{path.split(/[\\/]/).at(-1)}</b>
                  <span>{what}</span>
                  <span className="muted">{`${lost} ${todo}`}</span>
                </li>
              );
            })}
          </ul>
        </Dialog>
      );
  }
}

interface ConfirmProps {
  readonly title: string;
  readonly about: string;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

function Confirm({ title, about, onClose, onConfirm }: ConfirmProps) {
  const confirm = (): void => {
    onClose();
    onConfirm();
  };
  return (
    <Dialog
      title={title}
      role="alertdialog"
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>{t.actions.keep}</Button>
          <Button look="primary" onPress={confirm} autoFocus>
            {t.actions.remove}
          </Button>
        </>
      }
    >
      <p className="muted">{about}</p>
    </Dialog>
  );
}
