// Owns how a subtitle file, whoever wrote it, parts into cues: by its lines of times, since blank lines are left out, doubled, and put into
// the text. What was said is never passed over.

/** A cue as a subtitle file holds it. `text` may have several lines. */
export interface ReadCue {
  readonly startMs: number;
  readonly endMs: number;
  readonly text: string;
}

/**
 * The cues of an SRT file in their order, as lenient as players are: any line ends, numbers before the times optional, a byte-order mark
 * skipped, blank lines missing between cues or standing within one.
 */
export function subtitleCues(file: string): readonly ReadCue[] {
  const lines = linesOf(file);
  const cues: { startMs: number; endMs: number; lines: string[] }[] = [];
  let numbered = false;
  for (const [at, line] of lines.entries()) {
    const times = readTimes(line);
    const cue = cues.at(-1);
    if (times === null) cue?.lines.push(line);
    else {
      if (cue === undefined) numbered = isNumber(lines.slice(0, at).findLast((before) => before.trim() !== ''));
      else dropNumber(cue.lines, cues.length + 1, numbered);
      cues.push({ ...times, lines: [] });
    }
  }
  return cues.map(({ startMs, endMs, lines }) => ({
    startMs,
    endMs,
    text: lines.filter((line) => line.trim() !== '').join('\n'),
  }));
}

/** The lines of a file, without a byte-order mark. */
export function linesOf(file: string): readonly string[] {
  return file
    .replace(/^\ufeff/, '')
    .replace(/\r\n?/g, '\n')
    .split('\n');
}

/** Takes from the end of a cue's lines the number that stands before the times of the next one. */
function dropNumber(lines: string[], expected: number, numbered: boolean): void {
  const last = lines.findLastIndex((line) => line.trim() !== '');
  if (!isNumber(lines[last])) return;
  const isAdjacent = last === lines.length - 1;
  const isAlone = last > 0 && (lines[last - 1] ?? '').trim() === '';
  // A number that was spoken is not the one that comes next, or stands with other words.
  if (isAdjacent ? isAlone || numbered : numbered && Number(lines[last]) === expected) lines.length = last;
}

function isNumber(line: string | undefined): boolean {
  return /^\s*\d+\s*$/.test(line ?? '');
}

const TIME = String.raw`(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2})(?:([,.])(\d{1,9}))?`;
const TIMES = new RegExp(String.raw`^\s*${TIME}\s*-{2,}>\s*${TIME}(?=\s|$)`);

/** A line `start --> end`, with or without settings behind it, however many digits its parts have; null when it is none. */
export function readTimes(line: string): { readonly startMs: number; readonly endMs: number } | null {
  const found = TIMES.exec(line);
  return found === null ? null : { startMs: msOf(found.slice(1, 6)), endMs: msOf(found.slice(6, 11)) };
}

function msOf([hours = '0', minutes = '0', seconds = '0', mark = '.', fraction = '0']: readonly (
  | string
  | undefined
)[]): number {
  const whole = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  // After a comma players take what has no three digits for milliseconds: who pads nothing pads no milliseconds either.
  const ms = mark === ',' && fraction.length < 3 ? Number(fraction) : Number(`0.${fraction}`) * 1000;
  return whole + Math.round(ms);
}
