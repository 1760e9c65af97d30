// Owns prepared statements: each is compiled once for a database and kept for as long as that is open.

import type { Database, Statement } from 'better-sqlite3';

const kept = new WeakMap<Database, Map<string, Statement<unknown[]>>>();

/** The statement for this text. Callers that pluck say so on every use: a statement is shared by all who have its text. */
export function statement(db: Database, sql: string): Statement<unknown[]> {
  let known = kept.get(db);
  if (known === undefined) {
    known = new Map();
    kept.set(db, known);
  }
  let found = known.get(sql);
  if (found === undefined) {
    found = db.prepare<unknown[]>(sql);
    known.set(sql, found);
  }
  return found;
}
