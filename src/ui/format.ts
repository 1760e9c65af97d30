// Owns numbers as a person reads them, in the language in force: counts, lengths, spans, sizes, speeds, times of day, shortened hashes.

import { t } from './strings/texts.ts';

/** Formatters by locale and kind: making one costs more than a row. */
const numbers = new Map<string, Intl.NumberFormat>();
const dates = new Map<string, Intl.DateTimeFormat>();

function inDigits(value: number, digits: number): string {
  const key = `${t.locale} ${digits}`;
  let format = numbers.get(key);
  if (format === undefined) {
    format = new Intl.NumberFormat(t.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
    numbers.set(key, format);
  }
  return format.format(value);
}

function inTime(kind: 'time' | 'day' | 'year', date: Date): string {
  const key = `${t.locale} ${kind}`;
  let format = dates.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(t.locale, DATE_PARTS[kind]);
    dates.set(key, format);
  }
  return format.format(date);
}

const DATE_PARTS = {
  time: { hour: '2-digit', minute: '2-digit' },
  day: { day: 'numeric', month: 'short' },
  year: { day: 'numeric', month: 'short', year: 'numeric' },
} as const;

/** A count with its thousands marked: `10,000`. */
export function count(value: number): string {
  return inDigits(value, 0);
}

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
  return inDigits(value, unit !== 'B' && value < 10 ? 1 : 0);
}

/** A size: `812 B`, `3.4 MB`, `171 MB`. */
export function size(bytes: number): string {
  const { factor, unit } = unitOf(bytes);
  return `${amount(bytes / factor, unit)} ${unit}`;
}

/** How much of a whole: `74 of 171 MB`, both in the unit of the whole. */
export function sizeOf(part: number, whole: number): string {
  const { factor, unit } = unitOf(whole);
  return t.of(amount(Math.min(part, whole) / factor, unit), `${amount(whole / factor, unit)} ${unit}`);
}

/** Megabytes as a worker reports them (binary), in GB: `17.2 of 24 GB`. */
export function memory(usedMB: number | null, totalMB: number): string {
  const total = `${count(totalMB / 1024)} GB`;
  return usedMB === null ? total : t.of(inDigits(usedMB / 1024, 1), total);
}

/** US dollars that were or will be paid: `$0.44`, `$12.30`. */
export function usd(value: number): string {
  return `$${inDigits(value, 2)}`;
}

/** US dollars that something has cost so far, of which a part of a cent is not nothing: `<$0.01`, `$0.44`. */
export function cost(value: number): string {
  return value > 0 && value < 0.005 ? `<${usd(0.01)}` : usd(value);
}

/** US dollars for one of something, of which there will be many: `$0.0093`, `$0.21`. */
export function rate(value: number): string {
  return `$${inDigits(value, value < 0.1 ? 4 : 2)}`;
}

/** A length within a subtitle's limits: `1.0 s`. */
export function tenths(seconds: number): string {
  return `${inDigits(seconds, 1)} s`;
}

/** Times real time: `41×`, `1.3×`. */
export function times(speed: number): string {
  return `${inDigits(speed, speed >= 10 ? 0 : 1)}×`;
}

/** A point in time seen from `now`: `14:20` today, `21 Nov, 09:05` this year, `3 Feb 2025` before. */
export function moment(instant: number, now: number): string {
  const then = new Date(instant);
  const today = new Date(now);
  if (then.toDateString() === today.toDateString()) return inTime('time', then);
  if (then.getFullYear() === today.getFullYear()) return `${inTime('day', then)}, ${inTime('time', then)}`;
  return inTime('year', then);
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
