// Owns which dialog is open: one union in the store, one place that draws it.

import { isFinal } from '../../contract/job.ts';
import { useApp, useAppState } from '../app-context.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { explain, t } from '../strings/texts.ts';
import { WorkerSheet } from './add-worker.tsx';
import { DoctorSheet } from './doctor-sheet.tsx';
import { JobHistorySheet } from './job-history.tsx';
import { KeysDialog } from './keys-dialog.tsx';
import { Locate } from './locate.tsx';
import { OptionsSheet } from './options-sheet.tsx';
import { PasteExpected } from './paste-expected.tsx';
import { EndPod, PodLogSheet } from './pods/pod-dialogs.tsx';
import { RentSheet } from './pods/rent-sheet.tsx';
import { RenameBatch } from './rename-batch.tsx';

/** The open dialog, if one is. */
export function Dialogs() {
  const { store, commands } = useApp();
  const dialog = useAppState((state) => state.dialog);
  const jobs = useAppState((state) => state.jobs);
  const workers = useAppState((state) => state.workers);
  const pods = useAppState((state) => state.pods);
  const close = (): void => store.setState({ dialog: { kind: 'none' } });

  switch (dialog.kind) {
    case 'none':
      return null;
    case 'add-worker':
      return <WorkerSheet worker={null} onClose={close} />;
    case 'edit-worker': {
      const worker = workers.find((each) => each.id === dialog.id);
      return worker === undefined ? null : <WorkerSheet worker={worker} onClose={close} />;
    }
    case 'paste-expected':
      return <PasteExpected id={dialog.id} onClose={close} />;
    case 'options':
      return <OptionsSheet groups={dialog.groups} onClose={close} />;
    case 'locate':
      return <Locate id={dialog.id} onClose={close} />;
    case 'rename-batch':
      return <RenameBatch id={dialog.id} onClose={close} />;
    case 'job-history':
      return <JobHistorySheet id={dialog.id} onClose={close} />;
    case 'keys':
      return <KeysDialog onClose={close} />;
    case 'rent':
      return <RentSheet gpuId={dialog.gpuId ?? null} onClose={close} />;
    case 'pod-log': {
      const pod = pods.find((each) => each.id === dialog.id);
      return pod === undefined ? null : <PodLogSheet pod={pod} onClose={close} />;
    }
    case 'end-pod': {
      const pod = pods.find((each) => each.id === dialog.id);
      return pod === undefined ? null : <EndPod pod={pod} onClose={close} />;
    }
    case 'doctor':
      return <DoctorSheet onClose={close} />;
    case 'remove-over': {
      const over = [...jobs.values()].filter((job) => job.batchId === dialog.batchId && isFinal(job.state)).length;
      return (
        <Confirm
          title={t.privacy.eraseTitle(over)}
          about={t.privacy.eraseMore}
          onClose={close}
          onConfirm={() => void commands.many('removeJobs', { batchId: dialog.batchId })}
        />
      );
    }
    case 'erase': {
      const over = [...jobs.values()].filter((job) => isFinal(job.state)).length;
      return (
        <Confirm
          title={t.privacy.eraseTitle(over)}
          about={t.privacy.eraseMore}
          button={t.privacy.eraseButton}
          onClose={close}
          onConfirm={() => void commands.many('removeJobs', { all: true })}
        />
      );
    }
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
  /** Names what it does where it is not removing one thing. */
  readonly button?: string;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}

function Confirm({ title, about, button = t.actions.remove, onClose, onConfirm }: ConfirmProps) {
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
          <Button onPress={onClose} autoFocus>
            {t.actions.keep}
          </Button>
          <Button look="primary" onPress={confirm}>
            {button}
          </Button>
        </>
      }
    >
      <p className="muted">{about}</p>
    </Dialog>
  );
}
