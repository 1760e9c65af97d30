// Owns how a waveform is put on a canvas: bars around the middle, each as high as the loudest sound of its stretch.

/** A stretch of a waveform. `values`: one byte for each `1 / perSecond` s from the recording's beginning. */
export interface WavePart {
  readonly values: Uint8Array;
  readonly perSecond: number;
  /** Seconds. */
  readonly from: number;
  readonly to: number;
}

/** CSS pixels from one bar to the next, and of a bar. */
const PITCH = 3;
const BAR = 2;

/** The height of each bar, 0 to 1, for a picture of `width` CSS pixels. */
export function barsOf({ values, perSecond, from, to }: WavePart, width: number): Float32Array {
  const count = Math.max(1, Math.floor(width / PITCH));
  const bars = new Float32Array(count);
  const step = ((to - from) * perSecond) / count;
  for (let bar = 0; bar < count; bar += 1) {
    const first = Math.floor(from * perSecond + bar * step);
    const last = Math.max(first + 1, Math.floor(from * perSecond + (bar + 1) * step));
    let loudest = 0;
    for (let at = first; at < last; at += 1) loudest = Math.max(loudest, values[at] ?? 0);
    // Speech is far below full scale most of the time: the root shows it.
    bars[bar] = Math.sqrt(loudest / 255);
  }
  return bars;
}

/** Fits the canvas to its place and the screen's pixels, and draws the bars in a colour of CSS. */
export function drawWave(canvas: HTMLCanvasElement, part: WavePart, color: string): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext('2d');
  if (context === null || width === 0) return;
  context.scale(ratio, ratio);
  context.fillStyle = color;
  for (const [index, bar] of barsOf(part, width).entries()) {
    const tall = Math.max(1, bar * (height - 2));
    context.fillRect(index * PITCH, (height - tall) / 2, BAR, tall);
  }
}
