// Owns what SQLite's own errors mean to a person. Every statement of this room runs through here.

import Database from 'better-sqlite3';
import type { ErrorCode } from '../contract/errors.ts';
import { AppError } from '../contract/errors.ts';

/** Runs `statements` and turns what SQLite throws into AppError: DATABASE_DAMAGED, DISK_FULL, ENGINE_RUNNING, INTERNAL. */
export function sqlite<Result>(statements: () => Result): Result {
  try {
    return statements();
  } catch (thrown) {
    throw storeError(thrown);
  }
}

function storeError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (!(thrown instanceof Database.SqliteError)) {
    return new AppError('INTERNAL', 'The database could not be used.', { cause: thrown });
  }
  return new AppError(codeOf(thrown.code), `${sentences[codeOf(thrown.code)]} (${thrown.message})`, { cause: thrown });
}

type StoreCode = Extract<ErrorCode, 'DATABASE_DAMAGED' | 'DISK_FULL' | 'ENGINE_RUNNING' | 'INTERNAL'>;

const sentences: Record<StoreCode, string> = {
  DATABASE_DAMAGED: 'The database cannot be read.',
  DISK_FULL: 'The disk of this computer is full.',
  ENGINE_RUNNING: 'The database is in use by another program.',
  INTERNAL: 'The database could not be used.',
};

/** SQLite's extended codes begin with the plain one: SQLITE_CORRUPT_INDEX, SQLITE_BUSY_RECOVERY. */
function codeOf(code: string): StoreCode {
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'DATABASE_DAMAGED';
  if (code === 'SQLITE_FULL') return 'DISK_FULL';
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'ENGINE_RUNNING';
  return 'INTERNAL';
}

/** True when SQLite says that another connection holds the lock. */
export function isBusy(thrown: unknown): boolean {
  return thrown instanceof Database.SqliteError && thrown.code.startsWith('SQLITE_BUSY');
}
