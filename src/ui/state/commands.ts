// Owns what a person may ask of the engine. Each command lays the engine's answer into the store and tells in words what was refused.

import type { ApiResult } from '../../contract/api.ts';
import { toAppError } from '../../contract/errors.ts';
import type { ExportOptions } from '../../contract/export-options.ts';
import type { ExportFormat } from '../../contract/options.ts';
import type { SettingsPatch } from '../../contract/settings.ts';
import type { Transcript } from '../../contract/transcript.ts';
import type { UiClient } from '../client/client.ts';
import { explain } from '../strings/texts.ts';
import { createIntake, type Intake } from './intake.ts';
import { createPodCommands, type PodCommands } from './pod-commands.ts';
import { createQueueCommands, type QueueCommands } from './queue-commands.ts';
import { createSearch, type Search } from './search.ts';
import { type AppStore, applyEvents } from './store.ts';
import { createWorkerCommands, type WorkerCommands } from './worker-commands.ts';

/** Every command. Those that give a promise of `boolean` say whether the engine took it. */
export interface Commands extends Intake, Search, QueueCommands, WorkerCommands, PodCommands {
  cancel(id: string): Promise<boolean>;
  retry(id: string): Promise<boolean>;
  /** Each channel a speaker of its own, in place of telling voices apart. */
  separateChannels(id: string): Promise<boolean>;
  /** Tells its own errors, because a form shows them where they belong. */
  locate(id: string, path: string): Promise<void>;
  /** Asks where the recording lies now: with the desktop's dialog, or for its path. */
  askWhere(id: string): Promise<void>;
  remove(id: string): Promise<boolean>;
  saveSettings(patch: SettingsPatch): Promise<boolean>;
  transcript(id: string): Promise<Transcript>;
  /** Makes an export and hands it to the browser as a download. */
  download(id: string, format: ExportFormat, options?: Partial<ExportOptions>): Promise<boolean>;
  /** Asks for recordings with the desktop's own dialog. */
  choose(what: 'files' | 'folder'): Promise<void>;
}

/** How a browser is handed a file. */
export type SaveFile = (file: ApiResult<'exportJob'>) => void;

/** Commands for one client and one store. */
export function createCommands(client: UiClient, store: AppStore, save: SaveFile = saveInBrowser): Commands {
  const intake = createIntake(client, store);
  const attempt = async (ask: () => Promise<void>): Promise<boolean> => {
    try {
      await ask();
      store.setState({ notice: null });
      return true;
    } catch (thrown) {
      store.setState({ notice: explain(toAppError(thrown).report()) });
      return false;
    }
  };
  const jobCall = (name: 'cancelJob' | 'retryJob' | 'separateChannels', id: string): Promise<boolean> =>
    attempt(async () => applyEvents(store, [{ type: 'job', job: await client.call(name, { id }) }]));

  const locate = async (id: string, path: string): Promise<void> =>
    applyEvents(store, [{ type: 'job', job: await client.call('locateJob', { id, path }) }]);

  return {
    ...intake,
    ...createSearch(client, store),
    ...createQueueCommands(client, store, attempt),
    ...createWorkerCommands(client, store, attempt, save),
    ...createPodCommands(client, store, attempt),
    cancel: (id) => jobCall('cancelJob', id),
    retry: (id) => jobCall('retryJob', id),
    separateChannels: (id) => jobCall('separateChannels', id),
    locate,
    async askWhere(id) {
      const { desktop } = client;
      if (desktop === null) {
        store.setState({ dialog: { kind: 'locate', id } });
        return;
      }
      const [path] = await desktop.openFiles();
      if (path !== undefined) await attempt(() => locate(id, path));
    },
    remove: (id) =>
      attempt(async () => {
        await client.call('removeJob', { id });
        applyEvents(store, [{ type: 'job-removed', id }]);
      }),
    saveSettings: (patch) =>
      attempt(async () => applyEvents(store, [{ type: 'settings', view: await client.call('putSettings', patch) }])),
    transcript: (id) => client.call('getTranscript', { id }),
    download: (id, format, options = {}) =>
      attempt(async () => save(await client.call('exportJob', { id, format, ...options }))),
    async choose(what) {
      const { desktop } = client;
      if (desktop === null) return;
      const paths = what === 'files' ? await desktop.openFiles() : await desktop.openFolder();
      if (paths.length > 0) await intake.add([{ name: null, paths, files: [] }]);
    },
  };
}

function saveInBrowser({ filename, mediaType, text, base64 }: ApiResult<'exportJob'>): void {
  const content = base64 === null ? text : Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const url = URL.createObjectURL(new Blob([content], { type: mediaType }));
  const link = document.createElement('a');
  link.href = url;
  link.download = filename;
  link.click();
  URL.revokeObjectURL(url);
}
