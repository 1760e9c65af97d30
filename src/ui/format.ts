// Owns numbers as a person reads them: lengths, spans, sizes, speeds, times of day, shortened hashes.

/** A length or a place in a recording: `42:15`, `2:58:40`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A span of time: `29 s`, `41 min`, `18 h 22 m`. Rounded up below a minute, so that "0 s left" is never said while there is work. */
export function span(seconds: number): string {
  if (seconds < 59.5) return `${Math.max(1, Math.ceil(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} m`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal, as the file managers of macOS and most of Linux count. */
function unitOf(bytes: number): { factor: number; unit: string } {
  const power = bytes < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return { factor: 1000 ** power, unit: UNITS[power] ?? 'B' };
}

function amount(value: number, unit: string): string {
  return unit !== 'B' && value < 10 ? value.toFixed(1) : String(Math.round(value));
}

/** A size: `812 B`, `3.4 MB`, `171 MB`. */
export function size(bytes: number): string {
  const { factor, unit } = unitOf(bytes);
  return `${amount(bytes / factor, unit)} ${unit}`;
}

/** How much of a whole: `74 of 171 MB`, both in the unit of the whole. */
export function sizeOf(part: number, whole: number): string {
  const { factor, unit } = unitOf(whole);
  return `${amount(Math.min(part, whole) / factor, unit)} of ${amount(whole / factor, unit)} ${unit}`;
}

/** Megabytes as a worker reports them (binary), in GB: `17.2 of 24 GB`. */
export function memory(usedMB: number | null, totalMB: number): string {
  const total = `${Math.round(totalMB / 1024)} GB`;
  return usedMB === null ? total : `${(usedMB / 1024).toFixed(1)} of ${total}`;
}

/** Times real time: `41×`, `1.3×`. */
export function times(speed: number): string {
  return `${speed >= 10 ? Math.round(speed) : speed.toFixed(1)}×`;
}

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DAY_AND_YEAR = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** A point in time seen from `now`: `14:20` today, `21 Nov, 09:05` this year, `3 Feb 2025` before. */
export function moment(instant: number, now: number): string {
  const then = new Date(instant);
  const today = new Date(now);
  if (then.toDateString() === today.toDateString()) return TIME.format(then);
  if (then.getFullYear() === today.getFullYear()) return `${DAY.format(then)}, ${TIME.format(then)}`;
  return DAY_AND_YEAR.format(then);
}

/** An ISO time as a worker gives it: `2026-11-23 11:31`; anything else as it came. */
export function buildTime(text: string): string {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? `${text.slice(0, 10)} ${text.slice(11, 16)}` : text;
}

/** A commit or a digest, short enough to compare by eye: `b4b98e5`, `sha256:9c1f…a77e`. */
export function shortHash(hash: string): string {
  const digest = /^([a-z0-9]+:)?([0-9a-f]{16,})$/.exec(hash);
  if (digest === null) return hash;
  const [, scheme = '', hex = ''] = digest;
  return hex.length > 40 || scheme !== '' ? `${scheme}${hex.slice(0, 4)}…${hex.slice(-4)}` : hex.slice(0, 7);
}

/** A file's name in two parts, so that the ending is never what gets cut. */
export function splitName(name: string): { stem: string; ending: string } {
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 ? name.slice(dot + 1) : '';
  return /^[A-Za-z0-9]{1,5}$/.test(ending) ? { stem: name.slice(0, dot), ending } : { stem: name, ending: '' };
}
