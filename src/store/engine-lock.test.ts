import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { awaitDataDirectory, lockDataDirectory } from './engine-lock.ts';
import { ownDirectory } from './store.cases.ts';

const running = expect.objectContaining({ code: 'ENGINE_RUNNING' });

describe('lockDataDirectory', () => {
  it('lets one in at a time', () => {
    const directory = join(ownDirectory(), 'not', 'there');
    const release = lockDataDirectory(directory);
    expect(() => lockDataDirectory(directory)).toThrow(running);
    expect(() => lockDataDirectory(directory)).toThrow(running);
    release();
    release();
    lockDataDirectory(directory)();
    expect(statSync(join(directory, 'engine.lock')).mode & 0o777).toBe(0o600);
  });

  it('knows directories apart', () => {
    const release = lockDataDirectory(ownDirectory());
    lockDataDirectory(ownDirectory())();
    release();
  });

  it('holds against another process, and is let go when that is killed', async () => {
    const directory = ownDirectory();
    const holder = spawn(
      process.execPath,
      [fileURLToPath(new URL('./lock-holder.cases.ts', import.meta.url)), directory],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    await once(holder.stdout, 'data');
    expect(() => lockDataDirectory(directory)).toThrow(running);
    holder.kill('SIGKILL');
    await once(holder, 'close');
    lockDataDirectory(directory)();
  });

  it('is waited for while another engine is just ending, and not for ever', async () => {
    const directory = ownDirectory();
    const release = lockDataDirectory(directory);
    let looks = 0;
    const clock = (letGoAt: number) => ({
      now: () => 0,
      after(_: number, run: () => void) {
        looks += 1;
        if (looks === letGoAt) release();
        queueMicrotask(run);
        return () => undefined;
      },
    });
    await expect(awaitDataDirectory(directory, clock(0))).rejects.toThrow(running);
    expect(looks).toBeGreaterThan(10);
    looks = 0;
    (await awaitDataDirectory(directory, clock(3)))();
    expect(looks).toBe(3);
  });

  it('says which directory could not be had', () => {
    const directory = ownDirectory();
    writeFileSync(join(directory, 'file'), '');
    expect(() => lockDataDirectory(join(directory, 'file'))).toThrow(/could not be locked/);
  });
});
