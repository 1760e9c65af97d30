// The thread in which recordings are looked at, hashed and copied: a file that brings its reader to a standstill, or to its knees, stops this
// thread and not the engine.

import { parentPort } from 'node:worker_threads';
import { AppError, toAppError } from '../contract/errors.ts';
import type { MediaAnswer, MediaTask, MediaWord } from './media-messages.ts';
import { prepare, probe } from './prepare.ts';

/** How often it is said that the work goes on, milliseconds. */
const GOING_MS = 1_000;

const port = parentPort;
if (port === null) throw new AppError('INTERNAL', 'This file is a thread of the engine.');
// Whoever wants a task stopped ends the thread.
const never = new AbortController().signal;

const say = (word: MediaWord): void => port.postMessage(word);
let saidAt = 0;

port.on('message', (task: MediaTask) => {
  void answer(task).then(say);
});

function going(): void {
  if (performance.now() - saidAt < GOING_MS) return;
  saidAt = performance.now();
  say('going');
}

async function answer(task: MediaTask): Promise<MediaAnswer> {
  try {
    const result =
      task.type === 'prepare'
        ? await prepare(task.recording, task.target, never, task.blind, going)
        : await probe(task.path);
    return { ok: true, result };
  } catch (thrown) {
    return { ok: false, error: toAppError(thrown, 'SOURCE_UNREADABLE').report() };
  }
}
