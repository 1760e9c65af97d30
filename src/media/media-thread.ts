// The thread in which recordings are looked at, hashed and copied: a file that brings its reader to a standstill, or to its knees, stops this
// thread and not the engine.

import { parentPort } from 'node:worker_threads';
import { AppError, toAppError } from '../contract/errors.ts';
import type { MediaAnswer, MediaTask } from './media-messages.ts';
import { prepare, probe } from './prepare.ts';

const port = parentPort;
if (port === null) throw new AppError('INTERNAL', 'This file is a thread of the engine.');
// Whoever wants a task stopped ends the thread.
const never = new AbortController().signal;

port.on('message', (task: MediaTask) => {
  void answer(task).then((sent) => port.postMessage(sent));
});

async function answer(task: MediaTask): Promise<MediaAnswer> {
  try {
    const result =
      task.type === 'prepare' ? await prepare(task.recording, task.target, never, task.blind) : await probe(task.path);
    return { ok: true, result };
  } catch (thrown) {
    return { ok: false, error: toAppError(thrown, 'SOURCE_UNREADABLE').report() };
  }
}
