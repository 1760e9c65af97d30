// Owns the two dialogs of a rented machine: its log, and the question before it is ended.

import { useEffect, useState } from 'react';
import type { ErrorAdvice } from '../../../contract/error-advice.ts';
import { toAppError } from '../../../contract/errors.ts';
import type { PodLogLine, PodView } from '../../../contract/pods.ts';
import { useApp } from '../../app-context.ts';
import { Button } from '../../components/button.tsx';
import { Dialog, Sheet } from '../../components/dialog.tsx';
import { explain, t } from '../../strings/texts.ts';
import { podName } from './pod-part.tsx';

/** The newest lines at the foot; what the pod says while it is open joins them. */
export function PodLogSheet({ pod, onClose }: { pod: PodView; onClose: () => void }) {
  const { client, commands } = useApp();
  const [lines, setLines] = useState<readonly PodLogLine[] | null>(null);
  const [refusal, setRefusal] = useState<ErrorAdvice | null>(null);
  useEffect(() => {
    commands.podLog(pod.id).then(setLines, (thrown) => setRefusal(explain(toAppError(thrown).report())));
    return client.subscribe((event) => {
      if (event.type === 'pod-log' && event.id === pod.id) setLines((before) => [...(before ?? []), ...event.lines]);
    });
  }, [client, commands, pod.id]);
  return (
    <Sheet title={t.pods.logTitle(podName(pod))} onClose={onClose} footer={null}>
      {refusal !== null && <p className="refused">{`${refusal.what} ${refusal.lost} ${refusal.todo}`}</p>}
      {lines?.length === 0 && <p className="muted">{t.pods.logEmpty}</p>}
      {/* A person scrolls it with the keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable */}
      <ol className="podlog" tabIndex={0} aria-label={t.pods.log}>
        {lines?.map((line, index) => (
          // Lines are only ever added at the end.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <li key={index} data-source={line.source}>
            <time>{line.at.slice(11, 19)}</time>
            <span>{line.line}</span>
          </li>
        ))}
      </ol>
    </Sheet>
  );
}

/** Ending one that has work asks with what is lost; the gentler way stands beside it. */
export function EndPod({ pod, onClose }: { pod: PodView; onClose: () => void }) {
  const { commands } = useApp();
  const act = (action: 'drain' | 'terminate'): void => {
    onClose();
    void commands.changePod(pod.id, action);
  };
  return (
    <Dialog
      title={t.pods.endTitle(podName(pod))}
      role="alertdialog"
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose} autoFocus>
            {t.actions.keep}
          </Button>
          {pod.jobsHeld > 0 && pod.actions.includes('drain') && (
            <Button onPress={() => act('drain')}>{t.pods.drain}</Button>
          )}
          <Button look="primary" onPress={() => act('terminate')}>
            {t.pods.endNow}
          </Button>
        </>
      }
    >
      <p className="muted">{pod.jobsHeld > 0 ? t.pods.endBusy(pod.jobsHeld) : t.pods.endIdle}</p>
    </Dialog>
  );
}
