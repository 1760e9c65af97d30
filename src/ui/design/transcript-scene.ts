// Owns the transcript that the screen is looked at with: a hearing with four speakers, doubtful words, a loop, a gap, edits.

import type { EditOperation } from '../../contract/edits.ts';
import type { Transcript, Word } from '../../contract/transcript.ts';
import type { App } from '../app-context.ts';
import type { MemoryEngine } from '../client/memory-client.ts';
import { sampleTranscript } from '../client/memory-samples.ts';
import { NOTHING_SOUGHT } from '../state/editor-slice.ts';

/** Words in capitals are the ones that the model was not sure of. */
const LINES: readonly (readonly [speaker: number, start: number, text: string])[] = [
  [0, 4, 'Good morning. We are on day four of the inquiry, and we go on with the survey of the harbour.'],
  [0, 13, 'Captain Reid, you were aboard on the ninth.'],
  [1, 17, 'I was. We left at six with the smaller boat, because the other one was in METHIL for repairs.'],
  [1, 25, 'The water was calm, um, and and we had the lines down before eight.'],
  [2, 27.5, 'May I ask who gave the order?'],
  [
    1,
    36,
    'The harbour master did, by telephone, on the evening of the eighth. I made a note of the call, and it is at tap forty.',
  ],
  [
    3,
    46,
    'Chair, before we go on: the bundle that went to the board’s solicitors has no tab fourteen. It ends at thirteen.',
  ],
  [0, 55, 'Then we had better find it before lunch. Mr Devlin, please go on.'],
  [
    2,
    62,
    'Captain Reid, you signed the survey on the ninth of March. By then the dredger had been at work in the north channel for eleven days. Is that right?',
  ],
  [
    1,
    74,
    'It is. The survey was ordered before the work began, but the vessel that should have carried it was in METHIL for repairs, so we went out on the ninth instead.',
  ],
  [2, 85, 'And nobody told the harbour board.'],
  ...Array.from({ length: 14 }, (_, index) => [0, 90 + index * 2.6, 'Thank you.'] as const),
  [0, 128, 'We will rise for ten minutes while that is looked for.'],
  [
    2,
    134,
    'I am grateful. Page six of your report. You give a depth of four point two metres at the inner BIRTH, and the pilot’s log for the same day gives three point six.',
  ],
  [1, 147, 'The log was written at low water. Ours was reduced to chart datum, as it always is.'],
  [2, 156, 'Is there anything in the report that says so?'],
  [1, 160, 'On the first page, under the heading METHIL, in the second PARAGRAF.'],
  [0, 167, 'It is in the log. Page forty-one.'],
];

/** Lines that are said too fast to be read. */
const RUSHED: ReadonlySet<number> = new Set([3, 8]);

/** The line whose speaker is a guess. */
const UNSURE = 10;

/** The recording's length, seconds. */
export const SCENE_SECONDS = 9668;

/** Values a second of its waveform. */
const PEAKS = 5;

/** Puts transcript, waveform and a few edits into the engine under a job's id. */
export function transcriptScene(engine: MemoryEngine, id: string): void {
  engine.transcripts.set(id, transcript());
  engine.recordings.set(id, './none');
  engine.peaks.set(id, { perSecond: PEAKS, data: btoa(String.fromCharCode(...peaks())) });
}

/** What a person has changed in it. */
export const SCENE_EDITS: readonly (readonly EditOperation[])[] = [
  [
    { type: 'rename-speaker', speaker: 'SPEAKER_00', name: 'Sir Alan Whitcombe' },
    { type: 'rename-speaker', speaker: 'SPEAKER_01', name: 'Captain Reid' },
    { type: 'rename-speaker', speaker: 'SPEAKER_02', name: 'Mr Devlin KC' },
  ],
  [
    {
      type: 'set-text',
      segment: '5',
      text: 'The harbour master did, by telephone, on the evening of the eighth. I made a note of the call, and it is at tab fourteen.',
    },
  ],
  [{ type: 'delete', segment: '4' }],
];

function transcript(): Transcript {
  const made = sampleTranscript(LINES.map(([speaker, , text]) => ({ speaker: `SPEAKER_0${speaker}`, text })));
  const segments = made.segments.map((segment, index) => {
    const [, start = 0, text = ''] = LINES[index] ?? [];
    const tokens = text.split(' ');
    let at = start;
    const words = tokens.map((token): Word => {
      const from = at;
      at += (0.12 + token.length * 0.052) * (RUSHED.has(index) ? 0.4 : 1);
      const unsure = /^[A-Z]{4,}/.test(token);
      const word = unsure ? token.charAt(0) + token.slice(1).toLowerCase() : token;
      return { word: ` ${word}`, start: milli(from), end: milli(at - 0.04), probability: unsure ? 0.31 : 0.94 };
    });
    const unsure = index === UNSURE ? { speakerUncertain: true } : {};
    return { ...segment, ...unsure, start, end: milli(at), text: words.map(({ word }) => word).join(''), words };
  });
  return {
    ...made,
    segments,
    text: segments.map(({ text }) => text).join(''),
    duration: SCENE_SECONDS,
    warnings: [
      {
        code: 'LOOP',
        message: 'The text repeats ‘Thank you.’ 14 times: likely a loop of the model.',
        start: 90,
        end: 126,
      },
      { code: 'GAP', message: 'About 3 s of detected speech have no text.', start: 152.5, end: 155.6 },
    ],
    source: { ...made.source, filename: 'Day 4, morning session.mp4', duration: SCENE_SECONDS },
  };
}

function milli(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

/** Speech as it looks: syllables, pauses between the lines, next to nothing while the model was in its loop. */
function peaks(): Uint8Array {
  const values = new Uint8Array(SCENE_SECONDS * PEAKS);
  for (let at = 0; at < values.length; at += 1) {
    const time = at / PEAKS;
    const quiet = time > 89 && time < 127;
    const breath = Math.sin(time / 3.1) > 0.86 || Math.sin(time / 47) > 0.97;
    const syllable = Math.abs(Math.sin(time * 9.7) * Math.sin(time * 2.3 + 1) + 0.3 * Math.sin(time * 31));
    values[at] = quiet || breath ? 2 + (at % 3) : Math.min(255, 18 + Math.round(syllable * 120));
  }
  return values;
}

/** Makes the edits, and shows one of the screen's states: `writing`, `naming`, `doubt`, `find`, `replace`, `export`, `keys`, … */
export async function showTranscript(app: App, jobId: string, state: string): Promise<void> {
  const { client, store, tools } = app;
  for (const [revision, operations] of SCENE_EDITS.entries()) {
    await client.call('editTranscript', { id: jobId, revision, operations: [...operations] });
  }
  store.setState({ screen: { name: 'text', jobId } });
  await new Promise<void>((resolve) => {
    const stop = store.subscribe(({ transcript, player }) => {
      if (transcript.kind !== 'open' || player.state !== 'ready') return;
      stop();
      resolve();
    });
  });
  tools.player.seek(79.2);
  tools.editor.select('9', state === 'doubt' ? 20 : null);
  if (state === 'writing') tools.editor.write('9', { word: 4 });
  if (state === 'naming') tools.editor.patch({ current: '6', speakerOf: '6' });
  if (state === 'find' || state === 'replace') {
    const finding = { ...NOTHING_SOUGHT, text: 'Methil', replacement: 'Leith', replacing: true, at: 0 };
    tools.editor.patch({ finding, sheet: state === 'replace' ? 'replace' : 'none' });
  }
  if (state === 'subtitles' || state === 'compare') tools.editor.patch({ mode: state });
  if (state === 'speakers' || state === 'about') tools.editor.patch({ side: state, sideOpen: true });
  if (state === 'side') tools.editor.patch({ sideOpen: true });
  if (state === 'export') tools.editor.patch({ sheet: state });
  if (state === 'keys') store.setState({ dialog: { kind: 'keys' } });
  if (state === 'missing' || state === 'failed' || state === 'changed') {
    store.setState(({ player }) => ({ player: { ...player, state } }));
  }
  if (state === 'computing') {
    const { peaks } = store.getState().player;
    const values = 'values' in peaks ? peaks.values.slice(0, 500) : new Uint8Array();
    const half = { state: 'computing', share: 0.4, perSecond: PEAKS, values } as const;
    store.setState(({ player }) => ({ player: { ...player, peaks: half } }));
  }
  if (state === 'offer') {
    tools.editor.write('9');
    const { draft } = store.getState().editor;
    tools.editor.draft((draft?.text ?? '').replace('Methil', 'Leith'), 0);
    await tools.editor.keepDraft();
  }
  await new Promise((resolve) => setTimeout(resolve, 300));
  document.documentElement.dataset['shown'] = state;
}
