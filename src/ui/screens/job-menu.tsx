// Owns the menu of a row: one for the whole list, laid at the row that asked for it.

import { useRef } from 'react';
import { Menu, MenuItem, Popover } from 'react-aria-components';
import type { JobView } from '../../contract/job.ts';
import { EXPORT_FORMATS } from '../../contract/options.ts';
import type { App } from '../app-context.ts';
import { useApp, useAppState } from '../app-context.ts';
import { openTranscript } from '../state/store.ts';
import { t } from '../strings/texts.ts';
import { canCancel, canMove, canPause, canRetry } from './job-actions.tsx';

interface JobMenuProps {
  readonly menu: { jobId: string; anchor: Element } | null;
  readonly onClose: () => void;
}

/** Everything that can be done with one recording. */
export function JobMenu({ menu, onClose }: JobMenuProps) {
  const app = useApp();
  const job = useAppState((state) => (menu === null ? undefined : state.jobs.get(menu.jobId)));
  const anchor = useRef<Element | null>(null);
  anchor.current = menu?.anchor ?? anchor.current;
  if (menu === null || job === undefined) return null;
  return (
    <Popover
      className="menu"
      triggerRef={anchor}
      isOpen
      onOpenChange={(open) => !open && onClose()}
      placement="bottom end"
      offset={4}
    >
      <Menu aria-label={t.queue.actionsFor(job.name)} onClose={onClose} autoFocus="first">
        {entries(job, app).map(({ id, text, act }) => (
          <MenuItem key={id} id={id} className="option" textValue={text} onAction={act}>
            {text}
          </MenuItem>
        ))}
      </Menu>
    </Popover>
  );
}

interface Entry {
  readonly id: string;
  readonly text: string;
  readonly act: () => void;
}

function entries(job: JobView, { client, commands, store }: App): Entry[] {
  const { desktop } = client;
  const found: Entry[] = [];
  if (job.hasTranscript) {
    found.push({
      id: 'open',
      text: t.actions.open,
      act: () => openTranscript(store, job.id),
    });
    if (desktop === null) {
      for (const format of EXPORT_FORMATS) {
        const text = t.queue.openOutput(t.formats[format]);
        found.push({ id: format, text, act: () => void commands.download(job.id, format) });
      }
    }
  }
  if (job.waiting?.reason === 'paused') {
    found.push({
      id: 'resume',
      text: t.actions.resume,
      act: () => void commands.many('resumeJobs', { ids: [job.id] }),
    });
  } else if (canPause(job)) {
    found.push({ id: 'pause', text: t.actions.pause, act: () => void commands.many('pauseJobs', { ids: [job.id] }) });
  }
  if (canMove(job)) {
    const move = (to: 'top' | 'bottom') => (): void => void commands.moveJobs([job.id], { to });
    found.push({ id: 'first', text: t.actions.moveFirst, act: move('top') });
    found.push({ id: 'last', text: t.actions.moveLast, act: move('bottom') });
  }
  if (canRetry(job.state)) found.push({ id: 'retry', text: t.actions.retry, act: () => void commands.retry(job.id) });
  if (canCancel(job.state))
    found.push({ id: 'cancel', text: t.actions.cancel, act: () => void commands.cancel(job.id) });
  if (desktop !== null) found.push({ id: 'show', text: t.actions.showFile, act: () => desktop.reveal(job.sourcePath) });
  found.push({
    id: 'history',
    text: t.actions.history,
    act: () => store.setState({ dialog: { kind: 'job-history', id: job.id } }),
  });
  const remove = (): void => store.setState({ dialog: { kind: 'remove-job', id: job.id } });
  found.push({ id: 'remove', text: t.actions.removeAsk, act: remove });
  return found;
}
