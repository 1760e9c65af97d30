// Owns the strip of the whole recording: where the sound is, where the window lies, and the way to any place by pointer and by keys.

import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from 'react';
import { useApp } from '../../app-context.ts';
import { clock } from '../../format.ts';
import { t } from '../../strings/texts.ts';
import { Wave } from './wave.tsx';

interface StripProps {
  readonly duration: number;
  readonly from: number;
  readonly length: number;
  readonly onSeek: (time: number) => void;
}

/** A slider. */
export function Strip({ duration, from, length, onSeek }: StripProps) {
  const { tools } = useApp();
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const show = (time: number): void => {
      strip.current?.setAttribute('aria-valuenow', String(Math.round(time)));
      strip.current?.setAttribute('aria-valuetext', t.player.at(clock(time), clock(duration)));
    };
    show(tools.player.now());
    return tools.player.watch(show);
  }, [tools, duration]);
  const at = (event: PointerEvent<HTMLElement>): void => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    onSeek(Math.max(0, Math.min(1, (event.clientX - left) / width)) * duration);
  };
  const onKey = (event: KeyboardEvent): void => {
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowLeft: -5, ArrowRight: 5, ArrowDown: -5, ArrowUp: 5, PageUp: 60, PageDown: -60 },
      ...{ Home: -duration, End: duration },
    };
    const step = steps[event.key];
    if (step === undefined || event.altKey || event.metaKey || event.ctrlKey) return;
    event.preventDefault();
    tools.player.skip(step);
  };
  return (
    <div
      ref={strip}
      className="strip"
      role="slider"
      tabIndex={0}
      aria-label={t.player.place}
      aria-valuemin={0}
      aria-valuemax={Math.round(duration)}
      aria-valuenow={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        at(event);
      }}
      onPointerMove={(event) => event.buttons === 1 && at(event)}
      onKeyDown={onKey}
    >
      <Wave from={0} to={duration} />
      <i
        className="view"
        style={{
          left: `${(100 * from) / Math.max(duration, 1)}%`,
          width: `${(100 * length) / Math.max(duration, 1)}%`,
        }}
      />
    </div>
  );
}
