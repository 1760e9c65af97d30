import { beforeEach, describe, expect, it } from 'vitest';
import { cueFaults } from '../../transcript/cue-checks.ts';
import { DEFAULT_CUE_LIMITS, layOutCues } from '../../transcript/cues.ts';
import { createMemoryClient } from '../client/memory-client.ts';
import { sampleTranscript } from '../client/memory-samples.ts';
import { type CueSheets, createCueSheets } from './cue-sheet.ts';
import { type AppStore, createAppStore } from './store.ts';
import { createTranscriptSession, type TranscriptSession } from './transcript-session.ts';

let store: AppStore;
let session: TranscriptSession;
let sheets: CueSheets;
let waiting: (() => void)[];
/** Milliseconds; each look at it takes one. */
let now = 0;

beforeEach(async () => {
  localStorage.clear();
  waiting = [];
  now = 0;
  const { client, engine } = createMemoryClient({ now: () => 0 });
  const lines = Array.from({ length: 80 }, (_, index) => ({
    text: `Line ${index} says this, and then it says that, and it goes on for a while longer.`,
    speaker: `SPEAKER_0${index % 3}`,
  }));
  engine.transcripts.set('job', sampleTranscript(lines));
  store = createAppStore();
  session = createTranscriptSession(client, store, () => 0);
  await session.open('job');
  sheets = createCueSheets(
    store,
    () => {
      now += 1;
      return now;
    },
    (run) => waiting.push(run),
  );
});

/** Lets everything be laid out; tells in how many turns. */
function finish(): number {
  let turns = 0;
  for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
    run();
    turns += 1;
  }
  return turns;
}
const whole = () => {
  const { transcript } = store.getState();
  return transcript.kind === 'open' ? layOutCues(transcript.view) : [];
};

describe('the subtitles beside a transcript', () => {
  it('are laid out in turns, and are those of an export', () => {
    sheets.watch(() => undefined);
    expect(sheets.current().cues).toBeNull();
    expect(finish()).toBeGreaterThan(1);
    const { cues, broken } = sheets.current();
    expect(cues?.map(({ startMs, endMs, lines }) => [startMs, endMs, lines])).toEqual(
      whole().map(({ startMs, endMs, lines }) => [startMs, endMs, lines]),
    );
    expect(broken.every((cue) => cueFaults(cue, DEFAULT_CUE_LIMITS).length > 0)).toBe(true);
  });

  it('follow an edit, and another layout', async () => {
    sheets.watch(() => undefined);
    finish();
    const before = sheets.current().cues;
    const made = session.edit({ type: 'set-text', segment: '40', text: 'Short.' });
    expect(sheets.current().cues).toBe(before);
    finish();
    expect(sheets.current().cues?.some(({ lines }) => lines.join() === 'Short.')).toBe(true);
    await made;
    store.setState(({ editor }) => ({ editor: { ...editor, layout: 'one-line' } }));
    finish();
    expect(sheets.current().cues?.every(({ lines }) => lines.length === 1)).toBe(true);
  });

  it('are not laid out while nobody looks', async () => {
    const leave = sheets.watch(() => undefined);
    leave();
    finish();
    await session.edit({ type: 'delete', segment: '0' });
    expect(waiting).toEqual([]);
    expect(sheets.current().cues).toBeNull();
  });
});
