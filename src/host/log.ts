// Owns the engine's log: one JSON object a line in <data-dir>/logs/engine.log, turned over at a size, with secrets struck out.

import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { destination, pino } from 'pino';
import type { Log } from '../controller/ports.ts';
import { Redaction } from './redaction.ts';

/** Bytes at which the log is turned over, and how many older ones are kept. */
const TURN_OVER_BYTES = 10 * 1024 * 1024;
const KEPT = 4;

export interface FileLog extends Log {
  /** Writes out what is left. */
  close(): void;
}

export interface FileLogOptions {
  readonly redaction?: Redaction;
  readonly turnOverBytes?: number;
}

function logFile(dataDir: string): string {
  return join(dataDir, 'logs', 'engine.log');
}

/** A log that writes to the data directory. A disk that is full costs lines of it, never the engine. */
export function fileLog(dataDir: string, options: FileLogOptions = {}): FileLog {
  const { redaction = new Redaction(), turnOverBytes = TURN_OVER_BYTES } = options;
  const file = logFile(dataDir);
  mkdirSync(join(dataDir, 'logs'), { recursive: true, mode: 0o700 });
  let size = existsSync(file) ? statSync(file).size : 0;
  if (size > turnOverBytes) size = turnOver(file) ? 0 : size;
  const target = destination({ dest: file, mode: 0o600, sync: true });
  target.on('error', () => undefined);
  const logger = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      hooks: {
        streamWrite(line) {
          const clean = redaction.clean(line);
          size += Buffer.byteLength(clean);
          return clean;
        },
      },
    },
    target,
  );
  const line =
    (level: 'info' | 'warn' | 'error') =>
    (event: string, fields: Record<string, unknown> = {}): void => {
      // The name comes first, and no field of the same name takes its place.
      logger[level](Object.assign({ event }, fields, { event }));
      if (size <= turnOverBytes || !turnOver(file)) return;
      size = 0;
      target.reopen();
    };
  return { info: line('info'), warn: line('warn'), error: line('error'), close: () => target.end() };
}

/** The last lines of the log, oldest first; as many as there are. */
export function lastLines(dataDir: string, most: number): readonly string[] {
  const lines: string[] = [];
  for (const file of [`${logFile(dataDir)}.1`, logFile(dataDir)]) {
    try {
      lines.push(...readFileSync(file, 'utf8').split('\n'));
    } catch {
      // Not there: nothing was logged yet, or nothing was turned over.
    }
  }
  return lines.filter((line) => line !== '').slice(-most);
}

/** @returns false when the file could not be put aside; it then grows on */
function turnOver(file: string): boolean {
  try {
    for (let number = KEPT - 1; number >= 1; number -= 1)
      if (existsSync(`${file}.${number}`)) renameSync(`${file}.${number}`, `${file}.${number + 1}`);
    renameSync(file, `${file}.1`);
    return true;
  } catch {
    return false;
  }
}
