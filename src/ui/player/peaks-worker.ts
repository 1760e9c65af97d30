// Runs in a worker of the browser: reads a recording in ranges, decodes it, and makes its waveform, so that nobody who types waits for it.

import { ALL_FORMATS, AudioSampleSink, Input, UrlSource } from 'mediabunny';

/** What it is asked. */
export interface PeaksRequest {
  readonly url: string;
  readonly perSecond: number;
}

/** What it tells: the waveform so far, then all of it; or why there is none. */
export type PeaksReply =
  | { readonly kind: 'part'; readonly values: Uint8Array; readonly share: number }
  | { readonly kind: 'all'; readonly values: Uint8Array }
  | { readonly kind: 'failed'; readonly message: string };

/** The side of a worker that the DOM's types do not know. */
const here = self as unknown as {
  onmessage: ((event: MessageEvent<PeaksRequest>) => void) | null;
  postMessage(reply: PeaksReply): void;
};

/** As often a part is told. Milliseconds. */
const PART_EVERY = 700;

here.onmessage = ({ data }) => {
  peaksOf(data).catch((thrown: unknown) =>
    here.postMessage({ kind: 'failed', message: thrown instanceof Error ? thrown.message : String(thrown) }),
  );
};

async function peaksOf({ url, perSecond }: PeaksRequest): Promise<void> {
  const input = new Input({ source: new UrlSource(url), formats: ALL_FORMATS });
  try {
    const track = await input.getPrimaryAudioTrack();
    if (track === null || !(await track.canDecode())) throw new Error('The sound of this file cannot be decoded here.');
    const duration = await track.computeDuration();
    const values = new Uint8Array(Math.max(1, Math.ceil(duration * perSecond)));
    let told = Date.now();
    for await (const sample of new AudioSampleSink(track).samples()) {
      const { timestamp, sampleRate, numberOfFrames, numberOfChannels } = sample;
      for (let channel = 0; channel < numberOfChannels; channel += 1) {
        const sound = new Float32Array(numberOfFrames);
        sample.copyTo(sound, { planeIndex: channel, format: 'f32-planar' });
        layIn(values, sound, timestamp * perSecond, perSecond / sampleRate);
      }
      sample.close();
      if (Date.now() - told < PART_EVERY) continue;
      told = Date.now();
      const done = Math.min(values.length, Math.floor((timestamp + numberOfFrames / sampleRate) * perSecond));
      here.postMessage({ kind: 'part', values: values.slice(0, done), share: done / values.length });
    }
    here.postMessage({ kind: 'all', values });
  } finally {
    input.dispose();
  }
}

/** `from` and `step`: where in `values` the first frame lies, and how far it is from one to the next. */
function layIn(values: Uint8Array, sound: Float32Array, from: number, step: number): void {
  let frame = 0;
  while (frame < sound.length) {
    const place = Math.floor(from + frame * step);
    const next = Math.min(sound.length, Math.max(frame + 1, Math.ceil((place + 1 - from) / step)));
    let loudest = 0;
    for (; frame < next; frame += 1) {
      const level = Math.abs(sound[frame] ?? 0);
      if (level > loudest) loudest = level;
    }
    if (place < 0 || place >= values.length) continue;
    values[place] = Math.max(values[place] ?? 0, Math.min(255, Math.round(loudest * 255)));
  }
}
