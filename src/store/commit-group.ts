// Owns sharing a commit: writes that come within one turn of the event loop are one transaction, so that they wait for the disk once. At
// synchronous=FULL that wait is what a write costs; while it lasts the next ones gather, so a busy engine groups by itself and an idle one waits for nobody.

import type { Database } from 'better-sqlite3';
import { sqlite } from './sqlite-errors.ts';

/** Writes of one transaction: beyond that the engine would answer nobody for too long. */
const MOST = 64;

interface Member {
  /** Runs the write within the open transaction and keeps its outcome; never throws. */
  run(): void;
  /** The outcome is on disk. */
  committed(): void;
  settle(): void;
}

export class CommitGroup {
  readonly #db: Database;
  #waiting: Member[] = [];
  #planned = false;

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * Runs `write` together with what else comes in this turn, in the order of the calls, in one transaction. One that throws is undone
   * alone. Where the transaction as a whole cannot be committed, each is tried by itself: so `write` may run twice, and does nothing but read
   * and write the database.
   * @param committed called with the result, in the order of the calls, before any of their promises resolves
   * @returns resolves after the commit; rejects with what `write` threw, or AppError DISK_FULL, DATABASE_DAMAGED, INTERNAL
   */
  together<Result>(write: () => Result, committed: (result: Result) => void = () => undefined): Promise<Result> {
    return new Promise((resolve, reject) => {
      let outcome: { readonly result: Result } | { readonly error: unknown } | null = null;
      this.#waiting.push({
        run: () => {
          try {
            // Within a transaction this is a savepoint.
            outcome = { result: sqlite(() => this.#db.transaction(write).immediate()) };
          } catch (error) {
            outcome = { error };
          }
        },
        committed: () => {
          if (outcome !== null && 'result' in outcome) committed(outcome.result);
        },
        settle: () => {
          if (outcome !== null && 'result' in outcome) resolve(outcome.result);
          else reject(outcome?.error);
        },
      });
      this.#plan();
    });
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      const members = this.#waiting.splice(0, MOST);
      if (this.#waiting.length > 0) this.#plan();
      this.#commit(members);
    });
  }

  #commit(members: readonly Member[]): void {
    // One by itself is its own transaction.
    if (members.length === 1 || !this.#attempt(members)) for (const member of members) member.run();
    for (const member of members) member.committed();
    for (const member of members) member.settle();
  }

  /** @returns false when nothing of it is on disk: SQLite undoes a transaction as a whole when the disk is full. */
  #attempt(members: readonly Member[]): boolean {
    try {
      this.#db
        .transaction(() => {
          for (const member of members) {
            member.run();
            if (!this.#db.inTransaction) throw new Error('The transaction was undone.');
          }
        })
        .immediate();
      return true;
    } catch {
      return false;
    }
  }
}
