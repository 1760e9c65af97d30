// Owns a lock between processes: a folder that only one can make. The owner writes its pid into it and touches it while it works;
// a lock whose owner is dead, or is not touched for long, is broken by whoever waits for it.

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError } from '../contract/errors.ts';
import { say } from '../contract/sentences.ts';

const TOUCH_MS = 5_000;
const LOOK_MS = 250;
/** Of waiting, not of wall-clock time: a computer that slept breaks nobody's lock. */
const STALE_LOOKS = 20_000 / LOOK_MS;

export interface FolderLockOptions {
  /** Called once when the lock is another's. */
  readonly waiting: () => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Does `work` while this process alone holds the lock `folder`. The parent folder must be there.
 * @throws AppError WORKER_INSTALL_FAILED when `signal` is aborted while waiting, and whatever `work` throws.
 */
export async function withFolderLock<Result>(
  folder: string,
  options: FolderLockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const owner = join(folder, 'owner');
  const mark = `${process.pid} ${randomUUID()}`;
  await acquire(folder, owner, mark, options);
  const touching = setInterval(() => {
    const now = new Date();
    // A lock that cannot be touched is found stale by others, which is what it then is.
    utimes(owner, now, now).catch(() => undefined);
  }, TOUCH_MS);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    if ((await ownerOf(owner)).text === mark) await rm(folder, { recursive: true, force: true });
  }
}

async function acquire(folder: string, owner: string, mark: string, options: FolderLockOptions): Promise<void> {
  let seen = '';
  let looks = 0;
  while (!(await made(folder))) {
    const { text, touchedMs } = await ownerOf(owner);
    const now = `${text} ${touchedMs}`;
    looks = now === seen ? looks + 1 : 0;
    if (seen === '') options.waiting();
    seen = now;
    if ((text !== '' && !isAlive(text)) || looks > STALE_LOOKS) {
      await breakLock(folder, owner, text);
      continue;
    }
    try {
      await delay(LOOK_MS, undefined, options.signal === undefined ? {} : { signal: options.signal });
    } catch (thrown) {
      throw stopped(thrown);
    }
  }
  await writeFile(owner, mark);
}

function stopped(cause: unknown): AppError {
  return new AppError('WORKER_INSTALL_FAILED', say('setup_stopped'), { cause });
}

/** Only one process breaks at a time, and only the lock that it judged: another may have taken it in between. */
async function breakLock(folder: string, owner: string, judged: string): Promise<void> {
  const breaking = `${folder}.breaking`;
  if (!(await made(breaking))) {
    const since = await stat(breaking).catch(() => null);
    if (since !== null && Date.now() - since.mtimeMs > 10_000) await rm(breaking, { recursive: true, force: true });
    await delay(LOOK_MS);
    return;
  }
  try {
    if ((await ownerOf(owner)).text === judged) await rm(folder, { recursive: true, force: true });
  } finally {
    await rm(breaking, { recursive: true, force: true });
  }
}

async function made(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST') return false;
    throw thrown;
  }
}

async function ownerOf(owner: string): Promise<{ text: string; touchedMs: number }> {
  try {
    return { text: await readFile(owner, 'utf8'), touchedMs: (await stat(owner)).mtimeMs };
  } catch {
    // Made a moment ago and not yet signed, or gone: the next look tells.
    return { text: '', touchedMs: 0 };
  }
}

function isAlive(mark: string): boolean {
  const pid = Number.parseInt(mark, 10);
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
}
