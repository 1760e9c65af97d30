// Owns `<data-dir>/engine.json` on disk: written by the engine that listens, read by commands that look for it.

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type EngineFile, engineFileSchema } from '../contract/engine-file.ts';
import { writePrivateFile } from './private-file.ts';

function enginePath(dataDir: string): string {
  return join(dataDir, 'engine.json');
}

/** Says where this engine listens. 0600, written whole. */
export function writeEngineFile(dataDir: string, engine: EngineFile): void {
  writePrivateFile(enginePath(dataDir), `${JSON.stringify(engine)}\n`);
}

/** What an engine left there, or null. It may be gone since: ask it before believing. */
export function readEngineFile(dataDir: string): EngineFile | null {
  try {
    const parsed = engineFileSchema.safeParse(JSON.parse(readFileSync(enginePath(dataDir), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not there, not readable or not JSON: in every case nobody can be found by it.
    return null;
  }
}

/** Removes the file if it is still the one of `pid`; that of a successor stays. */
export function removeEngineFile(dataDir: string, pid: number): void {
  if (readEngineFile(dataDir)?.pid === pid) rmSync(enginePath(dataDir), { force: true });
}
