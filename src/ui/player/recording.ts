// Owns how the recording of the open transcript comes to the player: its address, a new one when that has expired, and its waveform,
// which is computed once and then kept by the engine.

import { toAppError } from '../../contract/errors.ts';
import type { UiClient } from '../client/client.ts';
import type { PlayerView } from '../state/player-slice.ts';
import type { AppStore } from '../state/store.ts';
import type { Player } from './player.ts';
import { silencesIn } from './silences.ts';

/** Values a second of a waveform. */
export const PEAKS_PER_SECOND = 20;

/** Computes a waveform (one byte for each `1 / perSecond` s) and tells what there is of it so far, with the share that is done. */
export type ComputePeaks = (
  url: string,
  perSecond: number,
  onPart: (values: Uint8Array, share: number) => void,
  signal: AbortSignal,
) => Promise<Uint8Array>;

export interface RecordingLoader {
  /** Opens the recording of a job. `evenIfChanged`: also when it is not the one that was transcribed. */
  open(jobId: string, evenIfChanged?: boolean): Promise<void>;
  close(): void;
}

/** An address that breaks again so soon is not merely expired. Milliseconds. */
const BROKEN_AGAIN = 5_000;

/** A loader for one player. `clock` gives milliseconds. */
export function createRecordingLoader(
  client: UiClient,
  store: AppStore,
  player: Player,
  computePeaks: ComputePeaks,
  clock: () => number,
): RecordingLoader {
  let opened: { jobId: string; evenIfChanged: boolean; at: number; stop: AbortController } | null = null;
  const patch = (change: Partial<PlayerView>): void =>
    store.setState((state) => ({ player: { ...state.player, ...change } }));

  const waveform = async (jobId: string, url: string, signal: AbortSignal): Promise<void> => {
    const show = (values: Uint8Array, perSecond: number): void => {
      player.setSilences(silencesIn(values, perSecond));
      patch({ peaks: { state: 'here', perSecond, values } });
    };
    try {
      const { peaks } = await client.call('getPeaks', { id: jobId });
      if (signal.aborted) return;
      if (peaks !== null) return show(bytesOf(peaks.data), peaks.perSecond);
      patch({ peaks: { state: 'computing', share: 0, perSecond: PEAKS_PER_SECOND, values: new Uint8Array() } });
      const values = await computePeaks(
        url,
        PEAKS_PER_SECOND,
        (part, share) => {
          if (signal.aborted) return;
          patch({ peaks: { state: 'computing', share, perSecond: PEAKS_PER_SECOND, values: part } });
        },
        signal,
      );
      if (signal.aborted) return;
      show(values, PEAKS_PER_SECOND);
      await client.call('putPeaks', { id: jobId, peaks: { perSecond: PEAKS_PER_SECOND, data: base64Of(values) } });
    } catch {
      // Without a waveform the recording can still be heard.
      if (!signal.aborted && store.getState().player.peaks.state !== 'here') patch({ peaks: { state: 'failed' } });
    }
  };
  /** `at` null: where it shall begin by the time that it is there; a search hit may be asked for while its address is. */
  const open = async (jobId: string, evenIfChanged: boolean, at: number | null): Promise<void> => {
    opened?.stop.abort();
    const stop = new AbortController();
    opened = { jobId, evenIfChanged, at: clock(), stop };
    patch({ state: 'loading' });
    try {
      const media = await client.call('openMedia', { id: jobId, evenIfChanged });
      if (stop.signal.aborted) return;
      const url = new URL(media.url, location.href).href;
      player.load(url, at ?? player.wantedStart());
      if (store.getState().player.peaks.state !== 'here') await waveform(jobId, url, stop.signal);
    } catch (thrown) {
      if (stop.signal.aborted) return;
      const { code } = toAppError(thrown);
      patch({ state: code === 'SOURCE_CHANGED' ? 'changed' : code === 'SOURCE_MISSING' ? 'missing' : 'failed' });
    }
  };
  player.onBroken(() => {
    if (opened === null || clock() - opened.at < BROKEN_AGAIN) return;
    void open(opened.jobId, opened.evenIfChanged, player.now());
  });
  return {
    open: (jobId, evenIfChanged = false) => open(jobId, evenIfChanged, null),
    close() {
      opened?.stop.abort();
      opened = null;
      player.unload();
    },
  };
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function base64Of(bytes: Uint8Array): string {
  let letters = '';
  // String.fromCharCode takes only so many arguments.
  for (let at = 0; at < bytes.length; at += 8192) letters += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(letters);
}
