// Owns the names of pods: `bt-<install>-<ulid>`, used once, so that a pod is found again by its name whatever happened to the answer.

import type { Chance } from '../controller/ports.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const PREFIX = 'bt-';

/** The part of all names that says which installation a pod belongs to. */
export function installPrefix(installId: string): string {
  return `${PREFIX}${installId
    .toLowerCase()
    .replaceAll(/[^0-9a-z]/g, '')
    .slice(0, 8)}-`;
}

/** A name that nothing had before: 48 bits of time and 80 of chance (ULID, in small letters). */
export function podName(installId: string, now: number, chance: Chance): string {
  let time = '';
  for (let rest = Math.floor(now), digit = 0; digit < 10; digit += 1, rest = Math.floor(rest / 32))
    time = `${ALPHABET[rest % 32]}${time}`;
  const random = Array.from({ length: 16 }, () => ALPHABET[Math.floor(chance.fraction() * 32)]).join('');
  return `${installPrefix(installId)}${time}${random}`;
}

/** Whether a pod was made by this app, on whichever computer. */
export function isOurs(name: string): boolean {
  return /^bt-[0-9a-z]{1,8}-[0-9a-hjkmnp-tv-z]{26}$/.test(name);
}
