// Owns the parts of the transcript screen that are one a window: session, verbs, derivations, player, recording.

import type { UiClient } from '../client/client.ts';
import { computePeaks } from '../player/peaks.ts';
import { createPlayer, type Player, type PlayerParts } from '../player/player.ts';
import { type ComputePeaks, createRecordingLoader, type RecordingLoader } from '../player/recording.ts';
import { type CueSheets, createCueSheets } from './cue-sheet.ts';
import { createEditorCommands, type EditorCommands } from './editor-commands.ts';
import { createReading, type Reading } from './reading.ts';
import type { AppStore } from './store.ts';
import { createTranscriptSession, type TranscriptSession } from './transcript-session.ts';

export interface TranscriptTools {
  readonly session: TranscriptSession;
  readonly editor: EditorCommands;
  readonly reading: Reading;
  readonly cues: CueSheets;
  readonly player: Player;
  readonly recording: RecordingLoader;
}

/** What a test or a drawing of the screen gives in place of the browser's own. */
export interface TranscriptParts {
  readonly now: () => number;
  readonly sound?: PlayerParts['sound'];
  readonly nextFrame?: PlayerParts['nextFrame'];
  readonly peaks?: ComputePeaks;
}

/** Joins them over one client and one store. */
export function createTranscriptTools(client: UiClient, store: AppStore, parts: TranscriptParts): TranscriptTools {
  const clock = (): number => performance.now();
  const { now, sound = new Audio(), nextFrame = (run) => requestAnimationFrame(run) } = parts;
  const session = createTranscriptSession(client, store, now);
  const reading = createReading(clock);
  const player = createPlayer(store, { sound, nextFrame });
  return {
    session,
    reading,
    player,
    cues: createCueSheets(store, clock, (run) => setTimeout(run, 0)),
    editor: createEditorCommands(store, session, reading, clock),
    recording: createRecordingLoader(client, store, player, parts.peaks ?? computePeaks, clock),
  };
}
