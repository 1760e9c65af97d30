// Owns time stamps: seconds become integer milliseconds once, and everything after that is exact.

/** Integer milliseconds of a time in seconds, rounded to the nearest. */
export function toMs(seconds: number): number {
  return Math.round(seconds * 1000);
}

/** `HH:MM:SS,mmm`. @param ms integer, not negative */
export function srtTime(ms: number): string {
  return clock(ms, ',');
}

/** `HH:MM:SS.mmm`; hours are always written, which every reader takes. @param ms integer, not negative */
export function vttTime(ms: number): string {
  return clock(ms, '.');
}

/** `HH:MM:SS`, rounded down: for people, who look it up in a player. @param ms integer, not negative */
export function clockTime(ms: number): string {
  return vttTime(ms).slice(0, -4);
}

function clock(ms: number, mark: ',' | '.'): string {
  const pad = (value: number, width: number) => String(value).padStart(width, '0');
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return `${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)}:${pad(seconds % 60, 2)}${mark}${pad(ms % 1000, 3)}`;
}
