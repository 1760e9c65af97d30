// Owns what happens with what was handed to the app: recordings enter the queue as if they had been dropped on the window, and a link's
// worker is added after a person said so. Nothing of it passes through the page.

import type { App, Dialog } from 'electron';
import { explain, toAppError } from '../../src/contract/errors.ts';
import { readWorkerLink, type WorkerLink } from './app-link.ts';
import type { CallEngine } from './engine-client.ts';
import type { Request } from './handed-over.ts';
import { words } from './words.ts';

export interface IntakeParts {
  readonly app: Pick<App, 'addRecentDocument'>;
  readonly dialog: Pick<Dialog, 'showMessageBox'>;
  /** Waits for the engine where it is not there yet. */
  readonly call: CallEngine;
  readonly show: () => void;
}

/** Takes what a start or another program asks for; resolves when all of it was done or told. */
export type Intake = (request: Request) => Promise<void>;

export function setupIntake({ app, dialog, call, show }: IntakeParts): Intake {
  const add = async (paths: readonly string[]): Promise<void> => {
    const { jobs, refused } = await call('addJobs', { paths: [...paths] });
    for (const { sourcePath } of jobs) app.addRecentDocument(sourcePath);
    const [first] = refused;
    if (first === undefined) return;
    const { what, lost, todo } = explain(first.error);
    await dialog.showMessageBox({
      type: 'warning',
      message: words.handedOver.refusedTitle,
      detail: words.handedOver.refused(
        refused.map(({ path }) => path),
        `${what} ${lost} ${todo}`,
      ),
    });
  };
  const addWorker = async ({ name, url, token }: WorkerLink): Promise<void> => {
    const { response } = await dialog.showMessageBox({
      type: 'question',
      message: words.link.ask(name, url),
      detail: words.link.detail,
      buttons: [words.link.cancel, words.link.add],
      // Return and Escape both leave things as they are: whoever made the link is unknown.
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    });
    if (response === 1) await call('addWorker', { name, url, token });
  };
  const follow = async (link: string): Promise<void> => {
    const worker = readWorkerLink(link);
    if (worker !== null) return addWorker(worker);
    // The link itself is not shown: it may hold a token.
    await dialog.showMessageBox({ type: 'warning', message: words.link.wrong });
  };
  const told = async (work: Promise<void>): Promise<void> => {
    try {
      await work;
    } catch (thrown) {
      const { what, lost, todo } = explain(toAppError(thrown).report());
      await dialog.showMessageBox({ type: 'error', message: what, detail: `${lost} ${todo}` });
    }
  };

  return async ({ paths, links }) => {
    show();
    if (paths.length > 0) await told(add(paths));
    // One question after the other.
    for (const link of links.slice(0, MOST_LINKS)) await told(follow(link));
  };
}

/** A start that brings more asks for attention, not for workers. */
const MOST_LINKS = 3;
