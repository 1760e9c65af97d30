import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { linkKeyFor } from './link-key.ts';

const random = randomBytes(32);
const SECRET_KEY = 'f3a1c0de'.repeat(8);

test('without SECRET_KEY the install’s own key signs', () => {
  expect(linkKeyFor({}, random)).toEqual(random);
  expect(linkKeyFor({ SECRET_KEY: ' ' }, random)).toEqual(random);
});

test('SECRET_KEY gives the same key on every computer, and never itself', () => {
  const key = linkKeyFor({ SECRET_KEY }, random);
  expect(key).toHaveLength(32);
  expect(key).toEqual(linkKeyFor({ SECRET_KEY: ` ${SECRET_KEY}\n` }, randomBytes(32)));
  expect(key).not.toEqual(linkKeyFor({ SECRET_KEY: `${SECRET_KEY}0` }, random));
  expect(key.toString('utf8')).not.toContain('f3a1c0de');
});

test.each(['default-secret-key', 'short', 'x'.repeat(15)])('%s is refused', (weak) => {
  expect(() => linkKeyFor({ SECRET_KEY: weak }, random)).toThrow(expect.objectContaining({ code: 'BAD_REQUEST' }));
});
