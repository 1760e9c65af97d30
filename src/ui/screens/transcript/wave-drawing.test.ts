import { describe, expect, it } from 'vitest';
import { barsOf } from './wave-drawing.ts';

describe('the bars of a waveform', () => {
  it('are as high as the loudest sound of their stretch, and empty where there is none yet', () => {
    const values = Uint8Array.from({ length: 100 }, (_, at) => (at === 25 ? 255 : 0));
    const bars = barsOf({ values, perSecond: 10, from: 0, to: 20 }, 60);
    expect(bars).toHaveLength(20);
    expect([...bars].flatMap((bar, index) => (bar > 0 ? [[index, bar]] : []))).toEqual([[2, 1]]);
  });

  it('show a window of it', () => {
    const values = Uint8Array.from({ length: 100 }, (_, at) => (at >= 50 ? 255 : 0));
    expect([...barsOf({ values, perSecond: 10, from: 5, to: 10 }, 30)]).toEqual(Array.from({ length: 10 }, () => 1));
  });
});
