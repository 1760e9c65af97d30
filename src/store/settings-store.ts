// Owns the saved settings: one row a field, so that a field never saved is told from one saved as its default.

import type { Database } from 'better-sqlite3';
import * as z from 'zod';
import type { SettingsPatch } from '../contract/settings.ts';
import { settingsPatchSchema } from '../contract/settings.ts';
import type { SettingsStore } from '../controller/ports.ts';
import { jsonColumn, parseRow } from './row.ts';
import { sqlite } from './sqlite-errors.ts';

const settingRow = z.object({ name: z.string(), value: jsonColumn(z.unknown()) });

/** {@link SettingsStore} in SQLite. */
export class SqliteSettingsStore implements SettingsStore {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** A field that this version cannot read (another version wrote it) counts as never saved; its row is kept. */
  savedSettings(): SettingsPatch {
    const rows = sqlite(() => this.#db.prepare('select name, value from settings').all());
    let saved: SettingsPatch = {};
    for (const row of rows) {
      const { name, value } = parseRow('settings', settingRow, row);
      const field = settingsPatchSchema.safeParse({ [name]: value });
      if (field.success) saved = { ...saved, ...field.data };
    }
    return saved;
  }

  /** Fields of `jobDefaults` and `pods` that are not in the patch keep what was saved. */
  saveSettings(patch: SettingsPatch, now: number): void {
    sqlite(() => {
      this.#db
        .transaction(() => {
          const write = this.#db.prepare(
            `insert into settings (name, value, updated_at) values (?, ?, ?)
             on conflict (name) do update set value = excluded.value, updated_at = excluded.updated_at`,
          );
          const saved = this.savedSettings();
          const merged: SettingsPatch = {
            ...patch,
            ...(patch.jobDefaults === undefined ? {} : { jobDefaults: { ...saved.jobDefaults, ...patch.jobDefaults } }),
            ...(patch.pods === undefined ? {} : { pods: { ...saved.pods, ...patch.pods } }),
          };
          for (const [name, value] of Object.entries(merged)) {
            if (value !== undefined) write.run(name, JSON.stringify(value), now);
          }
        })
        .immediate();
    });
  }
}
