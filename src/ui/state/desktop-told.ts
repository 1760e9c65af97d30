// Owns what the page does when the app around it tells something: what was chosen in the menu, what had to be started anew.

import type { PageTold } from '../../contract/desktop-ipc.ts';
import type { UiClient } from '../client/client.ts';
import { t } from '../strings/texts.ts';
import type { Commands } from './commands.ts';
import type { AppStore } from './store.ts';

/** Starts to listen; does nothing in a browser. Returns its own undo. */
export function startTold(parts: {
  readonly client: UiClient;
  readonly store: AppStore;
  readonly commands: Pick<Commands, 'choose'>;
}): () => void {
  return parts.client.desktop?.onTold((told) => hear(told, parts)) ?? (() => undefined);
}

function hear(told: PageTold, { store, commands }: Omit<Parameters<typeof startTold>[0], 'client'>): void {
  switch (told) {
    case 'add-files':
      void commands.choose('files');
      break;
    case 'add-folder':
      void commands.choose('folder');
      break;
    case 'show-search':
      store.setState({ screen: { name: 'search' } });
      break;
    case 'show-keys':
      store.setState({ dialog: { kind: 'keys' } });
      break;
    case 'show-queue':
      store.setState({ screen: { name: 'queue' } });
      break;
    case 'show-workers':
      store.setState({ screen: { name: 'workers' } });
      break;
    case 'show-doctor':
      store.setState({ screen: { name: 'workers' }, dialog: { kind: 'doctor' } });
      break;
    case 'show-settings':
      store.setState({ screen: { name: 'settings' } });
      break;
    case 'engine-restarted':
      store.setState({ notice: t.errors.engineRestarted });
      break;
    case 'page-restarted':
      store.setState({ notice: t.errors.pageRestarted });
      break;
  }
}
