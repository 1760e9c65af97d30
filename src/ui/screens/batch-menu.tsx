// Owns the menu of a batch.

import { Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import type { BatchView } from '../../contract/batch.ts';
import type { JobView } from '../../contract/job.ts';
import { isFinal } from '../../contract/job.ts';
import { type App, useApp, useAppState } from '../app-context.ts';
import { IconButton } from '../components/button.tsx';
import { t } from '../strings/texts.ts';
import { canMove } from './job-actions.tsx';

interface BatchMenuProps {
  readonly batch: BatchView;
  readonly inTabOrder: boolean;
}

/** Everything that can be done with what was dropped together. Made only when it is opened: a batch may have thousands of jobs. */
export function BatchMenu({ batch, inTabOrder }: BatchMenuProps) {
  return (
    <MenuTrigger>
      <IconButton icon="more" hint={false} name={t.batch.actionsFor(batch.name)} excludeFromTabOrder={!inTabOrder} />
      <Popover className="menu" placement="bottom end" offset={4}>
        <Entries batch={batch} />
      </Popover>
    </MenuTrigger>
  );
}

function Entries({ batch }: { batch: BatchView }) {
  const app = useApp();
  const all = useAppState((state) => state.jobs);
  const jobs = [...all.values()].filter(({ batchId }) => batchId === batch.id);
  return (
    <Menu aria-label={t.batch.actionsFor(batch.name)}>
      {entries(batch, jobs, app).map(({ id, text, act }) => (
        <MenuItem key={id} id={id} className="option" textValue={text} onAction={act}>
          {text}
        </MenuItem>
      ))}
    </Menu>
  );
}

interface Entry {
  readonly id: string;
  readonly text: string;
  readonly act: () => void;
}

function entries({ id }: BatchView, jobs: readonly JobView[], { client, commands, store }: App): Entry[] {
  const found: Entry[] = [];
  const offer = (name: string, text: string, act: () => void): void => void found.push({ id: name, text, act });
  if (jobs.some(canMove)) {
    offer('first', t.batch.first, () => void commands.moveBatch(id, { to: 'top' }));
    offer('last', t.batch.last, () => void commands.moveBatch(id, { to: 'bottom' }));
  }
  const output = jobs.find(({ outputs }) => outputs.length > 0)?.outputs[0];
  const { desktop } = client;
  if (desktop !== null && output !== undefined) offer('outputs', t.batch.outputs, () => desktop.reveal(output.path));
  offer('rename', t.batch.rename, () => store.setState({ dialog: { kind: 'rename-batch', id } }));
  if (jobs.some(({ state }) => state === 'failed')) {
    offer('retry', t.batch.retry, () => void commands.many('retryJobs', { batchId: id }));
  }
  if (jobs.some(({ state }) => !isFinal(state))) {
    offer('cancel', t.batch.cancel, () => void commands.many('cancelJobs', { batchId: id }));
  }
  if (jobs.some(({ state }) => isFinal(state))) {
    offer('remove', t.batch.remove, () => store.setState({ dialog: { kind: 'remove-over', batchId: id } }));
  }
  return found;
}
