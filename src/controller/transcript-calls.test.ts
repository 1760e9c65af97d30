import { describe, expect, it } from 'vitest';
import type { EditOperation } from '../contract/edits.ts';
import { SOURCE } from '../jobs/job.cases.ts';
import { TestEngine, transcriptJson } from './engine.cases.ts';

const WORDS = [' Good', ' day.'];

const segments = [0, 1].map((id) => ({
  id,
  start: id * 2,
  end: id * 2 + 1,
  text: WORDS.join(''),
  speaker: 'SPEAKER_00',
  avg_logprob: -0.1,
  no_speech_prob: 0,
  compression_ratio: 1,
  temperature: 0,
  words: WORDS.map((word, at) => ({ word, start: id * 2 + at / 2, end: id * 2 + (at + 1) / 2, probability: 0.9 })),
}));

async function transcribed(): Promise<{ engine: TestEngine; id: string }> {
  const engine = new TestEngine();
  const id = await engine.add();
  await engine.clock.advance(1_000);
  await engine.deliver(id, transcriptJson(' Good day. Good day.', SOURCE.sha256, segments));
  await engine.clock.advance(0);
  return { engine, id };
}

const setText = (text: string, segment = '0'): EditOperation => ({ type: 'set-text', segment, text });

describe('editing', () => {
  it('lies over the transcript, which is still there as the machine gave it', async () => {
    const { engine, id } = await transcribed();
    const before = await engine.controller.call('getTranscript', { id });
    expect(before).toMatchObject({ revision: 0, canUndo: false, canRedo: false, deleted: [], unapplied: [] });
    const made = await engine.controller.call('editTranscript', {
      id,
      revision: 0,
      operations: [setText('Good night.')],
    });
    expect(made).toMatchObject({ revision: 1, canUndo: true, edit: { seq: 1, at: engine.clock.now() } });
    const after = await engine.controller.call('getTranscript', { id });
    expect(after.segments[0]).toMatchObject({ text: ' Good night.', edited: true, original: ' Good day.' });
    expect(after).toMatchObject({ revision: 1, text: ' Good night. Good day.' });
    expect(await engine.controller.call('getTranscript', { id, machine: 'true' })).toEqual({
      ...before,
      revision: 1,
      canUndo: true,
    });
    expect((await engine.controller.call('exportJob', { id, format: 'txt' })).text).toContain('night');
  });

  it('is undone and done again, one edit at a time, and every step is a revision', async () => {
    const { engine, id } = await transcribed();
    const text = async () => (await engine.controller.call('getTranscript', { id })).text;
    await engine.controller.call('editTranscript', {
      id,
      revision: 0,
      operations: [setText('One.'), setText('Two.', '1')],
    });
    await engine.controller.call('editTranscript', { id, revision: 1, operations: [{ type: 'delete', segment: '0' }] });
    expect(await text()).toBe(' Two.');
    expect(await engine.controller.call('undoEdit', { id, revision: 2 })).toMatchObject({
      revision: 3,
      canRedo: true,
      edit: { seq: 2 },
    });
    expect(await text()).toBe(' One. Two.');
    expect(await engine.controller.call('undoEdit', { id, revision: 3 })).toMatchObject({
      revision: 4,
      canUndo: false,
      edit: { seq: 1 },
    });
    expect(await text()).toBe(' Good day. Good day.');
    await expect(engine.controller.call('undoEdit', { id, revision: 4 })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'There is nothing to undo.',
    });
    expect(await engine.controller.call('redoEdit', { id, revision: 4 })).toMatchObject({
      revision: 5,
      edit: { seq: 1 },
    });
    expect(await text()).toBe(' One. Two.');
    const listed = await engine.controller.call('listEdits', { id });
    expect(listed).toMatchObject({
      revision: 5,
      canUndo: true,
      canRedo: true,
      done: [{ seq: 1 }],
      undone: [{ seq: 2 }],
    });
  });

  it('is refused when another came first, or when it does not apply, and keeps nothing then', async () => {
    const { engine, id } = await transcribed();
    await engine.controller.call('editTranscript', { id, revision: 0, operations: [setText('Mine.')] });
    for (const call of [
      engine.controller.call('editTranscript', { id, revision: 0, operations: [setText('Theirs.')] }),
      engine.controller.call('undoEdit', { id, revision: 0 }),
      engine.controller.call('redoEdit', { id, revision: 2 }),
      engine.controller.call('editTranscript', {
        id,
        revision: 1,
        operations: [setText('Now.'), setText('What?', '7')],
      }),
    ]) {
      await expect(call).rejects.toMatchObject({ code: 'CONFLICT' });
    }
    expect(await engine.controller.call('listEdits', { id })).toMatchObject({ revision: 1, done: [{ seq: 1 }] });
    await expect(engine.controller.call('editTranscript', { id, revision: 1, operations: [] })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
    });
    await expect(engine.controller.call('getTranscript', { id: 'nobody' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('wants a transcript', async () => {
    const engine = new TestEngine();
    const id = await engine.add();
    for (const call of [
      engine.controller.call('getTranscript', { id }),
      engine.controller.call('editTranscript', { id, revision: 0, operations: [setText('x')] }),
      engine.controller.call('undoEdit', { id, revision: 0 }),
      engine.controller.call('exportJob', { id, format: 'srt' }),
      engine.controller.call('writeExports', { id }),
    ]) {
      await expect(call).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'There is no transcript of this recording yet.',
      });
    }
  });
});

describe('writing the files anew', () => {
  it('writes what was edited, remembers the files, and tells', async () => {
    const { engine, id } = await transcribed();
    await engine.controller.call('editTranscript', { id, revision: 0, operations: [{ type: 'delete', segment: '1' }] });
    engine.write = () => [{ format: 'vtt', path: '/else/a.vtt' }];
    const told = engine.events.length;
    expect(await engine.controller.call('writeExports', { id, formats: ['vtt'], outDir: '/else' })).toEqual({
      outputs: [{ format: 'vtt', path: '/else/a.vtt' }],
    });
    expect(engine.rewritten).toMatchObject([{ options: { formats: ['vtt'], outDir: '/else' }, text: ' Good day.' }]);
    const outputs = [
      { format: 'srt', path: '/out/a.srt' },
      { format: 'vtt', path: '/else/a.vtt' },
    ];
    expect((await engine.job(id)).outputs).toEqual(outputs);
    expect(engine.events.slice(told)).toMatchObject([{ type: 'job', job: { id, outputs } }]);
  });

  it('goes on after a failure, one at a time', async () => {
    const { engine, id } = await transcribed();
    engine.write = () => {
      throw new Error('no room');
    };
    const failing = engine.controller.call('writeExports', { id });
    const next = engine.controller.call('writeExports', { id, formats: ['json'] });
    await expect(failing).rejects.toThrow('no room');
    await expect(next).rejects.toThrow('no room');
    expect(engine.rewritten.map(({ options }) => options.formats)).toEqual([['srt', 'json'], ['json']]);
    expect((await engine.job(id)).outputs).toEqual([{ format: 'srt', path: '/out/a.srt' }]);
  });
});

describe('searching', () => {
  it('hears of every change that an edit, an undo or a redo makes, and of nothing else', async () => {
    const { engine, id } = await transcribed();
    const operations: EditOperation[] = [setText('One.'), { type: 'split', segment: '1', word: 1 }];
    await engine.controller.call('editTranscript', { id, revision: 0, operations });
    await engine.controller.call('undoEdit', { id, revision: 1 });
    await engine.controller.call('redoEdit', { id, revision: 2 });
    const made = {
      gone: [],
      put: [
        { key: '0', start: 0, text: ' One.' },
        { key: '1', start: 2, text: ' Good' },
        { key: '1.1', start: 2.5, text: ' day.' },
      ],
    };
    const undone = {
      gone: ['1.1'],
      put: [
        { key: '0', start: 0, text: ' Good day.' },
        { key: '1', start: 2, text: ' Good day.' },
      ],
    };
    expect(engine.store.searchChanges).toEqual([made, undone, made]);
  });
});
