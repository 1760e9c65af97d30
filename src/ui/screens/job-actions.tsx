// Owns what can be done with a recording from its row, by its state. The menu offers the same and the rest.

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

/** A full worker, or none, is nothing that trying again would change. */
const PATIENT: readonly WaitingReason[] = ['no_capacity', 'no_worker'];

/** Buttons at the end of the stage: outputs of a finished recording, Retry of a failed one. */
export function RowActions({ job, inTabOrder }: { job: JobView; inTabOrder: boolean }) {
  const { commands, store } = useApp();
  if (canRetry(job.state)) {
    if (job.waiting !== null && PATIENT.includes(job.waiting.reason)) return null;
    return (
      <Button small excludeFromTabOrder={!inTabOrder} onPress={() => void commands.retry(job.id)}>
        {t.actions.retry}
      </Button>
    );
  }
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
