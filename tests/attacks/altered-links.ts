// Owns altered links: takes a good one and changes it, as somebody would who has one and wants another. What it gives is never a link that was
// made here.

import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { chanceFrom } from '../small-whisper/speech/random.mjs';

type Chance = ReturnType<typeof chanceFrom>;

/** A good request: its method, and the path with its query. */
export interface GoodLink {
  readonly method: string;
  readonly target: string;
}

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const ODD = [
  '%00',
  '%2e',
  '%2f',
  '..',
  '/',
  '?',
  '#',
  '&',
  '=',
  ' ',
  '\t',
  '%0d%0a',
  'ä',
  '\\',
  ';',
  '+',
  '%',
  '"',
  "'",
];
const FIELDS = ['attempt', 'size', 'sha256', 'inputId', 'expires', 'key', 'sig'];

const whole = (chance: Chance, below: number): number => Math.floor(chance.unit() * below);

function another(chance: Chance, field: string, value: string): string {
  switch (field) {
    case 'attempt':
      return String(chance.pick([Number(value) + 1, Number(value) + 1 + whole(chance, 1_000), 0, -1, 2 ** 31]));
    case 'size':
    case 'expires':
      return chance.pick([String(Number(value) + 1), `0${value}`, `${value}0`, `${value}.0`, `+${value}`, '1e12', '-']);
    case 'sha256':
      return chance.pick([randomBytes(32).toString('hex'), value.toUpperCase(), value.slice(1), `${value}0`]);
    case 'sig':
      return chance.pick([
        randomBytes(32).toString('base64url'),
        value.toLowerCase(),
        `${value}=`,
        value.slice(0, -1),
        '',
      ]);
    case 'key':
      return chance.pick(['k2', 'K1', 'k1k1', '', '__proto__']);
    default:
      return chance.pick([`${value}x`, 'in_2', '', '../in_1', '__proto__']);
  }
}

/** Each takes a good link and gives another text, or the same where it found nothing to change. */
const CHANGES: readonly ((link: GoodLink, other: GoodLink, chance: Chance) => GoodLink)[] = [
  // A character of another kind at any place.
  ({ method, target }, _, chance) => {
    const at = whole(chance, target.length);
    return { method, target: target.slice(0, at) + BASE64URL[whole(chance, 64)] + target.slice(at + 1) };
  },
  // A bit.
  ({ method, target }, _, chance) => {
    const bytes = Buffer.from(target, 'latin1');
    const at = whole(chance, bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << whole(chance, 7));
    return { method, target: bytes.toString('latin1') };
  },
  // One left out, one put in, two exchanged.
  ({ method, target }, _, chance) => {
    const at = whole(chance, target.length);
    return { method, target: target.slice(0, at) + target.slice(at + 1 + whole(chance, 3)) };
  },
  ({ method, target }, _, chance) => {
    const at = whole(chance, target.length + 1);
    return { method, target: target.slice(0, at) + chance.pick(ODD) + target.slice(at) };
  },
  ({ method, target }, _, chance) => {
    const at = whole(chance, target.length - 1);
    return {
      method,
      target: `${target.slice(0, at)}${target[at + 1] ?? ''}${target[at] ?? ''}${target.slice(at + 2)}`,
    };
  },
  // A field with another value; the value of another link; a field twice, away, renamed, elsewhere.
  ({ method, target }, _, chance) => {
    const field = chance.pick(FIELDS);
    return {
      method,
      target: target.replace(
        new RegExp(`([?&]${field}=)([^&]*)`),
        (_all, name, value) => name + another(chance, field, value),
      ),
    };
  },
  ({ method, target }, other, chance) => {
    const field = chance.pick(FIELDS);
    const value = new RegExp(`[?&]${field}=([^&]*)`).exec(other.target)?.[1] ?? '';
    return { method, target: target.replace(new RegExp(`([?&]${field}=)([^&]*)`), (_all, name) => name + value) };
  },
  ({ method, target }, _, chance) => {
    const [path = '', query = ''] = target.split('?');
    const parts = query.split('&');
    const part = chance.pick(parts);
    return chance.pick([
      { method, target: `${path}?${[...parts, part].join('&')}` },
      { method, target: `${path}?${parts.filter((each) => each !== part).join('&')}` },
      { method, target: `${path}?${query}&admin=1` },
      { method, target: `${path}?${query.replace('sig=', 'SIG=')}` },
      { method, target: `${path}?${query.replaceAll('&', ';')}` },
      { method, target: `${path}?${encodeURIComponent(query)}` },
      { method, target: path },
    ]);
  },
  // The path of another job, the query of this one; a path that leads out and back.
  ({ method, target }, other) => ({ method, target: `${other.target.split('?')[0]}?${target.split('?')[1]}` }),
  ({ method, target }, _, chance) => ({
    method,
    target: chance.pick([
      target.replace('/api/', '/api/../api/'),
      target.replace('/api/', '//api/'),
      target.replace('/inputs/', '/inputs/%2e%2e/inputs/'),
      target.replace('/jobs/', '/jobs/./'),
      target.replace('/api', '/%61pi'),
      target.replace('?', '/?'),
      target.replace('?', '%3f'),
      target.replace(/\/(inputs|worker)\//, '/$1%2f'),
      `http://controller.tunnel${target}`,
      `${target}#${target}`,
    ]),
  }),
  // Another method than was signed.
  ({ method, target }, _, chance) => ({
    method: chance.pick(
      ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'QUERY'].filter(
        (each) => each !== method && !(method === 'GET' && each === 'HEAD'),
      ),
    ),
    target,
  }),
  // Signed by somebody: with a key of their own, by a plain hash, by the signed text of the predecessor.
  ({ method, target }, _, chance) => {
    const unsigned = target.replace(/sig=[^&]*/, '');
    const sig = chance.pick([
      createHmac('sha256', randomBytes(32)).update(unsigned).digest('base64url'),
      createHmac('sha256', '').update(unsigned).digest('base64url'),
      createHmac('sha256', 'default-secret-key').update(unsigned).digest('base64url'),
      createHash('sha256').update(unsigned).digest('base64url'),
    ]);
    return { method, target: target.replace(/sig=[^&]*/, `sig=${sig}`) };
  },
];

/** A request that no link allows: one of `good`, changed once to three times. */
export function alteredLink(good: readonly GoodLink[], chance: Chance): GoodLink {
  const isGood = ({ method, target }: GoodLink) =>
    good.some(
      (each) => each.target === target && (each.method === method || (each.method === 'GET' && method === 'HEAD')),
    );
  for (;;) {
    let link = chance.pick(good);
    for (let times = 1 + whole(chance, 3); times > 0; times -= 1)
      link = chance.pick(CHANGES)(link, chance.pick(good), chance);
    if (!isGood(link)) return link;
  }
}
