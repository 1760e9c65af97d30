import { expect, test } from 'vitest';
import { AppError } from '../contract/errors.ts';
import { TestEngine } from './engine.cases.ts';

const names = (engine: TestEngine): string[] => engine.store.list().jobs.map(({ name }) => name);

test('a profile gives its options to a drop, under what is asked for by hand', async () => {
  const engine = new TestEngine();
  const profile = await engine.controller.call('saveProfile', {
    name: 'Hearings',
    options: { language: 'de', diarize: true },
  });
  const { jobs } = await engine.controller.call('addJobs', {
    paths: ['/recordings/a.wav'],
    profile: 'hearings',
    options: { language: 'fr' },
  });
  expect(jobs[0]?.options).toMatchObject({ language: 'fr', diarize: true, model: 'small' });
  expect((await engine.controller.call('listProfiles', {})).profiles).toEqual([profile]);
  await expect(engine.controller.call('saveProfile', { name: 'Hearings', options: {} })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  await expect(
    engine.controller.call('addJobs', { paths: ['/recordings/a.wav'], profile: 'nobody' }),
  ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await engine.controller.call('removeProfile', { id: profile.id });
  expect(engine.events.at(-1)).toEqual({ type: 'profile-removed', id: profile.id });
});

test('a watched folder gives each recording once, when it is whole, with the options of its profile', async () => {
  const engine = new TestEngine();
  const profile = await engine.controller.call('saveProfile', { name: 'Field', options: { language: 'sv' } });
  engine.intake.put('/watched/old.wav', 'old');
  const folder = await engine.controller.call('addWatchFolder', { path: '/watched/', profileId: profile.id });
  expect(folder).toMatchObject({ path: '/watched', state: 'starting', taken: 0 });
  engine.intake.put('/watched/growing.wav', 'g');
  for (let second = 0; second < 20; second += 1) {
    await engine.clock.advance(1_000);
    engine.intake.put('/watched/growing.wav', 'g'.repeat(second), second);
  }
  expect(names(engine)).toEqual(['old.wav']);
  await engine.clock.advance(20_000);
  expect(names(engine)).toEqual(['old.wav', 'growing.wav']);
  expect(engine.store.list().jobs[0]?.options.language).toBe('sv');

  // The same file touched, and then renamed: it was taken already.
  engine.intake.put('/watched/old.wav', 'old', 99);
  await engine.clock.advance(60_000);
  engine.intake.files?.delete('/watched/old.wav');
  engine.intake.put('/watched/renamed.wav', 'old', 99);
  await engine.clock.advance(60_000);
  expect(names(engine)).toHaveLength(2);
  // Another content in the old place is another recording.
  engine.intake.put('/watched/old.wav', 'quite another', 100);
  await engine.clock.advance(60_000);
  expect(names(engine)).toHaveLength(3);
  expect((await engine.controller.call('listWatchFolders', {})).folders).toMatchObject([
    { state: 'watching', taken: 3, lastTakenAt: expect.any(Number) },
  ]);
  await expect(engine.controller.call('removeProfile', { id: profile.id })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
});

test('of what lies in a watched folder twice both get their text, and a file that stays empty is heard of', async () => {
  const engine = new TestEngine();
  engine.intake.put('/watched/a.wav', 'same');
  engine.intake.put('/watched/case 2/a.wav', 'same');
  engine.intake.put('/watched/empty.wav', '');
  await engine.controller.call('addWatchFolder', { path: '/watched' });
  await engine.clock.advance(60_000);
  expect(engine.store.list().jobs.map(({ sourcePath }) => sourcePath)).toEqual([
    '/watched/a.wav',
    '/watched/case 2/a.wav',
  ]);
  engine.intake.put('/watched/later copy.wav', 'same');
  await engine.clock.advance(60_000);
  expect(names(engine)).toContain('later copy.wav');
  expect(names(engine)).not.toContain('empty.wav');
  await engine.clock.advance(600_000);
  expect(names(engine)).toContain('empty.wav');
  // The recorder wrote it after all.
  engine.intake.put('/watched/empty.wav', 'words', 5);
  await engine.clock.advance(60_000);
  expect(names(engine).filter((name) => name === 'empty.wav')).toHaveLength(2);
  expect(names(engine)).toHaveLength(5);
});

test('what was queued and could not be remembered is not queued twice', async () => {
  const engine = new TestEngine();
  await engine.controller.call('addWatchFolder', { path: '/watched' });
  engine.intake.full = true;
  engine.intake.put('/watched/a.wav', 'a');
  await engine.clock.advance(60_000);
  expect(names(engine)).toEqual(['a.wav']);
  engine.intake.full = false;
  await engine.clock.advance(60_000);
  expect(names(engine)).toEqual(['a.wav']);
  expect((await engine.controller.call('listWatchFolders', {})).folders[0]).toMatchObject({
    state: 'watching',
    taken: 1,
  });
});

test('of a full drive the first recordings are queued while the others are still hashed', async () => {
  const engine = new TestEngine();
  engine.intake.onDigest = () => new Promise((resolve) => void engine.clock.after(25_000, resolve));
  for (let number = 0; number < 6; number += 1) engine.intake.put(`/watched/${number}.wav`, `content ${number}`);
  await engine.controller.call('addWatchFolder', { path: '/watched' });
  await engine.clock.advance(100_000);
  expect(names(engine)).toEqual(['0.wav', '1.wav', '2.wav']);
  await engine.clock.advance(200_000);
  expect(names(engine)).toHaveLength(6);
});

test('a drive that does not answer keeps neither a person from unwatching it nor the app from ending', async () => {
  const engine = new TestEngine();
  engine.intake.put('/drive/a.wav', 'a');
  const other = await engine.controller.call('addWatchFolder', { path: '/other' });
  await engine.controller.call('addWatchFolder', { path: '/drive' });
  engine.intake.onList = () => new Promise(() => undefined);
  await engine.clock.advance(60_000);
  const removing = engine.controller.call('removeWatchFolder', { id: other.id });
  await engine.clock.advance(3_000);
  await removing;
  let ended = false;
  const closing = engine.controller.close().then(() => {
    ended = true;
  });
  await engine.clock.advance(1_000);
  expect(ended).toBe(false);
  await engine.clock.advance(2_000);
  await closing;
});

test('a drive that is not connected is waited for, and what is on it is taken when it is back', async () => {
  const engine = new TestEngine();
  const { files } = engine.intake;
  engine.intake.files = null;
  const folder = await engine.controller.call('addWatchFolder', { path: '/drive' });
  await engine.clock.advance(1_000);
  expect((await engine.controller.call('listWatchFolders', {})).folders[0]).toMatchObject({ state: 'missing' });
  engine.intake.files = files;
  engine.intake.put('/drive/a.wav', 'a');
  await engine.clock.advance(60_000);
  expect(names(engine)).toEqual(['a.wav']);
  expect((await engine.controller.call('listWatchFolders', {})).folders[0]).toMatchObject({ state: 'watching' });

  const off = await engine.controller.call('changeWatchFolder', { id: folder.id, enabled: false });
  expect(off.state).toBe('off');
  engine.intake.put('/drive/b.wav', 'b');
  await engine.clock.advance(60_000);
  expect(names(engine)).toEqual(['a.wav']);
  await engine.controller.call('removeWatchFolder', { id: folder.id });
  expect((await engine.controller.call('listWatchFolders', {})).folders).toEqual([]);
});

test('only what comes later is taken, if a person wants that', async () => {
  const engine = new TestEngine();
  engine.intake.put('/watched/old.wav', 'old');
  await engine.controller.call('addWatchFolder', { path: '/watched', takeExisting: false });
  engine.intake.put('/watched/new.wav', 'new');
  await engine.clock.advance(60_000);
  expect(names(engine)).toEqual(['new.wav']);
  await expect(engine.controller.call('addWatchFolder', { path: '/watched' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  await expect(engine.controller.call('addWatchFolder', { path: 'relative' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});

/** Resolves when told; a call that is made meanwhile waits. */
function held(): { readonly wait: () => Promise<void>; release: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { wait: () => promise, release: resolve };
}

test('two changes of a watched folder at the same time are both made', async () => {
  const engine = new TestEngine();
  const { id } = await engine.controller.call('addWatchFolder', { path: '/drive', recursive: true });
  const list = held();
  engine.intake.onList = list.wait;
  await engine.clock.advance(20_000);
  const changes = [
    engine.controller.call('changeWatchFolder', { id, enabled: false }),
    engine.controller.call('changeWatchFolder', { id, recursive: false }),
  ];
  await engine.clock.advance(3_000);
  await Promise.all(changes);
  expect((await engine.controller.call('listWatchFolders', {})).folders[0]).toMatchObject({
    enabled: false,
    recursive: false,
    state: 'off',
  });
  expect(engine.intake.folders()[0]).toMatchObject({ enabled: false, recursive: false });
  // The drive answers at last: nobody looks at it any more.
  list.release();
  await engine.clock.advance(60_000);
  expect((await engine.controller.call('listWatchFolders', {})).folders[0]?.state).toBe('off');
});

test('a watched folder that is removed while it is being changed is watched no more', async () => {
  const engine = new TestEngine();
  const { id } = await engine.controller.call('addWatchFolder', { path: '/drive' });
  const list = held();
  engine.intake.onList = list.wait;
  await engine.clock.advance(20_000);
  const calls = [
    engine.controller.call('changeWatchFolder', { id, recursive: false }),
    engine.controller.call('removeWatchFolder', { id }),
  ];
  await engine.clock.advance(3_000);
  await Promise.allSettled(calls);
  list.release();
  engine.intake.put('/drive/a.wav', 'a');
  await engine.clock.advance(60_000);
  expect(names(engine)).toEqual([]);
});

test('a watched folder that is changed while its recordings are being queued queues them once', async () => {
  const engine = new TestEngine();
  const { id } = await engine.controller.call('addWatchFolder', { path: '/drive' });
  const queueing = held();
  engine.find = async (path) => {
    await queueing.wait();
    return [path];
  };
  engine.intake.put('/drive/a.wav', 'a');
  await engine.clock.advance(30_000);
  expect(names(engine)).toEqual([]);
  const change = engine.controller.call('changeWatchFolder', { id, recursive: false });
  await engine.clock.advance(30_000);
  queueing.release();
  await change;
  await engine.clock.advance(60_000);
  expect(names(engine)).toEqual(['a.wav']);
});

test('of two files with the same content one is queued, also when the other is gone before it could be', async () => {
  const engine = new TestEngine();
  await engine.controller.call('addWatchFolder', { path: '/drive' });
  engine.intake.put('/drive/a.wav', 'the same');
  engine.intake.put('/drive/b.wav', 'the same');
  engine.find = async (path) => {
    if (path !== '/drive/a.wav') return [path];
    engine.intake.files?.delete(path);
    throw new AppError('SOURCE_MISSING');
  };
  await engine.clock.advance(120_000);
  expect(names(engine)).toEqual(['b.wav']);
});
test.skipIf(process.platform === 'win32')(
  'a watched folder keeps a backslash, which is a letter of its name',
  async () => {
    const engine = new TestEngine();
    const folder = await engine.controller.call('addWatchFolder', { path: '/watched/odd\\/', profileId: null });
    expect(folder.path).toBe('/watched/odd\\');
  },
);
