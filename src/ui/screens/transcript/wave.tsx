// Owns one picture of a waveform on a canvas.

import { useEffect, useRef } from 'react';
import { useAppState } from '../../app-context.ts';
import { drawWave } from './wave-drawing.ts';

/** One canvas, drawn anew when the sound, the theme or the place for it changes. */
export function Wave({ from, to, played = false }: { from: number; to: number; played?: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const peaks = useAppState((state) => state.player.peaks);
  const theme = useAppState((state) => state.theme);
  const values = 'values' in peaks ? peaks.values : null;
  const perSecond = 'values' in peaks ? peaks.perSecond : 1;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme changes the colour that is read.
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const draw = (): void => {
      const color = getComputedStyle(element).color;
      drawWave(element, { values: values ?? new Uint8Array(), perSecond, from, to }, color);
    };
    draw();
    const sizes = new ResizeObserver(draw);
    sizes.observe(element);
    const scheme = window.matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      sizes.disconnect();
      scheme.removeEventListener('change', draw);
    };
  }, [values, perSecond, from, to, theme]);
  return <canvas ref={canvas} className={played ? 'wave played' : 'wave'} />;
}
