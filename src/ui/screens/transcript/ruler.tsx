// Owns the times above the window of the waveform.

import { clock } from '../../format.ts';

const STEPS = [1, 2, 5, 10, 15, 30, 60, 300];
/** Marks in one window, at most. */
const MARKS = 10;

/** Round times in the window. Seconds. */
export function Ruler({ from, length }: { from: number; length: number }) {
  const step = STEPS.find((each) => length / each <= MARKS) ?? 600;
  const first = Math.ceil(from / step) * step;
  const marks = Array.from({ length: MARKS + 1 }, (_, index) => first + index * step).filter(
    (time) => time <= from + length - step / 2,
  );
  return (
    <div className="ruler" aria-hidden="true">
      {marks.map((time) => (
        <i key={time} style={{ left: `${(100 * (time - from)) / length}%` }}>
          {clock(time)}
        </i>
      ))}
    </div>
  );
}
