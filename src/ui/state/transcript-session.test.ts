import { beforeEach, describe, expect, it } from 'vitest';
import type { ApiName } from '../../contract/api.ts';
import { AppError } from '../../contract/errors.ts';
import type { UiClient } from '../client/client.ts';
import { createMemoryClient } from '../client/memory-client.ts';
import { sampleTranscript } from '../client/memory-samples.ts';
import { type AppStore, createAppStore } from './store.ts';
import { createTranscriptSession, type TranscriptSession } from './transcript-session.ts';

const LINES = [{ text: 'Good morning.' }, { text: 'It is late.' }, { text: 'Thank you.' }];

let memory: ReturnType<typeof createMemoryClient>;
let store: AppStore;
let session: TranscriptSession;
/** Calls that fail, by name. */
const away = new Set<ApiName>();

beforeEach(async () => {
  localStorage.clear();
  away.clear();
  memory = createMemoryClient({ now: () => 5 });
  memory.engine.transcripts.set('job', sampleTranscript(LINES));
  store = createAppStore();
  const client: UiClient = {
    ...memory.client,
    call: (name, params) =>
      away.has(name) ? Promise.reject(new AppError('INTERNAL', 'No answer.')) : memory.client.call(name, params),
  };
  session = createTranscriptSession(client, store, () => 5);
  await session.open('job');
});

const open = () => {
  const { transcript } = store.getState();
  if (transcript.kind !== 'open') throw new Error(`The transcript is ${transcript.kind}.`);
  return transcript;
};
const texts = (): string[] => open().view.segments.map(({ text }) => text.trim());
const says = (segment: string, text: string) => ({ type: 'set-text', segment, text }) as const;
/** What the engine has, asked for behind the session's back. */
const kept = async () =>
  (await memory.client.call('getTranscript', { id: 'job' })).segments.map(({ text }) => text.trim());

describe('changes of a transcript', () => {
  it('are seen at once, sent one after the other, and undone', async () => {
    const first = session.edit(says('0', 'Good evening.'));
    const second = session.edit(says('1', 'It was late.'));
    expect(texts()).toEqual(['Good evening.', 'It was late.', 'Thank you.']);
    expect(open().saving).toBe(2);
    expect(await Promise.all([first, second])).toEqual([true, true]);
    expect(open()).toMatchObject({ saving: 0, revision: 2 });
    expect(await kept()).toEqual(texts());
    await session.undo();
    expect(texts()[1]).toBe('It is late.');
    expect(await kept()).toEqual(texts());
    await session.redo();
    expect(await kept()).toEqual(['Good evening.', 'It was late.', 'Thank you.']);
    expect(await session.redo()).toBe(false);
  });

  it('leave alone what they do not touch: unchanged lines are the very same objects', async () => {
    const before = open().view.segments;
    await session.edit(says('1', 'It was late.'));
    const after = open().view.segments;
    expect([after[0] === before[0], after[1] === before[1], after[2] === before[2]]).toEqual([true, false, true]);
  });

  it('go in on top of what another window did elsewhere', async () => {
    await memory.client.call('editTranscript', { id: 'job', revision: 0, operations: [says('0', 'Good night.')] });
    expect(await session.edit(says('1', 'It was late.'))).toBe(true);
    expect(texts()).toEqual(['Good night.', 'It was late.', 'Thank you.']);
    expect(await kept()).toEqual(texts());
    expect(store.getState().notice).toBeNull();
  });

  it('at the same place are taken back, and what was typed is kept', async () => {
    await memory.client.call('editTranscript', { id: 'job', revision: 0, operations: [says('1', 'It is early.')] });
    expect(await session.edit(says('1', 'It was late.'))).toBe(false);
    expect(texts()[1]).toBe('It is early.');
    expect([...open().unsaved]).toEqual([['1', 'It was late.']]);
    expect(store.getState().notice?.what).toContain('another window');
    await session.open('job');
    expect(open().unsaved.get('1')).toBe('It was late.');
    expect(await session.edit(says('1', open().unsaved.get('1') ?? ''))).toBe(true);
    expect(open().unsaved.size).toBe(0);
    expect(await kept()).toEqual(['Good morning.', 'It was late.', 'Thank you.']);
  });

  it('are taken back while the engine is away, with all that was made on top of them', async () => {
    away.add('editTranscript').add('listEdits');
    const made = [session.edit(says('0', 'Good evening.')), session.edit({ type: 'delete', segment: '2' })];
    expect(texts()).toHaveLength(2);
    expect(await Promise.all(made)).toEqual([false, false]);
    expect(texts()).toEqual(['Good morning.', 'It is late.', 'Thank you.']);
    expect(open().unsaved.get('0')).toBe('Good evening.');
    away.clear();
    await session.refresh();
    expect(await session.edit(says('0', 'Good evening.'))).toBe(true);
  });

  it('that make no sense are refused without asking', async () => {
    expect(await session.edit({ type: 'merge', segment: '0', next: '2' })).toBe(false);
    expect(store.getState().notice?.what).toContain('followed by another one');
    expect(memory.engine.calls.some(({ name }) => name === 'editTranscript')).toBe(false);
  });

  it('are all there when the transcript is opened again, also those that were on their way', async () => {
    const made = session.edit(says('0', 'Good evening.'));
    session.close();
    await session.open('job');
    expect(await made).toBe(true);
    expect(texts()[0]).toBe('Good evening.');
  });

  it('of another window are taken up when the engine is asked', async () => {
    await memory.client.call('editTranscript', { id: 'job', revision: 0, operations: [says('1', 'It is early.')] });
    await session.refresh();
    expect(texts()[1]).toBe('It is early.');
  });
});

describe('a transcript that is not there', () => {
  it('says why', async () => {
    await session.open('nobody');
    expect(store.getState().transcript).toMatchObject({ kind: 'refused', jobId: 'nobody' });
  });
});
