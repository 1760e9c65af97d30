// Owns the engine's log: one JSON object a line in <data-dir>/logs/engine.log, turned over at a size, with secrets struck out.

import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { destination, pino } from 'pino';
import type { Log } from '../controller/ports.ts';

/** Bytes at which the log is turned over at the next start; one older one is kept. */
const TURN_OVER_BYTES = 10 * 1024 * 1024;

/** Shapes of secrets, wherever they stand in a line: signed links, bearer tokens, keys of RunPod and Hugging Face. */
const SECRET_SHAPES = [/([?&](?:sig|key|token)=)[^&\s"']+/g, /(Bearer\s+)[\w.~+/=-]+/g, /\b(rpa_|hf_)\w{8,}/g] as const;

/** The text without anything that looks like a secret. */
export function redact(text: string): string {
  return SECRET_SHAPES.reduce((clean, shape) => clean.replace(shape, '$1[removed]'), text);
}

/** A log that writes to the data directory. `close` writes out what is left. */
export function fileLog(dataDir: string): Log & { close(): void } {
  const dir = join(dataDir, 'logs');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, 'engine.log');
  if (existsSync(file) && statSync(file).size > TURN_OVER_BYTES) renameSync(file, `${file}.1`);
  const target = destination({ dest: file, mode: 0o600, sync: true });
  // A disk that is full costs lines of the log, never the engine.
  target.on('error', () => undefined);
  const logger = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      hooks: { streamWrite: redact },
    },
    target,
  );
  const line =
    (level: 'info' | 'warn' | 'error') =>
    (event: string, fields: Record<string, unknown> = {}): void =>
      logger[level]({ event, ...fields });
  return { info: line('info'), warn: line('warn'), error: line('error'), close: () => target.end() };
}
