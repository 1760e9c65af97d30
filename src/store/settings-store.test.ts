import { describe, expect, it } from 'vitest';
import { SqliteSettingsStore } from './settings-store.ts';
import { ownDatabase } from './store.cases.ts';
import { SqliteWorkerStore } from './worker-store.ts';

describe('settings', () => {
  it('tells what was never saved from what was', () => {
    const store = new SqliteSettingsStore(ownDatabase());
    expect(store.savedSettings()).toEqual({});
    store.saveSettings({ workerMode: 'off', jobDefaults: { model: 'large-v3' } }, 1);
    store.saveSettings({ jobDefaults: { language: 'de' } }, 2);
    store.saveSettings({ workerMode: undefined }, 3);
    expect(store.savedSettings()).toEqual({ workerMode: 'off', jobDefaults: { model: 'large-v3', language: 'de' } });
  });

  it('passes over what another version wrote, and keeps it', () => {
    const db = ownDatabase();
    const store = new SqliteSettingsStore(db);
    store.saveSettings({ workerPollSeconds: 5 }, 1);
    const insert = db.prepare('insert into settings (name, value, updated_at) values (?, ?, 1)');
    for (const [name, value] of [
      ['workerMode', '"dreaming"'],
      ['theme', '"dark"'],
      ['__proto__', '{"workerMode":"off"}'],
    ]) {
      insert.run(name, value);
    }
    expect(store.savedSettings()).toEqual({ workerPollSeconds: 5 });
    expect(db.prepare('select count(*) from settings').pluck().get()).toBe(4);
  });
});

describe('saved workers', () => {
  it('come back in the order in which they were added', () => {
    const store = new SqliteWorkerStore(ownDatabase());
    const workers = ['b', 'a', 'c'].map((id) => ({ id, name: `Worker ${id}`, url: `https://${id}.example:8477` }));
    for (const worker of workers) store.addWorker(worker, 1);
    expect(store.workers()).toEqual(workers);
    store.removeWorker('a');
    store.removeWorker('nobody');
    expect(store.workers().map(({ id }) => id)).toEqual(['b', 'c']);
  });
});
