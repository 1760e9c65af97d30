// Owns what can be done with a recording from its row, by its state. The menu offers the same and the rest.

import type { ErrorCode } from '../../contract/errors.ts';
import { isFinal, type JobState, type JobView, type WaitingReason } from '../../contract/job.ts';
import { useApp } from '../app-context.ts';
import { Button, Tip } from '../components/button.tsx';
import { openTranscript } from '../state/store.ts';
import { t } from '../strings/texts.ts';

/** Whether a person can still stop it. */
export function canCancel(state: JobState): boolean {
  return !isFinal(state);
}

/** Whether it can be asked for again. A recording that waits is then tried at once. */
export function canRetry(state: JobState): boolean {
  return state === 'failed' || state === 'canceled' || state === 'waiting';
}

/** Whether it can be held: not while it is at a worker, which finishes it. */
export function canPause(job: JobView): boolean {
  return job.state === 'queued' || (job.state === 'waiting' && job.waiting?.reason !== 'paused');
}

/** Whether it can go before or after others. */
export function canMove(job: JobView): boolean {
  return job.state === 'queued' || job.state === 'waiting' || job.state === 'preparing';
}

/** What helps, for each reason to wait. Null: nothing has to be done. */
const HELP: Record<WaitingReason, 'retry' | 'locate' | 'resume' | 'workers' | 'caps' | null> = {
  worker_unreachable: 'workers',
  worker_unauthorized: 'workers',
  no_capacity: null,
  no_worker: 'workers',
  worker_lacks: 'workers',
  retry: 'retry',
  paused: 'resume',
  source_missing: 'locate',
  disk_full: 'retry',
  cap_batch: 'caps',
  cap_day: 'caps',
};

/** Failures that trying again does not mend: the file itself has to be looked at. */
const ABOUT_FILE: readonly ErrorCode[] = ['EMPTY_FILE', 'NOT_A_RECORDING', 'NO_AUDIO'];
/** Failures that other options mend. */
const ABOUT_OPTIONS: readonly ErrorCode[] = ['UNSUPPORTED_MODEL', 'UNSUPPORTED_LANGUAGE', 'UNSUPPORTED_OPTION'];

/** Buttons at the end of the stage: outputs of a finished recording, what helps one that waits or failed. */
export function RowActions({ job, inTabOrder }: { job: JobView; inTabOrder: boolean }) {
  const { store } = useApp();
  if (canRetry(job.state)) return <Help job={job} inTabOrder={inTabOrder} />;
  if (job.state !== 'complete') return null;
  return (
    <>
      <Outputs job={job} inTabOrder={inTabOrder} />
      {job.hasTranscript && (
        <Button small excludeFromTabOrder={!inTabOrder} onPress={() => openTranscript(store, job.id)}>
          {t.actions.open}
        </Button>
      )}
    </>
  );
}

function Help({ job, inTabOrder }: { job: JobView; inTabOrder: boolean }) {
  const { commands, client, store } = useApp();
  const button = (text: string, act: () => void): React.ReactNode => (
    <Button small excludeFromTabOrder={!inTabOrder} onPress={act}>
      {text}
    </Button>
  );
  const retry = (text: string): React.ReactNode => button(text, () => void commands.retry(job.id));
  if (job.waiting !== null) {
    const { reason } = job.waiting;
    switch (HELP[reason]) {
      case null:
        return null;
      case 'workers':
        return button(t.help.workers, () =>
          store.setState({ screen: { name: 'workers', ...(job.workerId === null ? {} : { workerId: job.workerId }) } }),
        );
      case 'caps':
        return button(t.help.caps, () => store.setState({ dialog: { kind: 'rent' } }));
      case 'resume':
        return button(t.actions.resume, () => void commands.many('resumeJobs', { ids: [job.id] }));
      case 'locate':
        return (
          <>
            {button(t.help.locate, () => void commands.askWhere(job.id))}
            {retry(t.help.lookAgain)}
          </>
        );
      case 'retry':
        return retry(t.actions.retry);
    }
  }
  const { desktop } = client;
  const code = job.error?.code;
  if (code !== undefined && ABOUT_FILE.includes(code)) {
    return desktop === null
      ? button(t.actions.removeAsk, () => store.setState({ dialog: { kind: 'remove-job', id: job.id } }))
      : button(t.actions.showFile, () => desktop.reveal(job.sourcePath));
  }
  if (code !== undefined && ABOUT_OPTIONS.includes(code)) {
    return (
      <>
        {retry(t.actions.retry)}
        {button(t.actions.options, () => store.setState({ dialog: { kind: 'options', groups: null } }))}
      </>
    );
  }
  return retry(code === 'EXPORT_FAILED' ? t.help.writeAgain : t.actions.retry);
}

/** A tag for each written file: it shows the file on a desktop and downloads it in a browser. */
function Outputs({ job, inTabOrder }: { job: JobView; inTabOrder: boolean }) {
  const { client, commands } = useApp();
  const { desktop } = client;
  return job.outputs.map(({ format, path }) => {
    const name = t.formats[format];
    const says = desktop === null ? t.queue.openOutput(name) : t.queue.revealOutput(name, path);
    return (
      <Tip key={format} text={path}>
        <Button
          look="quiet"
          small
          aria-label={says}
          excludeFromTabOrder={!inTabOrder}
          onPress={() => (desktop === null ? void commands.download(job.id, format) : desktop.reveal(path))}
        >
          <span className="tag">{name}</span>
        </Button>
      </Tip>
    );
  });
}
