// Owns the pictures of the sound: the whole file as a strip, a window of 2 min 30 s with one lane a speaker, and the playhead in both.
// What moves with the sound is moved by itself, frame by frame; React draws only when the window turns its page.

import { type PointerEvent, useEffect, useRef, useState } from 'react';
import { useApp, useAppState } from '../../app-context.ts';
import { clock } from '../../format.ts';
import { t } from '../../strings/texts.ts';
import { Lanes } from './lanes.tsx';
import { Ruler } from './ruler.tsx';
import { Wave } from './wave.tsx';
import { Strip } from './wave-strip.tsx';

/** Seconds in the window. */
const WINDOW = 150;
/** So much of the last page is still to be seen on the next one, seconds. */
const KEPT = 15;
/** A pointer that moves less than this has been pressed, not drawn, CSS pixels. */
const PRESS = 4;

/** All of it. */
export function Waveform() {
  const { tools } = useApp();
  const duration = useAppState(({ transcript }) => (transcript.kind === 'open' ? transcript.machine.duration : 0));
  const [from, setFrom] = useState(0);
  const frame = useRef<HTMLDivElement>(null);
  const length = Math.min(WINDOW, Math.max(duration, 1));
  useEffect(() => {
    let page = 0;
    const show = (time: number): void => {
      if (time < page || time >= page + WINDOW) {
        page = Math.max(0, Math.min(time - KEPT, duration - WINDOW));
        setFrom(page);
      }
      const element = frame.current;
      if (element === null) return;
      // CSS does the rest: the playheads, the played part, the window in the strip.
      element.style.setProperty('--whole', String(Math.min(1, time / Math.max(duration, 0.001))));
      element.style.setProperty('--part', String(Math.min(1, Math.max(0, (time - page) / length))));
    };
    show(tools.player.now());
    return tools.player.watch(show);
  }, [tools, duration, length]);
  const select = (start: number, end: number): void => {
    if (Math.abs(end - start) < 0.2) return;
    tools.player.setLoop({ start: Math.min(start, end), end: Math.max(start, end) });
    tools.player.play();
  };
  const seek = (time: number): void => {
    tools.editor.patch({ follow: true });
    tools.player.seek(time);
  };
  return (
    <div className="waves" ref={frame}>
      <span className="label">{t.player.whole}</span>
      <Strip duration={duration} from={from} length={length} onSeek={seek} />
      <span />
      <Ruler from={from} length={length} />
      <span className="label">{duration > WINDOW ? t.player.window : clock(duration)}</span>
      <Big from={from} length={length} onSeek={seek} onSelect={select} />
      <Lanes from={from} length={length} />
    </div>
  );
}

interface BigProps {
  readonly from: number;
  readonly length: number;
  readonly onSeek: (time: number) => void;
  readonly onSelect: (start: number, end: number) => void;
}

/** A press goes there; drawing over a part of it loops that part. */
function Big({ from, length, onSeek, onSelect }: BigProps) {
  const { tools } = useApp();
  const loop = useAppState((state) => state.player.loop);
  const rows = useAppState(tools.reading.rows);
  const began = useRef<{ x: number; time: number } | null>(null);
  const [drawn, setDrawn] = useState<{ start: number; end: number } | null>(null);
  const timeOf = (event: PointerEvent<HTMLElement>): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return from + Math.max(0, Math.min(1, (event.clientX - left) / width)) * length;
  };
  const span = (start: number, end: number) => ({
    left: `${(100 * (start - from)) / length}%`,
    width: `${(100 * (end - start)) / length}%`,
  });
  const shown = drawn ?? loop;
  const loops = rows.flatMap((row) => {
    const start = row.kind === 'loop' ? row.segments[0]?.start : undefined;
    const end = row.kind === 'loop' ? row.segments.at(-1)?.end : undefined;
    return start === undefined || end === undefined || end < from || start > from + length ? [] : [{ start, end }];
  });
  return (
    // The strip does the same for the keyboard.
    <div
      className="big"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        began.current = { x: event.clientX, time: timeOf(event) };
      }}
      onPointerMove={(event) => {
        const start = began.current;
        if (start === null || Math.abs(event.clientX - start.x) < PRESS) return;
        const time = timeOf(event);
        setDrawn({ start: Math.min(start.time, time), end: Math.max(start.time, time) });
      }}
      onPointerUp={(event) => {
        const start = began.current;
        began.current = null;
        setDrawn(null);
        if (start === null) return;
        if (Math.abs(event.clientX - start.x) < PRESS) onSeek(timeOf(event));
        else onSelect(start.time, timeOf(event));
      }}
    >
      {loops.map(({ start, end }) => (
        <i key={start} className="aside" style={span(start, end)} />
      ))}
      <Wave from={from} to={from + length} />
      <Wave from={from} to={from + length} played />
      {shown !== null && <i className="loopspan" style={span(shown.start, shown.end)} />}
      <i className="head" />
    </div>
  );
}
