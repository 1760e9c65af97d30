import { expect, test } from 'vitest';
import type { EditOperation } from '../contract/edits.ts';
import { SOURCE } from '../jobs/job.cases.ts';
import { TestEngine, transcriptJson } from './engine.cases.ts';

function heard(...lines: readonly string[]): { json: string; sha256: string } {
  const segments = lines.map((text, id) => {
    const words = text.split(/(?= )/).map((word, at) => ({
      ...{ word, probability: 0.9 },
      ...{ start: id * 10 + at / 2, end: id * 10 + (at + 1) / 2 },
    }));
    return {
      ...{ id, start: id * 10, end: id * 10 + words.length / 2, text, words, speaker: 'SPEAKER_00' },
      ...{ avg_logprob: -0.1, no_speech_prob: 0, compression_ratio: 1, temperature: 0 },
    };
  });
  return transcriptJson(lines.join(''), SOURCE.sha256, segments);
}

/** A recording that was transcribed and corrected, in an engine that transcribes everything anew. */
async function corrected(...operations: EditOperation[]): Promise<{ engine: TestEngine; first: string }> {
  const engine = new TestEngine();
  const first = await transcribe(engine, heard(' We left Met Hill at six.', ' Who gave the order?'));
  if (operations.length > 0) await engine.controller.call('editTranscript', { id: first, revision: 0, operations });
  return { engine, first };
}

async function transcribe(engine: TestEngine, transcript: { json: string; sha256: string }): Promise<string> {
  const id = await engine.add('a.wav');
  await engine.clock.advance(1_000);
  await engine.deliver(id, transcript);
  await engine.clock.advance(0);
  return id;
}

const METHIL: EditOperation = { type: 'set-text', segment: '0', text: 'We left Methil at six.' };
const NAME: EditOperation = { type: 'rename-speaker', speaker: 'SPEAKER_00', name: 'Captain Reid' };
const GONE: EditOperation = { type: 'set-text', segment: '1', text: 'Who gave that order?' };

test('corrections and names are there when a recording was transcribed again, and in its files', async () => {
  const { engine, first } = await corrected(METHIL, NAME, GONE);
  const second = await transcribe(engine, heard(' We left met hill at six.', ' Who gave an order?'));
  const transcript = await engine.controller.call('getTranscript', { id: second });
  expect(transcript.text).toBe(' We left Methil at six. Who gave an order?');
  expect(transcript.speakers).toEqual({ SPEAKER_00: { name: 'Captain Reid' } });
  const log = await engine.controller.call('listEdits', { id: second });
  expect(log).toMatchObject({ revision: 1, canUndo: true });
  expect(log.carried).toMatchObject({
    from: { jobId: first, name: 'a.wav' },
    placed: 2,
    left: [{ what: 'text', start: 11, text: 'that', original: 'the' }],
  });
  expect(engine.written.get(second)).toContain('Methil');
  // One edit: undone as one.
  await engine.controller.call('undoEdit', { id: second, revision: 1 });
  expect((await engine.controller.call('getTranscript', { id: second })).text).toContain('met hill');
  // The earlier transcript is as it was.
  expect((await engine.controller.call('getTranscript', { id: first })).text).toContain('that order');
});

test('what had no place is still told after the next time', async () => {
  const { engine } = await corrected(METHIL, GONE);
  await transcribe(engine, heard(' We left met hill at six.', ' Who gave an order?'));
  const third = await transcribe(engine, heard(' We left met hill at six.', ' Who gave an order?'));
  const { carried } = await engine.controller.call('listEdits', { id: third });
  expect(carried).toMatchObject({ placed: 1, left: [{ text: 'that', original: 'the' }] });
});

test('nothing is said where nobody corrected anything', async () => {
  const { engine, first } = await corrected();
  const second = await transcribe(engine, heard(' We left met hill at six.'));
  for (const id of [first, second])
    expect(await engine.controller.call('listEdits', { id })).toMatchObject({ revision: 0, carried: null });
});
